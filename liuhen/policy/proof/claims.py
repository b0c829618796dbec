"""The theorems about one case: exactly one decision, the table of rights, the bound of the money, no dead clause."""

from collections.abc import Callable, Iterator
from operator import attrgetter

from liuhen.policy.clauses.clause import Clause, Effect
from liuhen.policy.decision import Decider, Outcome, StepKind
from liuhen.policy.expr import paths, refs
from liuhen.policy.proof.ask import Asked, Cases, Check, Theorem, less
from liuhen.policy.proof.copy import Copy
from liuhen.policy.proof.decided import Reader
from liuhen.policy.proof.logic import compare, every, negation, one_of, same, some
from liuhen.policy.proof.rights import LEFT, RIGHTS, Give, Right
from liuhen.policy.proof.system import Case, Question, System


def one_decision(system: System) -> Iterator[Asked]:
    """(a) Exactly one clause decides; its amount is known and, where it is paid, certain; its clock starts."""
    theorem = Theorem.ONE
    question = Question(system)
    case = question.case(Copy(""))
    checks = [_written(theorem, name) for name in _slips(system)]
    checks.append(
        Check(
            theorem,
            "some clause of the order decides, and only one",
            negation(one_of(list(case.decides.values()))),
            lambda reader, facts: reader.decided(facts[0]).ground is None,
        )
    )
    for amount, chosen in case.amount_is.items():
        low, high = (case.formula.number(term) for term in system.formulas[amount])
        good = every((low.known, high.known, compare(low.value, ">=", 0), compare(low.value, "<=", high.value)))
        checks.append(Check(theorem, f"amount {amount} is known and in order", every((chosen, negation(good))), _odd))
    for clause, effect in system.grounds:
        decides = case.decides[clause.id]
        if effect.step.kind is StepKind.PAY:
            open_end = every((decides, negation(same(case.low, case.high))))
            checks.append(Check(theorem, f"what {clause.id} pays is certain", open_end, _uncertain))
        starts = [case.copy.plain(path).given for path in _starts(effect)]
        if starts:
            checks.append(
                Check(theorem, f"the clock of {clause.id} starts", every((decides, negation(some(starts)))), _no_start)
            )
    yield Asked(question, checks)


def rights(system: System) -> Iterator[Asked]:
    """(b) The table of rights; terms that do not bind, or cannot, change nothing; a promise only adds."""
    question = Question(system)
    case = question.case(Copy(""))
    yield Asked(question, [_right(case, right) for right in RIGHTS])


def money(system: System) -> Iterator[Asked]:
    """(e) Every formula that can be decided lies within what was captured and has not gone back."""
    question = Question(system)
    case = question.case(Copy(""))
    left = case.formula.number(LEFT).value
    checks = []
    for amount, chosen in case.amount_is.items():
        low, high = (case.formula.number(term) for term in system.formulas[amount])
        beyond = some(
            every((end.known, some((compare(end.value, "<", 0), compare(end.value, ">", left))))) for end in (low, high)
        )
        checks.append(
            Check(Theorem.MONEY, f"amount {amount} stays within what is left", every((chosen, beyond)), _beyond)
        )
    yield Asked(question, checks)


def alive(system: System) -> Iterator[Asked]:
    """(f) Every clause can be met; every one that looks at facts can be not met; every one that decides can decide."""
    question = Question(system, exact=True)
    case = question.case(Copy(""))
    checks = []
    for clause in system.clauses:
        if clause.effect is not None and clause.id not in system.precedence:
            checks.append(_written(Theorem.ALIVE, f"{clause.id} has an effect and no place in the order"))
        met = case.formula.marks[clause.id].yes
        checks.append(Check(Theorem.ALIVE, f"{clause.id} can be met", met, _met(clause), wanted=True))
        if not constant(clause):
            checks.append(
                Check(Theorem.ALIVE, f"{clause.id} can be not met", negation(met), _unmet(clause), wanted=True)
            )
    for name, decides in case.decides.items():
        checks.append(Check(Theorem.ALIVE, f"{name} can decide", decides, _ground(name), wanted=True))
    yield Asked(question, checks)


def constant(clause: Clause) -> bool:
    """It looks at nothing: it is met in every case, and is meant to be (the last clause of the order; "no fee")."""
    return not paths(clause.when) and not refs(clause.when)


def _right(case: Case, right: Right) -> Check:
    held = case.formula.truth(right.when).yes
    due = case.formula.number(right.due)
    refuses = some(
        case.decides[clause.id]
        for clause, effect in case.grounds
        if effect.decided_by is Decider.MACHINE and effect.outcome is Outcome.NONE
    )
    match right.give:
        case Give.AT_LEAST:
            missed = every((due.known, compare(case.low, "<", due.value)))
        case Give.OPEN:
            nothing = every((refuses, compare(due.value, ">", 0)))
            missed = every((due.known, some((compare(case.high, "<", due.value), nothing))))
        case Give.HUMAN:
            by_machine = some(
                case.decides[clause.id] for clause, effect in case.grounds if effect.decided_by is Decider.MACHINE
            )
            missed = every((due.known, by_machine, compare(case.low, "<", due.value)))
    return Check(Theorem.RIGHTS, right.name, every((held, missed)), lambda reader, facts: _missed(reader, facts, right))


def _missed(reader: Reader, facts: Cases, right: Right) -> bool:
    found, due = reader.decided(facts[0]), reader.fen(right.due, facts[0])
    if reader.truth(right.when, facts[0]) is not True or due is None or found.effect is None:
        return False
    if right.give is Give.HUMAN:
        return found.effect.decided_by is Decider.MACHINE and less(found.low, due)
    if right.give is Give.OPEN:
        return less(found.high, due) or (found.machine_refuses and due > 0)
    return less(found.low, due)


def _slips(system: System) -> Iterator[str]:
    """What is wrong with the order as it is written, whatever the facts."""
    for name in system.precedence:
        clause = system.by_id.get(name)
        if clause is None or clause.effect is None:
            yield f"{name} stands in the order and has nothing that follows"
        elif system.precedence.count(name) > 1:
            yield f"{name} stands in the order twice"
    for clause, effect in system.grounds:
        step = effect.step
        if step.limit and step.kind is not StepKind.WAIT_DELIVERY and step.limit not in system.limits:
            yield f"the clock of {clause.id} runs by {step.limit}, which no rulebook has"
        if effect.amount not in system.formulas:
            yield f"{clause.id} gives {effect.amount}, for which there is no formula"


def _written(theorem: Theorem, name: str) -> Check:
    return Check(theorem, name, True, lambda reader, facts: True)


def _starts(effect: Effect) -> tuple[str, ...]:
    if effect.step.kind is StepKind.WAIT_DELIVERY:
        return ("delivery.promised_at",)
    return effect.step.starts if effect.step.limit else ()


def _odd(reader: Reader, facts: Cases) -> bool:
    found = reader.decided(facts[0])
    return found.low is None or found.high is None or not 0 <= found.low <= found.high


def _uncertain(reader: Reader, facts: Cases) -> bool:
    found = reader.decided(facts[0])
    return found.paid and found.low != found.high


def _no_start(reader: Reader, facts: Cases) -> bool:
    effect = reader.decided(facts[0]).effect
    return effect is not None and all(attrgetter(path)(facts[0]) is None for path in _starts(effect))


def _beyond(reader: Reader, facts: Cases) -> bool:
    found, money = reader.decided(facts[0]), facts[0].capacity
    left = max(money.captured_fen - money.refunded_fen - money.in_flight_fen, 0)
    return any(end is not None and not 0 <= end <= left for end in (found.low, found.high))


def _met(clause: Clause) -> Callable[[Reader, Cases], bool]:
    return lambda reader, facts: clause.id in reader.decided(facts[0]).met


def _unmet(clause: Clause) -> Callable[[Reader, Cases], bool]:
    return lambda reader, facts: clause.id not in reader.decided(facts[0]).met


def _ground(name: str) -> Callable[[Reader, Cases], bool]:
    return lambda reader, facts: reader.decided(facts[0]).ground == name
