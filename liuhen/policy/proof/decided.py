"""The same rules read by Python: a counterexample of the solver counts only if this reading says so too."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from liuhen.policy.clauses.clause import Effect
from liuhen.policy.decision import Decider, Outcome, StepKind
from liuhen.policy.expr import Expr, Term, Truth
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.proof.system import System, still_open
from liuhen.policy.python_reading import all_readings, range_reading, reading


class Decided(NamedTuple):
    """What one set of rules gives on these facts. ground: None where no clause of the order is met. Amounts fen."""

    ground: str | None
    effect: Effect | None
    low: int | None
    high: int | None
    met: frozenset[str]

    @property
    def paid(self) -> bool:
        """The money goes back now, on nobody else's word."""
        return self.effect is not None and self.effect.step.kind is StepKind.PAY

    @property
    def firm(self) -> int | None:
        """What is certain: the lower end, unless the seller or a person may still say no."""
        return 0 if self.effect is None or still_open(self.effect) else self.low

    @property
    def machine_refuses(self) -> bool:
        """A machine says no, and so far nobody else is asked."""
        effect = self.effect
        return effect is not None and effect.decided_by is Decider.MACHINE and effect.outcome is Outcome.NONE


class Reader:
    """One set of rules under plain rulebook values, as functions of the facts."""

    def __init__(self, system: System, values: Mapping[str, int]) -> None:
        self.system = system
        self.values = dict(values)
        self._marks = all_readings([(clause.id, clause.when) for clause in system.clauses], (), self.values)
        self._range = cache(lambda low, high: range_reading(low, high, self.values))

    def decided(self, facts: RefundFacts) -> Decided:
        """Which clause decides, and how much."""
        marks = dict(zip((clause.id for clause in self.system.clauses), self._marks(facts), strict=True))
        met = frozenset(name for name, mark in marks.items() if mark is True)
        for clause, effect in self.system.grounds:
            if clause.id in met:
                low, high = self._range(*self.system.formulas[effect.amount])(facts)
                return Decided(clause.id, effect, low, high, met)
        return Decided(None, None, None, None, met)

    def truth(self, tree: Expr, facts: RefundFacts) -> Truth:
        """A tree that refers to no clause."""
        return reading(tree, self.values)(facts, {})

    def fen(self, term: Term, facts: RefundFacts) -> int | None:
        """What a term comes to, None where it is not known."""
        found: int | None = self._range(term, term)(facts)[0]
        return found
