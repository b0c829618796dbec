"""From facts to a decision: every clause runs, one decides, the money is bounded, the trace is kept as data.

`judge` gives a `Verdict`: the marks of all clauses with the facts they were read from, the ground, the money. It is the
whole trace in the fewest words. A flow acts on the `Finding` and keeps it with the `Trace`; `expanded` writes both out
as a `Decision`, which is what is served and shown.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter

import msgspec
from msgspec.structs import asdict

from liuhen.policy.clauses import follow
from liuhen.policy.clauses.amounts import FORMULAS, MISSING_VALUE, WHOLE
from liuhen.policy.clauses.clause import Amount, Clause, Effect, Step
from liuhen.policy.clauses.registry import CLAUSES, PRECEDENCE
from liuhen.policy.decision import (
    BillLine,
    Decider,
    Decision,
    Finding,
    Formula,
    NextStep,
    Order,
    Outcome,
    RefundRoute,
    StepKind,
)
from liuhen.policy.expr import Expr, Term, Truth, params, paths, settled
from liuhen.policy.facts.claim import Remedy
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Side
from liuhen.policy.python_reading import all_readings, range_reading
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.trace import Form, Trace, plain, trace_of, written_out
from liuhen.timing.deadlines import DeadlineRule, natural, overdue_at, workdays


class Laws(msgspec.Struct, frozen=True):
    """What decides: the clauses in reading order, which of them goes first, and how much each amount is."""

    clauses: tuple[Clause, ...]
    precedence: tuple[str, ...]
    formulas: Mapping[Amount, tuple[Term, Term]]


LAWS = Laws(CLAUSES, PRECEDENCE, FORMULAS)
_MORE: tuple[tuple[str, Expr], ...] = (
    *follow.REMEDIES,
    *follow.WHEN_GIVEN_BACK,
    *follow.ALWAYS,
    *((name, when) for name, when, _ in follow.CLAIMS),
)
Range = Callable[[RefundFacts], tuple[int, int]]


class Verdict(msgspec.Struct, frozen=True):
    """One decision with its whole trace, not yet written out. marks: one truth per clause, in reading order."""

    facts: RefundFacts
    rulebook: Rulebook
    marks: tuple[Truth, ...]
    more: tuple[Truth, ...]  # remedies, orders, claims, in the order of follow
    ground: Clause
    outcome: Outcome
    low: int  # fen
    high: int  # fen
    whole: int  # fen: all that is there to pay back


class Compiled:
    """Laws as functions, for one set of rulebook values."""

    def __init__(self, laws: Laws, values: Mapping[str, int]) -> None:
        self.laws = laws
        place = {clause.id: n for n, clause in enumerate(laws.clauses)}
        self.grounds = tuple((place[name], laws.clauses[place[name]]) for name in laws.precedence)
        self.to_balance = place["amount.to_balance"]
        self.marks = all_readings([(c.id, c.when) for c in laws.clauses], _MORE, values)
        self.ranges: dict[Amount, Range] = {
            name: range_reading(low, high, values) for name, (low, high) in laws.formulas.items()
        }
        self.claims = {name: range_reading(term, term, values) for name, _, term in follow.CLAIMS if term is not None}


@lru_cache(maxsize=64)
def _compiled_for(values: tuple[tuple[str, int], ...]) -> Compiled:
    return Compiled(LAWS, dict(values))


_known: dict[int, tuple[Rulebook, Compiled]] = {}  # the few versions that live as long as the process


def compiled(rulebook: Rulebook) -> Compiled:
    """The house's laws under a rulebook; made once for each set of values."""
    found = _known.get(id(rulebook))
    if found is not None and found[0] is rulebook:
        return found[1]
    rules = _compiled_for(rulebook.pairs)
    if len(_known) >= 64:
        _known.clear()
    _known[id(rulebook)] = (rulebook, rules)
    return rules


_whole = range_reading(WHOLE, WHOLE, {})
_missing = range_reading(MISSING_VALUE, MISSING_VALUE, {})


def judge(facts: RefundFacts, rulebook: Rulebook, rules: Compiled | None = None) -> Verdict:
    """All clauses on these facts, and what follows. Pure; the same arguments give the same verdict, always.

    Parameters: rules, other laws than the house's own, compiled for the rulebook's values (a proof tries them).
    """
    rules = rules or compiled(rulebook)
    truths = rules.marks(facts)
    ground = next(clause for place, clause in rules.grounds if truths[place] is True)  # the last one always is
    effect = effect_of(ground)
    low, high = rules.ranges[effect.amount](facts)
    whole = _whole(facts)[0]
    outcome = effect.outcome
    if outcome is Outcome.FULL or outcome is Outcome.PARTIAL:  # the money says how much of the whole it is
        outcome = Outcome.FULL if low == whole else Outcome.NONE if low == 0 else Outcome.PARTIAL
    n = len(rules.laws.clauses)
    return Verdict(facts, rulebook, truths[:n], truths[n:], ground, outcome, low, high, whole)


def run(facts: RefundFacts, rulebook: Rulebook) -> Decision:
    """The decision on one unit, without the list of what would change it (`whatif` adds that)."""
    return expanded(judge(facts, rulebook))


def expanded(verdict: Verdict) -> Decision:
    """The verdict written out."""
    return with_trace(finding_of(verdict), trace(verdict))


def trace(verdict: Verdict) -> Trace:
    """What is kept of how every clause was met."""
    return trace_of(verdict.facts, verdict.rulebook, verdict.marks)


def with_trace(finding: Finding, kept: Trace, form: Form | None = None) -> Decision:
    """The whole decision. Parameters: form, the one that the trace names, or None for today's."""
    clauses = written_out(kept, finding.ground, form)
    return Decision(**asdict(finding), clauses=clauses, what_would_change=())


def all_whole(kept: Sequence[tuple[Finding, Trace]]) -> list[Decision]:
    """The whole decisions on several units; pieces that are alike share a finding, which is written out once."""
    made = {id(finding): with_trace(finding, trace) for finding, trace in kept}
    return [made[id(finding)] for finding, _ in kept]


def finding_of(verdict: Verdict) -> Finding:
    """What follows from the verdict."""
    facts, effect = verdict.facts, effect_of(verdict.ground)
    given_back = effect.step.kind is StepKind.PAY and verdict.outcome is Outcome.FULL
    remedies, orders, claims = _follow(verdict, given_back)
    liable, payer, recover = _sides(effect, facts)
    if verdict.high == 0:
        remedies -= {Remedy.DIFFERENCE}  # of nothing there is no part
    offered = tuple(remedy for remedy in effect.remedies if remedy in remedies)
    if not offered and verdict.high:
        offered = effect.remedies  # what was agreed or ruled is given, whatever else would fit the thing
    rules = compiled(verdict.rulebook)
    amounts = {name: rules.claims[name](facts)[0] for name in claims if name in rules.claims}
    return Finding(
        outcome=verdict.outcome,
        amount_fen=verdict.low,
        amount_max_fen=verdict.high,
        bill=_bill(facts, verdict.high, effect.amount),
        formula=_formula(verdict, effect.amount),
        remedies=offered,
        remedy_fen=_remedy_fen(verdict, offered),
        chooser=Side.BUYER if len(offered) > 1 else Side.NOBODY,
        decided_by=effect.decided_by,
        next_step=_next_step(effect.step, facts, verdict.rulebook),
        route=RefundRoute.BALANCE if verdict.marks[rules.to_balance] else RefundRoute.ORIGINAL,
        liable=liable,
        payer=payer,
        recover_from=recover,
        orders=orders,
        claims_for_human=claims,
        claim_fen={name: fen for name, fen in amounts.items() if fen is not None},
        outside_fen=facts.capacity.paid_outside_fen if payer is Side.OUTSIDE else 0,
        ground=verdict.ground.id,
        human_offered=effect.decided_by is not Decider.HUMAN and not given_back,
        rulebook_version=verdict.rulebook.version,
    )


def effect_of(clause: Clause) -> Effect:
    """The effect of a clause that decides. A clause without one never stands in PRECEDENCE (tests prove it)."""
    assert clause.effect is not None, clause.id
    return clause.effect


def payable(facts: RefundFacts) -> int:
    """Captured for this unit and not yet paid back or on its way, fen; never negative."""
    whole: int = _whole(facts)[0]
    return whole


def _follow(verdict: Verdict, given_back: bool) -> tuple[set[Remedy], tuple[Order, ...], tuple[str, ...]]:
    truths = iter(verdict.more)
    remedies = {name for name, _ in follow.REMEDIES if next(truths) is True}
    back = [name for name, _ in follow.WHEN_GIVEN_BACK if next(truths) is True]
    always = [name for name, _ in follow.ALWAYS if next(truths) is True]
    claims = tuple(name for name, *_ in follow.CLAIMS if next(truths) is True)
    return remedies, (*(back if given_back else ()), *always), claims


def _remedy_fen(verdict: Verdict, offered: tuple[Remedy, ...]) -> dict[Remedy, int]:
    """What each remedy that is money comes to, fen; only where it is certain."""
    if verdict.low != verdict.high:
        return {}
    found: dict[Remedy, int] = {}
    part = _missing(verdict.facts)[0]
    if Remedy.REFUND in offered:
        found[Remedy.REFUND] = verdict.whole if part is not None and verdict.low == part else verdict.low
    if Remedy.DIFFERENCE in offered:
        found[Remedy.DIFFERENCE] = verdict.low if part is None else part
    return found


def _formula(verdict: Verdict, amount: Amount) -> Formula:
    used, values = _inputs(amount)
    facts = ((path, settled(attrgetter(path)(verdict.facts))) for path in used)
    known = {path: str(one) if isinstance(one, str) else plain(one) for path, one in facts if one is not None}
    return Formula(name=amount.value, inputs=known | {name: verdict.rulebook.value(name) for name in values})


@lru_cache
def _inputs(amount: Amount) -> tuple[tuple[str, ...], tuple[str, ...]]:
    low, high = FORMULAS[amount]
    return tuple(dict.fromkeys((*paths(low), *paths(high)))), tuple(dict.fromkeys((*params(low), *params(high))))


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


def _sides(effect: Effect, facts: RefundFacts) -> tuple[Side, Side, Side]:
    """Who is liable, who pays, and from whom it is made good. The buyer is paid all the same.

    Who sells on his own account answers as the seller (电商法 37). Where the platform cannot name the seller and holds
    his money no longer, it pays first (消法 44(1)). What another advanced, or was released already, the seller owes.
    """
    released = facts.order.escrow_released_at is not None
    if facts.parties.seller_is_platform:
        own = {Side.SELLER: Side.PLATFORM}
        return own.get(effect.liable, effect.liable), own.get(effect.payer, effect.payer), Side.NOBODY
    payer = effect.payer
    if payer is Side.SELLER and released and not facts.parties.seller_identified:
        payer = Side.PLATFORM
    advanced = payer is Side.PLATFORM and effect.payer is Side.SELLER
    if payer is Side.PLATFORM and (effect.liable is Side.SELLER or advanced):
        return effect.liable, payer, Side.SELLER
    return effect.liable, payer, Side.SELLER if released and payer is Side.SELLER else Side.NOBODY


_KEPT = (Amount.MISSING_VALUE, Amount.REMAINDER, Amount.REMAINDER_AT_LIST, Amount.REMAINDER_LESS_LOSS)


def _bill(facts: RefundFacts, high: int, amount: Amount) -> tuple[BillLine, ...]:
    """Paid, less what went back before, less what is kept or not due, less a fee that is always nothing."""
    money = facts.capacity
    lines = [
        ("paid", money.captured_fen),
        ("refunded_before", -money.refunded_fen),
        ("in_flight", -money.in_flight_fen),
    ]
    rest = sum(fen for _, fen in lines) - high
    lines.append(("kept" if amount in _KEPT else "not_due", -rest))
    shown = [line for line in lines if line[1] or line[0] == "paid"]
    return tuple(BillLine(key=key, fen=fen) for key, fen in [*shown, ("fee", 0)])
