"""What the demo market needs to know about itself."""

from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Tx


class Offer(Struct, frozen=True):
    book_id: UUID
    product_id: UUID
    kind: str
    version: int


async def untouched(tx: Tx) -> bool:
    """Whether nobody has ordered anything yet."""
    return not await tx.fetchval("select exists (select 1 from orders)")


async def has_goods(tx: Tx, book_id: UUID) -> bool:
    found: bool = await tx.fetchval("select exists (select 1 from product where book_id = $1)", book_id)
    return found


async def party_of(tx: Tx, login: str) -> UUID:
    found: UUID = await tx.fetchval("select party_id from sign_in where login_folded = $1", login)
    return found


async def offers(tx: Tx) -> list[Offer]:
    """The demo's listings on sale, the newest of a kind last."""
    rows = await tx.fetch(
        "select book_id, id as product_id, kind, version from product where state = 'ON_SALE' order by id limit 100"
    )
    return [Offer(**dict(row)) for row in rows]


async def unit_ids(tx: Tx, book_id: UUID, order_id: UUID) -> list[UUID]:
    rows = await tx.fetch("select id from order_unit where book_id = $1 and order_id = $2", book_id, order_id)
    return [row["id"] for row in rows]


async def balance_of(tx: Tx, book_id: UUID) -> int:
    """What the party may spend, fen."""
    found: int = await tx.fetchval(
        "select balance_fen from ledger_account where book_id = $1 and kind = 'buyer_balance'", book_id
    )
    return found
