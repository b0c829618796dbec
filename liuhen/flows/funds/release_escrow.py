"""Escrow releases by itself after the product's period, never while a case is open."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.orders import store as orders
from liuhen.orders.model import Escrow
from liuhen.steps.record import PLATFORM
from liuhen.steps.release import release_units


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces, and fen paid to the seller after the fee."""

    pieces: int
    net_fen: int


async def release_escrow(db: Database, book_id: UUID, order_id: UUID, *, now: datetime) -> Released:
    """For the worker: looks again under the lock, so running twice or late does no harm."""

    async def work(tx: Tx) -> Released:
        head = await orders.lock(tx, book_id, order_id)
        units = [
            unit
            for unit in await orders.lock_units(tx, book_id, order_id)
            if unit.escrow is Escrow.HELD
            and not unit.case_open
            and unit.release_due_at is not None
            and unit.release_due_at <= now
        ]
        net = await release_units(tx, head, units, PLATFORM, "TIME", now=now)
        return Released(pieces=len(units), net_fen=net)

    return await db.transact(work, now=now)
