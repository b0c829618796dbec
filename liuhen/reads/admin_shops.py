"""Shops as admins see them: what the platform takes, and what is on sale or banned."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, convert

from liuhen.base.db import Tx
from liuhen.base.errors import NotFound

PAGE = 50
PRODUCTS = 200


class ShopLine(Struct, frozen=True, kw_only=True):
    """One shop. fee in basis points; sold_fen over all paid orders; debt_fen, what the seller owes after refunds."""

    book_id: UUID
    name: str
    owner: str
    fee_basis_points: int
    opened_at: datetime
    frozen_at: datetime | None
    on_sale: int
    banned: int
    orders: int
    debt_fen: int


class ShopList(Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    shops: tuple[ShopLine, ...]
    next: UUID | None


class ProductLine(Struct, frozen=True, kw_only=True):
    """One listing at its current version. Price fen, times UTC."""

    product_id: UUID
    title: str
    kind: str
    state: str
    version: int
    price_fen: int
    stock: int
    updated_at: datetime


_SHOP = """
select s.book_id, s.name, p.display_name as owner, s.fee_basis_points, s.opened_at, p.frozen_at,
    (select count(*) from product g where g.book_id = s.book_id and g.state = 'ON_SALE') as on_sale,
    (select count(*) from product g where g.book_id = s.book_id and g.state = 'BANNED') as banned,
    (select count(*) from orders o where o.book_id = s.book_id and o.state = 'PAID') as orders,
    coalesce((select -a.balance_fen from ledger_account a
        where a.book_id = s.book_id and a.kind = 'seller_debt'), 0) as debt_fen
from shop s join party p on p.book_id = s.book_id
"""


async def shops(tx: Tx, *, words: str = "", after: UUID | None = None, limit: int = PAGE) -> ShopList:
    """Newest first. words: part of a shop's or its owner's name."""
    rows = await tx.fetch(
        f"{_SHOP} where ($1::uuid is null or s.book_id < $1)"
        " and ($3 = '' or strpos(lower(s.name), lower($3)) > 0 or strpos(lower(p.display_name), lower($3)) > 0)"
        " order by s.book_id desc limit $2",
        after,
        limit + 1,
        words.strip(),
    )
    found = tuple(convert(dict(row), ShopLine) for row in rows[:limit])
    return ShopList(found, found[-1].book_id if len(rows) > limit else None)


async def shop(tx: Tx, book_id: UUID) -> ShopLine:
    """Raises NotFound."""
    row = await tx.fetchrow(f"{_SHOP} where s.book_id = $1", book_id)
    if row is None:
        raise NotFound("no such shop")
    return convert(dict(row), ShopLine)


async def products(tx: Tx, book_id: UUID) -> list[ProductLine]:
    """A shop's listings, banned ones first, then the newest."""
    rows = await tx.fetch(
        "select g.id as product_id, g.title, g.kind, g.state, g.version, g.price_fen, g.updated_at,"
        " (select count(*) from stock_key k where k.book_id = g.book_id and k.product_id = g.id"
        " and k.state = 'AVAILABLE') as stock from product g where g.book_id = $1"
        " order by g.state = 'BANNED' desc, g.updated_at desc, g.id limit $2",
        book_id,
        PRODUCTS,
    )
    return [convert(dict(row), ProductLine) for row in rows]
