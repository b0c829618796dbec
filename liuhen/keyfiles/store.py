"""SQL of the key file room: uploads that wait for their seller's yes, encrypted, and what became of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound, StateConflict
from liuhen.keyfiles.model import Expect, ImportState, Report

_COLUMNS = "book_id, id, product_id, state, filename, sha256, options, report, total, done, due_at, failure"


class StockImport(msgspec.Struct, frozen=True, kw_only=True):
    """One upload. `seal` names file, product and reading without telling the content; due_at in UTC."""

    book_id: UUID
    id: UUID
    product_id: UUID
    state: ImportState
    filename: str
    seal: bytes
    expect: Expect
    report: Report
    total: int
    done: int
    due_at: datetime | None
    failure: str | None


def place(book_id: UUID, import_id: UUID) -> bytes:
    """What a staged file is bound to: table, column, book and row."""
    return b"stock_import.staged" + book_id.bytes + import_id.bytes


async def insert(tx: Tx, new: StockImport, staged: bytes, *, by: UUID, now: datetime) -> None:
    """Parameters: staged, the encrypted file; by, who uploaded it."""
    await tx.execute(
        "insert into stock_import (book_id, id, product_id, state, filename, sha256, staged, options, report, total,"
        " due_at, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        new.book_id,
        new.id,
        new.product_id,
        str(new.state),
        new.filename,
        new.seal,
        staged,
        _json(new.expect),
        _json(new.report),
        new.total,
        new.due_at,
        by,
        now,
    )


async def drop_staged(tx: Tx, book_id: UUID, *, keep: int, now: datetime) -> None:
    """Lets go of a book's oldest staged files but the newest `keep`: nobody can fill the disk with uploads."""
    await tx.execute(
        "update stock_import set state = 'EXPIRED', staged = null, due_at = null, finished_at = $3"
        " where book_id = $1 and state = 'STAGED' and id in (select id from stock_import"
        " where book_id = $1 and state = 'STAGED' order by created_at desc, id desc offset $2)",
        book_id,
        keep,
        now,
    )


async def lock(tx: Tx, book_id: UUID, import_id: UUID) -> StockImport:
    """Raises NotFound."""
    row = await tx.fetchrow(
        f"select {_COLUMNS} from stock_import where book_id = $1 and id = $2 for update", book_id, import_id
    )
    if row is None:
        raise NotFound("no such upload")
    return import_of(row)


async def staged_bytes(tx: Tx, book_id: UUID, import_id: UUID) -> bytes | None:
    """The encrypted file, or None once it is gone."""
    found: bytes | None = await tx.fetchval(
        "select staged from stock_import where book_id = $1 and id = $2", book_id, import_id
    )
    return found


async def set_due(tx: Tx, found: StockImport, state: ImportState, due_at: datetime) -> None:
    """Confirms, or takes a confirmed import for a while: until `due_at` (UTC) nobody else picks it up."""
    await tx.execute(
        "update stock_import set state = $3, due_at = $4, done = 0 where book_id = $1 and id = $2",
        found.book_id,
        found.id,
        str(state),
        due_at,
    )


async def set_done(tx: Tx, book_id: UUID, import_id: UUID, done: int) -> None:
    """Progress in lines, for whoever waits; says nothing about what is stored."""
    await tx.execute(
        "update stock_import set done = $3 where book_id = $1 and id = $2 and state = 'CONFIRMED'",
        book_id,
        import_id,
        done,
    )


async def finish(
    tx: Tx,
    book_id: UUID,
    import_id: UUID,
    state: ImportState,
    *,
    report: Report | None = None,
    failure: str | None = None,
    now: datetime,
) -> None:
    """Ends a confirmed import and forgets the file. Raises StateConflict if somebody else ended it."""
    ended = await tx.fetchval(
        "update stock_import set state = $3, staged = null, due_at = null, finished_at = $4, failure = $5,"
        " report = coalesce($6, report), done = case when $3 = 'DONE' then total else done end"
        " where book_id = $1 and id = $2 and state = 'CONFIRMED' returning true",
        book_id,
        import_id,
        str(state),
        now,
        failure,
        _json(report) if report is not None else None,
    )
    if not ended:
        raise StateConflict("this import is over already")


async def expire(tx: Tx, book_id: UUID, import_id: UUID, *, now: datetime) -> bool:
    """Forgets a staged file whose time is over. Whether there was one."""
    return bool(
        await tx.fetchval(
            "update stock_import set state = 'EXPIRED', staged = null, due_at = null, finished_at = $3"
            " where book_id = $1 and id = $2 and state = 'STAGED' and due_at < $3 returning true",
            book_id,
            import_id,
            now,
        )
    )


def import_of(row: Row) -> StockImport:
    """From a row with all of the columns above."""
    return StockImport(
        book_id=row["book_id"],
        id=row["id"],
        product_id=row["product_id"],
        state=ImportState(row["state"]),
        filename=row["filename"],
        seal=row["sha256"],
        expect=msgspec.json.decode(row["options"], type=Expect),
        report=msgspec.json.decode(row["report"], type=Report),
        total=row["total"],
        done=row["done"],
        due_at=row["due_at"],
        failure=row["failure"],
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
