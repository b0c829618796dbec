"""A seller's stock as his pages show it: what lies on the shelf, which files it came from. Masks only."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.catalog.model import Delivery, ListingState
from liuhen.keyfiles.model import ImportState, Report
from liuhen.policy.facts.goods import GoodsKind
from liuhen.stock.model import KeyState

MAX_PAGE = 200


class ShelfGoods(msgspec.Struct, frozen=True, kw_only=True):
    """What a product asks of its keys, from its newest version. Amounts in fen, validity in days."""

    product_id: UUID
    title: str
    state: ListingState
    kind: GoodsKind
    delivery: Delivery
    case_sensitive: bool
    min_validity_days: int
    face_value_fen: int | None
    region: str


class ShelfCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many keys of a product are in which state. `sellable`: on the shelf and good for long enough today."""

    product_id: UUID
    sellable: int
    short: int
    reserved: int
    sealed: int
    revealed: int
    retired: int
    void: int


class ShelfKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key as its seller sees it."""

    id: UUID
    import_id: UUID
    line_no: int
    state: KeyState
    mask: str
    valid_until: date | None
    face_value_fen: int | None
    region: str
    unit_id: UUID | None
    created_at: datetime


class ImportLine(msgspec.Struct, frozen=True, kw_only=True):
    """One upload. `done` of `total` lines while it is being imported; `seal` is what its seller confirms."""

    id: UUID
    product_id: UUID
    title: str
    filename: str
    state: ImportState
    seal: bytes
    report: Report
    total: int
    done: int
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    failure: str | None


async def goods(tx: Tx, book_id: UUID, product_id: UUID) -> ShelfGoods | None:
    """None if the product is not this book's."""
    row = await tx.fetchrow(
        "select p.state, v.title, v.kind, v.delivery, v.case_sensitive, v.min_validity_days, v.face_value_fen,"
        " v.region from product p join product_version v on v.book_id = p.book_id and v.product_id = p.id"
        " and v.version = p.version where p.book_id = $1 and p.id = $2",
        book_id,
        product_id,
    )
    if row is None:
        return None
    return ShelfGoods(
        product_id=product_id,
        title=row["title"],
        state=ListingState(row["state"]),
        kind=GoodsKind(row["kind"]),
        delivery=Delivery(row["delivery"]),
        case_sensitive=row["case_sensitive"],
        min_validity_days=row["min_validity_days"],
        face_value_fen=row["face_value_fen"],
        region=row["region"],
    )


async def counts(tx: Tx, book_id: UUID, product_id: UUID, sellable_on: date) -> ShelfCounts:
    """Parameters: sellable_on, Shanghai day on which a key must still be good to be sold now."""
    rows = await tx.fetch(
        "select state, valid_until < $3 as late, count(*) as n from stock_key"
        " where book_id = $1 and product_id = $2 group by 1, 2",
        book_id,
        product_id,
        sellable_on,
    )
    found: dict[KeyState, int] = dict.fromkeys(KeyState, 0)
    for row in rows:
        state = KeyState(row["state"])
        found[KeyState.HELD_SHORT if state is KeyState.AVAILABLE and row["late"] else state] += row["n"]
    return ShelfCounts(
        product_id=product_id,
        sellable=found[KeyState.AVAILABLE],
        short=found[KeyState.HELD_SHORT],
        reserved=found[KeyState.RESERVED],
        sealed=found[KeyState.SEALED],
        revealed=found[KeyState.REVEALED],
        retired=found[KeyState.RETIRED],
        void=found[KeyState.VOID],
    )


async def keys(
    tx: Tx,
    book_id: UUID,
    product_id: UUID,
    *,
    state: KeyState | None = None,
    import_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[ShelfKey]:
    """Newest first. Parameters: before, id of the last key of the page before; limit, at most 200."""
    rows = await tx.fetch(
        "select id, import_id, line_no, state, mask, valid_until, face_value_fen, region, unit_id, created_at"
        " from stock_key where book_id = $1 and product_id = $2 and ($3::text is null or state = $3)"
        " and ($4::uuid is null or import_id = $4) and ($5::uuid is null or id < $5) order by id desc limit $6",
        book_id,
        product_id,
        str(state) if state else None,
        import_id,
        before,
        min(limit, MAX_PAGE),
    )
    return [msgspec.convert(dict(row), ShelfKey, str_keys=True) for row in rows]


async def imports(
    tx: Tx, book_id: UUID, *, product_id: UUID | None = None, before: UUID | None = None, limit: int = 20
) -> list[ImportLine]:
    """Newest first. Parameters: before, id of the last import of the page before; limit, at most 200."""
    rows = await tx.fetch(
        f"{_IMPORT} where i.book_id = $1 and ($2::uuid is null or i.product_id = $2)"
        " and ($3::uuid is null or i.id < $3) order by i.id desc limit $4",
        book_id,
        product_id,
        before,
        min(limit, MAX_PAGE),
    )
    return [_import(row) for row in rows]


async def import_line(tx: Tx, book_id: UUID, import_id: UUID) -> ImportLine | None:
    """One upload of this book, for its preview and its progress."""
    row = await tx.fetchrow(f"{_IMPORT} where i.book_id = $1 and i.id = $2", book_id, import_id)
    return _import(row) if row else None


_IMPORT = (
    "select i.id, i.product_id, p.title, i.filename, i.state, i.sha256 as seal, i.report, i.total, i.done, i.due_at,"
    " i.created_at, i.finished_at, i.failure from stock_import i"
    " join product p on p.book_id = i.book_id and p.id = i.product_id"
)


def _import(row: Row) -> ImportLine:
    return ImportLine(
        id=row["id"],
        product_id=row["product_id"],
        title=row["title"],
        filename=row["filename"],
        state=ImportState(row["state"]),
        seal=row["seal"],
        report=msgspec.json.decode(row["report"], type=Report),
        total=row["total"],
        done=row["done"],
        due_at=row["due_at"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        failure=row["failure"],
    )
