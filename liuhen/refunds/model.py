"""A refund case: what it can be, what may follow, and who may act on it now. Pure."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base.states import Transitions
from liuhen.policy.facts.claim import ReasonCode

MAX_UNITS = 500  # per request
MAX_STATEMENT = 2000
MAX_NOTE = 4000
MAX_WAIT_DAYS = 30  # the longest that a buyer may choose to go on waiting for a late delivery


class CaseState(StrEnum):
    """ESCALATED: a reviewer let the time pass, an admin sees it; who may decide stays the same.

    AWAITING_BUYER: a reviewer has asked the buyer for better proof.
    """

    AWAITING_SELLER = "AWAITING_SELLER"
    UNDER_REVIEW = "UNDER_REVIEW"
    ESCALATED = "ESCALATED"
    AWAITING_BUYER = "AWAITING_BUYER"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class DecidedBy(StrEnum):
    """SILENCE: the seller did not answer in time and had agreed that this means yes."""

    MACHINE = "MACHINE"
    SELLER = "SELLER"
    SILENCE = "SILENCE"
    REVIEWER = "REVIEWER"


class Opener(StrEnum):
    BUYER = "BUYER"
    PLATFORM = "PLATFORM"


class Answer(StrEnum):
    AGREED = "AGREED"
    REFUSED = "REFUSED"


class Route(StrEnum):
    """ORIGINAL: the way it was paid. BALANCE: expressly chosen by the buyer, or paid from it."""

    ORIGINAL = "ORIGINAL"
    BALANCE = "BALANCE"


class Author(StrEnum):
    BUYER = "BUYER"
    SELLER = "SELLER"
    REVIEWER = "REVIEWER"
    PLATFORM = "PLATFORM"


class NoteKind(StrEnum):
    """WORDS: said in the thread. ANSWER: the seller's reasons. RULING: the reviewer's. LOOK: why he looked
    at a key. HUMAN: why the buyer wants a person to decide. EVIDENCE: what the reviewer asks the buyer for."""

    WORDS = "WORDS"
    ANSWER = "ANSWER"
    RULING = "RULING"
    LOOK = "LOOK"
    HUMAN = "HUMAN"
    EVIDENCE = "EVIDENCE"


class Act(StrEnum):
    """What one side may do with a case; the same names in pages and API."""

    ANSWER = "answer"
    WITHDRAW = "withdraw"
    ASK_HUMAN = "ask_human"
    ADD_NOTE = "add_note"
    ADD_PICTURE = "add_picture"
    CLAIM = "claim"
    REVIEW = "review"
    ASK_EVIDENCE = "ask_evidence"
    LOOK_AT_KEY = "look_at_key"


_S = CaseState
TRANSITIONS = Transitions[CaseState](
    {
        _S.AWAITING_SELLER: frozenset({_S.APPROVED, _S.UNDER_REVIEW, _S.WITHDRAWN}),
        _S.UNDER_REVIEW: frozenset({_S.APPROVED, _S.REJECTED, _S.ESCALATED, _S.AWAITING_BUYER, _S.WITHDRAWN}),
        _S.ESCALATED: frozenset({_S.APPROVED, _S.REJECTED, _S.AWAITING_BUYER, _S.WITHDRAWN}),
        _S.AWAITING_BUYER: frozenset({_S.APPROVED, _S.REJECTED, _S.UNDER_REVIEW, _S.WITHDRAWN}),
        _S.APPROVED: frozenset(),
        _S.REJECTED: frozenset({_S.UNDER_REVIEW}),
        _S.WITHDRAWN: frozenset(),
    }
)
OPEN = frozenset({_S.AWAITING_SELLER, _S.UNDER_REVIEW, _S.ESCALATED, _S.AWAITING_BUYER})
IN_REVIEW = frozenset({_S.UNDER_REVIEW, _S.ESCALATED})


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case as stored. Amounts fen, times UTC; `decision` is packed (refunds/kept.py)."""

    book_id: UUID
    id: UUID
    case_no: str
    order_id: UUID
    buyer_id: UUID
    reason: ReasonCode
    statement: str
    salt: bytes
    route: Route
    opened_by: Opener
    state: CaseState
    due_at: datetime | None
    asked_fen: int
    approved_fen: int | None
    decided_by: DecidedBy | None
    decision: bytes
    rulebook_version: str
    seller_asked_at: datetime | None
    seller_answer: Answer | None
    seller_answered_at: datetime | None
    human_asked_at: datetime | None
    evidence_asked_at: datetime | None
    evidence_brought_at: datetime | None
    reviewer_id: UUID | None
    claimed_at: datetime | None
    opened_at: datetime
    decided_at: datetime | None

    @property
    def owes_proof(self) -> bool:
        """The buyer was asked for better proof and has brought nothing since."""
        return self.evidence_asked_at is not None and self.evidence_brought_at is None

    @property
    def review_from(self) -> datetime:
        """Since when a reviewer could look at it, the last time (UTC)."""
        return self.evidence_brought_at or self.human_asked_at or self.seller_answered_at or self.opened_at

    @property
    def link(self) -> str:
        """Path of the case's page; buyer, seller and staff each see their own side of it."""
        return f"/cases/{self.case_no}"


class CaseUnit(msgspec.Struct, frozen=True):
    """One unit of a case, amounts in fen."""

    unit_id: UUID
    asked_fen: int
    approved_fen: int | None = None


def may_ask_human(case: Case) -> bool:
    """A refusal that no person has made may be taken to one, once (个保法 24(3), 平台规则办法 19(2))."""
    machine = case.decided_by in (DecidedBy.MACHINE, DecidedBy.SILENCE)
    return case.state is CaseState.REJECTED and machine and case.human_asked_at is None


def acts(case: Case, side: Author, now: datetime) -> frozenset[Act]:
    """What `side` may do with this case now; that staff with a stake may do nothing the flow checks."""
    found: set[Act] = set()
    is_open = case.state in OPEN
    in_time = case.due_at is not None and now <= case.due_at
    if is_open:
        found |= {Act.ADD_NOTE, Act.ADD_PICTURE}
    if side is Author.SELLER and case.state is CaseState.AWAITING_SELLER and in_time:
        found.add(Act.ANSWER)
    if side is Author.BUYER:
        found |= {Act.WITHDRAW} if is_open else set()
        found |= {Act.ASK_HUMAN} if may_ask_human(case) else set()
    if side is Author.REVIEWER:
        found |= {Act.LOOK_AT_KEY} if is_open else set()
        found |= {Act.CLAIM, Act.REVIEW} if case.state in IN_REVIEW else set()
        found |= {Act.ASK_EVIDENCE} if case.state in IN_REVIEW and case.evidence_asked_at is None else set()
    return frozenset(found)


def sum_asked(units: Iterable[CaseUnit]) -> int:
    """Fen asked for all units of a case."""
    return sum(unit.asked_fen for unit in units)
