"""SQL of the catalogue room."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.catalog.model import Content, ListingState, content_hash, delivery_of, grams
from liuhen.policy.facts.goods import GoodsKind

_VERSION_COLUMNS = (
    "kind, title, description, price_fen, face_value_fen, region, valid_until, min_validity_days,"
    " promised_delivery_seconds, escrow_seconds, sealed_window_seconds, revealed_window_seconds, issuer_can_void,"
    " excludes_no_reason, case_sensitive, min_pieces, max_pieces, target_label, refund_terms, activation_hint,"
    " warnings, issuer_id"
)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a product, with the state of its head."""

    book_id: UUID
    product_id: UUID
    state: ListingState
    version: int
    head_version: int
    content: Content
    sha256: bytes


async def insert(
    tx: Tx,
    book_id: UUID,
    product_id: UUID,
    content: Content,
    *,
    shop_name: str,
    low_stock_at: int,
    now: datetime,
) -> None:
    """The head of a new product, on sale; its first version follows."""
    await tx.execute(
        "insert into product (book_id, id, state, version, kind, title, price_fen, grams, low_stock_at, created_at,"
        " updated_at) values ($1, $2, 'ON_SALE', 1, $3, $4, $5, $6, $7, $8, $8)",
        book_id,
        product_id,
        str(content.kind),
        content.title,
        content.price_fen,
        grams(f"{content.title} {content.region} {shop_name}"),
        low_stock_at,
        now,
    )


async def move_head(
    tx: Tx,
    book_id: UUID,
    product_id: UUID,
    version: int,
    content: Content,
    *,
    shop_name: str,
    low_stock_at: int,
    now: datetime,
) -> None:
    await tx.execute(
        "update product set version = $3, kind = $4, title = $5, price_fen = $6, grams = $7, low_stock_at = $8,"
        " updated_at = $9 where book_id = $1 and id = $2",
        book_id,
        product_id,
        version,
        str(content.kind),
        content.title,
        content.price_fen,
        grams(f"{content.title} {content.region} {shop_name}"),
        low_stock_at,
        now,
    )


async def insert_version(
    tx: Tx, book_id: UUID, product_id: UUID, version: int, content: Content, *, by: UUID, now: datetime
) -> None:
    fields = [getattr(content, name.strip()) for name in _VERSION_COLUMNS.split(",")]
    fields[0] = str(content.kind)
    marks = ", ".join(f"${place}" for place in range(4, 4 + len(fields) + 4))
    await tx.execute(
        f"insert into product_version (book_id, product_id, version, {_VERSION_COLUMNS}, delivery, sha256,"
        f" created_by, created_at) values ($1, $2, $3, {marks})",
        book_id,
        product_id,
        version,
        *fields,
        str(delivery_of(content.kind)),
        content_hash(content),
        by,
        now,
    )


async def lock_head(tx: Tx, book_id: UUID, product_id: UUID) -> Row | None:
    """state, version of a product of this book, locked."""
    return await tx.fetchrow(
        "select state, version from product where book_id = $1 and id = $2 for update", book_id, product_id
    )


async def set_state(tx: Tx, book_id: UUID, product_id: UUID, state: ListingState, *, now: datetime) -> None:
    await tx.execute(
        "update product set state = $3, updated_at = $4 where book_id = $1 and id = $2",
        book_id,
        product_id,
        str(state),
        now,
    )


async def index_again(tx: Tx, book_id: UUID, *, shop_name: str) -> None:
    """After a shop got another name: its products are found under the new one, and no longer under the old."""
    rows = await tx.fetch(
        "select p.id, p.title, v.region from product p join product_version v on v.book_id = p.book_id"
        " and v.product_id = p.id and v.version = p.version where p.book_id = $1 order by p.id for update of p",
        book_id,
    )
    await tx.executemany(
        "update product set grams = $3 where book_id = $1 and id = $2",
        [(book_id, row["id"], grams(f"{row['title']} {row['region']} {shop_name}")) for row in rows],
    )


async def find_version(tx: Tx, book_id: UUID, product_id: UUID, version: int) -> Listing | None:
    row = await tx.fetchrow(
        "select p.state, p.version as head_version, v.sha256,"
        f" {', '.join('v.' + name.strip() for name in _VERSION_COLUMNS.split(','))}"
        " from product p join product_version v on v.book_id = p.book_id and v.product_id = p.id"
        " where p.book_id = $1 and p.id = $2 and v.version = $3",
        book_id,
        product_id,
        version,
    )
    if row is None:
        return None
    return Listing(
        book_id=book_id,
        product_id=product_id,
        state=ListingState(row["state"]),
        version=version,
        head_version=row["head_version"],
        content=content_of(row),
        sha256=row["sha256"],
    )


def content_of(row: Row) -> Content:
    """The content in a row that has all columns of a version."""
    fields = {name.strip(): row[name.strip()] for name in _VERSION_COLUMNS.split(",")}
    fields["kind"] = GoodsKind(fields["kind"])
    return Content(**fields)


async def insert_issuer(tx: Tx, issuer_id: UUID, name: str, secret_sealed: bytes, *, now: datetime) -> None:
    await tx.execute(
        "insert into issuer (id, name, secret_sealed, created_at) values ($1, $2, $3, $4)",
        issuer_id,
        name,
        secret_sealed,
        now,
    )


async def find_issuer(tx: Tx, issuer_id: UUID) -> Row | None:
    return await tx.fetchrow(
        "select id, name, secret_sealed, disabled_at from issuer where id = $1", issuer_id
    )


async def disable_issuer(tx: Tx, issuer_id: UUID, *, now: datetime) -> bool:
    tag = await tx.execute(
        "update issuer set disabled_at = $2 where id = $1 and disabled_at is null", issuer_id, now
    )
    return tag.endswith("1")
