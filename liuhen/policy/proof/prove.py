"""Puts the questions of a theorem to the solver, and makes of every refutation a case that Python has decided too."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.proof import claims, pairs
from liuhen.policy.proof.ask import Asked, Check, Theorem
from liuhen.policy.proof.decided import Decided, Reader
from liuhen.policy.proof.logic import Bool, Model, Num, Solver, compare
from liuhen.policy.proof.system import Question, System
from liuhen.policy.proof.witness import facts_of, plainer

TIMEOUT_MS = 20_000  # for one question; what takes longer counts as not shown
_ROUNDS = 60  # of learning what a share or a product of the very numbers comes to
_TRIES = 6  # the same, while a case is only made plainer

# Where a counterexample is looked for first. Any case is a case; these only make the money easy to follow.
_PLAIN = {
    "capacity.captured_fen": 9_800, "capacity.refunded_fen": 0, "capacity.in_flight_fen": 0, "measure.total": 2,
    "measure.list_price_fen": 6_000, "goods.face_value_fen": 10_000, "order.list_price_fen": 10_000,
    "sealed_unconfirmed_refund": 1, "revealed_voidable_asks_seller": 1, "rest_worthless": 500,
}  # fmt: skip
_WORLDS: tuple[Mapping[str, int], ...] = (
    _PLAIN,
    {**_PLAIN, "capacity.refunded_fen": 3_000},
    {**_PLAIN, "measure.list_price_fen": 100, "sealed_unconfirmed_refund": 0, "rest_worthless": 1_001},
)

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
    answer = search.check() if check.wanted else search.settle()
    if answer == "unknown":
        return Finding(theorem=check.theorem, name=check.name, state=State.UNSURE)
    if check.wanted:
        return _wanted(question, check, search, found=answer == "sat")
    if answer == "unsat":
        return Finding(theorem=check.theorem, name=check.name, state=State.PROVEN)
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
        self.question = question
        self.laws = question.laws
        self.model: Model

    def settle(self) -> str:
        """As `check`; looks first where captured money and counts are plain numbers, so that shares are exact."""
        answer = self.solver.check()
        if answer != "sat":
            return answer
        for world in _WORLDS:
            numbers = self._numbers(world)
            fixed = [compare(one, "==", number) for one, number in numbers] + self.laws.fixed(numbers)
            self.solver.push()
            self.solver.add(fixed)
            answer = self.check(_TRIES)
            self.solver.pop()
            if answer == "sat":
                self.solver.add(fixed)
                return answer
        return self.check()

    def _numbers(self, world: Mapping[str, int]) -> list[tuple[Num, int]]:
        question = self.question
        found: dict[str, tuple[Num, int]] = {}
        for case in question.cases:
            for path, number in world.items():
                if path in case.copy.variables and not isinstance(case.copy.variables[path].value, int):
                    found[path] = (case.copy.variables[path].value, number)
        limits = question.system.limits
        open_values = {name: value for name, value in question.values.items() if not isinstance(value, int)}
        usual = {name: limits[name].before or limits[name].least for name in open_values}
        return [*found.values(), *((value, world.get(name, usual[name])) for name, value in open_values.items())]

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
