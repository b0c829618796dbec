"""States of a case, and who may do what in each."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from liuhen.base.errors import StateConflict
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds.model import (
    OPEN,
    TRANSITIONS,
    Act,
    Author,
    Case,
    CaseState,
    DecidedBy,
    Opener,
    Route,
    acts,
    may_ask_human,
)

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def case(state: CaseState, **more: Any) -> Case:
    """A case in this state, due in an hour if it is open."""
    values: dict[str, Any] = {
        "book_id": UUID(int=1),
        "id": UUID(int=2),
        "case_no": "TK261122-TEST",
        "order_id": UUID(int=3),
        "buyer_id": UUID(int=4),
        "reason": ReasonCode.INVALID_KEY,
        "statement": "",
        "salt": bytes(32),
        "route": Route.ORIGINAL,
        "opened_by": Opener.BUYER,
        "state": state,
        "due_at": NOW + timedelta(hours=1) if state in OPEN else None,
        "asked_fen": 9800,
        "approved_fen": None,
        "decided_by": None,
        "decision": "{}",
        "rulebook_version": "2026-11-1",
        "seller_asked_at": None,
        "seller_answer": None,
        "seller_answered_at": None,
        "human_asked_at": None,
        "evidence_asked_at": None,
        "evidence_brought_at": None,
        "reviewer_id": None,
        "claimed_at": None,
        "opened_at": NOW,
        "decided_at": None,
    }
    return Case(**(values | more))


def test_what_is_approved_or_withdrawn_stays_so() -> None:
    assert TRANSITIONS.exits() == {CaseState.APPROVED, CaseState.WITHDRAWN}
    for after in CaseState:
        with pytest.raises(StateConflict):
            TRANSITIONS.step(CaseState.APPROVED, after)


def test_a_rejected_case_can_only_go_to_a_person() -> None:
    assert TRANSITIONS.allowed(CaseState.REJECTED) == {CaseState.UNDER_REVIEW}


@pytest.mark.parametrize(
    ("by", "asked", "may"),
    [
        (DecidedBy.MACHINE, None, True),
        (DecidedBy.SILENCE, None, True),
        (DecidedBy.REVIEWER, None, False),
        (DecidedBy.SELLER, None, False),
        (DecidedBy.MACHINE, NOW, False),
    ],
)
def test_only_what_no_person_has_decided_goes_to_a_person_and_only_once(
    by: DecidedBy, asked: datetime | None, may: bool
) -> None:
    assert may_ask_human(case(CaseState.REJECTED, decided_by=by, human_asked_at=asked)) is may


RULES = {Act.REVIEW, Act.ASK_EVIDENCE}
ACTS = {
    CaseState.AWAITING_SELLER: {
        Author.BUYER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.WITHDRAW},
        Author.SELLER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.ANSWER},
        Author.REVIEWER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.LOOK_AT_KEY},
    },
    CaseState.UNDER_REVIEW: {
        Author.BUYER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.WITHDRAW},
        Author.SELLER: {Act.ADD_NOTE, Act.ADD_PICTURE},
        Author.REVIEWER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.LOOK_AT_KEY, Act.CLAIM, *RULES},
    },
    CaseState.ESCALATED: {
        Author.BUYER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.WITHDRAW},
        Author.SELLER: {Act.ADD_NOTE, Act.ADD_PICTURE},
        Author.REVIEWER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.LOOK_AT_KEY, Act.CLAIM, *RULES},
    },
    CaseState.AWAITING_BUYER: {
        Author.BUYER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.WITHDRAW},
        Author.SELLER: {Act.ADD_NOTE, Act.ADD_PICTURE},
        Author.REVIEWER: {Act.ADD_NOTE, Act.ADD_PICTURE, Act.LOOK_AT_KEY},
    },
    CaseState.APPROVED: {Author.BUYER: set(), Author.SELLER: set(), Author.REVIEWER: set()},
    CaseState.REJECTED: {Author.BUYER: {Act.ASK_HUMAN}, Author.SELLER: set(), Author.REVIEWER: set()},
    CaseState.WITHDRAWN: {Author.BUYER: set(), Author.SELLER: set(), Author.REVIEWER: set()},
}


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("side", [Author.BUYER, Author.SELLER, Author.REVIEWER])
def test_who_may_do_what(state: CaseState, side: Author) -> None:
    """The table is written by hand: a new act or state must be put here first."""
    decided = DecidedBy.MACHINE if state is CaseState.REJECTED else None
    assert acts(case(state, decided_by=decided), side, NOW) == ACTS[state][side]


def test_a_buyer_is_asked_for_proof_once() -> None:
    asked = case(CaseState.UNDER_REVIEW, evidence_asked_at=NOW)
    assert Act.ASK_EVIDENCE not in acts(asked, Author.REVIEWER, NOW) and asked.owes_proof
    brought = case(CaseState.UNDER_REVIEW, evidence_asked_at=NOW, evidence_brought_at=NOW)
    assert not brought.owes_proof and brought.review_from == NOW


def test_the_seller_answers_at_the_deadline_and_not_after_it() -> None:
    asked = case(CaseState.AWAITING_SELLER)
    assert asked.due_at is not None
    assert Act.ANSWER in acts(asked, Author.SELLER, asked.due_at)
    assert Act.ANSWER not in acts(asked, Author.SELLER, asked.due_at + timedelta(microseconds=1))
