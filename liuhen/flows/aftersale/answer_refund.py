"""The seller answers a refund request, once and in time: he agrees, or refuses with his reasons."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from liuhen.base.chain import commitment
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.refunds import store as refunds
from liuhen.refunds.model import MAX_NOTE, Answer, Author, CaseState, NoteKind
from liuhen.steps.approve import settle
from liuhen.steps.hold_case import Held, hold_by_no, must_be, must_be_seller
from liuhen.steps.judge import Rules, judge_case
from liuhen.steps.record import record, seller
from liuhen.timing.deadlines import is_over


class AnswerRefund(msgspec.Struct, frozen=True, kw_only=True):
    """reasons are needed with REFUSED."""

    seller_id: UUID
    case_no: str
    answer: Answer
    reasons: str = ""


class RefundAnswered(msgspec.Struct, frozen=True, kw_only=True):
    case_no: str
    state: CaseState


async def answer_refund(
    db: Database, cmd: AnswerRefund, *, rules: Rules, now: datetime, once: Once | None = None
) -> RefundAnswered:
    """Raises InvalidInput, NotFound, StateConflict (answered already, or the time is up)."""
    reasons = cmd.reasons.strip()
    least = 1 if cmd.answer is Answer.REFUSED else 0
    if not least <= len(reasons) <= MAX_NOTE:
        raise InvalidInput("give your reasons", fields={"reasons": ("length", least, MAX_NOTE)})

    async def work(tx: Tx) -> RefundAnswered:
        held = await hold_by_no(tx, cmd.case_no)
        must_be_seller(held.case, cmd.seller_id)
        must_be(held.case, CaseState.AWAITING_SELLER)
        if held.case.due_at is None or is_over(held.case.due_at, now):
            raise StateConflict("the time for an answer is up", case_no=cmd.case_no)
        held = await _write_answer(tx, held, cmd, reasons, now=now)
        judged = await judge_case(tx, rules, held.head, held.case, held.parts, now=now)
        actor = seller(cmd.seller_id)
        state = await settle(tx, held, judged, silent=False, actor=actor, rules=rules, now=now)
        return RefundAnswered(case_no=cmd.case_no, state=state)

    return await db.transact(work, now=now, once=once, result=RefundAnswered)


async def _write_answer(tx: Tx, held: Held, cmd: AnswerRefund, reasons: str, *, now: datetime) -> Held:
    case = held.case
    await refunds.answer(tx, case, cmd.answer, now=now)
    salt = secrets.token_bytes(32)
    if reasons:
        await refunds.add_note(
            tx, case, cmd.seller_id, Author.SELLER, kind=NoteKind.ANSWER, text=reasons, salt=salt, now=now
        )
    data = {
        "case": case.id,
        "answer": cmd.answer,
        "due_at": case.due_at,
        "reasons": commitment(salt, reasons) if reasons else None,
    }
    await record(tx, case.book_id, case.order_id, seller(cmd.seller_id), "SELLER_ANSWERED", data, now=now)
    return held._replace(case=replace(case, seller_answer=cmd.answer, seller_answered_at=now))
