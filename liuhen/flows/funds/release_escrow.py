"""Escrow releases by itself after the product's period, never while a case is open."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.orders import many
from liuhen.steps.record import PLATFORM
from liuhen.steps.release import owed, release_units


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that were looked at (not: in other hands), pieces released, and fen paid to the seller after the fee."""

    orders: int
    pieces: int
    net_fen: int


async def release_escrow(db: Database, book_id: UUID, order_ids: Sequence[UUID], *, now: datetime) -> Released:
    """For the worker: some orders of one shop in one transaction, all of them or none.

    An order in other hands is left alone. Looks again under the lock, so running twice or late does no harm.
    """

    async def work(tx: Tx) -> Released:
        heads = await many.lock_free(tx, book_id, order_ids)
        due = await many.lock_due(tx, book_id, [head.id for head in heads], now)
        ready = [head for head in heads if due[head.id]]
        debts = await owed(tx, ready)
        net = 0
        for head in ready:
            net += await release_units(tx, head, due[head.id], PLATFORM, "TIME", debts=debts, now=now)
        return Released(orders=len(heads), pieces=sum(map(len, due.values())), net_fen=net)

    return await db.transact(work, now=now)
