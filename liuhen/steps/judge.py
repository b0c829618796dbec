"""From facts to the state a case takes: asks policy unit by unit and translates its answer. Decides nothing itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from liuhen.base.db import Tx
from liuhen.orders.model import OrderHead
from liuhen.policy.decide import find
from liuhen.policy.decision import Decider, Decision, Finding, NextStep, Outcome, StepKind
from liuhen.policy.engine import all_whole, deadline_rule
from liuhen.policy.facts.claim import AnswerKind, Claim, OpenedBy, Proof, SellerAnswer
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Side
from liuhen.policy.facts.tables import table_from
from liuhen.policy.rulebook import Rulebook, in_force
from liuhen.policy.trace import Trace
from liuhen.reads.refund_facts import Seen, facts_of, look
from liuhen.refunds.kept import pack
from liuhen.refunds.model import Answer, Case, CaseState, CaseUnit, DecidedBy, Opener, Route
from liuhen.timing.deadlines import due_at
from liuhen.timing.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Rules:
    """What boot reads from the data files: all rulebook versions, and the working days."""

    rulebooks: tuple[Rulebook, ...]
    calendar: Calendar

    def of(self, placed_at: datetime) -> Rulebook:
        """The version in force when an order was placed (UTC): it applies to the order for good."""
        return in_force(self.rulebooks, placed_at)


class Judged(msgspec.Struct, frozen=True):
    """Policy's decision on one unit, its trace, and the facts it rests on."""

    unit_id: UUID
    decision: Finding
    trace: Trace
    facts: RefundFacts


def whole(judged: Sequence[Judged]) -> list[Decision]:
    """The decisions with their traces written out, for people."""
    return all_whole([(item.decision, item.trace) for item in judged])


_FATES = {
    StepKind.PAY: CaseState.APPROVED,
    StepKind.SELLER_ANSWER: CaseState.AWAITING_SELLER,
    StepKind.HUMAN_REVIEW: CaseState.UNDER_REVIEW,
    # Nobody is asked by a machine for better proof: a person looks, and asks where it is needed (ask_evidence).
    StepKind.BUYER_EVIDENCE: CaseState.UNDER_REVIEW,
    StepKind.WAIT_DELIVERY: CaseState.REJECTED,
    StepKind.NONE: CaseState.REJECTED,
}


async def judge(
    tx: Tx,
    rules: Rules,
    head: OrderHead,
    unit_ids: Sequence[UUID],
    claim: Claim,
    *,
    route: Route,
    case_id: UUID | None = None,
    ruled: Mapping[UUID, int] | None = None,
    now: datetime,
) -> list[Judged]:
    """Policy's decision on each unit under the rulebook of the order's day, in (line, piece) order.

    Parameters: case_id, the case that is being decided; None for a new request. ruled, what a reviewer grants for each
    unit in fen. Raises NotFound for a strange unit.
    """
    seen = await look(tx, head.book_id, head.id, unit_ids, case_id=case_id)
    return judge_seen(rules, seen, claim, route=route, ruled=ruled, now=now)


def judge_seen(
    rules: Rules,
    seen: Seen,
    claim: Claim,
    *,
    route: Route,
    ruled: Mapping[UUID, int] | None = None,
    now: datetime,
) -> list[Judged]:
    """The same for units that were looked at already."""
    found = facts_of(seen, claim, now, balance_chosen=route is Route.BALANCE)
    if ruled is not None:
        found = [(unit_id, replace(facts, claim=replace(claim, ruled_fen=ruled[unit_id]))) for unit_id, facts in found]
    rulebook = rules.of(seen.head.created_at)
    # Policy is pure, and 500 pieces of one line are mostly alike: each set of facts is decided once.
    made = {facts: _found(facts, rulebook) for facts in {facts for _, facts in found}}
    return [Judged(unit_id, *made[facts], facts) for unit_id, facts in found]


def _found(facts: RefundFacts, rulebook: Rulebook) -> tuple[Finding, Trace]:
    finding, trace = find(facts, rulebook)
    return to_a_person(finding, rulebook), trace


def sellers_money(decision: Finding) -> bool:
    """Whether what is given back comes from the seller's side: held for him, or paid to him before.

    Nothing else can be paid here: the platform has no account that refunds come from, and money that was paid outside
    never lay with it.
    """
    return decision.payer in (Side.SELLER, Side.NOBODY)


def to_a_person(decision: Finding, rulebook: Rulebook) -> Finding:
    """The decision itself, or what it becomes where the machine would pay what is not the seller's to give.

    The trace, the ground and who is liable stay as policy says; a person finds the money elsewhere, up to that amount.
    """
    if decision.next_step.kind is not StepKind.PAY or sellers_money(decision):
        return decision
    step = NextStep(kind=StepKind.HUMAN_REVIEW, actor=Side.PLATFORM, deadline=deadline_rule(rulebook, "review_days"))
    return replace(
        decision,
        outcome=Outcome.REVIEW,
        decided_by=Decider.HUMAN,
        amount_fen=0,
        remedy_fen={},
        orders=(),
        next_step=step,
        human_offered=False,
    )


async def judge_case(
    tx: Tx,
    rules: Rules,
    head: OrderHead,
    case: Case,
    units: Sequence[CaseUnit],
    *,
    claim: Claim | None = None,
    ruled: Mapping[UUID, int] | None = None,
    now: datetime,
) -> list[Judged]:
    """The same for a case that is open already.

    Parameters: claim, when it says more than the case does (a ruling).
    """
    ids = [unit.unit_id for unit in units]
    claim = claim or claim_of(case)
    return await judge(tx, rules, head, ids, claim, route=case.route, case_id=case.id, ruled=ruled, now=now)


def claim_of(case: Case) -> Claim:
    """The claim as the case tells it now."""
    kind = AnswerKind.NONE if case.seller_answer is None else _ANSWERS[case.seller_answer]
    return Claim(
        reason=case.reason,
        requested_at=case.opened_at,
        opened_by=OpenedBy.BUYER if case.opened_by is Opener.BUYER else OpenedBy.WORKER,
        proof=Proof.DOUBTFUL if case.owes_proof else Proof.PLAIN,
        evidence_asked_at=case.evidence_asked_at if case.owes_proof else None,
        wants_human=case.human_asked_at is not None,
        seller=SellerAnswer(asked_at=case.seller_asked_at, kind=kind, answered_at=case.seller_answered_at),
    )


def fate(decision: Finding) -> CaseState:
    """The state of a case whose next step is this decision's."""
    return _FATES[decision.next_step.kind]


def joint_fate(judged: Sequence[Judged]) -> CaseState:
    """The state of a case whose units may go different ways: a person looks if one must, else what is due is paid."""
    fates = {fate(item.decision) for item in judged}
    for state in (CaseState.UNDER_REVIEW, CaseState.AWAITING_SELLER, CaseState.APPROVED):
        if state in fates:
            return state
    return CaseState.REJECTED


def due_of(decision: Finding, calendar: Calendar, now: datetime) -> datetime | None:
    """The one deadline that is shown, enforced and served; None where nobody owes anything."""
    step = decision.next_step
    if step.deadline is None:
        return None
    return due_at(step.deadline, step.starts_at or now, calendar)


def review_due(rules: Rules, head: OrderHead, now: datetime) -> datetime:
    """Until when a reviewer decides what comes to his desk now (UTC), as the order's rulebook says."""
    return due_at(deadline_rule(rules.of(head.created_at), "review_days"), now, rules.calendar)


def evidence_due(rules: Rules, head: OrderHead, now: datetime) -> datetime:
    """Until when a buyer who is asked now may bring better proof (UTC), as the order's rulebook says."""
    return due_at(deadline_rule(rules.of(head.created_at), "buyer_evidence"), now, rules.calendar)


def packed_decision(judged: Sequence[Judged]) -> bytes:
    """What a case keeps of its decision."""
    return pack([(item.decision, item.trace) for item in judged])


def facts_json(judged: Sequence[Judged]) -> dict[UUID, str]:
    """What a case keeps of the facts: the shortest table for each unit (`policy.facts.tables`), as JSON."""
    made = {facts: msgspec.json.encode(table_from(facts)).decode() for facts in {item.facts for item in judged}}
    return {item.unit_id: made[item.facts] for item in judged}


DECIDERS = {
    Decider.MACHINE: DecidedBy.MACHINE,
    Decider.SELLER: DecidedBy.SELLER,
    Decider.HUMAN: DecidedBy.REVIEWER,
}
_ANSWERS = {Answer.AGREED: AnswerKind.AGREED, Answer.REFUSED: AnswerKind.REFUSED}
