"""What belongs to no order and is past its time: messages, why staff acted, what channels sent word for word."""

from datetime import datetime, timedelta

from liuhen.base.db import Database, Tx
from liuhen.notices import store as notices
from liuhen.parties import store as parties
from liuhen.payments import store as payments

BATCH = 1000


async def forget_old(db: Database, *, days: int, now: datetime) -> int:
    """One batch of each; returns how many rows it was. Parameters: days, how long records are kept."""
    before = now - timedelta(days=days)

    async def work(tx: Tx) -> int:
        gone = await notices.drop_before(tx, before, BATCH)
        gone += await parties.blank_reasons(tx, before, BATCH)
        return gone + await payments.blank_bodies(tx, before, BATCH)

    return await db.transact(work, now=now)
