"""A payment request that ran out is closed, after the channel was asked: a lost callback must not lose money."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.base.faults import point
from liuhen.payments import store as payments
from liuhen.payments.model import PayState
from liuhen.payments.port import Channel, PaymentCaptured, PaymentState

_AGAIN = timedelta(minutes=5)


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """found: the channel has the money; the worker hands it to confirm_payment as if the callback had come."""

    closed: bool
    found: PaymentCaptured | None = None
    channel: str | None = None


async def close_payment(
    db: Database, book_id: UUID, payment_id: UUID, *, channels: Mapping[str, Channel], now: datetime
) -> Looked:
    """For the worker. Asks the channel, then closes what it knows to be unpaid; asks again later if it can't say."""
    async with db.read() as tx:
        payment = await payments.find_payment(tx, book_id, payment_id)
    if payment is None or payment.state is not PayState.PENDING or payment.channel is None:
        return Looked(closed=False)
    status = await channels[payment.channel].query_payment(payment_id=payment_id, now=now)
    if status.state is PaymentState.PAID:
        event = PaymentCaptured(
            event_id=f"query:{status.trade_no}",
            payment_id=payment_id,
            trade_no=status.trade_no,
            amount_fen=status.amount_fen,
            at=status.at or now,
        )
        return Looked(closed=False, found=event, channel=payment.channel)
    point("close_payment.query_and_close")

    async def work(tx: Tx) -> bool:
        if status.state is PaymentState.UNKNOWN:
            await payments.expect_until(tx, book_id, payment_id, now + _AGAIN)
            return False
        await payments.close_payment(tx, book_id, payment_id)
        return True

    return Looked(closed=await db.transact(work, now=now))
