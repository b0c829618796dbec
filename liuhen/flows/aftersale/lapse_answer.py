"""A seller has let the time pass: his silence means what he agreed it to mean when he joined. The worker calls this."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.refunds.model import Author, CaseState
from liuhen.steps.approve import settle
from liuhen.steps.give_back import hold_money
from liuhen.steps.hold_case import Held, hold_silent, tell
from liuhen.steps.judge import Judged, Rules, claim_of, judge_seen
from liuhen.steps.record import PLATFORM, record


class LapseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Cases of one book."""

    book_id: UUID
    case_ids: Sequence[UUID]


class Lapsed(msgspec.Struct, frozen=True, kw_only=True):
    """free: cases whose order was not in other hands. states: of those that lapsed, the new one."""

    free: int
    states: Mapping[UUID, CaseState]


async def lapse_answer(db: Database, cmd: LapseAnswer, *, rules: Rules, now: datetime) -> Lapsed:
    """Policy decides what silence means: deemed approval, or a reviewer. At the very deadline nothing lapses yet.

    Some cases of one shop in one transaction, all of them or none; looks again under the lock.
    """

    async def work(tx: Tx) -> Lapsed:
        free, found = await hold_silent(tx, cmd.book_id, cmd.case_ids, now=now)
        await hold_money(tx, [(held.head, held.units, held.case.route) for held, _ in found])
        states = {}
        for held, seen in found:
            judged = judge_seen(rules, seen, claim_of(held.case), route=held.case.route, now=now)
            states[held.case.id] = await _lapse(tx, held, judged, rules, now)
        return Lapsed(free=free, states=states)

    return await db.transact(work, now=now)


async def _lapse(tx: Tx, held: Held, judged: Sequence[Judged], rules: Rules, now: datetime) -> CaseState:
    case = held.case
    due_at = case.due_at
    if due_at is None:
        raise LookupError("a case that awaits its seller has a deadline")
    data = {"case": case.id, "due_at": due_at, "silence_agreed": judged[0].facts.claim.seller.silence_agreed}
    await record(tx, case.book_id, case.order_id, PLATFORM, "ANSWER_LAPSED", data, now=now)
    await tell(tx, case, (Author.SELLER,), "ANSWER_LAPSED", {"due_at": due_at.isoformat()}, now=now)
    return await settle(tx, held, judged, silent=True, actor=PLATFORM, rules=rules, now=now)
