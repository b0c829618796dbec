"""An admin lets a refund that the channel refused go out once more, under the same request number, with a reason."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, StateConflict
from liuhen.base.ids import new_id
from liuhen.parties import model
from liuhen.parties import store as parties
from liuhen.parties.model import Role
from liuhen.payments import store as payments
from liuhen.payments.model import SEND_STEPS, RefundKind, SendState
from liuhen.steps.record import Actor, record


class RetryRefund(msgspec.Struct, frozen=True, kw_only=True):
    admin_id: UUID
    book_id: UUID
    refund_id: UUID
    reason: str


class RefundRetried(msgspec.Struct, frozen=True, kw_only=True):
    refund_no: str
    amount_fen: int


async def retry_refund(db: Database, cmd: RetryRefund, *, now: datetime, once: Once | None = None) -> RefundRetried:
    """Raises Forbidden, NotFound, InvalidInput (no reason), StateConflict (it has not failed, or it was a payout,
    whose money is back in the balance already)."""
    reason = model.check_text(cmd.reason, "reason", model.REASON_LENGTH)

    async def work(tx: Tx) -> RefundRetried:
        if Role.ADMIN not in (await parties.find(tx, cmd.admin_id)).roles:
            raise Forbidden("admins alone")
        refund = await payments.lock_refund(tx, cmd.book_id, cmd.refund_id)
        if refund.state is not SendState.FAILED or refund.kind is RefundKind.PAYOUT:
            raise StateConflict("only a failed refund can go out again", state=str(refund.state))
        SEND_STEPS.step(refund.state, SendState.APPROVED)
        await payments.resend(tx, refund, due_at=now)
        data = {"refund_no": refund.refund_no, "amount_fen": refund.amount_fen, "refused_with": refund.last_error}
        await parties.add_staff_act(tx, refund.book_id, new_id(now), cmd.admin_id, "RETRY_REFUND", reason, data, now)
        if refund.order_id is not None:
            told = {"refund": refund.id, "amount_fen": refund.amount_fen}
            actor = Actor("ADMIN", cmd.admin_id)
            await record(tx, refund.book_id, refund.order_id, actor, "REFUND_RETRIED", told, now=now)
        return RefundRetried(refund_no=refund.refund_no, amount_fen=refund.amount_fen)

    return await db.transact(work, now=now, once=once, result=RefundRetried)
