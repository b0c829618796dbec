"""What a process found by itself is noted: a backup that was made, work that fails again and again."""

from datetime import datetime, timedelta

from liuhen.base import watch
from liuhen.base.db import Database, Tx
from liuhen.base.watch import Look

BACKUP = "backup"
FAILING = "failing:"
"""And the process's name: items of due work that failed and rest."""

_FORGET = timedelta(hours=1)


async def note_look(db: Database, look: Look, *, now: datetime) -> None:
    """Parameters: now, UTC; processes that said nothing for an hour are forgotten."""

    async def work(tx: Tx) -> None:
        await watch.note(tx, look)
        await watch.forget(tx, FAILING, now - _FORGET)

    await db.transact(work, now=now)
