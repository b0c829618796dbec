"""A buyer has not brought what he was asked for in time: policy says what follows. The worker calls this."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.refunds.model import Author, CaseState
from liuhen.steps.approve import approve, reject, to_review
from liuhen.steps.hold_case import hold_by_id, tell
from liuhen.steps.judge import DECIDERS, Rules, joint_fate, judge_case, review_due
from liuhen.steps.record import PLATFORM, record
from liuhen.timing.deadlines import is_over


class LapseEvidence(msgspec.Struct, frozen=True, kw_only=True):
    book_id: UUID
    case_id: UUID


class EvidenceLapsed(msgspec.Struct, frozen=True, kw_only=True):
    """done is False when there was nothing to do any more, or not yet."""

    done: bool
    state: CaseState


async def lapse_evidence(db: Database, cmd: LapseEvidence, *, rules: Rules, now: datetime) -> EvidenceLapsed:
    """Refused with a way to a person, or back to the reviewer, as policy decides. At the very deadline nothing lapses.

    A buyer who has asked for a person gets one: his case goes back to the desk (个保法 24(3)). Raises NotFound.
    """

    async def work(tx: Tx) -> EvidenceLapsed:
        held = await hold_by_id(tx, cmd.book_id, cmd.case_id)
        case = held.case
        if case.state is not CaseState.AWAITING_BUYER or case.due_at is None or not is_over(case.due_at, now):
            return EvidenceLapsed(done=False, state=case.state)
        data = {"case": case.id, "due_at": case.due_at}
        await record(tx, case.book_id, case.order_id, PLATFORM, "EVIDENCE_LAPSED", data, now=now)
        await tell(tx, case, (Author.BUYER,), "EVIDENCE_LAPSED", {"due_at": case.due_at.isoformat()}, now=now)
        judged = await judge_case(tx, rules, held.head, case, held.parts, now=now)
        state = joint_fate(judged)
        by = DECIDERS[judged[0].decision.decided_by]
        match state:
            case CaseState.APPROVED:
                await approve(tx, held, judged, by=by, now=now)
            case CaseState.REJECTED:
                await reject(tx, held, judged, by=by, now=now)
            case _:
                state = CaseState.UNDER_REVIEW
                await to_review(tx, held, judged, rules=rules, due=review_due(rules, held.head, now), now=now)
        return EvidenceLapsed(done=True, state=state)

    return await db.transact(work, now=now)
