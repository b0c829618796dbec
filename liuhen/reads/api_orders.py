"""What the API needs to know of orders beyond the pages: whose goods are asked for, and the record in its bytes."""

from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Tx
from liuhen.base.errors import NotFound
from liuhen.base.ids import valid_no


class Link(msgspec.Struct, frozen=True):
    """One link of an order's chain. payload: canonical bytes; hash: 32 bytes."""

    seq: int
    payload: bytes
    hash: bytes


class Where(msgspec.Struct, frozen=True):
    """An order's place and its two sides."""

    book_id: UUID
    id: UUID
    buyer_id: UUID


async def where(tx: Tx, order_no: str, party_id: UUID) -> Where:
    """For the buyer and the seller of the order. Raises NotFound for everybody else."""
    row = valid_no(order_no) and await tx.fetchrow(
        "select o.book_id, o.id, o.buyer_id from directory d join orders o on o.book_id = d.book_id and o.id = d.id"
        " where d.kind = 'order' and d.ext = $1 and $2 in (o.buyer_id, o.book_id)",
        order_no,
        party_id,
    )
    if not row:
        raise NotFound("no such order")
    return Where(row["book_id"], row["id"], row["buyer_id"])


async def side_of(tx: Tx, order_no: str, party_id: UUID) -> str | None:
    """BUYER or SELLER of this order, None for everybody else."""
    place = await directory.find(tx, "order", order_no) if valid_no(order_no) else None
    side: str | None = place and await tx.fetchval(
        "select case $3::uuid when buyer_id then 'BUYER' when book_id then 'SELLER' end from orders"
        " where book_id = $1 and id = $2",
        place.book_id,
        place.id,
        party_id,
    )
    return side


async def links(tx: Tx, book_id: UUID, order_id: UUID, *, after: int, limit: int) -> list[Link]:
    """Links of the chain from number `after` + 1 on. The caller has looked whose order it is."""
    rows = await tx.fetch(
        "select seq, payload, hash from chain_event where book_id = $1 and order_id = $2 and seq > $3"
        " order by seq limit $4",
        book_id,
        order_id,
        after,
        limit,
    )
    return [Link(row["seq"], bytes(row["payload"]), bytes(row["hash"])) for row in rows]
