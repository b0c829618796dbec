"""A seller's listings: the list with what lies on the shelf, one listing for editing, and its versions."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.catalog.model import Content, Delivery, ListingState, query_grams
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.seller_desk import SELLABLE, WEEK

PAGE = 30
MOST_VERSIONS = 200


class ListingLine(msgspec.Struct, frozen=True, kw_only=True):
    """One listing in a list. Amounts fen; sellable, sealed, week: pieces; times UTC.

    sellable and sealed are None where goods are delivered by hand.
    """

    product_id: UUID
    kind: str
    delivery: str
    state: str
    version: int
    title: str
    price_fen: int
    low_stock_at: int
    sellable: int | None
    sealed: int | None
    week: int
    updated_at: datetime

    @property
    def low(self) -> bool:
        return self.sellable is not None and self.sellable <= self.low_stock_at

    @property
    def by_hand(self) -> bool:
        return self.delivery == Delivery.BY_HAND


class ListingPage(msgspec.Struct, frozen=True):
    """One page; `next` is (updated_at, id) of its last line, None at the end."""

    lines: tuple[ListingLine, ...]
    next: tuple[datetime, UUID] | None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The newest version of a listing with the state of its head."""

    product_id: UUID
    state: ListingState
    version: int
    delivery: Delivery
    low_stock_at: int
    content: Content
    issuer: str


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version with its number, hash and time; orders: how many orders were placed under it."""

    version: int
    created_at: datetime
    sha256: bytes
    content: Content
    orders: int


class IssuerChoice(msgspec.Struct, frozen=True):
    id: UUID
    name: str


_LINE = f"""
select p.id as product_id, p.kind, v.delivery, p.state, p.version, p.title, p.price_fen, p.low_stock_at, p.updated_at,
    case when v.delivery = 'AUTO' then{SELLABLE.format(day="$2")} end as sellable,
    case when v.delivery = 'AUTO' then (select count(*) from stock_key k where k.book_id = p.book_id
        and k.product_id = p.id and k.state = 'SEALED')::int end as sealed,{WEEK.format(at="$3")} as week
from product p
join product_version v on v.book_id = p.book_id and v.product_id = p.id and v.version = p.version
where p.book_id = $1
"""
_FIELDS = tuple(Content.__struct_fields__)
_CONTENT = ", ".join(f"v.{name}" for name in _FIELDS)


async def listings(
    tx: Tx,
    book_id: UUID,
    *,
    today: date,
    week_ago: datetime,
    state: ListingState | None = None,
    text: str = "",
    keys_only: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> ListingPage:
    """Newest change first. Parameters: today in Shanghai, week_ago and after in UTC; keys_only, what has a shelf."""
    rows = await tx.fetch(
        f"{_LINE} and ($4::text is null or p.state = $4) and ($5::text[] is null or p.grams @> $5)"
        " and ($6::timestamptz is null or (p.updated_at, p.id) < ($6, $7))"
        " and (not $8 or v.delivery = 'AUTO') order by p.updated_at desc, p.id desc limit $9",
        book_id,
        today,
        week_ago,
        str(state) if state else None,
        query_grams(text) if text.strip() else None,
        after[0] if after else None,
        after[1] if after else None,
        keys_only,
        limit + 1,
    )
    lines = tuple(msgspec.convert(dict(row), ListingLine) for row in rows[:limit])
    return ListingPage(lines, (lines[-1].updated_at, lines[-1].product_id) if len(rows) > limit else None)


async def busiest(tx: Tx, book_id: UUID, *, today: date, week_ago: datetime, limit: int) -> tuple[ListingLine, ...]:
    """For the desk: listings on sale, low shelves first, then what sells most."""
    rows = await tx.fetch(
        f"select * from ({_LINE} and p.state = 'ON_SALE') s"
        " order by coalesce(sellable <= low_stock_at, false) desc, week desc, updated_at desc limit $4",
        book_id,
        today,
        week_ago,
        limit,
    )
    return tuple(msgspec.convert(dict(row), ListingLine) for row in rows)


async def state_counts(tx: Tx, book_id: UUID) -> dict[ListingState, int]:
    """How many listings are in each state."""
    rows = await tx.fetch("select state, count(*) as n from product where book_id = $1 group by state", book_id)
    return {ListingState(row["state"]): row["n"] for row in rows}


async def listing(tx: Tx, book_id: UUID, product_id: UUID) -> Listing | None:
    """None if it is not this book's."""
    row = await tx.fetchrow(
        f"select p.state, p.version, p.low_stock_at, v.delivery, coalesce(i.name, '') as issuer, {_CONTENT}"
        " from product p join product_version v on v.book_id = p.book_id and v.product_id = p.id"
        " and v.version = p.version left join issuer i on i.id = v.issuer_id where p.book_id = $1 and p.id = $2",
        book_id,
        product_id,
    )
    if row is None:
        return None
    return Listing(
        product_id=product_id,
        state=ListingState(row["state"]),
        version=row["version"],
        delivery=Delivery(row["delivery"]),
        low_stock_at=row["low_stock_at"],
        content=_content(row),
        issuer=row["issuer"],
    )


async def versions(tx: Tx, book_id: UUID, product_id: UUID) -> tuple[Version, ...]:
    """Newest first, at most MOST_VERSIONS."""
    rows = await tx.fetch(
        f"select v.version, v.created_at, v.sha256, {_CONTENT},"
        " (select count(distinct l.order_id) from order_line l where l.book_id = v.book_id"
        "   and l.product_id = v.product_id and l.version = v.version) as orders"
        " from product_version v where v.book_id = $1 and v.product_id = $2 order by v.version desc limit $3",
        book_id,
        product_id,
        MOST_VERSIONS,
    )
    return tuple(
        Version(
            version=row["version"],
            created_at=row["created_at"],
            sha256=row["sha256"],
            content=_content(row),
            orders=row["orders"],
        )
        for row in rows
    )


async def issuer_choices(tx: Tx) -> tuple[IssuerChoice, ...]:
    """Issuers that are connected now, by name."""
    rows = await tx.fetch("select id, name from issuer where disabled_at is null order by name limit 500")
    return tuple(IssuerChoice(row["id"], row["name"]) for row in rows)


def _content(row: Row) -> Content:
    fields = {name: row[name] for name in _FIELDS}
    fields["kind"] = GoodsKind(fields["kind"])
    return Content(**fields)
