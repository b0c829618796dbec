"""What a buyer was asked for has come: the case goes back to its reviewer at once."""

from datetime import datetime

from msgspec.structs import replace

from liuhen.base.db import Tx
from liuhen.notices import store as notices
from liuhen.refunds import store as refunds
from liuhen.refunds.model import Author, CaseState
from liuhen.steps.approve import approve, to_review
from liuhen.steps.hold_case import Held, actor_of
from liuhen.steps.judge import DECIDERS, Rules, joint_fate, judge_case, review_due
from liuhen.steps.record import record


async def bring_evidence(tx: Tx, held: Held, side: Author, *, rules: Rules, now: datetime) -> CaseState:
    """After somebody has added words or a picture to a case. Does nothing unless it waits for its buyer and he did.

    Late material counts as long as the worker has not acted on the deadline. Whether it proves anything, a person says;
    only what the records have come to give by themselves is paid at once. Parameters: held, locked. Returns the state.
    """
    case = held.case
    if case.state is not CaseState.AWAITING_BUYER or side is not Author.BUYER:
        return case.state
    await refunds.bring_evidence(tx, case, now=now)
    held = held._replace(case=replace(case, evidence_brought_at=now))
    actor = actor_of(side, case.buyer_id)
    await record(tx, case.book_id, case.order_id, actor, "EVIDENCE_BROUGHT", {"case": case.id}, now=now)
    judged = await judge_case(tx, rules, held.head, held.case, held.parts, now=now)
    if joint_fate(judged) is CaseState.APPROVED:
        await approve(tx, held, judged, by=DECIDERS[judged[0].decision.decided_by], now=now)
        return CaseState.APPROVED
    await to_review(tx, held, judged, rules=rules, due=review_due(rules, held.head, now), now=now)
    if case.reviewer_id is not None:
        words: dict[str, object] = {"case_no": case.case_no, "order_no": held.head.order_no}
        await notices.send(tx, case.reviewer_id, "EVIDENCE_CAME", words, case.link, now=now)
    return CaseState.UNDER_REVIEW
