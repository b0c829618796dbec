"""The reading that is proven: a tree of the language becomes a formula for the solver.

Three values are two truths, `yes` and `no`, never both. A number is its value and whether it is known. `share` and a
product of two open numbers are not linear; they are functions of which only sound laws are known (`laws`), or worked
out exactly where `exact` is asked for.
"""

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Any

from liuhen.policy.expr import (
    And,
    By,
    Choose,
    Compare,
    Const,
    Expr,
    Given,
    In,
    Least,
    Minus,
    Most,
    Not,
    Or,
    Param,
    Plus,
    Ref,
    Says,
    Share,
    Shown,
    Stands,
    Term,
    Times,
    Val,
    children,
    share,
)
from liuhen.policy.facts.standing import Standing
from liuhen.policy.proof.copy import Copy, Said, is_one
from liuhen.policy.proof.logic import (
    SECOND,
    Bool,
    Model,
    Num,
    Number,
    Tri,
    compare,
    every,
    function,
    implies,
    least,
    most,
    negation,
    pick,
    quotient,
    same,
    some,
    under,
)
from liuhen.policy.python_reading import is_time

_SHARE = function("share", 3)
_PRODUCT = function("product", 2)
_SETTLED = (Standing.ESTABLISHED, Standing.WITHHELD)
_SILENT = (Standing.UNKNOWN, Standing.REBUTTED)


class Laws:
    """Every share and product that was written, with what is true of them. Shared by the copies of one question."""

    def __init__(self, *, exact: bool = False) -> None:
        self.exact = exact
        self.shares: dict[Any, tuple[Num, Num, Num]] = {}
        self.products: dict[Any, tuple[Num, Num]] = {}

    def share(self, of: Num, part: Num, whole: Num) -> Num:
        """of x part / whole, rounded half up, the part held within 0..whole; for a positive whole."""
        if isinstance(of, int) and isinstance(part, int) and isinstance(whole, int):
            return share(of, part, whole) or 0
        if self.exact:
            held = least([most([part, 0]), whole])
            return quotient(2 * of * held + whole, 2 * whole)
        found = _SHARE(of, part, whole)
        self.shares[found] = (of, part, whole)
        return found

    def product(self, left: Num, right: Num) -> Num:
        """left x right; linear where a side is plain."""
        if isinstance(left, int) or isinstance(right, int) or self.exact:
            return left * right
        found = _PRODUCT(left, right)
        self.products[found] = (left, right)
        return found

    def axioms(self) -> list[Bool]:
        """Sound laws of rounding half up and of multiplication; docs/proof.md argues each."""
        laws: list[Bool] = []
        for found, (of, part, whole) in self.shares.items():
            good = every((compare(of, ">=", 0), compare(whole, ">", 0)))
            laws.append(implies(good, every((found >= 0, found <= of))))
            laws.append(implies(every((good, compare(part, "<=", 0))), found == 0))
            laws.append(implies(every((good, compare(part, ">=", whole))), found == of))
        for (one, (of, part, whole)), (other, (of2, part2, whole2)) in permutations(self.shares.items(), 2):
            more = every((compare(of, "<=", of2), compare(part, "<=", part2), compare(whole, ">=", whole2)))
            laws.append(implies(every((compare(of, ">=", 0), compare(whole2, ">", 0), more)), one <= other))
        for found, (left, right) in self.products.items():
            laws.append(implies(every((compare(left, ">=", 0), compare(right, ">=", 0))), found >= 0))
        for (one, (left, right)), (other, (left2, right2)) in permutations(self.products.items(), 2):
            positive = every((compare(left, ">=", 0), compare(right, ">=", 0)))
            more = every((compare(left, "<=", left2), compare(right, "<=", right2)))
            laws.append(implies(every((positive, more)), one <= other))
        return laws

    def fixed(self, numbers: list[tuple[Num, int]]) -> list[Bool]:
        """What shares and products are, exactly, once these numbers are fixed: then most of them are linear."""
        found: list[Bool] = []
        for one, sides in self.products.items():
            left, right = (under(side, numbers) for side in sides)
            if isinstance(left, int) or isinstance(right, int):
                found.append(same(one, left * right))
        for one, sides3 in self.shares.items():
            of, part, whole = (under(side, numbers) for side in sides3)
            if isinstance(whole, int) and whole > 0 and (isinstance(of, int) or isinstance(part, int)):
                twice = 2 * of * least([most([part, 0]), whole]) + whole
                found += [compare(2 * whole * one, "<=", twice), compare(twice, "<", 2 * whole * (one + 1))]
        return found

    def broken(self, model: Model) -> tuple[list[Bool], list[Bool]]:
        """Where a solution took a wrong share or product: lemmas that forbid it, and pins that keep its very numbers.

        A lemma says what the function comes to on these numbers, which is true of every case. None: all are right.
        """
        lemmas: list[Bool] = []
        pins: list[Bool] = []
        for found, sides in (*self.shares.items(), *self.products.items()):
            plain = tuple(model.forced(side) for side in sides)
            value = (share(*plain) or 0) if len(plain) == 3 else plain[0] * plain[1]
            at = every(compare(side, "==", number) for side, number in zip(sides, plain, strict=True))
            pins += [at, found == value]
            if (len(plain) == 2 or plain[2] > 0) and model.forced(found) != value:
                lemmas.append(implies(at, found == value))
        return lemmas, pins


class Formula:
    """Trees over one copy of the facts. `values`: the rulebook's, plain or open. `marks`: the clauses read so far."""

    def __init__(self, copy: Copy, values: Mapping[str, Num], laws: Laws, like: "Formula | None" = None) -> None:
        """like: another copy under the same rules; what looks at no fact of this copy's own is taken from it."""
        self.like = like
        self._own: dict[Expr | Term, bool] = {}
        self.copy = copy
        self.values = values
        self.laws = laws
        self.marks: dict[str, Tri] = {}
        self._truths: dict[Expr, Tri] = {}
        self._numbers: dict[Term, Number] = {}

    def read(self, clauses: Iterable[tuple[str, Expr]]) -> None:
        """Clauses in the order in which they are read; every Ref points back."""
        for name, tree in clauses:
            self.marks[name] = self.truth(tree)

    def truth(self, expr: Expr) -> Tri:
        """When the tree is True, and when it is False."""
        if expr not in self._truths:
            shared = self.like is not None and not self._is_own(expr)
            self._truths[expr] = self.like.truth(expr) if self.like is not None and shared else self._truth(expr)
        return self._truths[expr]

    def number(self, term: Term) -> Number:
        """What the term comes to, and when that is known."""
        if term not in self._numbers:
            shared = self.like is not None and not self._is_own(term)
            self._numbers[term] = self.like.number(term) if self.like is not None and shared else self._number(term)
        return self._numbers[term]

    def _is_own(self, node: Expr | Term) -> bool:
        """Whether anything below, through clauses too, is a fact of this copy's own."""
        if node not in self._own:
            if isinstance(node, Ref):
                own = self.like is None or self.marks[node.clause] is not self.like.marks[node.clause]
            elif isinstance(node, Val | In | Given | Stands | Says | By):
                own = node.path.removesuffix(".value") in self.copy.own
            else:
                own = any(self._is_own(below) for below in children(node))
            self._own[node] = own
        return self._own[node]

    def _truth(self, expr: Expr) -> Tri:
        match expr:
            case And(parts):
                read = [self.truth(part) for part in parts]
                return Tri(every(one.yes for one in read), some(one.no for one in read))
            case Or(parts):
                read = [self.truth(part) for part in parts]
                return Tri(some(one.yes for one in read), every(one.no for one in read))
            case Not(part):
                yes, no = self.truth(part)
                return Tri(no, yes)
            case Shown(part):
                return _sure(self.truth(part).yes)
            case Ref(clause):
                return self.marks[clause]
            case Compare(left, op, right):
                return self._compare(left, op, right)
            case _:
                return self._leaf(expr)

    def _leaf(self, expr: Expr) -> Tri:
        match expr:
            case Given(path):
                return _sure(self.copy.plain(path).given)
            case In(path, values):
                given, value = self.copy.plain(path)
                hit = is_one(value, values)
                return Tri(every((given, hit)), every((given, negation(hit))))
            case Stands(path, values):
                return _stands(self.copy.said(path), values)
            case Says(path, values):
                fact = self.copy.said(path)
                return _sure(every((fact.given, negation(is_one(fact.standing, _SILENT)), is_one(fact.value, values))))
            case By(path, sources):
                return _sure(is_one(self.copy.said(path).source, sources))
            case _:
                raise TypeError(expr)

    def _compare(self, left: Term, op: str, right: Term) -> Tri:
        first, second = self.number(left), self.number(right)
        known = every((first.known, second.known))
        hit = compare(first.value, op, second.value)
        return Tri(every((known, hit)), every((known, negation(hit))))

    def _number(self, term: Term) -> Number:
        match term:
            case Val(path):
                return self._val(path)
            case Const(value):
                assert isinstance(value, int), term
                return Number(True, value)
            case Param(name):
                return Number(True, self.values[name])
            case Plus(left, right) if is_time(left):
                first, second = self.number(left), self.number(right)
                return Number(every((first.known, second.known)), first.value + second.value * SECOND)
            case Plus(left, right):
                return self._joined((left, right), lambda found: found[0] + found[1])
            case Minus(left, right):
                return self._joined((left, right), lambda found: found[0] - found[1])
            case Times(left, right):
                return self._joined((left, right), lambda found: self.laws.product(*found))
            case Least(terms):
                return self._joined(terms, least)
            case Most(terms):
                return self._joined(terms, most)
            case Share(of, part, whole):
                known, found = self._joined((of, part, whole), lambda found: self.laws.share(*found))
                return Number(every((known, compare(self.number(whole).value, ">", 0))), found)
            case Choose(test, then, otherwise):
                yes, first, second = self.truth(test).yes, self.number(then), self.number(otherwise)
                known = some((every((yes, first.known)), every((negation(yes), second.known))))
                return Number(known, pick(yes, first.value, second.value))

    def _joined(self, terms: tuple[Term, ...], work: Any) -> Number:
        read = [self.number(term) for term in terms]
        return Number(every(one.known for one in read), work([one.value for one in read]))

    def _val(self, path: str) -> Number:
        found = self.copy.plain(path) if path.endswith(".value") else self.copy[path]
        if isinstance(found, Said):
            return Number(every((found.given, is_one(found.standing, _SETTLED))), found.value)
        return Number(found.given, found.value)


def chain(tests: list[tuple[Bool, Num]], otherwise: Num) -> Num:
    """The number of the first test that holds."""
    found = otherwise
    for test, value in reversed(tests):
        found = pick(test, value, found)
    return found


def firsts(tests: Iterable[tuple[str, Bool]]) -> dict[str, Bool]:
    """For each name in order: it is met and none before it is."""
    before: list[Bool] = []
    found: dict[str, Bool] = {}
    for name, test in tests:
        found[name] = every((*before, test))
        before.append(negation(test))
    return found


def _sure(yes: Bool) -> Tri:
    return Tri(yes, negation(yes))


def _stands(fact: Said, values: tuple[Any, ...]) -> Tri:
    """As expr.stands: settled as said, or, where it is rebutted, a yes or no turned round."""
    settled = every((fact.given, is_one(fact.standing, _SETTLED)))
    turned = every((fact.given, fact.standing[Standing.REBUTTED]))
    hit = is_one(fact.value, values)
    if all(isinstance(value, bool) for value in values):
        back = is_one(fact.value, tuple(not value for value in values))
        yes = some((every((settled, hit)), every((turned, back))))
        no = some((every((settled, negation(hit))), every((turned, negation(back)))))
        return Tri(yes, no)
    gone = every((turned, hit)) if len(set(values)) == 1 else False
    return Tri(every((settled, hit)), some((every((settled, negation(hit))), gone)))
