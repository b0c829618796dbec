"""A seller says that he has begun the work on what he delivers by hand. From then on a cancellation is for a person.

What was begun for the buyer is not undone for nothing (民法典 787, 933). It stays the seller's word, beside its time.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import StateConflict
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import UnitState
from liuhen.steps.record import record, seller


class BeginWork(msgspec.Struct, frozen=True, kw_only=True):
    """All pieces of a line that wait for the seller's hand and are in no case."""

    seller_id: UUID
    order_id: UUID
    line_no: int


class WorkBegun(msgspec.Struct, frozen=True, kw_only=True):
    """pieces: of which it was said now, 0 if it had been said of all of them; begun_at: first time, UTC."""

    pieces: int
    begun_at: datetime


async def begin_work(db: Database, cmd: BeginWork, *, now: datetime, once: Once | None = None) -> WorkBegun:
    """Said once is said: a second time changes nothing.

    Raises NotFound for an order of another book, StateConflict where nothing of the line waits: it is not paid, it was
    delivered or refunded, or a case is open, in which the seller can say so himself.
    """

    async def work(tx: Tx) -> WorkBegun:
        head = await orders.lock(tx, cmd.seller_id, cmd.order_id)
        units = await orders.lock_units(tx, head.book_id, head.id)
        mine = [u for u in units if u.line_no == cmd.line_no and u.state is UnitState.TO_DELIVER and not u.case_open]
        if not mine:
            raise StateConflict("nothing of this line waits for the work")
        ids = [unit.id for unit in mine if unit.work_begun_at is None]
        first = min((unit.work_begun_at for unit in mine if unit.work_begun_at is not None), default=now)
        if not ids:
            return WorkBegun(pieces=0, begun_at=first)
        await orders.update_units(tx, head.book_id, ids, work_begun_at=now)
        line = next(row for row in await orders.lines(tx, head.book_id, head.id) if row["line_no"] == cmd.line_no)
        data = {"line": cmd.line_no, "units": ids}
        await record(tx, head.book_id, head.id, seller(cmd.seller_id), "WORK_BEGUN", data, now=now)
        words = {"order_no": head.order_no, "title": line["title"]}
        await notices.send(tx, head.buyer_id, "WORK_BEGUN", words, f"/orders/{head.order_no}", now=now)
        return WorkBegun(pieces=len(ids), begun_at=first)

    return await db.transact(work, now=now, once=once, result=WorkBegun)
