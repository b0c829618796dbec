"""Pictures that were never submitted go after a day: rows first, then the bytes that nothing refers to any more."""

from datetime import datetime

import msgspec

from liuhen.base.db import Database, Row, Tx
from liuhen.base.objects import ObjectStore
from liuhen.evidence import store as evidence

_BATCH = 200


class PicturesExpired(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows went, and how many objects that nothing refers to any more."""

    rows: int
    objects: int


async def expire_pictures(db: Database, *, objects: ObjectStore, now: datetime) -> PicturesExpired:
    """One batch; the worker calls it until nothing is left. A crash in between leaves bytes, never a bare row."""

    async def work(tx: Tx) -> list[Row]:
        return await evidence.drop_expired(tx, now, _BATCH)

    gone = await db.transact(work, now=now)
    unused = {(row["original_key"], row["view_key"]) for row in gone if row["unused"]}
    for original, view in unused:
        await objects.delete(original)
        await objects.delete(view)
    return PicturesExpired(rows=len(gone), objects=2 * len(unused))
