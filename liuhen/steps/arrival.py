"""A refund over a channel arrived, or can't be paid. The refund row is locked by the caller."""

from datetime import datetime

from liuhen.base.db import Tx
from liuhen.money import ledger, transfers
from liuhen.notices import store as notices
from liuhen.payments import store as payments
from liuhen.payments.model import SEND_STEPS, Refund, RefundKind, SendState
from liuhen.steps.record import CHANNEL, record


async def arrive(tx: Tx, refund: Refund, *, channel_refund_no: str, now: datetime) -> None:
    """Books the arrival once; the transition table refuses a second time."""
    SEND_STEPS.step(refund.state, SendState.ARRIVED)
    await payments.set_refund(tx, refund, SendState.ARRIVED, due_at=None, channel_refund_no=channel_refund_no, now=now)
    words = {"amount_fen": refund.amount_fen, "refund_no": refund.refund_no}
    await notices.send(tx, refund.party_id, "REFUND_ARRIVED", words, await _link(tx, refund), now=now)
    await say(tx, refund, "REFUND_ARRIVED", now=now)
    await ledger.post(
        tx, transfers.arrived(refund.book_id, refund.amount_fen, refund.id), order_id=refund.order_id, now=now
    )


async def fail(tx: Tx, refund: Refund, detail: str, *, now: datetime) -> None:
    """A payout that can't be paid is back in the balance at once; a refund stays due and staff see it."""
    SEND_STEPS.step(refund.state, SendState.FAILED)
    await payments.set_refund(tx, refund, SendState.FAILED, due_at=None, error=detail, now=now)
    await say(tx, refund, "REFUND_FAILED", now=now)
    words = {"amount_fen": refund.amount_fen, "refund_no": refund.refund_no}
    await notices.send(tx, refund.party_id, "REFUND_FAILED", words, await _link(tx, refund), now=now)
    if refund.kind is RefundKind.PAYOUT and refund.funding_id is not None:
        await payments.use_funding(tx, refund.party_id, refund.funding_id, -refund.amount_fen)
        if refund.payment_book_id == refund.book_id and refund.payment_id is not None:
            payment = await payments.lock_payment(tx, refund.payment_book_id, refund.payment_id)
            await payments.add_refunded(tx, payment, -refund.amount_fen)
        moves = transfers.bounced_payout(refund.book_id, refund.amount_fen, refund.id)
        await ledger.post(tx, moves, order_id=None, now=now)


async def say(tx: Tx, refund: Refund, kind: str, *, now: datetime) -> None:
    """A refund for an order leaves its mark in the order's chain; a payout has no order."""
    if refund.order_id is not None:
        data = {"refund": refund.id, "amount_fen": refund.amount_fen}
        await record(tx, refund.book_id, refund.order_id, CHANNEL, kind, data, now=now)


async def _link(tx: Tx, refund: Refund) -> str:
    if refund.order_id is None:
        return "/balance"
    return f"/orders/{await payments.order_no(tx, refund.book_id, refund.order_id)}"
