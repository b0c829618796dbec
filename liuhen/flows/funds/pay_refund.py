"""An approved refund goes out over its channel: intent (recorded before) → call → answer, no call in a transaction.

The refund's own id is the request number, so a crash between call and answer ends in asking again, not in paying twice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.base.faults import point
from liuhen.payments import store as payments
from liuhen.payments.model import Refund, SendState
from liuhen.payments.port import AnswerState, Channel, RefundState
from liuhen.steps.arrival import arrive, fail, say

_PAUSES = (5, 15, 60, 300, 900, 3600)  # seconds before the next try
_LOOK_AGAIN = timedelta(minutes=10)  # after sending: has the callback been lost?
_CLAIM = timedelta(seconds=30)  # another worker keeps off while one is calling


class RefundSent(msgspec.Struct, frozen=True, kw_only=True):
    """state after this try; None: nothing was due any more."""

    state: SendState | None


class _Intent(msgspec.Struct, frozen=True):
    refund: Refund
    channel: str
    trade_no: str


async def pay_refund(
    db: Database, book_id: UUID, refund_id: UUID, *, channels: Mapping[str, Channel], now: datetime
) -> RefundSent:
    """One try for one due refund. For the worker; safe to run twice or by two workers."""
    intent = await db.transact(lambda tx: _claim(tx, book_id, refund_id, now), now=now)
    if intent is None:
        return RefundSent(state=None)
    channel = channels[intent.channel]
    if intent.refund.state is SendState.SENT:
        return RefundSent(state=await _look(db, intent, channel, now=now))
    point("pay_refund.claim_and_call")
    answer = await channel.refund(
        refund_id=refund_id,
        trade_no=intent.trade_no,
        amount_fen=intent.refund.amount_fen,
        reason=intent.refund.refund_no,
        now=now,
    )
    point("pay_refund.call_and_answer")

    async def note(tx: Tx) -> SendState:
        refund = await payments.lock_refund(tx, book_id, refund_id)
        if refund.state is not SendState.APPROVED:  # the callback was faster than the answer
            return refund.state
        if answer.state is AnswerState.ACCEPTED:
            await payments.set_refund(
                tx,
                refund,
                SendState.SENT,
                due_at=now + _LOOK_AGAIN,
                channel_refund_no=answer.channel_refund_no,
                now=now,
            )
            await say(tx, refund, "REFUND_SENT", now=now)
            return SendState.SENT
        if answer.state is AnswerState.REJECTED:
            await fail(tx, refund, answer.detail, now=now)
            return SendState.FAILED
        pause = timedelta(seconds=_PAUSES[min(refund.attempts, len(_PAUSES) - 1)])
        await payments.set_refund(
            tx, refund, SendState.APPROVED, due_at=now + pause, error=answer.detail or "no answer", now=now
        )
        return SendState.APPROVED

    return RefundSent(state=await db.transact(note, now=now))


async def _claim(tx: Tx, book_id: UUID, refund_id: UUID, now: datetime) -> _Intent | None:
    refund = await payments.lock_refund(tx, book_id, refund_id)
    if refund.due_at is None or refund.due_at > now:
        return None
    if refund.state not in (SendState.APPROVED, SendState.SENT):
        return None
    await payments.postpone(tx, refund, now + _CLAIM)
    row = await payments.refund_channel(tx, refund)
    return _Intent(refund, row["channel"], row["trade_no"])


async def _look(db: Database, intent: _Intent, channel: Channel, *, now: datetime) -> SendState:
    """Sent long ago and no word: ask. A channel that has never heard of it gets it again, under the same id."""
    point("pay_refund.claim_and_query")
    status = await channel.query_refund(refund_id=intent.refund.id, now=now)
    point("pay_refund.query_and_answer")

    async def note(tx: Tx) -> SendState:
        refund = await payments.lock_refund(tx, intent.refund.book_id, intent.refund.id)
        if refund.state is not SendState.SENT:
            return refund.state
        if status.state is RefundState.ARRIVED and status.amount_fen != refund.amount_fen:
            await payments.note_error(tx, refund, f"the channel speaks of {status.amount_fen} fen")
            await payments.postpone(tx, refund, now + _LOOK_AGAIN)
            return SendState.SENT
        if status.state is RefundState.ARRIVED:
            await arrive(tx, refund, channel_refund_no=status.channel_refund_no, now=now)
            return SendState.ARRIVED
        if status.state is RefundState.FAILED:
            await fail(tx, refund, status.detail, now=now)
            return SendState.FAILED
        again = now if status.state is RefundState.NOT_FOUND else now + _LOOK_AGAIN
        if status.state is RefundState.NOT_FOUND:
            await payments.resend(tx, refund, due_at=again)
            return SendState.APPROVED
        await payments.postpone(tx, refund, again)
        return SendState.SENT

    return await db.transact(note, now=now)
