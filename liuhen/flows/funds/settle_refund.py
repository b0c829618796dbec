"""A channel says that a refund arrived or can't be paid. Insert first, act once, in whatever order events come."""

from datetime import datetime
from enum import StrEnum

import msgspec

from liuhen.base import directory
from liuhen.base.db import Database, Tx
from liuhen.base.errors import NotFound
from liuhen.payments import store as payments
from liuhen.payments.model import Refund, SendState
from liuhen.payments.port import RefundArrived, RefundFailed
from liuhen.steps.arrival import arrive, fail


class Settled(StrEnum):
    """IGNORED: the refund is already where this event would take it, or beyond."""

    ARRIVED = "ARRIVED"
    FAILED = "FAILED"
    DUPLICATE = "DUPLICATE"
    IGNORED = "IGNORED"


class RefundSettled(msgspec.Struct, frozen=True, kw_only=True):
    outcome: Settled


async def settle_refund(
    db: Database, channel: str, event: RefundArrived | RefundFailed, *, body: bytes, now: datetime
) -> RefundSettled:
    """Parameters: event, verified by the door; body, the signed bytes, kept. Raises NotFound."""
    kind = "REFUND_ARRIVED" if isinstance(event, RefundArrived) else "REFUND_FAILED"

    async def work(tx: Tx) -> RefundSettled:
        place = await directory.find(tx, "refund", str(event.refund_id))
        if place is None:
            raise NotFound("no such refund")
        if not await payments.first_seen(tx, channel, event.event_id, kind=kind, body=body, now=now):
            return RefundSettled(outcome=Settled.DUPLICATE)
        refund = await payments.lock_refund(tx, place.book_id, place.id)
        if (await payments.refund_channel(tx, refund))["channel"] != channel:
            raise NotFound("no such refund")
        if (odd := _does_not_fit(refund, event)) is not None:
            await payments.note_error(tx, refund, odd)
            return RefundSettled(outcome=Settled.IGNORED)
        if refund.state is SendState.ARRIVED:
            return RefundSettled(outcome=Settled.IGNORED)
        if isinstance(event, RefundArrived):
            await arrive(tx, refund, channel_refund_no=event.channel_refund_no, now=now)
            return RefundSettled(outcome=Settled.ARRIVED)
        if refund.state is SendState.FAILED:
            return RefundSettled(outcome=Settled.IGNORED)
        await fail(tx, refund, event.detail, now=now)
        return RefundSettled(outcome=Settled.FAILED)

    return await db.transact(work, now=now)


def _does_not_fit(refund: Refund, event: RefundArrived | RefundFailed) -> str | None:
    """What no machine may act on, in words for staff."""
    if event.amount_fen != refund.amount_fen:
        return f"the channel speaks of {event.amount_fen} fen"
    if refund.state is SendState.ARRIVED and isinstance(event, RefundFailed):
        return f"the channel says failed after it said arrived: {event.detail}"
    return None
