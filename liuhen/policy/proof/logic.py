"""The solver's words, folded where a side is plain: what is known before solving never reaches the solver.

A truth is a Python bool or a Z3 Bool, a number is a Python int or a Z3 Int. This is the only file of the policy floor
that imports the solver; it brings no stubs, so that its values are `Any` to the type checker.
"""

import operator
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import z3  # type: ignore[import-untyped]

Bool = Any
Num = Any
SECOND = 1_000_000  # times are whole microseconds since 1970, the finest step that a datetime has


class Tri(NamedTuple):
    """A truth value of the language: True, False, or neither, which is "not known". Never both."""

    yes: Bool
    no: Bool


class Number(NamedTuple):
    """A number of the language; `value` means nothing where `known` is false."""

    known: Bool
    value: Num


def a_bool(name: str) -> Bool:
    """A truth of that name, open to the solver."""
    return z3.Bool(name)


def a_number(name: str) -> Num:
    """A whole number of that name, open to the solver."""
    return z3.Int(name)


def every(parts: Iterable[Bool]) -> Bool:
    """All of them; of nothing: True."""
    kept = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            kept.append(part)
    if not kept:
        return True
    return kept[0] if len(kept) == 1 else z3.And(kept)


def some(parts: Iterable[Bool]) -> Bool:
    """At least one of them; of nothing: False."""
    kept = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            kept.append(part)
    if not kept:
        return False
    return kept[0] if len(kept) == 1 else z3.Or(kept)


def negation(part: Bool) -> Bool:
    """The opposite."""
    return (not part) if isinstance(part, bool) else z3.Not(part)


def implies(first: Bool, then: Bool) -> Bool:
    """Where the first holds, so does the second."""
    return some((negation(first), then))


def same(left: Any, right: Any) -> Bool:
    """Both truths, or both numbers, are equal."""
    if isinstance(left, bool | int) and isinstance(right, bool | int):
        return left == right
    if isinstance(left, bool):
        return right if left else negation(right)
    if isinstance(right, bool):
        return left if right else negation(left)
    return left == right


def pick(test: Bool, then: Num, otherwise: Num) -> Num:
    """A number by a test."""
    if isinstance(test, bool):
        return then if test else otherwise
    return z3.If(test, then, otherwise)


def compare(left: Num, op: str, right: Num) -> Bool:
    """left op right; op is one of < <= > >= ==."""
    match op:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "==":
            return left == right
        case _:
            raise ValueError(op)


def least(values: list[Num]) -> Num:
    """The smallest."""
    found = values[0]
    for value in values[1:]:
        found = pick(value < found, value, found)
    return found


def most(values: list[Num]) -> Num:
    """The largest."""
    found = values[0]
    for value in values[1:]:
        found = pick(value > found, value, found)
    return found


def quotient(above: Num, below: Num) -> Num:
    """Whole division, rounded down for a positive divisor: Z3's `div` on integers, which Python spells like this."""
    if isinstance(above, int) and isinstance(below, int):
        return above // below
    return operator.truediv(_int(above), _int(below))


def one_of(parts: list[Bool]) -> Bool:
    """Exactly one of them."""
    pairs = (some((negation(first), negation(then))) for i, first in enumerate(parts) for then in parts[i + 1 :])
    return every((some(parts), *pairs))


def function(name: str, arity: int) -> Any:
    """A function of whole numbers of which nothing is known but what is asserted."""
    return z3.Function(name, *[z3.IntSort()] * (arity + 1))


def _int(value: Num) -> Num:
    return z3.IntVal(value) if isinstance(value, int) else value


def under(value: Num, fixed: Sequence[tuple[Num, int]]) -> Num:
    """What a number becomes when some others are fixed: a plain one, where that settles it."""
    if isinstance(value, int):
        return value
    put = z3.simplify(z3.substitute(value, *[(one, z3.IntVal(number)) for one, number in fixed]))
    return int(put.as_long()) if z3.is_int_value(put) else put


class Solver:
    """Assertions, and whether they can hold together. `unknown` is its own answer: nothing was shown."""

    def __init__(self, axioms: Iterable[Bool], timeout_ms: int) -> None:
        self._solver = z3.Solver()
        self._solver.set("timeout", timeout_ms)
        self.add(axioms)

    def add(self, parts: Iterable[Bool]) -> None:
        """Assumed from now on (until `pop`)."""
        for part in parts:
            self._solver.add(z3.BoolVal(part) if isinstance(part, bool) else part)

    def push(self) -> None:
        """What is added from here on is forgotten by `pop`."""
        self._solver.push()

    def pop(self) -> None:
        """Forgets what was added since `push`."""
        self._solver.pop()

    def check(self) -> str:
        """sat, unsat or unknown."""
        return str(self._solver.check())

    def model(self) -> "Model":
        """A solution, after sat."""
        return Model(self._solver.model())


class Model:
    """One solution."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def truth(self, value: Bool) -> bool | None:
        """What a truth is in it; None where it does not matter."""
        if isinstance(value, bool):
            return value
        found = self._model.eval(value)
        return True if z3.is_true(found) else False if z3.is_false(found) else None

    def number(self, value: Num) -> int | None:
        """What a number is in it; None where it does not matter."""
        if isinstance(value, int):
            return value
        found = self._model.eval(value)
        return int(found.as_long()) if z3.is_int_value(found) else None

    def forced(self, value: Num) -> int:
        """What a number is in it, some number where it does not matter."""
        return value if isinstance(value, int) else int(self._model.eval(value, model_completion=True).as_long())
