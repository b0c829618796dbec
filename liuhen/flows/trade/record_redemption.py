"""What buyer or seller says about the use of a unit. It stands beside what others say and overwrites nothing."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.orders import store as orders
from liuhen.orders.model import UnitState
from liuhen.redemption import store as redemption
from liuhen.redemption.model import FactSource, UseState
from liuhen.steps.record import buyer, record, seller

_SKEW = timedelta(minutes=5)


class RecordRedemption(msgspec.Struct, frozen=True, kw_only=True):
    """by is the buyer or the seller of the order. Amounts fen; occurred_at UTC."""

    by: UUID
    book_id: UUID
    order_id: UUID
    unit_id: UUID
    state: UseState
    note: str = ""
    remaining_fen: int | None = None
    occurred_at: datetime | None = None


class RedemptionRecorded(msgspec.Struct, frozen=True, kw_only=True):
    source: FactSource


async def record_redemption(
    db: Database, cmd: RecordRedemption, *, now: datetime, once: Once | None = None
) -> RedemptionRecorded:
    """Raises NotFound for anybody else, InvalidInput, StateConflict before delivery."""
    if len(cmd.note) > 1000:
        raise InvalidInput("the note is too long", fields={"note": ("length", 0, 1000)})
    if cmd.remaining_fen is not None and not 0 <= cmd.remaining_fen <= 9_999_999_999:
        raise InvalidInput("the rest is out of range", fields={"remaining_fen": ("range", 0, 9_999_999_999)})
    if cmd.occurred_at is not None and cmd.occurred_at > now + _SKEW:
        raise InvalidInput("that lies in the future", fields={"occurred_at": ("range", 0, 0)})

    async def work(tx: Tx) -> RedemptionRecorded:
        if cmd.by == cmd.book_id:
            head, source, actor = await orders.lock(tx, cmd.book_id, cmd.order_id), FactSource.SELLER, seller(cmd.by)
        else:
            head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.by)
            source, actor = FactSource.BUYER, buyer(cmd.by)
        (unit,) = await orders.lock_units(tx, head.book_id, head.id, [cmd.unit_id])
        if unit.state in (UnitState.RESERVED, UnitState.CANCELLED, UnitState.TO_DELIVER):
            raise StateConflict("nothing was delivered yet")
        fact = redemption.Fact(
            source=source,
            state=cmd.state,
            event="STATED",
            remaining_fen=cmd.remaining_fen,
            note=cmd.note.strip(),
            said_by=cmd.by,
            occurred_at=cmd.occurred_at,
        )
        await redemption.add(tx, head.book_id, unit.id, fact, now=now)
        data = {"unit": unit.id, "state": cmd.state, "remaining_fen": cmd.remaining_fen, "occurred_at": cmd.occurred_at}
        await record(tx, head.book_id, head.id, actor, "USE_STATED", data, now=now)
        return RedemptionRecorded(source=source)

    return await db.transact(work, now=now, once=once, result=RedemptionRecorded)
