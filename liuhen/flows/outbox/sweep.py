"""What has run out is forgotten: counters, ended sessions, used links, old answers to idempotency keys."""

from datetime import datetime, timedelta

from liuhen.base.db import Database, Tx
from liuhen.factors import store as factors
from liuhen.parties import store as parties

KEEP = timedelta(days=30)


async def sweep(db: Database, *, now: datetime) -> int:
    """Returns how many rows went. Evidence, money and orders are never swept."""

    async def work(tx: Tx) -> int:
        return await parties.sweep(tx, now - KEEP) + await factors.sweep(tx, now - KEEP)

    return await db.transact(work, now=now)
