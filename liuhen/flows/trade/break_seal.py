"""The buyer breaks seals: a deliberate act that cannot be undone. Nothing is decrypted here; show_goods does that."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.orders import store as orders
from liuhen.orders.model import UNIT_STEPS, UnitState
from liuhen.redemption import store as redemption
from liuhen.redemption.model import FactSource, UseState
from liuhen.steps.record import buyer, record
from liuhen.stock import store as stock
from liuhen.stock.model import KeyEvent


class BreakSeal(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID
    unit_ids: list[UUID]


class SealBroken(msgspec.Struct, frozen=True, kw_only=True):
    unit_ids: list[UUID]
    at: datetime


async def break_seal(db: Database, cmd: BreakSeal, *, now: datetime, once: Once | None = None) -> SealBroken:
    """Raises NotFound, InvalidInput, StateConflict (not sealed any more, or a case is open for a unit)."""
    if not 1 <= len(set(cmd.unit_ids)) <= 500:
        raise InvalidInput("name 1 to 500 units", units=len(cmd.unit_ids))

    async def work(tx: Tx) -> SealBroken:
        head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        units = await orders.lock_units(tx, head.book_id, head.id, list(set(cmd.unit_ids)))
        for unit in units:
            if unit.case_open:
                raise StateConflict("withdraw the refund request first")
            UNIT_STEPS.step(unit.state, UnitState.REVEALED)
        ids = [unit.id for unit in units]
        actor = buyer(cmd.buyer_id)
        await stock.move(tx, head.book_id, ids, KeyEvent.REVEALED, actor="BUYER", now=now)
        await orders.update_units(tx, head.book_id, ids, state=UnitState.REVEALED, revealed_at=now)
        fact = redemption.Fact(source=FactSource.PLATFORM, state=UseState.UNKNOWN, event="SEAL_BROKEN", occurred_at=now)
        for unit_id in ids:
            await redemption.add(tx, head.book_id, unit_id, fact, now=now)
        await record(tx, head.book_id, head.id, actor, "SEAL_BROKEN", {"units": ids}, now=now)
        return SealBroken(unit_ids=ids, at=now)

    return await db.transact(work, now=now, once=once, result=SealBroken)
