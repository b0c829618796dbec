"""A balance is topped up over a channel; the row exists before the buyer leaves for the channel's page."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Frozen, InvalidInput
from liuhen.base.ids import new_id
from liuhen.parties import store as parties
from liuhen.payments import store as payments
from liuhen.payments.model import Purpose

LOW_FEN, HIGH_FEN = 1_00, 50_000_00
OPEN_FOR = timedelta(minutes=15)


class TopUp(msgspec.Struct, frozen=True, kw_only=True):
    party_id: UUID
    amount_fen: int
    channel: str


class TopUpStarted(msgspec.Struct, frozen=True, kw_only=True):
    payment_id: UUID
    amount_fen: int
    expires_at: datetime


async def top_up(db: Database, cmd: TopUp, *, now: datetime, once: Once | None = None) -> TopUpStarted:
    """Raises InvalidInput (1 to 50,000 yuan), Frozen. The balance grows when the channel confirms."""
    if not LOW_FEN <= cmd.amount_fen <= HIGH_FEN:
        raise InvalidInput("1 to 50,000 yuan at a time", fields={"amount": ("range", LOW_FEN, HIGH_FEN)})

    async def work(tx: Tx) -> TopUpStarted:
        if (await parties.find(tx, cmd.party_id)).frozen_at is not None:
            raise Frozen()
        payment_id = new_id(now)
        await payments.insert_payment(
            tx,
            cmd.party_id,
            payment_id,
            purpose=Purpose.TOP_UP,
            order_id=None,
            party_id=cmd.party_id,
            channel=cmd.channel,
            amount_fen=cmd.amount_fen,
            captured=False,
            expires_at=now + OPEN_FOR,
            now=now,
        )
        await directory.put(tx, "payment", str(payment_id), cmd.party_id, payment_id)
        return TopUpStarted(payment_id=payment_id, amount_fen=cmd.amount_fen, expires_at=now + OPEN_FOR)

    return await db.transact(work, now=now, once=once, result=TopUpStarted)
