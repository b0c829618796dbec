"""A seller has let the time pass: his silence means what he agreed it to mean when he joined. The worker calls this."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.refunds.model import Author, CaseState
from liuhen.steps.approve import settle
from liuhen.steps.hold_case import hold_by_id, tell
from liuhen.steps.judge import Rules, judge_case
from liuhen.steps.record import PLATFORM, record
from liuhen.timing.deadlines import is_over


class LapseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    book_id: UUID
    case_id: UUID


class Lapsed(msgspec.Struct, frozen=True, kw_only=True):
    """done is False when there was nothing to do any more, or not yet."""

    done: bool
    state: CaseState


async def lapse_answer(db: Database, cmd: LapseAnswer, *, rules: Rules, now: datetime) -> Lapsed:
    """Policy decides what silence means: deemed approval, or a reviewer. At the very deadline nothing lapses yet."""

    async def work(tx: Tx) -> Lapsed:
        held = await hold_by_id(tx, cmd.book_id, cmd.case_id)
        case = held.case
        if case.state is not CaseState.AWAITING_SELLER or case.due_at is None or not is_over(case.due_at, now):
            return Lapsed(done=False, state=case.state)
        judged = await judge_case(tx, rules, held.head, case, held.parts, now=now)
        data = {
            "case": case.id,
            "due_at": case.due_at,
            "silence_agreed": judged[0].facts.claim.seller.silence_agreed,
        }
        await record(tx, case.book_id, case.order_id, PLATFORM, "ANSWER_LAPSED", data, now=now)
        await tell(tx, case, (Author.SELLER,), "ANSWER_LAPSED", {"due_at": case.due_at.isoformat()}, now=now)
        state = await settle(tx, held, judged, silent=True, actor=PLATFORM, rules=rules, now=now)
        return Lapsed(done=True, state=state)

    return await db.transact(work, now=now)
