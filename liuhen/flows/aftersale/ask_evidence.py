"""A reviewer asks the buyer for better proof, once, and says what: the case waits for the buyer meanwhile."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.chain import commitment
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.refunds import store as refunds
from liuhen.refunds.model import IN_REVIEW, MAX_NOTE, Author, CaseState, NoteKind
from liuhen.steps.hold_case import Held, hold_by_no, must_be, must_be_neutral, tell
from liuhen.steps.judge import Rules, evidence_due, joint_fate, judge_case, packed_decision
from liuhen.steps.record import Actor, record


class AskEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """reasons: what is missing and what would do, for both sides to read. role: REVIEWER or ADMIN, as which he acts."""

    reviewer_id: UUID
    case_no: str
    reasons: str
    role: str = "REVIEWER"


class EvidenceAsked(msgspec.Struct, frozen=True, kw_only=True):
    """due_at: until when the buyer may bring it, UTC."""

    case_no: str
    due_at: datetime


async def ask_evidence(
    db: Database, cmd: AskEvidence, *, rules: Rules, now: datetime, once: Once | None = None
) -> EvidenceAsked:
    """The time is the rulebook's `buyer_evidence`, of the order's version.

    Raises InvalidInput (no reasons), NotFound, Forbidden (his own matter), StateConflict (not in review, on another
    desk, asked before, or the records alone give the money).
    """
    reasons = cmd.reasons.strip()
    if not 1 <= len(reasons) <= MAX_NOTE:
        raise InvalidInput("say what is missing", fields={"reasons": ("length", 1, MAX_NOTE)})

    async def work(tx: Tx) -> EvidenceAsked:
        held = await hold_by_no(tx, cmd.case_no)
        case = held.case
        must_be_neutral(case, cmd.reviewer_id)
        must_be(case, *IN_REVIEW)
        if case.reviewer_id not in (None, cmd.reviewer_id):
            raise StateConflict("another reviewer has this case", case_no=cmd.case_no)
        if case.evidence_asked_at is not None:
            raise StateConflict("the buyer was asked before", case_no=cmd.case_no)
        if case.reviewer_id is None:
            await refunds.claim(tx, case, cmd.reviewer_id, now=now)
        return await _ask(tx, held, cmd, reasons, rules=rules, now=now)

    return await db.transact(work, now=now, once=once, result=EvidenceAsked)


async def _ask(tx: Tx, held: Held, cmd: AskEvidence, reasons: str, *, rules: Rules, now: datetime) -> EvidenceAsked:
    case = held.case
    due_at = evidence_due(rules, held.head, now)
    asked = msgspec.structs.replace(case, evidence_asked_at=now)
    judged = await judge_case(tx, rules, held.head, asked, held.parts, now=now)
    if joint_fate(judged) is CaseState.APPROVED:
        raise StateConflict("the records alone give this", ground=judged[0].decision.ground)
    await refunds.ask_evidence(tx, case, packed_decision(judged), due_at=due_at, now=now)
    salt = secrets.token_bytes(32)
    await refunds.add_note(
        tx, case, cmd.reviewer_id, Author.REVIEWER, kind=NoteKind.EVIDENCE, text=reasons, salt=salt, now=now
    )
    data = {"case": case.id, "due_at": due_at, "reasons": commitment(salt, reasons)}
    actor = Actor(cmd.role, cmd.reviewer_id)
    await record(tx, case.book_id, case.order_id, actor, "EVIDENCE_ASKED", data, now=now)
    words: dict[str, object] = {"order_no": held.head.order_no, "due_at": due_at.isoformat()}
    await tell(tx, case, (Author.BUYER,), "EVIDENCE_NEEDED", words, now=now)
    await tell(tx, case, (Author.SELLER,), "CASE_AWAITS_BUYER", words, now=now)
    return EvidenceAsked(case_no=case.case_no, due_at=due_at)
