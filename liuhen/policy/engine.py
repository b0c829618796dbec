"""From facts to a decision: every clause runs, one decides, the money is bounded, the trace is kept as data."""

from collections.abc import Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from liuhen.money.amount import rounded_share
from liuhen.policy.clauses import follow
from liuhen.policy.clauses.clause import Amount, Clause, Effect, Step
from liuhen.policy.clauses.registry import BY_ID, CLAUSES, NUMBERS, PRECEDENCE
from liuhen.policy.decision import (
    BillLine,
    ClauseResult,
    Decider,
    Decision,
    Mark,
    NextStep,
    Order,
    Outcome,
    RefundRoute,
    ShareOf,
    StepKind,
    UsedFact,
)
from liuhen.policy.expr import Reading, Truth, params, paths, reading, refs
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Side
from liuhen.policy.rulebook import Rulebook
from liuhen.timing.deadlines import DeadlineRule, natural, overdue_at, workdays

_MARKS: dict[Truth, Mark] = {True: Mark.MET, False: Mark.NOT_MET, None: Mark.UNKNOWN}
_READINGS: tuple[tuple[str, Reading], ...] = tuple((c.id, reading(c.when)) for c in CLAUSES)
_RULES = {
    id(rules): tuple((name, reading(when)) for name, when in rules)
    for rules in (follow.WHEN_GIVEN_BACK, follow.ALWAYS, follow.CLAIMS)
}
_TRACE = {c.id: (tuple((p, attrgetter(p)) for p in paths(c.when)), params(c.when)) for c in CLAUSES}


def mark_all(facts: RefundFacts, values: Mapping[str, int]) -> dict[str, Truth]:
    """What every clause gives on these facts, by id."""
    marks: dict[str, Truth] = {}
    for name, read in _READINGS:
        marks[name] = read(facts, values, marks)
    return marks


def ground_of(marks: Mapping[str, Truth]) -> Clause:
    """The clause that decides: the first in precedence that is met. The last one always is."""
    return next(BY_ID[name] for name in PRECEDENCE if marks[name] is True)


def run(facts: RefundFacts, rulebook: Rulebook) -> Decision:
    """The decision on one unit, without the list of what would change it (`whatif` adds that)."""
    values = rulebook.values
    marks = mark_all(facts, values)
    ground = ground_of(marks)
    effect = effect_of(ground)
    low, high, share = money_of(effect, facts)
    outcome = _outcome(effect, low, facts)
    paying = effect.step.kind is StepKind.PAY
    step = _next_step(effect.step, facts, rulebook)
    return Decision(
        outcome=outcome,
        amount_fen=low,
        amount_max_fen=high,
        bill=_bill(facts, high, share),
        share=share,
        remedies=effect.remedies,
        chooser=Side.BUYER if len(effect.remedies) > 1 else Side.NOBODY,
        decided_by=effect.decided_by,
        next_step=step,
        route=RefundRoute.BALANCE if marks["amount.to_balance"] else RefundRoute.ORIGINAL,
        liable=effect.liable,
        payer=effect.payer,
        recover_from=_recover(effect, facts),
        orders=_orders(facts, values, marks, paying and outcome is Outcome.FULL),
        claims_for_human=tuple(n for n, r in _RULES[id(follow.CLAIMS)] if r(facts, values, marks)),
        clauses=_trace(facts, values, marks, ground),
        ground=ground.id,
        human_offered=effect.decided_by is not Decider.HUMAN and not (paying and outcome is Outcome.FULL),
        what_would_change=(),
        rulebook_version=rulebook.version,
    )


def effect_of(clause: Clause) -> Effect:
    """The effect of a clause that decides. A clause without one never stands in PRECEDENCE (tests prove it)."""
    assert clause.effect is not None, clause.id
    return clause.effect


def payable(facts: RefundFacts) -> int:
    """Captured for this unit and not yet paid back or on its way, fen; never negative."""
    money = facts.capacity
    return max(money.captured_fen - money.refunded_fen - money.in_flight_fen, 0)


def money_of(effect: Effect, facts: RefundFacts) -> tuple[int, int, ShareOf | None]:
    """Lower and upper end in fen, and the share that was taken, if any. Both ends are equal unless it is open."""
    whole = payable(facts)
    asked = whole if facts.claim.asked_fen is None else min(facts.claim.asked_fen, whole)
    match effect.amount:
        case Amount.NOTHING:
            return 0, 0, None
        case Amount.ALL:
            return whole, whole, None
        case Amount.ASKED:
            return asked, asked, None
        case Amount.RULED:
            ruled = min(facts.claim.ruled_fen or 0, whole)
            return ruled, ruled, None
        case Amount.MISSING_VALUE:
            due, share = _missing_value(facts, whole)
            return due, due, share
        case Amount.UP_TO_ALL:
            return 0, asked, None
        case Amount.UP_TO_REASON:
            twice = facts.claim.reason is ReasonCode.DUPLICATE_CHARGE
            return 0, min(facts.capacity.duplicate_captured_fen, asked) if twice else asked, None


def _missing_value(facts: RefundFacts, whole: int) -> tuple[int, ShareOf]:
    stated = facts.goods.face_value_fen or 1
    actual = min(max(facts.defects.actual_value_fen.value or 0, 0), stated)
    share = ShareOf(of_fen=facts.capacity.captured_fen, numerator=stated - actual, denominator=stated)
    return min(rounded_share(share.of_fen, share.numerator, share.denominator), whole), share


def _outcome(effect: Effect, amount: int, facts: RefundFacts) -> Outcome:
    """FULL, PARTIAL and NONE say what is paid; the others say what is open."""
    if effect.step.kind is not StepKind.PAY:
        return effect.outcome
    if amount == 0:
        return Outcome.NONE
    return Outcome.FULL if amount == payable(facts) else Outcome.PARTIAL


def _next_step(step: Step, facts: RefundFacts, rulebook: Rulebook) -> NextStep:
    if step.kind is StepKind.WAIT_DELIVERY:
        return _wait(step, facts, rulebook)
    if not step.limit:
        return NextStep(kind=step.kind, actor=step.actor)
    start = next(t for t in (attrgetter(path)(facts) for path in step.starts) if t is not None)
    on_expiry = step.on_expiry
    if step.kind is StepKind.SELLER_ANSWER and not facts.claim.seller.silence_agreed:
        on_expiry = "to_human"
    return NextStep(
        kind=step.kind,
        actor=step.actor,
        deadline=deadline_rule(rulebook, step.limit),
        starts_at=start,
        on_expiry=on_expiry,
    )


def deadline_rule(rulebook: Rulebook, name: str) -> DeadlineRule:
    """The deadline behind a rulebook value: natural seconds or working days, as its unit says."""
    amount = rulebook.value(name)
    return workdays(amount) if rulebook.params[name].unit == "workdays" else natural(amount)


def _wait(step: Step, facts: RefundFacts, rulebook: Rulebook) -> NextStep:
    """Waiting for delivery ends exactly when clause delivery.late begins to hold."""
    grace = rulebook.value("grace_sealed" if facts.goods.sealed_delivery else "grace_by_hand")
    promised = facts.delivery.promised_at or facts.now
    return NextStep(
        kind=step.kind,
        actor=step.actor,
        deadline=natural(0),
        starts_at=overdue_at(promised, grace, facts.delivery.buyer_waits_until),
        on_expiry=step.on_expiry,
    )


def _recover(effect: Effect, facts: RefundFacts) -> Side:
    """The buyer is paid all the same; after release the seller's payable or debt makes it good."""
    released = facts.order.escrow_released_at is not None
    return Side.SELLER if released and effect.payer is Side.SELLER else Side.NOBODY


def _bill(facts: RefundFacts, high: int, share: ShareOf | None) -> tuple[BillLine, ...]:
    """Paid, less what went back before, less what is kept or not due, less a fee that is always nothing."""
    money = facts.capacity
    lines = [
        ("paid", money.captured_fen),
        ("refunded_before", -money.refunded_fen),
        ("in_flight", -money.in_flight_fen),
    ]
    rest = sum(fen for _, fen in lines) - high
    lines.append(("kept" if share else "not_due", -rest))
    shown = [line for line in lines if line[1] or line[0] == "paid"]
    return tuple(BillLine(key=key, fen=fen) for key, fen in [*shown, ("fee", 0)])


def _orders(
    facts: RefundFacts, values: Mapping[str, int], marks: Mapping[str, Truth], given_back: bool
) -> tuple[Order, ...]:
    rules = (*(_RULES[id(follow.WHEN_GIVEN_BACK)] if given_back else ()), *_RULES[id(follow.ALWAYS)])
    return tuple(Order(name) for name, read in rules if read(facts, values, marks) is True)


def _trace(
    facts: RefundFacts, values: Mapping[str, int], marks: Mapping[str, Truth], ground: Clause
) -> tuple[ClauseResult, ...]:
    decisive = {ground.id, *refs(ground.when)}
    return tuple(
        ClauseResult(
            id=clause.id,
            number=NUMBERS[clause.id],
            layer=clause.layer.value,
            mark=_MARKS[marks[clause.id]],
            decisive=clause.id in decisive,
            burden=clause.burden,
            facts=tuple(_used(path, get(facts)) for path, get in _TRACE[clause.id][0]),
            cites=clause.cites,
            params={name: values[name] for name in _TRACE[clause.id][1]},
        )
        for clause in CLAUSES
    )


def _used(path: str, value: Any) -> UsedFact:
    if isinstance(value, Fact):
        return UsedFact(path, _plain(value.value), value.source, value.standing)
    return UsedFact(path, _plain(value))


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
