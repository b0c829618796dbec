"""The small language in which clauses are written: an expression tree over fact paths, data and nothing else.

Three values: True, False, and None for "not known". One tree has several readings; this file holds the first,
which decides (`reading`), and what every reading needs: the paths, parameters and clauses a tree refers to.
The page about it is README.md in this folder.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec

from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, Standing

Truth = bool | None
Plain = str | int | bool


class Val(msgspec.Struct, frozen=True, tag=True):
    """The value of a fact. Of a disputed fact only when it is settled; None when nobody knows."""

    path: str


class Const(msgspec.Struct, frozen=True, tag=True):
    """A plain value."""

    value: Plain


class Param(msgspec.Struct, frozen=True, tag=True):
    """A value of the rulebook (fen, seconds, days, permille or a switch of 0 and 1)."""

    name: str


class Plus(msgspec.Struct, frozen=True, tag=True):
    """Amount plus amount, seconds plus seconds, or a time plus seconds."""

    left: "Term"
    right: "Term"


Term = Val | Const | Param | Plus


class Compare(msgspec.Struct, frozen=True, tag=True):
    """left op right; not known when a side is not known. op is one of < <= > >= ==."""

    left: Term
    op: str
    right: Term


class In(msgspec.Struct, frozen=True, tag=True):
    """A plain fact is one of these values; not known when it is None."""

    path: str
    values: tuple[Plain, ...]


class Given(msgspec.Struct, frozen=True, tag=True):
    """A plain fact is there at all. Never unknown: that nothing happened is a fact too."""

    path: str


class Stands(msgspec.Struct, frozen=True, tag=True):
    """A disputed fact is settled as one of these values. Merely said: not known. Rebutted yes or no: the opposite."""

    path: str
    values: tuple[Plain, ...]


class Says(msgspec.Struct, frozen=True, tag=True):
    """Somebody says so and it is not rebutted. Never unknown."""

    path: str
    values: tuple[Plain, ...]


class By(msgspec.Struct, frozen=True, tag=True):
    """A disputed fact comes from one of these sources. Never unknown."""

    path: str
    sources: tuple[Source, ...]


class And(msgspec.Struct, frozen=True, tag=True):
    """All of them: one False decides, else one unknown leaves it unknown. Of nothing: True."""

    parts: tuple["Expr", ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """Any of them: one True decides, else one unknown leaves it unknown. Of nothing: False."""

    parts: tuple["Expr", ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """The opposite; of unknown: unknown."""

    part: "Expr"


class Shown(msgspec.Struct, frozen=True, tag=True):
    """True when the part is True, else False: what stays unproven counts as not so (the burden of proof)."""

    part: "Expr"


class Ref(msgspec.Struct, frozen=True, tag=True):
    """Another clause, by id. Clauses are read in an order in which every Ref points back."""

    clause: str


Expr = Compare | In | Given | Stands | Says | By | And | Or | Not | Shown | Ref

Marks = Mapping[str, Truth]
Reading = Callable[[RefundFacts, Mapping[str, int], Marks], Truth]
_Number = Callable[[RefundFacts, Mapping[str, int]], Any]


def reading(expr: Expr) -> Reading:
    """The Python reading: a function of facts, rulebook values and the marks of earlier clauses."""
    match expr:
        case Compare(left, op, right):
            return _compare(_number(left), op, _number(right))
        case In(path, values):
            get, members = attrgetter(path), frozenset(values)
            return lambda f, p, m: None if (v := get(f)) is None else v in members
        case Given(path):
            get = attrgetter(path)
            return lambda f, p, m: get(f) is not None
        case Stands(path, values):
            get, members = attrgetter(path), frozenset(values)
            return lambda f, p, m: stands(get(f), members)
        case Says(path, values):
            get, members = attrgetter(path), frozenset(values)
            return lambda f, p, m: says(get(f), members)
        case By(path, sources):
            get, members = attrgetter(path), frozenset(sources)
            return lambda f, p, m: get(f).source in members
        case And(parts):
            return _all([reading(x) for x in parts])
        case Or(parts):
            return _any([reading(x) for x in parts])
        case Not(part):
            inner = reading(part)
            return lambda f, p, m: None if (v := inner(f, p, m)) is None else not v
        case Shown(part):
            inner = reading(part)
            return lambda f, p, m: inner(f, p, m) is True
        case Ref(clause):
            return lambda f, p, m: m[clause]


def stands(fact: Fact[Any], members: frozenset[Any]) -> Truth:
    """Whether a disputed fact is settled as one of `members`; None while it is open."""
    if fact.value is None or fact.standing in (Standing.UNKNOWN, Standing.ALLEGED):
        return None
    if fact.standing is not Standing.REBUTTED:
        return fact.value in members
    if isinstance(fact.value, bool):
        return (not fact.value) in members
    return False if members == frozenset((fact.value,)) else None


def says(fact: Fact[Any], members: frozenset[Any]) -> bool:
    """Whether somebody says so, and nobody has shown otherwise."""
    return fact.standing not in (Standing.UNKNOWN, Standing.REBUTTED) and fact.value in members


def _all(parts: list[Reading]) -> Reading:
    def read(f: RefundFacts, p: Mapping[str, int], m: Marks) -> Truth:
        known: Truth = True
        for part in parts:
            value = part(f, p, m)
            if value is False:
                return False
            if value is None:
                known = None
        return known

    return read


def _any(parts: list[Reading]) -> Reading:
    def read(f: RefundFacts, p: Mapping[str, int], m: Marks) -> Truth:
        known: Truth = False
        for part in parts:
            value = part(f, p, m)
            if value is True:
                return True
            if value is None:
                known = None
        return known

    return read


_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "==": lambda a, b: bool(a == b),
}


def _compare(left: _Number, op: str, right: _Number) -> Reading:
    test = _OPS[op]

    def read(f: RefundFacts, p: Mapping[str, int], m: Marks) -> Truth:
        a, b = left(f, p), right(f, p)
        return None if a is None or b is None else test(a, b)

    return read


def _number(term: Term) -> _Number:
    match term:
        case Val(path):
            get = attrgetter(path)
            return lambda f, p: settled(get(f))
        case Const(value):
            return lambda f, p: value
        case Param(name):
            return lambda f, p: p[name]
        case Plus(left, right):
            first, second = _number(left), _number(right)
            return lambda f, p: plus(first(f, p), second(f, p))


def settled(value: Any) -> Any:
    """A plain value as it is; a disputed one only when a decision may rest on it, else None."""
    if isinstance(value, Fact):
        return value.value if value.holds else None
    return value


def plus(left: Any, right: Any) -> Any:
    """Sum of two amounts, or a time moved by seconds; None when either is not known."""
    if left is None or right is None:
        return None
    return left + timedelta(seconds=right) if isinstance(left, datetime) else left + right


def walk(node: Expr | Term) -> Iterator[Expr | Term]:
    """The node and everything below it, without following Ref."""
    yield node
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from walk(part)
        case Not(part) | Shown(part):
            yield from walk(part)
        case Compare(left, _, right) | Plus(left, right):
            yield from walk(left)
            yield from walk(right)
        case _:
            return


def paths(expr: Expr) -> tuple[str, ...]:
    """The fact paths a tree looks at, in order, each once."""
    return tuple(dict.fromkeys(n.path for n in walk(expr) if isinstance(n, Val | In | Given | Stands | Says | By)))


def params(expr: Expr) -> tuple[str, ...]:
    """The rulebook values a tree uses, each once."""
    return tuple(dict.fromkeys(n.name for n in walk(expr) if isinstance(n, Param)))


def refs(expr: Expr) -> tuple[str, ...]:
    """The clauses a tree refers to, each once."""
    return tuple(dict.fromkeys(n.clause for n in walk(expr) if isinstance(n, Ref)))
