"""An unpaid order ends: cancelled by its buyer, or expired by the worker. The keys go back to the shelf."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import NotFound
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import ORDER_STEPS, OrderState
from liuhen.steps.record import PLATFORM, buyer, record
from liuhen.stock import store as stock
from liuhen.stock.model import KeyEvent


class CloseOrder(msgspec.Struct, frozen=True, kw_only=True):
    """buyer_id None: the worker, for an order whose time is up."""

    book_id: UUID
    order_id: UUID
    buyer_id: UUID | None = None


class OrderClosed(msgspec.Struct, frozen=True, kw_only=True):
    """closed is False when the order was paid or closed in between: nothing to do."""

    closed: bool


async def close_order(db: Database, cmd: CloseOrder, *, now: datetime, once: Once | None = None) -> OrderClosed:
    """Raises NotFound; for a buyer StateConflict if the order is paid or closed already."""

    async def work(tx: Tx) -> OrderClosed:
        head = await orders.lock(tx, cmd.book_id, cmd.order_id)
        if cmd.buyer_id is not None and head.buyer_id != cmd.buyer_id:
            raise NotFound("no such order")
        after = OrderState.EXPIRED if cmd.buyer_id is None else OrderState.CANCELLED
        if cmd.buyer_id is None:
            if head.state is not OrderState.AWAITING_PAYMENT or head.pay_due_at is None or now <= head.pay_due_at:
                return OrderClosed(closed=False)
        else:
            ORDER_STEPS.step(head.state, after)
        units = await orders.lock_units(tx, head.book_id, head.id)
        auto = {line["line_no"] for line in await orders.lines(tx, head.book_id, head.id) if line["delivery"] == "AUTO"}
        keyed = [unit.id for unit in units if unit.line_no in auto]
        if keyed:
            await stock.move(tx, head.book_id, keyed, KeyEvent.GIVEN_BACK, actor="PLATFORM", now=now)
        await orders.mark_closed(tx, head, after, now=now)
        actor = PLATFORM if cmd.buyer_id is None else buyer(cmd.buyer_id)
        await record(tx, head.book_id, head.id, actor, f"ORDER_{after}", {}, now=now)
        if cmd.buyer_id is None:
            words = {"order_no": head.order_no}
            await notices.send(tx, head.buyer_id, "ORDER_EXPIRED", words, f"/orders/{head.order_no}", now=now)
        return OrderClosed(closed=True)

    return await db.transact(work, now=now, once=once, result=OrderClosed)
