"""What has run out is forgotten: counters, ended sessions, used links, old answers to idempotency keys."""

from datetime import datetime, timedelta

from liuhen.base.db import Database
from liuhen.parties import store as parties

KEEP = timedelta(days=30)


async def sweep(db: Database, *, now: datetime) -> int:
    """Returns how many rows went. Evidence, money and orders are never swept."""
    return await db.transact(lambda tx: parties.sweep(tx, now - KEEP), now=now)
