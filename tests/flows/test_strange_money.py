"""What the platform or somebody outside owes is never paid from the seller's escrow: a person looks, nothing moves."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from liuhen.base.db import Database, Tx
from liuhen.base.errors import StateConflict
from liuhen.money.accounts import AccountKind
from liuhen.parties.model import Role
from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decider, Outcome, StepKind
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.standing import Side
from liuhen.refunds.model import CaseState, DecidedBy
from liuhen.steps import judge as judging
from liuhen.steps.approve import approve
from liuhen.steps.hold_case import hold_by_no
from liuhen.steps.judge import fate, judge_case, sellers_money, to_a_person
from tests.flows.refunds import Bought, rules
from tests.policy.test_clauses import DECIDES
from tests.policy.world import BOOK

STRANGE = (Side.PLATFORM, Side.OUTSIDE, Side.ISSUER)


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


def test_no_clause_pays_strange_money_by_machine() -> None:
    """Every clause that pays from elsewhere becomes a person's work; every other stays as policy decides it."""
    seen = set()
    for clause in CLAUSES:
        if clause.id not in DECIDES:
            continue
        decision = decide(DECIDES[clause.id], BOOK)
        after = to_a_person(decision, BOOK)
        if decision.payer in STRANGE and decision.next_step.kind is StepKind.PAY:
            seen.add(decision.ground)
            assert fate(after) is CaseState.UNDER_REVIEW and after.decided_by is Decider.HUMAN
            assert (after.outcome, after.amount_fen) == (Outcome.REVIEW, 0)
            assert after.amount_max_fen == decision.amount_max_fen and after.next_step.deadline is not None
            assert after.clauses == decision.clauses and after.ground == decision.ground
        else:
            assert after == decision
        assert fate(after) is not CaseState.APPROVED or sellers_money(after)
    assert {"capacity.charged_twice", "capacity.no_order", "defect.foreign_use_here", "promise.advance"} <= seen


async def test_from_the_request_to_the_ruling_nothing_moves(world: Bought, monkeypatch: pytest.MonkeyPatch) -> None:
    """With facts that the live platform does not know yet: a second payment that is kept."""
    placed = await world.bought()
    real = judging.facts_of

    def charged_twice(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        twice = {"captured_fen": 2 * 9800, "duplicate_captured_fen": 9800}
        return [(unit, replace(facts, capacity=replace(facts.capacity, **twice))) for unit, facts in found]

    monkeypatch.setattr(judging, "facts_of", charged_twice)
    case = await world.ask_one(placed, ReasonCode.DUPLICATE_CHARGE)
    assert (case.state, case.ground) == (CaseState.UNDER_REVIEW, "capacity.charged_twice")
    assert case.due_at is not None
    reviewer = await world.party("审核员", Role.REVIEWER)
    for ruling in (Ruling.GRANTED, Ruling.REFUSED):
        with pytest.raises(StateConflict):
            await world.rule(case, reviewer, ruling)
    assert await world.balance(world.seller_id, AccountKind.ESCROW) == 9800
    assert (await world.case(case))["state"] == "UNDER_REVIEW"
    await world.proven(placed)


@pytest.mark.parametrize("payer", STRANGE)
async def test_even_a_forged_decision_takes_nothing_from_the_seller(world: Bought, payer: Side) -> None:
    placed, case = await world.invalid()

    async def forged(tx: Tx) -> None:
        held = await hold_by_no(tx, case.case_no)
        judged = await judge_case(tx, rules(), held.head, held.case, held.parts, now=world.now)
        paid = [replace(item, decision=replace(item.decision, payer=payer, amount_fen=9800)) for item in judged]
        await approve(tx, held, paid, by=DecidedBy.MACHINE, now=world.now)

    with pytest.raises(StateConflict):
        await world.db.transact(forged, now=world.now)
    assert await world.balance(world.seller_id, AccountKind.ESCROW) == 9800
    assert (await world.case(case))["state"] == "AWAITING_SELLER"
    await world.proven(placed)
