"""Pictures that were never submitted go after a day: first the bytes that nothing else refers to, then the rows."""

from datetime import datetime

import msgspec

from liuhen.base.db import Database
from liuhen.base.faults import point
from liuhen.base.objects import ObjectStore
from liuhen.evidence import store as evidence

_BATCH = 200


class PicturesExpired(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows went, and how many objects that nothing refers to any more."""

    rows: int
    objects: int


async def expire_pictures(db: Database, *, objects: ObjectStore, now: datetime) -> PicturesExpired:
    """One batch; the worker calls it until nothing is left. A crash in between leaves rows, which are due again: a
    person's picture never stays behind without a row that leads to it."""
    async with db.read() as tx:
        gone = await evidence.expired(tx, now, _BATCH)
    deleted = 0
    for original, view in {(row["original_key"], row["view_key"]) for row in gone}:
        async with db.read() as tx:
            if await evidence.needs(tx, original, now):
                continue
        await objects.delete(original)
        point("expire_pictures.original_and_view")
        await objects.delete(view)
        deleted += 2
    point("expire_pictures.bytes_and_rows")
    if gone:
        await db.transact(lambda tx: evidence.drop_expired(tx, gone, now), now=now)
    return PicturesExpired(rows=len(gone), objects=deleted)
