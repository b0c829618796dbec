"""What nobody needs any more is deleted: counters, ended sessions and links, replies to idempotency keys."""

from datetime import datetime, timedelta

from msgspec import Struct

from liuhen.base.db import Database, Tx
from liuhen.parties import store

KEPT = timedelta(days=30)
"""Longer than any client repeats a request, and short enough for addresses of visitors."""


class ForgetOld(Struct, frozen=True):
    pass


class OldForgotten(Struct, frozen=True):
    rows: int


async def forget_old(db: Database, cmd: ForgetOld, *, now: datetime) -> OldForgotten:
    """For the worker, once a day or so. Parameters: now, UTC."""

    async def work(tx: Tx) -> OldForgotten:
        return OldForgotten(await store.sweep(tx, now - KEPT))

    return await db.transact(work, now=now)
