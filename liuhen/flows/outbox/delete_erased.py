"""Pictures of erased orders leave the object store: after the commit, so that none is gone that is still on record."""

from datetime import datetime

from liuhen.base.db import Database, Row, Tx
from liuhen.base.faults import point
from liuhen.base.objects import ObjectStore
from liuhen.evidence import store as evidence
from liuhen.evidence.model import original_of

BATCH = 50


async def delete_erased(db: Database, *, objects: ObjectStore, now: datetime) -> int:
    """One batch; returns how many orders it was. Deleting what is gone already does no harm, so it can be repeated."""
    async with db.read() as tx:
        waiting = await evidence.objects_to_delete(tx, BATCH)
    for row in waiting:
        await db.transact(lambda tx, row=row: _delete(tx, row, objects, now), now=now)  # type: ignore[misc]
    return len(waiting)


async def _delete(tx: Tx, row: Row, objects: ObjectStore, now: datetime) -> None:
    """All of one order but what was handed in again for another: it is the same bytes."""
    for key in sorted(row["objects"]):
        original = original_of(key)
        await evidence.hold_bytes(tx, original)
        if not await evidence.needs(tx, original):
            await objects.delete(key)
    point("delete_erased.bytes_and_note")
    await evidence.objects_deleted(tx, row["book_id"], row["order_id"], now)
