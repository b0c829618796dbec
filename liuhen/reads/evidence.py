"""The record of an order: its chain, the proof of it, and the pictures of its cases. Never writes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.chain import Link, first_broken
from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound
from liuhen.evidence.model import Picture, Verified

_PICTURE = ", ".join(Picture.__struct_fields__)
_NOT_ERASED = "not exists (select from erasure x where x.book_id = e.book_id and x.order_id = e.order_id)"


class ChainEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as recorded: payload is the canonical bytes, decoded; hash is the link, hex."""

    seq: int
    payload: dict[str, Any]
    hash: str


async def verify(tx: Tx, book_id: UUID, order_id: UUID) -> Verified:
    """Recomputes every link of an order's chain and names the first that does not hold. Raises NotFound."""
    order_no = await tx.fetchval("select order_no from orders where book_id = $1 and id = $2", book_id, order_id)
    if order_no is None:
        raise NotFound("no such order")
    links = await _links(tx, book_id, order_id)
    head = await tx.fetchrow("select seq, hash from chain_head where book_id = $1 and order_id = $2", book_id, order_id)
    broken, why = check_chain(links, head)
    if head is None:
        return Verified(order_no=order_no, links=len(links), head="", first_broken=broken, why=why)
    return Verified(order_no=order_no, links=head["seq"], head=head["hash"].hex(), first_broken=broken, why=why)


def check_chain(links: list[Link], head: Row | None) -> tuple[int | None, str]:
    """The first link that does not hold and why; (None, "") for a chain that does. head: seq and hash as kept."""
    if head is None:
        return 1, "the chain has no head"
    broken = first_broken(links, head["hash"], head["seq"])
    return broken, _why(links, broken)


async def verify_no(tx: Tx, order_no: str) -> Verified:
    """The same by the number that people know. Raises NotFound."""
    place = await directory.find(tx, "order", order_no)
    if place is None:
        raise NotFound("no such order")
    return await verify(tx, place.book_id, place.id)


async def events(tx: Tx, book_id: UUID, order_id: UUID) -> list[ChainEvent]:
    """All events of an order, oldest first."""
    return [
        ChainEvent(seq=link.seq, payload=msgspec.json.decode(link.payload), hash=link.hash.hex())
        for link in await _links(tx, book_id, order_id)
    ]


async def pictures_of_case(tx: Tx, book_id: UUID, case_id: UUID) -> list[Picture]:
    """Pictures of a case in the order of their coming; whoever may see the case may see them."""
    rows = await tx.fetch(
        f"select {_PICTURE} from evidence_item e where book_id = $1 and case_id = $2 and {_NOT_ERASED} order by id",
        book_id,
        case_id,
    )
    return [msgspec.convert(dict(row), Picture) for row in rows]


async def pictures_of_order(tx: Tx, order_no: str) -> list[Picture]:
    """All pictures that are evidence in an order's cases. Raises NotFound."""
    place = await directory.find(tx, "order", order_no)
    if place is None:
        raise NotFound("no such order")
    rows = await tx.fetch(
        f"select {_PICTURE} from evidence_item where book_id = $1 and order_id = $2 order by id",
        place.book_id,
        place.id,
    )
    return [msgspec.convert(dict(row), Picture) for row in rows]


async def picture_of_case(tx: Tx, case_no: str, picture_id: UUID, viewer_id: UUID, *, staff: bool) -> Picture:
    """One picture, for a party of the case or staff. Raises NotFound for everybody else."""
    columns = ", ".join(f"e.{name}" for name in Picture.__struct_fields__)
    row = await tx.fetchrow(
        f"select {columns} from directory d"
        " join refund_case c on c.book_id = d.book_id and c.id = d.id"
        " join evidence_item e on e.book_id = c.book_id and e.case_id = c.id"
        f" where d.kind = 'case' and d.ext = $1 and e.id = $2 and {_NOT_ERASED}"
        " and ($4 or $3 in (c.buyer_id, c.book_id))",
        case_no,
        picture_id,
        viewer_id,
        staff,
    )
    if row is None:
        raise NotFound("there is no such picture")
    return msgspec.convert(dict(row), Picture)


async def staged_pictures(tx: Tx, book_id: UUID, order_id: UUID, party_id: UUID, now: datetime) -> list[Picture]:
    """One's own pictures that wait for a request on this order."""
    rows = await tx.fetch(
        f"select {_PICTURE} from evidence_staged where book_id = $1 and order_id = $2 and uploaded_by = $3"
        " and due_at > $4 order by id",
        book_id,
        order_id,
        party_id,
        now,
    )
    return [msgspec.convert(dict(row), Picture) for row in rows]


async def _links(tx: Tx, book_id: UUID, order_id: UUID) -> list[Link]:
    rows = await tx.fetch(
        "select seq, payload, hash from chain_event where book_id = $1 and order_id = $2 order by seq",
        book_id,
        order_id,
    )
    return [Link(row["seq"], row["payload"], row["hash"]) for row in rows]


def _why(links: list[Link], broken: int | None) -> str:
    if broken is None:
        return ""
    found = {link.seq for link in links}
    if broken not in found:
        return f"link {broken} is missing"
    return f"link {broken} does not follow from what stands before it"
