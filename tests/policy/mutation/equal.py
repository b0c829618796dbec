"""Mutants that are none: the solver shows that no facts at all are decided otherwise, whatever the rulebook says.

Otherwise means: another mark of a clause, another ground, outcome, amount, another remedy offered, order given or claim
named. Facts are all those that policy takes in (`facts.check`), so that a mutant that errs only on facts that nobody
can bring counts as equal too.
"""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from liuhen.policy.clauses import follow
from liuhen.policy.clauses.amounts import FORMULAS, WHOLE
from liuhen.policy.clauses.clause import Amount, Clause
from liuhen.policy.clauses.registry import BY_ID, CLAUSES, PRECEDENCE
from liuhen.policy.decision import Outcome, StepKind
from liuhen.policy.engine import effect_of
from liuhen.policy.expr import Term
from liuhen.policy.facts import check
from liuhen.policy.facts.claim import AnswerKind
from liuhen.policy.facts.redemption import Seal
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Source, Standing
from liuhen.policy.proof.copy import Copy, Said
from liuhen.policy.proof.formula import Formula, Laws, firsts
from liuhen.policy.proof.logic import Bool, Solver, Tri, compare, every, implies, negation, same, some
from liuhen.policy.proof.system import Question, System
from liuhen.policy.proof.witness import PLAIN_CASE, facts_of
from tests.policy.mutation.mutants import FOLLOW, Mutant
from tests.policy.mutation.under import IDS, TREES, mutated

TIMEOUT_MS = 5_000
_ROUNDS = 20
_REMEDIES, _BACK = len(follow.REMEDIES), len(follow.WHEN_GIVEN_BACK)


class World:
    """One copy of the facts, read under the house's laws."""

    def __init__(self) -> None:
        self.question = Question(System(None))
        self.formula = Formula(Copy(""), self.question.values, Laws())
        self.formula.read((clause.id, clause.when) for clause in CLAUSES)
        self.decides = firsts([(name, self.formula.marks[name].yes) for name in PRECEDENCE])
        for path in schema():  # so that every one has its variable and what is true of it
            _ = self.formula.copy[path]
        self.case: Any = SimpleNamespace(copy=self.formula.copy)
        self.solver = Solver(self._axioms(), TIMEOUT_MS)

    def _axioms(self) -> list[Bool]:
        """The facts there can be, the rulebooks there can be, and what is known of the products in clauses."""
        copy, values = self.formula.copy, self.question.values
        limits = [
            every((values[name] >= limit.least, values[name] <= limit.most))
            for name, limit in self.question.system.limits.items()
        ]
        return [*copy.axioms(), *_together(copy), *limits, *self.formula.laws.axioms()]

    def otherwise(self, mutant: Mutant) -> Bool:
        """What would have to hold for the mutant to decide otherwise."""
        change = mutated(mutant)
        if change is not None:
            place, tree = change
            return self._tree(place, self.formula.truth(TREES[place]), self.formula.truth(tree))
        if mutant.clause is not None:
            return self._effect(mutant.clause)
        if mutant.swapped is not None:
            first, second = PRECEDENCE[mutant.swapped : mutant.swapped + 2]
            return every((self.decides[first], self.formula.marks[second].yes))
        if mutant.claim is not None and mutant.term is not None:
            when, term = next((when, term) for name, when, term in follow.CLAIMS if name == mutant.claim)
            assert term is not None
            return every((self.formula.truth(when).yes, self._number_differs(term, mutant.term)))
        assert mutant.amount is not None and mutant.ends is not None
        worked_out = some(self.decides[name] for name in PRECEDENCE if effect_of(BY_ID[name]).amount is mutant.amount)
        differ = [self._number_differs(*pair) for pair in zip(FORMULAS[mutant.amount], mutant.ends, strict=True)]
        return every((worked_out, some(differ)))

    def _tree(self, place: int, house: Tri, other: Tri) -> Bool:
        yes = negation(same(house.yes, other.yes))
        if place < len(IDS):
            return some((yes, negation(same(house.no, other.no))))
        at = place - len(IDS)
        if at < _REMEDIES:
            offering = [n for n in PRECEDENCE if FOLLOW[at][0] in effect_of(BY_ID[n]).remedies]
        elif at < _REMEDIES + _BACK:
            offering = [n for n in PRECEDENCE if effect_of(BY_ID[n]).step.kind is StepKind.PAY]
        else:
            return yes
        return every((yes, some(self.decides[name] for name in offering)))

    def _effect(self, changed: Clause) -> Bool:
        before, after = effect_of(BY_ID[changed.id]), effect_of(changed)
        decides = self.decides[changed.id]
        if before.outcome is not after.outcome and before.amount is Amount.NOTHING and after.outcome is Outcome.FULL:
            whole = self.formula.number(WHOLE)
            return every((decides, compare(whole.value, "==", 0)))
        gone = set(before.remedies) - set(after.remedies)
        if gone:
            return every((decides, *(self.formula.truth(tree).yes for name, tree in FOLLOW if name in gone)))
        return decides

    def _number_differs(self, house: Term, other: Term) -> Bool:
        one, two = self.formula.number(house), self.formula.number(other)
        known = negation(same(one.known, two.known))
        return some((known, every((one.known, two.known, negation(same(one.value, two.value))))))

    def differing(self, mutant: Mutant) -> RefundFacts | None:
        """Facts that the mutant decides otherwise, or may, for all the solver knows; None: proven that there are none.

        A share of open numbers is a function of which some laws are known; where a solution takes a wrong one, the
        right one is added, and the solver asked again.
        """
        laws = Laws()
        self.formula.laws = laws
        self.formula._numbers.clear()  # a share is known by the laws of one question alone
        self.solver.push()
        try:
            self.solver.add([self.otherwise(mutant), *laws.axioms(), *_whole_shares(laws)])
            for _ in range(_ROUNDS):
                answer = self.solver.check()
                if answer == "unsat":
                    return None
                model = self.solver.model() if answer == "sat" else None
                lemmas = laws.broken(model)[0] if model is not None else []
                if not lemmas:
                    return facts_of(model, self.case) if model is not None else PLAIN_CASE
                self.solver.add(lemmas)
            return PLAIN_CASE
        finally:
            self.solver.pop()


def _whole_shares(laws: Laws) -> list[Bool]:
    """A part of a whole that is shared whole comes back as it is: (2wp + w) // 2w = p for 0 <= p <= w and w > 0."""
    found = []
    for share, (of, part, whole) in laws.shares.items():
        within = every((compare(part, ">=", 0), compare(part, "<=", whole), compare(whole, ">", 0)))
        found.append(implies(every((within, compare(of, "==", whole))), share == part))
    return found


def _together(copy: Copy) -> list[Bool]:
    """What facts.check says of facts that can be true together."""
    found: list[Bool] = []
    now = copy["now"]
    for path, field in schema().items():
        one = copy[path]
        if isinstance(one, Said):
            whole = (negation(one.source[Source.NOBODY]), negation(one.standing[Standing.UNKNOWN]))
            found += [same(one.given, part) for part in whole]
        if field.type is datetime and path not in check._AHEAD:
            found.append(implies(one.given, compare(one.value, "<=", now.value)))
    for op, pairs in (("<=", check._ORDERED), ("<=", check._WITHIN)):
        for first, then in pairs:
            one, two = copy[first], copy[then]
            found.append(implies(every((one.given, two.given)), compare(one.value, op, two.value)))
    back = copy["capacity.refunded_fen"].value + copy["capacity.in_flight_fen"].value
    found.append(compare(back, "<=", copy["capacity.captured_fen"].value))
    sealed = copy["redemption.seal"].value[Seal.SEALED]
    found.append(implies(sealed, negation(copy["redemption.revealed_at"].given)))
    sent, ordered = copy["delivery.delivered_at"].given, copy["order.placed_at"].given
    by_us, seal = copy["goods.sealed_delivery"].value, copy["redemption.seal"].value
    found.append(implies(some((sent, copy["delivery.promised_at"].given)), ordered))
    found.append(implies(every((sent, by_us)), negation(seal[Seal.NONE])))
    found.append(implies(negation(sent), seal[Seal.NONE]))
    silent = copy["claim.seller.kind"].value[AnswerKind.NONE]
    found.append(implies(silent, negation(copy["claim.seller.answered_at"].given)))
    return found
