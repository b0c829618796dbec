"""What is proven: clauses, their order, formulas of money and a rulebook, taken as data, so that any can be broken."""

from collections.abc import Mapping
from functools import cached_property

from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.clause import Amount, Clause, Effect
from liuhen.policy.clauses.registry import CLAUSES, PRECEDENCE
from liuhen.policy.decision import Outcome, StepKind
from liuhen.policy.expr import Term, params
from liuhen.policy.proof.copy import Copy
from liuhen.policy.proof.formula import Formula, Laws, chain, firsts
from liuhen.policy.proof.logic import Bool, Num, a_number, every, pick, some
from liuhen.policy.rulebook import REQUIRED, Limit, Rulebook


class System:
    """One set of rules. values: a rulebook's numbers, or None for every rulebook that may be published at all."""

    def __init__(
        self,
        values: Mapping[str, int] | None,
        clauses: tuple[Clause, ...] = CLAUSES,
        precedence: tuple[str, ...] = PRECEDENCE,
        formulas: Mapping[Amount, tuple[Term, Term]] = FORMULAS,
        limits: Mapping[str, Limit] = REQUIRED,
    ) -> None:
        self.values = values
        self.clauses = clauses
        self.precedence = precedence
        self.formulas = formulas
        self.limits = limits

    @cached_property
    def by_id(self) -> dict[str, Clause]:
        """Clauses by id."""
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def grounds(self) -> tuple[tuple[Clause, Effect], ...]:
        """The clauses that can decide, in their order, with what follows."""
        found = [self.by_id[name] for name in self.precedence if name in self.by_id]
        return tuple((clause, clause.effect) for clause in found if clause.effect is not None)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The rulebook values that clauses and formulas look at."""
        trees = [clause.when for clause in self.clauses] + [term for pair in self.formulas.values() for term in pair]
        return tuple(dict.fromkeys(name for tree in trees for name in params(tree)))


def shipped(rulebook: Rulebook | None) -> System:
    """The clauses as they decide, under one version, or under every version within the limits."""
    return System(rulebook.values if rulebook is not None else None)


def within_limits(system: System) -> bool:
    """Whether its rulebook is one of those that may be published at all."""
    values = system.values or {}
    return all(limit.least <= values.get(name, limit.least) <= limit.most for name, limit in system.limits.items())


def still_open(effect: Effect) -> bool:
    """The seller may say no, or a person still weighs it: nothing is certain yet, unless a part is named as sure."""
    if effect.outcome in (Outcome.REVIEW, Outcome.NEED_EVIDENCE):
        return effect.amount is not Amount.SURE_TO_ALL
    return effect.step.kind is StepKind.SELLER_ANSWER


class Case:
    """One copy of the facts, judged: which clause decides, and how much, as formulas."""

    def __init__(self, system: System, formula: Formula) -> None:
        self.formula = formula
        self.grounds = system.grounds
        formula.read((clause.id, clause.when) for clause in system.clauses)
        met = [(clause.id, formula.marks[clause.id].yes) for clause, _ in system.grounds]
        self.decides: dict[str, Bool] = firsts(met)
        low, high = [], []
        self.amount_is: dict[Amount, Bool] = {}
        for amount in system.formulas:
            chosen = [self.decides[clause.id] for clause, effect in system.grounds if effect.amount is amount]
            if chosen:
                self.amount_is[amount] = some(chosen)
                ends = [formula.number(term) for term in system.formulas[amount]]
                low.append((self.amount_is[amount], ends[0].value))
                high.append((self.amount_is[amount], ends[1].value))
        self.low: Num = chain(low, 0)
        self.high: Num = chain(high, 0)
        asks = [self.decides[clause.id] for clause, effect in system.grounds if still_open(effect)]
        self.firm: Num = pick(some(asks), 0, self.low)  # what is certain, whatever the seller or a person says

    @property
    def copy(self) -> Copy:
        """The facts of this case."""
        return self.formula.copy


class Question:
    """Cases under one set of rules, with everything that may be assumed of them."""

    def __init__(self, system: System, *, exact: bool = False, base: "Question | None" = None) -> None:
        """base: a question with one case, from which is taken what looks at no fact of a new case's own."""
        self.system = system
        self.base = base.cases[0] if base is not None else None
        self.laws = Laws(exact=exact)
        if base is not None:
            self.laws.shares.update(base.laws.shares)
            self.laws.products.update(base.laws.products)
        self.cases: list[Case] = []
        self.values: dict[str, Num] = dict(system.values or {})
        if system.values is None:
            self.values = {name: a_number(f"rulebook.{name}") for name in system.limits}

    def case(self, copy: Copy) -> Case:
        """One more copy of the facts."""
        like = self.cases[0] if self.cases else self.base
        found = Case(self.system, Formula(copy, self.values, self.laws, like.formula if like else None))
        self.cases.append(found)
        return found

    def axioms(self) -> list[Bool]:
        """The space of facts, the limits of the rulebook, the laws of the two functions that are not linear."""
        for case in self.cases:  # what a copy took over from another, it has too
            for other in [*self.cases, *([self.base] if self.base else [])]:
                case.copy.share(other.copy)
        found = [axiom for case in self.cases for axiom in case.copy.axioms()]
        if self.system.values is None:
            for name in self.system.names:
                value, limit = self.values[name], self.system.limits[name]
                found.append(every((value >= limit.least, value <= limit.most)))
        return [axiom for axiom in dict.fromkeys(found + self.laws.axioms()) if axiom is not True]
