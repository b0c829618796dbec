"""What the rules say about a case as it stands now, for the reviewer who is to decide it: reads, writes nothing."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database
from liuhen.policy.combine import combine
from liuhen.policy.decision import ClaimDecision, Decision
from liuhen.policy.rulebook import in_force
from liuhen.policy.whatif import with_changes
from liuhen.reads.refund_facts import owned_head
from liuhen.refunds import store as refunds
from liuhen.refunds.model import Case
from liuhen.steps.hold_case import must_be_neutral
from liuhen.steps.judge import Judged, Rules, judge_case, whole


class StudyCase(msgspec.Struct, frozen=True, kw_only=True):
    reviewer_id: UUID
    case_no: str


class CaseStudied(msgspec.Struct, frozen=True, kw_only=True):
    """judged: facts and decision unit by unit, in (line, piece) order. first: the first one, with what would change it.

    proposed_fen: what the rules give now, summed, where they give one answer; None where they leave a range.
    """

    case: Case
    judged: list[Judged]
    first: Decision
    joined: ClaimDecision
    proposed_fen: int | None


async def study_case(db: Database, cmd: StudyCase, *, rules: Rules, now: datetime) -> CaseStudied:
    """Raises NotFound, Forbidden (his own matter)."""
    async with db.read() as tx:
        case = await refunds.find(tx, cmd.case_no)
        must_be_neutral(case, cmd.reviewer_id)
        head = await owned_head(tx, case.book_id, case.order_id, case.buyer_id)
        parts = await refunds.units_of(tx, case.book_id, case.id)
        judged = await judge_case(tx, rules, head, case, parts, now=now)
    first = judged[0]
    rulebook = in_force(rules.rulebooks, head.created_at)
    joined = combine(whole(judged))
    sure = joined.amount_fen == joined.amount_max_fen
    return CaseStudied(
        case=case,
        judged=judged,
        first=with_changes(joined.units[0], first.facts, rulebook),
        joined=joined,
        proposed_fen=joined.amount_fen if sure else None,
    )
