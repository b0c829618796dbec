"""A channel says that money is here. Whatever happens with it is decided now, once, and on record."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Database, Tx
from liuhen.base.errors import NotFound
from liuhen.base.ids import new_id
from liuhen.money import ledger, transfers
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import OrderState, PaidFrom
from liuhen.payments import store as payments
from liuhen.payments.model import Payment, PayState
from liuhen.payments.port import PaymentCaptured
from liuhen.steps.judge import Rules
from liuhen.steps.record import CHANNEL
from liuhen.steps.settle import pay_order, reopen, send_back


class Outcome(StrEnum):
    """DUPLICATE: seen before. SENT_BACK: the money pays for nothing and is on its way back by itself."""

    PAID = "PAID"
    TOPPED_UP = "TOPPED_UP"
    SENT_BACK = "SENT_BACK"
    DUPLICATE = "DUPLICATE"


class PaymentConfirmed(msgspec.Struct, frozen=True, kw_only=True):
    outcome: Outcome


async def confirm_payment(
    db: Database, channel: str, event: PaymentCaptured, *, body: bytes, rules: Rules, now: datetime
) -> PaymentConfirmed:
    """Parameters: event, verified by the door; body, the bytes that were signed, kept. Raises NotFound."""

    async def work(tx: Tx) -> PaymentConfirmed:
        place = await directory.find(tx, "payment", str(event.payment_id))
        if place is None:
            raise NotFound("no such payment")
        fresh = await payments.first_seen(tx, channel, event.event_id, kind="PAYMENT_CAPTURED", body=body, now=now)
        if not fresh:
            return PaymentConfirmed(outcome=Outcome.DUPLICATE)
        seen = await payments.find_payment(tx, place.book_id, place.id)
        if seen is None or seen.channel != channel:
            raise NotFound("no such payment")
        if seen.order_id is None:
            return PaymentConfirmed(outcome=await _top_up(tx, place.book_id, event, now=now))
        outcome = await _order(tx, seen, seen.order_id, event, rules=rules, now=now)
        return PaymentConfirmed(outcome=outcome)

    return await db.transact(work, now=now)


async def _captured(tx: Tx, payment: Payment, event: PaymentCaptured, *, now: datetime) -> Payment | None:
    """The captured payment: this one, or a second one if somebody paid the request twice. None: known already."""
    if payment.state is not PayState.CAPTURED:
        await payments.mark_captured(tx, payment, trade_no=event.trade_no, amount_fen=event.amount_fen, at=now)
        return await payments.lock_payment(tx, payment.book_id, payment.id)
    if await payments.is_known_trade(tx, payment, event.trade_no):
        return None
    second = new_id(now)
    await payments.insert_second(tx, payment, second, trade_no=event.trade_no, amount_fen=event.amount_fen, now=now)
    return await payments.lock_payment(tx, payment.book_id, second)


async def _top_up(tx: Tx, book_id: UUID, event: PaymentCaptured, *, now: datetime) -> Outcome:
    """Whatever amount came is the buyer's: also late, also twice."""
    payment = await _captured(tx, await payments.lock_payment(tx, book_id, event.payment_id), event, now=now)
    if payment is None:
        return Outcome.DUPLICATE
    await payments.fund_balance(
        tx,
        book_id,
        payment_book_id=book_id,
        payment_id=payment.id,
        amount_fen=payment.amount_fen,
        now=now,
    )
    await notices.send(tx, book_id, "TOPPED_UP", {"amount_fen": payment.amount_fen}, "/balance", now=now)
    await ledger.post(tx, transfers.top_up(book_id, payment.amount_fen, payment.id), order_id=None, now=now)
    return Outcome.TOPPED_UP


async def _order(
    tx: Tx, seen: Payment, order_id: UUID, event: PaymentCaptured, *, rules: Rules, now: datetime
) -> Outcome:
    head = await orders.lock(tx, seen.book_id, order_id)
    first = await payments.lock_payment(tx, seen.book_id, seen.id)
    payment = await _captured(tx, first, event, now=now)
    if payment is None:
        return Outcome.DUPLICATE
    rulebook = rules.of(head.created_at)
    if payment.id != first.id or head.state is OrderState.PAID:
        why = "TWICE"
    elif payment.amount_fen != head.total_fen:
        why = "WRONG_AMOUNT"
    elif head.state is not OrderState.AWAITING_PAYMENT and not await reopen(tx, head, rulebook, now=now):
        why = "LATE"
    else:
        await pay_order(tx, head, PaidFrom.CHANNEL, payment.id, CHANNEL, rules=rules, now=now)
        return Outcome.PAID
    await send_back(tx, head, payment.id, payment.amount_fen, why=why, trade_no=event.trade_no, now=now)
    await payments.add_refunded(tx, payment, payment.amount_fen)
    await ledger.post(
        tx, transfers.capture_late(head.book_id, payment.amount_fen, payment.id), order_id=head.id, now=now
    )
    return Outcome.SENT_BACK
