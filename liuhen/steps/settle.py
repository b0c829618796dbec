"""What money for an order does when it is here: pays it, pays it late, or goes back by itself."""

from datetime import date, datetime, timedelta
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.base.errors import OutOfStock
from liuhen.base.ids import new_id, short_no
from liuhen.money import ledger, transfers
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import ORDER_STEPS, OrderHead, OrderState, PaidFrom, Unit
from liuhen.payments import store as payments
from liuhen.payments.model import Purpose, Refund, RefundKind, SendState
from liuhen.policy.rulebook import Rulebook
from liuhen.steps.deliver import deliver_paid
from liuhen.steps.judge import Rules
from liuhen.steps.record import CHANNEL, PLATFORM, Actor, buyer, record
from liuhen.stock import store as stock

_SHANGHAI = timedelta(hours=8)


def sellable_on(now: datetime, min_validity_days: int, rulebook: Rulebook) -> date:
    """A key must still be good on this day (Shanghai) to be sold now: also when it is paid for at the last moment."""
    return (now + reserved_for(rulebook) + _SHANGHAI).date() + timedelta(days=min_validity_days)


def reserved_for(rulebook: Rulebook) -> timedelta:
    """How long an unpaid order keeps its stock."""
    return timedelta(seconds=rulebook.value("reservation"))


async def reserve_lines(tx: Tx, head: OrderHead, units: list[Unit], rulebook: Rulebook, *, now: datetime) -> None:
    """Reserves keys for every line that delivers itself. Raises OutOfStock."""
    for line in await orders.lines(tx, head.book_id, head.id):
        if line["delivery"] == "AUTO":
            ids = [unit.id for unit in units if unit.line_no == line["line_no"]]
            day = sellable_on(now, line["min_validity_days"], rulebook)
            await stock.take(tx, head.book_id, line["product_id"], ids, valid_on=day, now=now)


async def pay_order(
    tx: Tx,
    head: OrderHead,
    paid_from: PaidFrom,
    payment_id: UUID,
    actor: Actor,
    *,
    rules: Rules,
    now: datetime,
) -> None:
    """Holds the money in escrow and delivers. The order is locked and awaits payment (or was just reopened).

    Raises InsufficientBalance when paid from a balance that is too small: nothing happened then.
    """
    ORDER_STEPS.step(head.state, OrderState.PAID)
    units = await orders.lock_units(tx, head.book_id, head.id)
    await orders.mark_paid(tx, head, paid_from, now=now)
    await tell_payment(tx, head, paid_from, payment_id, actor, now=now)
    await deliver_paid(tx, head, units, rules.of(head.created_at), now=now)
    if paid_from is PaidFrom.BALANCE:
        moves = transfers.pay_from_balance(head.buyer_id, head.book_id, head.total_fen, payment_id)
    else:
        moves = transfers.capture(head.book_id, head.total_fen, payment_id)
    await ledger.post(tx, moves, order_id=head.id, now=now)


async def tell_payment(
    tx: Tx, head: OrderHead, paid_from: PaidFrom, payment_id: UUID, actor: Actor, *, now: datetime
) -> None:
    """The payment goes on record."""
    data = {"payment": payment_id, "amount_fen": head.total_fen, "from": paid_from}
    await record(tx, head.book_id, head.id, actor, "PAID", data, now=now)


async def note_balance_payment(tx: Tx, head: OrderHead, *, now: datetime) -> UUID:
    """The payment of an order by its buyer's balance, captured. Returns its id."""
    payment_id = new_id(now)
    await payments.insert_payment(
        tx,
        head.book_id,
        payment_id,
        purpose=Purpose.ORDER,
        order_id=head.id,
        party_id=head.buyer_id,
        channel=None,
        amount_fen=head.total_fen,
        captured=True,
        expires_at=None,
        now=now,
    )
    return payment_id


async def pay_from_balance(tx: Tx, head: OrderHead, *, rules: Rules, now: datetime) -> UUID:
    """The buyer's balance pays the order, locked, at once. Returns the payment's id. Raises InsufficientBalance."""
    payment_id = await note_balance_payment(tx, head, now=now)
    actor = buyer(head.buyer_id)
    await pay_order(tx, head, PaidFrom.BALANCE, payment_id, actor, rules=rules, now=now)
    return payment_id


async def reopen(tx: Tx, head: OrderHead, rulebook: Rulebook, *, now: datetime) -> bool:
    """Money for a closed order: do the rules still deliver, and are its goods to be had? Reserves them again if so."""
    if not rulebook.value("late_payment_delivers"):
        return False
    units = await orders.lock_units(tx, head.book_id, head.id)
    try:
        async with tx.savepoint():
            await orders.reopen_units(tx, head)
            await reserve_lines(tx, head, units, rulebook, now=now)
    except OutOfStock:
        return False
    return True


async def send_back(
    tx: Tx, head: OrderHead, payment_id: UUID, amount_fen: int, *, why: str, trade_no: str, now: datetime
) -> UUID:
    """Captured money that pays for nothing goes back the way it came, on record, without anybody asking.

    Parameters: why, LATE, TWICE or WRONG_AMOUNT; amount_fen, fen. Returns the refund's id.
    """
    refund_id = new_id(now)
    refund_no = short_no("TF", now)
    await payments.insert_refund(
        tx,
        Refund(
            book_id=head.book_id,
            id=refund_id,
            refund_no=refund_no,
            kind=RefundKind.LATE_PAYMENT,
            order_id=head.id,
            party_id=head.buyer_id,
            route="ORIGINAL",
            payment_book_id=head.book_id,
            payment_id=payment_id,
            amount_fen=amount_fen,
            state=SendState.APPROVED,
            due_at=now,
            approved_at=now,
        ),
    )
    data = {"payment": payment_id, "amount_fen": amount_fen, "trade_no": trade_no, "why": why}
    await record(tx, head.book_id, head.id, CHANNEL, "MONEY_NOT_USED", data, now=now)
    back = {
        "refund": refund_id,
        "refund_no": refund_no,
        "amount_fen": amount_fen,
        "route": "ORIGINAL",
        "why": why,
    }
    await record(tx, head.book_id, head.id, PLATFORM, "REFUND_APPROVED", back, now=now)
    await notices.send(
        tx,
        head.buyer_id,
        "MONEY_SENT_BACK",
        {"order_no": head.order_no, "amount_fen": amount_fen, "why": why},
        f"/orders/{head.order_no}",
        now=now,
    )
    return refund_id
