"""A worker's sign of life."""

from datetime import datetime, timedelta

from liuhen.base import heartbeat
from liuhen.base.db import Database

_FORGET_AFTER = timedelta(days=1)


async def beat(db: Database, process: str, *, now: datetime) -> None:
    """Parameters: process, such as worker:1234; those silent for a day are forgotten."""
    before = now - _FORGET_AFTER
    await db.transact(lambda tx: heartbeat.beat(tx, process, forget_before=before, now=now), now=now)
