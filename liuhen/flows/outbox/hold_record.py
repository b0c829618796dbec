"""An order's record is kept beyond its time, or no longer: a lawsuit, an investigation (the operator's act)."""

from datetime import datetime

import msgspec

from liuhen.base import directory
from liuhen.base.db import Database, Tx
from liuhen.base.errors import InvalidInput, NotFound
from liuhen.evidence import store as evidence

MAX_REASON = 500


class HoldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """reason None lifts the hold."""

    order_no: str
    reason: str | None


class RecordHeld(msgspec.Struct, frozen=True, kw_only=True):
    held: bool


async def hold_record(db: Database, cmd: HoldRecord, *, now: datetime) -> RecordHeld:
    """Raises NotFound (no such order; nothing to lift), InvalidInput (reason)."""
    reason = cmd.reason.strip() if cmd.reason is not None else None
    if reason is not None and not 1 <= len(reason) <= MAX_REASON:
        raise InvalidInput(f"a reason of 1 to {MAX_REASON} characters")

    async def work(tx: Tx) -> RecordHeld:
        place = await directory.find(tx, "order", cmd.order_no)
        if place is None:
            raise NotFound(f"There is no order {cmd.order_no}.")
        if reason is not None:
            await evidence.hold(tx, place.book_id, place.id, reason, now)
        elif not await evidence.lift(tx, place.book_id, place.id, now):
            raise NotFound(f"The record of order {cmd.order_no} is not held.")
        return RecordHeld(held=reason is not None)

    return await db.transact(work, now=now)
