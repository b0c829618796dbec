"""After a key rotation: what older master keys sealed is sealed under the newest, a batch at a time, while selling
goes on. Stopped anywhere, it goes on from the last batch that was committed."""

from datetime import datetime

import msgspec

from liuhen.base import sealed
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import InvalidInput, KeyMissing
from liuhen.base.sealed import SEALED, OldSeal


class Resealed(msgspec.Struct, frozen=True, kw_only=True):
    """place: the column that a batch was done of, "" when there is nothing to do (for this worker)."""

    place: str = ""
    rows: int = 0


async def reseal(db: Database, *, keys: KeyRing, now: datetime) -> Resealed:
    """One batch of one column. What cannot be opened is counted, left as it is, and keeps its key from retiring."""
    version = keys.newest
    if len(keys.held) == 1:
        return Resealed()

    async def work(tx: Tx) -> Resealed:
        known = await sealed.progress(tx)
        if {item.place for item in known if item.version >= version} != {item.name for item in SEALED}:
            await sealed.begin(tx, version, now)
        task = await sealed.lock_open(tx, version)
        if task is None:
            return Resealed()
        column = next(item for item in SEALED if item.name == task.place)
        rows, after = await sealed.next_rows(tx, column, task.after, version, column.batch)
        fresh: list[tuple[OldSeal, bytes]] = []
        for row in rows:
            try:
                fresh.append((row, column.reseal(keys, row.ids, row.sealed)))
            except (KeyMissing, InvalidInput):
                continue
        done = await sealed.replace(tx, column, fresh)
        await sealed.step(tx, task.place, after, resealed=done, unreadable=len(rows) - len(fresh), now=now)
        return Resealed(place=task.place, rows=done)

    return await db.transact(work, now=now)
