"""Puts the questions of a theorem to the solver, and makes of every refutation a case that Python has decided too."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.proof import claims, pairs
from liuhen.policy.proof.ask import Asked, Check, Theorem
from liuhen.policy.proof.decided import Decided, Reader
from liuhen.policy.proof.logic import Bool, Model, Solver, compare
from liuhen.policy.proof.system import Question, System
from liuhen.policy.proof.witness import facts_of, plainer

TIMEOUT_MS = 20_000  # for one question; what takes longer counts as not shown
_ROUNDS = 60  # of learning what a share or a product of the very numbers comes to
_TRIES = 6  # the same, while a case is only made plainer

THEOREMS: dict[Theorem, tuple[Callable[[System], Iterator[Asked]], ...]] = {
    Theorem.ONE: (claims.one_decision,),
    Theorem.RIGHTS: (claims.rights, pairs.terms_are_nothing, pairs.promises_add),
    Theorem.WAITING: (pairs.waiting,),
    Theorem.EVIDENCE: (pairs.evidence,),
    Theorem.MONEY: (claims.money,),
    Theorem.ALIVE: (claims.alive,),
}


class State(StrEnum):
    """What came of one question."""

    PROVEN = "proven"
    REFUTED = "refuted"  # there is a counterexample, or there is none where one was wanted (a dead clause)
    UNSURE = "unsure"  # the solver did not answer in time: counts as a failure


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """A counterexample. cases: one or two, alike but for one thing. values: the rulebook under which it happens."""

    cases: tuple[RefundFacts, ...]
    values: dict[str, int]
    decided: tuple[Decided, ...]
    confirmed: bool  # the Python reading, which decides, says so too


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One question and its answer."""

    theorem: Theorem
    name: str
    state: State
    witness: Witness | None = None


def prove(system: System, theorem: Theorem) -> Iterator[Finding]:
    """Every question of one theorem about these rules, answered."""
    for questions in THEOREMS[theorem]:
        for asked in questions(system):
            yield from _answered(asked)


def _answered(asked: Asked) -> Iterator[Finding]:
    solver = Solver(asked.question.axioms(), TIMEOUT_MS)
    for check in asked.checks:
        solver.push()
        solver.add([check.formula])
        yield _finding(asked.question, check, _Search(solver, asked.question))
        solver.pop()


def _finding(question: Question, check: Check, search: "_Search") -> Finding:
    answer = search.check()
    if answer == "unknown":
        return Finding(theorem=check.theorem, name=check.name, state=State.UNSURE)
    if check.wanted:
        return _wanted(question, check, search, found=answer == "sat")
    if answer == "unsat":
        return Finding(theorem=check.theorem, name=check.name, state=State.PROVEN)
    for name, value in question.values.items():
        limit = question.system.limits[name]
        search.prefer([compare(value, "==", number) for number in (limit.least, limit.most)])
    for choices in plainer(check.cases or question.cases):
        search.prefer(choices)
    witness = _witness(question, check, search.model)
    return Finding(theorem=check.theorem, name=check.name, state=State.REFUTED, witness=witness)


def _wanted(question: Question, check: Check, search: "_Search", *, found: bool) -> Finding:
    """A case was wanted: it counts only where Python finds the same in it."""
    state = State.REFUTED
    if found:
        state = State.PROVEN if _witness(question, check, search.model).confirmed else State.UNSURE
    return Finding(theorem=check.theorem, name=check.name, state=state)


def _witness(question: Question, check: Check, model: Model) -> Witness:
    values: Mapping[str, int] = {name: model.forced(value) for name, value in question.values.items()}
    limits = question.system.limits
    values = {name: value if name in question.system.names else limits[name].least for name, value in values.items()}
    reader = Reader(question.system, values)
    facts = tuple(facts_of(model, case) for case in check.cases or question.cases)
    return Witness(
        cases=facts,
        values=dict(values),
        decided=tuple(reader.decided(one) for one in facts),
        confirmed=check.wrong(reader, facts),
    )


class _Search:
    """A solver that takes no solution in which a share or a product is not what it is."""

    def __init__(self, solver: Solver, question: Question) -> None:
        self.solver = solver
        self.laws = question.laws
        self.model: Model

    def check(self, rounds: int = _ROUNDS) -> str:
        """sat (the solution stands in `model`), unsat, or unknown."""
        for _ in range(rounds):
            answer = self.solver.check()
            if answer != "sat":
                return answer
            model = self.solver.model()
            lemmas, pins = self.laws.broken(model)
            if not lemmas:
                self.model = model
                return "sat"
            if self._holds(pins):
                return "sat"
            self.solver.add(lemmas)
        return "unknown"

    def prefer(self, choices: Sequence[Bool]) -> None:
        """Keeps the first of these with which there is still a solution."""
        for choice in choices:
            self.solver.push()
            self.solver.add([choice])
            answer = self.check(_TRIES)
            self.solver.pop()
            if answer == "sat":
                self.solver.add([choice])
                return

    def _holds(self, pins: list[Bool]) -> bool:
        """The same numbers, with every share and product worked out: still a solution."""
        self.solver.push()
        self.solver.add(pins)
        answer = self.solver.check()
        if answer == "sat":
            self.model = self.solver.model()
        self.solver.pop()
        return answer == "sat"
