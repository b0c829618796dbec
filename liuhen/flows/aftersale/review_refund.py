"""A reviewer rules on a case, with reasons and what he found clause by clause. Never in his own matter."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from liuhen.base.chain import commitment
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.money.amount import split_by
from liuhen.policy.clauses.registry import BY_ID
from liuhen.policy.decision import Mark
from liuhen.policy.facts.claim import Ruling
from liuhen.policy.facts.standing import Source, established
from liuhen.refunds import store as refunds
from liuhen.refunds.model import IN_REVIEW, MAX_NOTE, Author, CaseState, DecidedBy, NoteKind
from liuhen.steps.approve import approve, reject
from liuhen.steps.hold_case import Held, hold_by_no, must_be, must_be_neutral
from liuhen.steps.judge import Judged, Rules, claim_of, fate, joint_fate, judge_case
from liuhen.steps.record import Actor, record


class Finding(msgspec.Struct, frozen=True):
    """What the reviewer found on one clause (its id as on the rules page)."""

    clause: str
    mark: Mark


class ReviewRefund(msgspec.Struct, frozen=True, kw_only=True):
    """amount_fen: for all units together, needed with PARTLY alone. role: REVIEWER or ADMIN, as which he acts."""

    reviewer_id: UUID
    case_no: str
    ruling: Ruling
    reasons: str
    amount_fen: int | None = None
    findings: list[Finding] = []
    role: str = "REVIEWER"


class RefundReviewed(msgspec.Struct, frozen=True, kw_only=True):
    case_no: str
    state: CaseState
    approved_fen: int | None


async def review_refund(
    db: Database, cmd: ReviewRefund, *, rules: Rules, now: datetime, once: Once | None = None
) -> RefundReviewed:
    """Raises InvalidInput (no reasons, an amount beyond policy's range), NotFound, Forbidden (his own matter),
    StateConflict (not in review, on another desk, or the records alone decide otherwise)."""
    reasons = cmd.reasons.strip()
    _check(cmd, reasons)

    async def work(tx: Tx) -> RefundReviewed:
        held = await hold_by_no(tx, cmd.case_no)
        must_be_neutral(held.case, cmd.reviewer_id)
        must_be(held.case, *IN_REVIEW)
        if held.case.reviewer_id not in (None, cmd.reviewer_id):
            raise StateConflict("another reviewer has this case", case_no=cmd.case_no)
        if held.case.reviewer_id is None:
            await refunds.claim(tx, held.case, cmd.reviewer_id, now=now)
        judged = await _judge(tx, held, cmd, rules, now=now)
        await _write_ruling(tx, held, cmd, reasons, now=now)
        actor = Actor(cmd.role, cmd.reviewer_id)
        state = joint_fate(judged)
        if state is CaseState.APPROVED:
            await approve(tx, held, judged, by=DecidedBy.REVIEWER, actor=actor, now=now)
            paid = sum(item.decision.amount_fen for item in judged)
            return RefundReviewed(case_no=cmd.case_no, state=state, approved_fen=paid)
        await reject(tx, held, judged, by=DecidedBy.REVIEWER, actor=actor, now=now)
        return RefundReviewed(case_no=cmd.case_no, state=CaseState.REJECTED, approved_fen=None)

    return await db.transact(work, now=now, once=once, result=RefundReviewed)


def _check(cmd: ReviewRefund, reasons: str) -> None:
    if not 1 <= len(reasons) <= MAX_NOTE:
        raise InvalidInput("give your reasons", fields={"reasons": ("length", 1, MAX_NOTE)})
    if (cmd.ruling is Ruling.PARTLY) != (cmd.amount_fen is not None):
        raise InvalidInput("an amount belongs to a part, and to nothing else", fields={"amount": ("needed", 1, 1)})
    if any(item.clause not in BY_ID for item in cmd.findings) or len(cmd.findings) > len(BY_ID):
        # They go into the chain as they are: names of clauses, never words.
        raise InvalidInput("findings name clauses of the rules", fields={"findings": ("unknown", 0, len(BY_ID))})
    if cmd.amount_fen is not None and cmd.amount_fen < 1:
        raise InvalidInput("a part is at least one fen", fields={"amount": ("least", 1, 1)})


async def _judge(tx: Tx, held: Held, cmd: ReviewRefund, rules: Rules, *, now: datetime) -> list[Judged]:
    """Policy's decision on the ruling. The records stand above it: what they give, no reviewer takes away."""
    before = await judge_case(tx, rules, held.head, held.case, held.parts, now=now)
    claim = replace(claim_of(held.case), ruling=established(cmd.ruling, Source.STAFF))
    ruled = None if cmd.amount_fen is None else _share(cmd.amount_fen, before)
    judged = await judge_case(tx, rules, held.head, held.case, held.parts, claim=claim, ruled=ruled, now=now)
    if cmd.ruling is Ruling.REFUSED and joint_fate(judged) is not CaseState.REJECTED:
        raise StateConflict("the records alone decide this case", ground=judged[0].decision.ground)
    if joint_fate(judged) not in (CaseState.APPROVED, CaseState.REJECTED):
        ground = next(item.decision.ground for item in judged if fate(item.decision) in IN_REVIEW)
        raise StateConflict("the platform owes this, and no account pays it here", ground=ground)
    return judged


def _share(amount_fen: int, before: list[Judged]) -> dict[UUID, int]:
    """The amount, split over the units in proportion to what each may get at most; the parts sum exactly."""
    limits = [item.decision.amount_max_fen for item in before]
    if amount_fen > sum(limits):
        raise InvalidInput("more than the rules allow", fields={"amount": ("range", 1, sum(limits))})
    return {item.unit_id: fen for item, fen in zip(before, split_by(amount_fen, limits), strict=True)}


async def _write_ruling(tx: Tx, held: Held, cmd: ReviewRefund, reasons: str, *, now: datetime) -> None:
    case = held.case
    salt = secrets.token_bytes(32)
    await refunds.add_note(
        tx, case, cmd.reviewer_id, Author.REVIEWER, kind=NoteKind.RULING, text=reasons, salt=salt, now=now
    )
    data = {
        "case": case.id,
        "ruling": cmd.ruling,
        "amount_fen": cmd.amount_fen,
        "reasons": commitment(salt, reasons),
        "findings": [{"clause": item.clause, "mark": item.mark} for item in cmd.findings],
    }
    actor = Actor(cmd.role, cmd.reviewer_id)
    await record(tx, case.book_id, case.order_id, actor, "CASE_RULED", data, now=now)
