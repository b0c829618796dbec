"""All books are recomputed, and what was found is noted."""

from datetime import datetime

from liuhen.base import watch
from liuhen.base.db import Database, Tx
from liuhen.base.watch import Look
from liuhen.reads.books import check_books

NAME = "books"


async def look_at_books(db: Database, *, now: datetime) -> list[str]:
    """Returns one sentence per fault, none when all books balance. Parameters: now, UTC."""
    async with db.read() as tx:
        faults = await check_books(tx)

    async def work(tx: Tx) -> None:
        await watch.note(tx, Look(name=NAME, looked_at=now, faults=len(faults)))

    await db.transact(work, now=now)
    return faults
