"""What the market shows to anybody: offers on sale, newest change first, found by kind, word or shop."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.catalog.model import query_grams
from liuhen.policy.facts.goods import GoodsKind

PAGE = 24


class Place(msgspec.Struct, frozen=True):
    """Where a page of offers ends: time of the last change (UTC) and product id."""

    at: datetime
    id: UUID


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. text: words, each of which title, region or shop must contain; kind and shop narrow it."""

    text: str = ""
    kind: GoodsKind | None = None
    shop_id: UUID | None = None
    sealed_only: bool = False


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One listing as a card. Amounts in fen, windows and promises in seconds."""

    product_id: UUID
    book_id: UUID
    kind: GoodsKind
    title: str
    price_fen: int
    face_value_fen: int | None
    region: str
    sealed: bool
    promised_delivery_seconds: int
    sealed_window_seconds: int
    min_pieces: int
    shop_name: str
    in_stock: bool
    updated_at: datetime


class OfferPage(msgspec.Struct, frozen=True):
    """One page of offers; `next` begins the page after it, None at the end."""

    offers: tuple[Offer, ...]
    next: Place | None


class ShopLine(msgspec.Struct, frozen=True):
    """A shop whose name was searched for."""

    book_id: UUID
    name: str
    offers: int


# The page is cut out first; what costs (version, stock) is looked up for its rows alone.
_FOUND = """
select p.id, p.book_id, p.version, p.updated_at, s.name as shop_name from product p
join shop s on s.book_id = p.book_id and s.closed_at is null
join party y on y.book_id = p.book_id and y.frozen_at is null
where p.state = 'ON_SALE'
"""
_OFFERS = """
select p.id as product_id, p.book_id, p.updated_at, v.kind, v.title, v.price_fen, v.face_value_fen, v.region,
    v.delivery = 'AUTO' as sealed, v.promised_delivery_seconds, v.sealed_window_seconds, v.min_pieces, p.shop_name,
    v.delivery = 'BY_HAND' or exists (
        select from stock_key k where k.book_id = p.book_id and k.product_id = p.id and k.state = 'AVAILABLE'
        and (k.valid_until is null or k.valid_until >= $1::date + v.min_validity_days)) as in_stock
from ({found}) p
join product_version v on v.book_id = p.book_id and v.product_id = p.id and v.version = p.version
order by p.updated_at desc, p.id desc
"""


async def offers(tx: Tx, search: Search, *, today: date, after: Place | None = None, limit: int = PAGE) -> OfferPage:
    """Parameters: today, in Shanghai, decides which keys are still good for long enough; limit, at most 100."""
    parts: list[str] = [_FOUND]
    args: list[Any] = [today]

    def needs(sql: str, *values: Any) -> None:
        """One more condition; {0}, {1} in it become the numbers of its values."""
        parts.append("and " + sql.format(*(f"${len(args) + n}" for n in range(1, len(values) + 1))))
        args.extend(values)

    if search.kind is not None:
        needs("p.kind = {0}", str(search.kind))
    if search.text.strip():
        needs("p.grams @> {0}::text[]", query_grams(search.text))
    if search.shop_id is not None:
        needs("p.book_id = {0}", search.shop_id)
    if search.sealed_only:
        needs(
            "exists (select from product_version v where v.book_id = p.book_id and v.product_id = p.id"
            " and v.version = p.version and v.delivery = 'AUTO')"
        )
    if after is not None:
        needs("(p.updated_at, p.id) < ({0}, {1})", after.at, after.id)
    count = min(limit, 100)
    needs("true order by p.updated_at desc, p.id desc limit {0}", count + 1)
    rows = await tx.fetch(_OFFERS.format(found="\n".join(parts)), *args)
    found = tuple(_offer(row) for row in rows[:count])
    more = len(rows) > count
    return OfferPage(found, Place(found[-1].updated_at, found[-1].product_id) if more else None)


async def shops_named(tx: Tx, text: str, limit: int = 4) -> Sequence[ShopLine]:
    """Open shops whose name contains the text, the fullest first."""
    if not text.strip():
        return ()
    rows = await tx.fetch(
        "select s.book_id, s.name, (select count(*) from product p where p.book_id = s.book_id"
        " and p.state = 'ON_SALE') as offers from shop s"
        " join party y on y.book_id = s.book_id and y.frozen_at is null"
        " where s.closed_at is null and position(lower($1) in lower(s.name)) > 0 order by offers desc, s.name limit $2",
        text.strip(),
        limit,
    )
    return tuple(ShopLine(row["book_id"], row["name"], row["offers"]) for row in rows)


async def kind_counts(tx: Tx, book_id: UUID) -> dict[GoodsKind, int]:
    """How many listings of each kind a shop has on sale."""
    rows = await tx.fetch(
        "select kind, count(*) as n from product where book_id = $1 and state = 'ON_SALE' group by kind", book_id
    )
    return {GoodsKind(row["kind"]): row["n"] for row in rows}


def _offer(row: Row) -> Offer:
    fields = dict(row)
    fields["kind"] = GoodsKind(fields["kind"])
    return Offer(**fields)
