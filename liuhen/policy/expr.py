"""The small language in which clauses are written: an expression tree over fact paths, data and nothing else.

Three values: True, False, and None for "not known". One tree has four readings: Python decides (`python_reading`), a
solver proves (`proof`), a column back-tests (`columns`), a sentence is read (`explain`). This file holds the nodes,
what they mean on one fact, and the walks that every reading needs. The page about it is README.md in this folder.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from liuhen.money.amount import nearest_share
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


class Minus(msgspec.Struct, frozen=True, tag=True):
    """Amount minus amount; may be negative."""

    left: "Term"
    right: "Term"


class Times(msgspec.Struct, frozen=True, tag=True):
    """Amount times a count."""

    left: "Term"
    right: "Term"


class Least(msgspec.Struct, frozen=True, tag=True):
    """The smallest of them."""

    terms: tuple["Term", ...]


class Most(msgspec.Struct, frozen=True, tag=True):
    """The largest of them."""

    terms: tuple["Term", ...]


class Share(msgspec.Struct, frozen=True, tag=True):
    """`of` x part / whole, rounded half up to the fen. A part outside 0..whole counts as its nearest end; whole > 0.

    Not known when a side is not known or the whole is not positive.
    """

    of: "Term"
    part: "Term"
    whole: "Term"


class Choose(msgspec.Struct, frozen=True, tag=True):
    """`then` when the test is True; `otherwise` when it is False or not known."""

    test: "Expr"
    then: "Term"
    otherwise: "Term"


Term = Val | Const | Param | Plus | Minus | Times | Least | Most | Share | Choose


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


def settled(value: Any) -> Any:
    """A plain value as it is; a disputed one only when a decision may rest on it, else None."""
    if isinstance(value, Fact):
        return value.value if value.holds else None
    return value


def share(of: int | None, part: int | None, whole: int | None) -> int | None:
    """What `Share` says, on plain numbers (fen, and two counts of one unit)."""
    if of is None or part is None or whole is None or whole <= 0:
        return None
    return nearest_share(of, min(max(part, 0), whole), whole)


def walk(node: Expr | Term) -> Iterator[Expr | Term]:
    """The node and everything below it, without following Ref."""
    yield node
    for below in children(node):
        yield from walk(below)


def children(node: Expr | Term) -> tuple[Expr | Term, ...]:
    """The nodes directly below."""
    match node:
        case And(parts) | Or(parts):
            return parts
        case Least(terms) | Most(terms):
            return terms
        case Not(part) | Shown(part):
            return (part,)
        case Compare(left, _, right) | Plus(left, right) | Minus(left, right) | Times(left, right):
            return (left, right)
        case Share(of, part, whole):
            return (of, part, whole)
        case Choose(test, then, otherwise):
            return (test, then, otherwise)
        case _:
            return ()


def paths(node: Expr | Term) -> tuple[str, ...]:
    """The fact paths a tree looks at, in order, each once."""
    return tuple(dict.fromkeys(n.path for n in walk(node) if isinstance(n, Val | In | Given | Stands | Says | By)))


def params(node: Expr | Term) -> tuple[str, ...]:
    """The rulebook values a tree uses, each once."""
    return tuple(dict.fromkeys(n.name for n in walk(node) if isinstance(n, Param)))


def refs(node: Expr | Term) -> tuple[str, ...]:
    """The clauses a tree refers to, each once."""
    return tuple(dict.fromkeys(n.clause for n in walk(node) if isinstance(n, Ref)))
