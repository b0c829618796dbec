"""Balance goes back the way it came: newest top-ups first, one refund per payment it came from. No fee."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Row, Tx
from liuhen.base.errors import InsufficientBalance, InvalidInput
from liuhen.base.ids import new_id, short_no
from liuhen.money import ledger, transfers
from liuhen.payments import store as payments
from liuhen.payments.model import Purpose, Refund, RefundKind, SendState


class PayOut(msgspec.Struct, frozen=True, kw_only=True):
    party_id: UUID
    amount_fen: int


class PayoutPart(msgspec.Struct, frozen=True, kw_only=True):
    refund_no: str
    amount_fen: int


class PaidOut(msgspec.Struct, frozen=True, kw_only=True):
    parts: list[PayoutPart]


async def pay_out(db: Database, cmd: PayOut, *, now: datetime, once: Once | None = None) -> PaidOut:
    """Raises InvalidInput, InsufficientBalance (`returnable_fen` says how much can still go back the way it came)."""
    if cmd.amount_fen < 1:
        raise InvalidInput("an amount above zero", fields={"amount": ("range", 1, 0)})

    async def work(tx: Tx) -> PaidOut:
        fundings = await payments.lock_fundings(tx, cmd.party_id)
        returnable = sum(row["remaining_fen"] for row in fundings)
        if returnable < cmd.amount_fen:
            raise InsufficientBalance(asked_fen=cmd.amount_fen, returnable_fen=returnable)
        left, parts = cmd.amount_fen, []
        moves = []
        for row in fundings:
            take = min(left, row["remaining_fen"])
            if take == 0:
                break
            refund = await _send_back(tx, cmd.party_id, row, take, now=now)
            moves += transfers.pay_out(cmd.party_id, take, refund.id)
            parts.append(PayoutPart(refund_no=refund.refund_no, amount_fen=take))
            left -= take
        await ledger.post(tx, moves, order_id=None, now=now)
        return PaidOut(parts=parts)

    return await db.transact(work, now=now, once=once, result=PaidOut)


async def _send_back(tx: Tx, party_id: UUID, funding: Row, amount_fen: int, *, now: datetime) -> Refund:
    payment = await payments.lock_payment(tx, funding["payment_book_id"], funding["payment_id"])
    refund = Refund(
        book_id=party_id,
        id=new_id(now),
        refund_no=short_no("TX", now),
        kind=RefundKind.PAYOUT,
        party_id=party_id,
        route="ORIGINAL",
        payment_book_id=payment.book_id,
        payment_id=payment.id,
        funding_id=funding["id"],
        amount_fen=amount_fen,
        state=SendState.APPROVED,
        due_at=now,
        approved_at=now,
    )
    # An order's payment was already charged with this amount when its refund went to the balance.
    if payment.purpose is Purpose.TOP_UP:
        await payments.add_refunded(tx, payment, amount_fen)
    await payments.use_funding(tx, party_id, funding["id"], amount_fen)
    await payments.insert_refund(tx, refund)
    return refund
