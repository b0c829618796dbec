"""A buyer goes on waiting for a delivery, until a day he picks: until then the platform does not act for him."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import OrderHead, Unit, UnitState
from liuhen.refunds.model import MAX_WAIT_DAYS
from liuhen.steps.record import buyer, record


class ChooseToWait(msgspec.Struct, frozen=True, kw_only=True):
    """until: aware UTC, later than now, at most 30 days ahead."""

    buyer_id: UUID
    book_id: UUID
    order_id: UUID
    unit_ids: list[UUID]
    until: datetime


class WaitChosen(msgspec.Struct, frozen=True, kw_only=True):
    units: list[UUID]
    until: datetime


async def choose_to_wait(db: Database, cmd: ChooseToWait, *, now: datetime, once: Once | None = None) -> WaitChosen:
    """He may still ask for his money at any time. Raises InvalidInput, NotFound, StateConflict (none waits)."""
    last = now + timedelta(days=MAX_WAIT_DAYS)
    if not cmd.unit_ids or cmd.until.tzinfo is None or not now < cmd.until <= last:
        raise InvalidInput("pick a day within 30 days", fields={"until": ("range", 1, MAX_WAIT_DAYS)})

    async def work(tx: Tx) -> WaitChosen:
        head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        units = await orders.lock_units(tx, head.book_id, head.id, list(set(cmd.unit_ids)))
        for unit in units:
            _must_wait(unit, cmd.until)
        ids = [unit.id for unit in units]
        await orders.update_units(tx, head.book_id, ids, wait_until=cmd.until, late_act_at=cmd.until)
        await _tell(tx, head, ids, cmd, now=now)
        return WaitChosen(units=ids, until=cmd.until)

    return await db.transact(work, now=now, once=once, result=WaitChosen)


def _must_wait(unit: Unit, until: datetime) -> None:
    if unit.state is not UnitState.TO_DELIVER or unit.case_open:
        raise StateConflict("there is no delivery to wait for", state=str(unit.state))
    if unit.late_act_at is not None and until <= unit.late_act_at:
        raise InvalidInput("the seller has longer than that anyway", late_act_at=unit.late_act_at.isoformat())


async def _tell(tx: Tx, head: OrderHead, ids: list[UUID], cmd: ChooseToWait, *, now: datetime) -> None:
    data = {"units": ids, "until": cmd.until}
    await record(tx, head.book_id, head.id, buyer(cmd.buyer_id), "WAIT_CHOSEN", data, now=now)
    words = {"order_no": head.order_no, "until": cmd.until.isoformat(), "units": len(ids)}
    await notices.send(tx, head.book_id, "WAIT_CHOSEN", words, f"/seller/orders/{head.order_no}", now=now)
