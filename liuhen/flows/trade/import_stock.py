"""A confirmed key file becomes stock: all of its new keys in one commit, or none.

Importing is one of the two flows that are more than one transaction: a lease, so that one worker at a time has it;
the keys, in one transaction; and in between the progress, written over a second connection, since nobody would see
it otherwise before the end. Whoever crashes in the middle leaves nothing but a lease that runs out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.db import Database, Tx, UniqueViolation
from liuhen.base.errors import InvalidInput, LiuhenError, StateConflict
from liuhen.base.faults import point
from liuhen.keyfiles import store as keyfiles
from liuhen.keyfiles.model import SHOWN, ImportState, Row
from liuhen.keyfiles.parsing import look, scan
from liuhen.keyfiles.store import StockImport
from liuhen.notices import store as notices
from liuhen.steps.shelve_keys import CHUNK, Prepared, prepare, shelve

LEASE = timedelta(minutes=10)
_TRIES = 3

Progress = Callable[[int, int], Awaitable[None]]


class ImportedStock(msgspec.Struct, frozen=True, kw_only=True):
    """imported: keys that are in stock now; short: those of them that are held back; left_out: had already."""

    import_id: UUID
    imported: int
    short: int
    left_out: int


async def import_stock(
    db: Database, book_id: UUID, import_id: UUID, *, keys: KeyRing, now: datetime, progress: Progress | None = None
) -> ImportedStock:
    """Parameters: progress, called with lines done and lines in all. Needs two connections at a time.

    Raises NotFound, StateConflict (not confirmed, over, or in other hands). A file that can't be imported at all
    ends as FAILED with the sentence why, and the error is raised.
    """
    found, staged = await db.transact(lambda tx: _lease(tx, book_id, import_id, now), now=now)
    point("import_stock.lease_and_keys")
    try:
        data = await asyncio.to_thread(_unseal, keys, found, staged)
        for attempt in range(_TRIES):
            try:
                return await db.transact(lambda tx: _shelve_all(db, tx, keys, found, data, progress, now=now), now=now)
            except UniqueViolation:  # another import brought one of these keys meanwhile: look again
                if attempt == _TRIES - 1:
                    raise
    except InvalidInput as error:
        point("import_stock.refusal_and_failure")
        await _fail(db, found, error, now)
        raise
    raise AssertionError("unreachable")


async def _lease(tx: Tx, book_id: UUID, import_id: UUID, now: datetime) -> tuple[StockImport, bytes]:
    found = await keyfiles.lock(tx, book_id, import_id)
    if found.state is not ImportState.CONFIRMED or found.due_at is None:
        raise StateConflict("this import is not waiting", state=str(found.state))
    if found.due_at > now:
        raise StateConflict("this import is in other hands", until=found.due_at.isoformat())
    staged = await keyfiles.staged_bytes(tx, book_id, import_id)
    if staged is None:
        raise StateConflict("the file of this import is gone")
    await keyfiles.set_due(tx, found, ImportState.CONFIRMED, now + LEASE)
    return found, staged


def _unseal(keys: KeyRing, found: StockImport, staged: bytes) -> bytes:
    return keys.decrypt(Purpose.STAGED, keyfiles.place(found.book_id, found.id), staged)


async def _shelve_all(
    db: Database, tx: Tx, keys: KeyRing, found: StockImport, data: bytes, progress: Progress | None, *, now: datetime
) -> ImportedStock:
    source, dialect = await asyncio.to_thread(look, data, found.expect)
    rows = (item for item in scan(source, dialect, found.expect) if isinstance(item, Row))
    imported = short = 0
    left_out: list[int] = []

    def take() -> asyncio.Future[Prepared]:
        """Reads and seals the next chunk in a thread, while the database stores the one before."""
        read = partial(_take, rows, partial(prepare, keys, found, source.encoding, dialect.shape))
        return asyncio.ensure_future(asyncio.to_thread(read, now))

    ahead = take()
    try:
        while (chunk := await ahead).rows:
            ahead = take()
            known, held = await shelve(tx, found, chunk, now=now)
            imported, short = imported + len(chunk.rows) - len(known), short + held
            left_out += known
            done = chunk.rows[-1].line_no
            await _show(db, found, done, now)
            point("import_stock.progress_and_keys")
            if progress is not None:
                await progress(done, found.total)
    finally:
        await asyncio.wait([ahead])
    report = msgspec.structs.replace(
        found.report, new=imported, short=short, in_book=len(left_out), in_book_lines=left_out[:SHOWN]
    )
    await keyfiles.finish(tx, found.book_id, found.id, ImportState.DONE, report=report, now=now)
    words = {"import": str(found.id), "filename": found.filename, "imported": imported, "short": short}
    link = f"/seller/stock/imports/{found.id}"
    await notices.send(tx, found.book_id, "STOCK_IMPORTED", words, link, now=now)
    return ImportedStock(import_id=found.id, imported=imported, short=short, left_out=len(left_out))


def _take(rows: Iterator[Row], seal: Callable[[Sequence[Row], datetime], Prepared], now: datetime) -> Prepared:
    return seal(list(islice(rows, CHUNK)), now)


async def _show(db: Database, found: StockImport, done: int, now: datetime) -> None:
    """Over a second connection: the seller sees how far it is while nothing is committed yet."""
    await db.transact(lambda tx: keyfiles.set_done(tx, found.book_id, found.id, done), now=now)


async def _fail(db: Database, found: StockImport, error: LiuhenError, now: datetime) -> None:
    words = {"import": str(found.id), "filename": found.filename, "reason": error.data.get("reason", error.code)}
    link = f"/seller/stock/imports/{found.id}"

    async def work(tx: Tx) -> None:
        await keyfiles.finish(tx, found.book_id, found.id, ImportState.FAILED, failure=error.message, now=now)
        await notices.send(tx, found.book_id, "STOCK_IMPORT_FAILED", words, link, now=now)

    await db.transact(work, now=now)
