"""A review is overdue: admins see it and both sides are told. The deadline stays on display. The worker calls this."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.notices import store as notices
from liuhen.reads.staff import staff
from liuhen.refunds import store as refunds
from liuhen.refunds.model import CaseState
from liuhen.steps.hold_case import BOTH, hold_by_id, tell
from liuhen.steps.record import PLATFORM, record
from liuhen.timing.deadlines import is_over


class EscalateReview(msgspec.Struct, frozen=True, kw_only=True):
    book_id: UUID
    case_id: UUID


class Escalated(msgspec.Struct, frozen=True, kw_only=True):
    """done is False when there was nothing to do any more, or not yet."""

    done: bool
    state: CaseState


async def escalate_review(db: Database, cmd: EscalateReview, *, now: datetime) -> Escalated:
    """Raises NotFound. At the very deadline nothing is overdue yet."""

    async def work(tx: Tx) -> Escalated:
        held = await hold_by_id(tx, cmd.book_id, cmd.case_id)
        case = held.case
        if case.state is not CaseState.UNDER_REVIEW or case.due_at is None or not is_over(case.due_at, now):
            return Escalated(done=False, state=case.state)
        await refunds.escalate(tx, case)
        data = {"case": case.id, "due_at": case.due_at, "reviewer": case.reviewer_id}
        await record(tx, case.book_id, case.order_id, PLATFORM, "REVIEW_OVERDUE", data, now=now)
        words = {"case_no": case.case_no, "due_at": case.due_at.isoformat()}
        for party_id in await staff(tx):
            await notices.send(tx, party_id, "REVIEW_OVERDUE", words, case.link, now=now)
        await tell(tx, case, BOTH, "CASE_ESCALATED", {"due_at": case.due_at.isoformat()}, now=now)
        return Escalated(done=True, state=CaseState.ESCALATED)

    return await db.transact(work, now=now)
