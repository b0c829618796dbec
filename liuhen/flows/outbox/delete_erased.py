"""Pictures of erased orders leave the object store: after the commit, so that none is gone that is still on record."""

from datetime import datetime

from liuhen.base.db import Database, Tx
from liuhen.base.faults import point
from liuhen.base.objects import ObjectStore
from liuhen.evidence import store as evidence

BATCH = 50


async def delete_erased(db: Database, *, objects: ObjectStore, now: datetime) -> int:
    """One batch; returns how many orders it was. Deleting what is gone already does no harm, so it can be repeated."""
    async with db.read() as tx:
        waiting = await evidence.objects_to_delete(tx, BATCH)
    for row in waiting:
        for key in row["objects"]:
            async with db.read() as tx:  # the same picture may have been handed in again for another order
                needed = await evidence.needs(tx, key.replace("views/", "originals/", 1), now)
            if not needed:
                await objects.delete(key)
    point("delete_erased.bytes_and_note")

    async def note(tx: Tx) -> None:
        for row in waiting:
            await evidence.objects_deleted(tx, row["book_id"], row["order_id"], now)

    await db.transact(note, now=now)
    return len(waiting)
