"""A reviewer takes a case onto his desk. What is overdue, an admin may take over."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import StateConflict
from liuhen.refunds import store as refunds
from liuhen.refunds.model import IN_REVIEW, CaseState
from liuhen.steps.hold_case import hold_by_no, must_be, must_be_neutral
from liuhen.steps.record import Actor, record


class ClaimCase(msgspec.Struct, frozen=True, kw_only=True):
    """role: REVIEWER or ADMIN, as which he acts."""

    reviewer_id: UUID
    case_no: str
    role: str = "REVIEWER"


class CaseClaimed(msgspec.Struct, frozen=True, kw_only=True):
    case_no: str
    reviewer_id: UUID


async def claim_case(db: Database, cmd: ClaimCase, *, now: datetime, once: Once | None = None) -> CaseClaimed:
    """Raises NotFound, Forbidden (his own matter), StateConflict (not in review, or on another desk)."""

    async def work(tx: Tx) -> CaseClaimed:
        held = await hold_by_no(tx, cmd.case_no)
        case = held.case
        must_be_neutral(case, cmd.reviewer_id)
        must_be(case, *IN_REVIEW)
        other = case.reviewer_id not in (None, cmd.reviewer_id)
        if other and case.state is not CaseState.ESCALATED:
            raise StateConflict("another reviewer has this case", case_no=case.case_no)
        await refunds.claim(tx, case, cmd.reviewer_id, now=now)
        actor = Actor(cmd.role, cmd.reviewer_id)
        await record(tx, case.book_id, case.order_id, actor, "CASE_CLAIMED", {"case": case.id}, now=now)
        return CaseClaimed(case_no=case.case_no, reviewer_id=cmd.reviewer_id)

    return await db.transact(work, now=now, once=once, result=CaseClaimed)
