"""Pictures that were never submitted go after a day, with the bytes that nothing else leads to."""

from datetime import datetime

import msgspec

from liuhen.base.db import Database, Row, Tx
from liuhen.base.faults import point
from liuhen.base.objects import ObjectStore
from liuhen.evidence import store as evidence

_BATCH = 200


class PicturesExpired(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows went, and how many objects that nothing refers to any more."""

    rows: int
    objects: int


async def expire_pictures(db: Database, *, objects: ObjectStore, now: datetime) -> PicturesExpired:
    """One batch; the worker calls it until nothing is left. Each picture goes in a transaction of its own, bytes before
    the commit: a crash in between leaves the row, which is due again, so that a person's picture never stays behind
    without a row that leads to it."""
    async with db.read() as tx:
        waiting = await evidence.expired(tx, now, _BATCH)
    rows = deleted = 0
    for row in waiting:
        gone, bytes_too = await db.transact(lambda tx, row=row: _expire(tx, row, objects, now), now=now)  # type: ignore[misc]
        rows, deleted = rows + gone, deleted + 2 * bytes_too
    return PicturesExpired(rows=rows, objects=deleted)


async def _expire(tx: Tx, row: Row, objects: ObjectStore, now: datetime) -> tuple[bool, bool]:
    if not await evidence.drop_expired(tx, row["book_id"], row["id"], now):
        return False, False
    await evidence.hold_bytes(tx, row["original_key"])
    if await evidence.needs(tx, row["original_key"]):
        return True, False
    await objects.delete(row["original_key"])
    point("expire_pictures.original_and_view")
    await objects.delete(row["view_key"])
    point("expire_pictures.bytes_and_row")
    return True, True
