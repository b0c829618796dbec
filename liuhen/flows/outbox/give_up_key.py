"""A master key is lost for good: what it sealed is taken off sale, so that nobody pays for what cannot be opened."""

from datetime import datetime, timedelta

import msgspec

from liuhen.base import sealed
from liuhen.base.db import Database, Tx
from liuhen.base.faults import point
from liuhen.stock import store as stock
from liuhen.timing.workdays import shanghai_day

BATCH = 2000


class KeyGivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """voided: unsold card keys taken off the shelf; unsellable: sold ones that never go back to it."""

    version: int
    voided: int
    unsellable: int


async def give_up_key(db: Database, version: int, *, now: datetime) -> KeyGivenUp:
    """Can be repeated. A sold key that nobody opened gets a last day that is over: refunded, it is not sold again."""

    async def some(tx: Tx) -> int:
        return await stock.void_sealed_under(tx, version, BATCH, now=now)

    async def rest(tx: Tx) -> int:
        await sealed.mark_gone(tx, version, "LOST", now)
        return await stock.end_sealed_under(tx, version, shanghai_day(now) - timedelta(days=1))

    voided = 0
    while done := await db.transact(some, now=now):
        voided += done
    point("give_up_key.keys_and_rest")
    return KeyGivenUp(version=version, voided=voided, unsellable=await db.transact(rest, now=now))
