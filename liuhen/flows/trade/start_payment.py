"""A buyer goes to a payment channel: the row exists before he leaves, and one order has one open request."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import StateConflict
from liuhen.base.ids import new_id
from liuhen.orders import store as orders
from liuhen.orders.model import OrderState
from liuhen.payments import store as payments
from liuhen.payments.model import Purpose
from liuhen.steps.record import buyer, record


class StartPayment(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID
    channel: str


class PaymentStarted(msgspec.Struct, frozen=True, kw_only=True):
    """What the door needs for the channel's pay page. Amount fen, time UTC."""

    payment_id: UUID
    order_no: str
    amount_fen: int
    expires_at: datetime


async def start_payment(db: Database, cmd: StartPayment, *, now: datetime, once: Once | None = None) -> PaymentStarted:
    """Asked again, gives the request that is open. Raises NotFound, StateConflict."""

    async def work(tx: Tx) -> PaymentStarted:
        head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        if head.state is not OrderState.AWAITING_PAYMENT or head.pay_due_at is None or now > head.pay_due_at:
            raise StateConflict("this order no longer awaits payment", state=str(head.state))
        open_request = await payments.pending_of_order(tx, head.book_id, head.id)
        if open_request is not None and open_request.channel == cmd.channel:
            payment_id = open_request.id
        else:
            payment_id = new_id(now)
            await payments.insert_payment(
                tx,
                head.book_id,
                payment_id,
                purpose=Purpose.ORDER,
                order_id=head.id,
                party_id=head.buyer_id,
                channel=cmd.channel,
                amount_fen=head.total_fen,
                captured=False,
                expires_at=head.pay_due_at,
                now=now,
            )
            await directory.put(tx, "payment", str(payment_id), head.book_id, payment_id)
            data = {"payment": payment_id, "channel": cmd.channel, "amount_fen": head.total_fen}
            await record(tx, head.book_id, head.id, buyer(head.buyer_id), "PAYMENT_STARTED", data, now=now)
        return PaymentStarted(
            payment_id=payment_id,
            order_no=head.order_no,
            amount_fen=head.total_fen,
            expires_at=head.pay_due_at,
        )

    return await db.transact(work, now=now, once=once, result=PaymentStarted)
