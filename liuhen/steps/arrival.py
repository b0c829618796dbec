"""A refund over a channel arrived, or can't be paid. The refund row is locked by the caller."""

from datetime import datetime

from liuhen.base.db import Tx
from liuhen.money import ledger, transfers
from liuhen.money.accounts import AccountKind
from liuhen.money.transfers import Transfer
from liuhen.notices import store as notices
from liuhen.payments import store as payments
from liuhen.payments.model import Payment, Refund, RefundKind, SendState
from liuhen.steps.record import CHANNEL, record

_PAYOUT_ACCOUNTS = (
    AccountKind.BUYER_BALANCE,
    AccountKind.CHANNEL_CLEARING,
    AccountKind.REFUND_DUE,
    AccountKind.SELLER_DEBT,
    AccountKind.SELLER_PAYABLE,
)


async def arrive(tx: Tx, refund: Refund, *, channel_refund_no: str, now: datetime) -> None:
    """Books the arrival once; the transition table refuses a second time."""
    await payments.set_refund(tx, refund, SendState.ARRIVED, due_at=None, channel_refund_no=channel_refund_no, now=now)
    words = {"amount_fen": refund.amount_fen, "refund_no": refund.refund_no}
    await notices.send(tx, refund.party_id, "REFUND_ARRIVED", words, await _link(tx, refund), now=now)
    await say(tx, refund, "REFUND_ARRIVED", now=now)
    moves = transfers.arrived(refund.book_id, refund.amount_fen, refund.id)
    if refund.state is SendState.FAILED and refund.kind is RefundKind.PAYOUT:
        moves = await _take_again(tx, refund) + moves
    await ledger.post(tx, moves, order_id=refund.order_id, now=now)


async def fail(tx: Tx, refund: Refund, detail: str, *, now: datetime) -> None:
    """A payout that can't be paid is back in the balance at once; a refund stays due and staff see it."""
    await payments.set_refund(tx, refund, SendState.FAILED, due_at=None, error=detail, now=now)
    await say(tx, refund, "REFUND_FAILED", now=now)
    words = {"amount_fen": refund.amount_fen, "refund_no": refund.refund_no}
    await notices.send(tx, refund.party_id, "REFUND_FAILED", words, await _link(tx, refund), now=now)
    if refund.kind is RefundKind.PAYOUT and refund.funding_id is not None:
        await payments.use_funding(tx, refund.party_id, refund.funding_id, -refund.amount_fen)
        if (payment := await _topped_up(tx, refund)) is not None:
            await payments.add_refunded(tx, payment, -refund.amount_fen)
        moves = transfers.bounced_payout(refund.book_id, refund.amount_fen, refund.id)
        await ledger.post(tx, moves, order_id=None, now=now)


async def say(tx: Tx, refund: Refund, kind: str, *, now: datetime) -> None:
    """A refund for an order leaves its mark in the order's chain; a payout has no order."""
    if refund.order_id is not None:
        data = {"refund": refund.id, "amount_fen": refund.amount_fen}
        await record(tx, refund.book_id, refund.order_id, CHANNEL, kind, data, now=now)


async def _take_again(tx: Tx, refund: Refund) -> list[Transfer]:
    """Undoes what `fail` gave back. It may have been spent or sent out again since: then less is left to take."""
    if refund.funding_id is not None:
        await payments.use_what_is_left(tx, refund.party_id, refund.funding_id, refund.amount_fen)
    if (payment := await _topped_up(tx, refund)) is not None:
        again = min(refund.amount_fen, payment.amount_fen - payment.refunded_fen)
        await payments.add_refunded(tx, payment, again)
    touched = [(refund.book_id, kind) for kind in _PAYOUT_ACCOUNTS]
    held = await ledger.lock(tx, touched, order_id=refund.order_id)
    balance, payable = (held[refund.book_id, kind] for kind in (AccountKind.BUYER_BALANCE, AccountKind.SELLER_PAYABLE))
    return transfers.arrived_after_all(refund.book_id, refund.amount_fen, balance, payable, refund.id)


async def _topped_up(tx: Tx, refund: Refund) -> Payment | None:
    """The top-up that a payout goes back to. An order's payment was charged when its refund went to the balance."""
    if refund.payment_book_id != refund.book_id or refund.payment_id is None:
        return None
    return await payments.lock_payment(tx, refund.book_id, refund.payment_id)


async def _link(tx: Tx, refund: Refund) -> str:
    if refund.order_id is None:
        return "/balance"
    return f"/orders/{await payments.order_no(tx, refund.book_id, refund.order_id)}"
