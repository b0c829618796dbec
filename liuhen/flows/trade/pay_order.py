"""A buyer pays an order from his balance: hold, deliver, record, all or nothing."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import StateConflict
from liuhen.orders import store as orders
from liuhen.orders.model import OrderState
from liuhen.steps.judge import Rules
from liuhen.steps.settle import pay_from_balance


class PayOrder(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID


class OrderPaid(msgspec.Struct, frozen=True, kw_only=True):
    order_no: str
    payment_id: UUID


async def pay_order(db: Database, cmd: PayOrder, *, rules: Rules, now: datetime, once: Once | None = None) -> OrderPaid:
    """Raises NotFound, StateConflict (not awaiting payment, or its time is up), InsufficientBalance."""

    async def work(tx: Tx) -> OrderPaid:
        head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        if head.state is not OrderState.AWAITING_PAYMENT or head.pay_due_at is None or now > head.pay_due_at:
            raise StateConflict("this order no longer awaits payment", state=str(head.state))
        payment_id = await pay_from_balance(tx, head, rules=rules, now=now)
        return OrderPaid(order_no=head.order_no, payment_id=payment_id)

    return await db.transact(work, now=now, once=once, result=OrderPaid)
