"""One copy of the facts as the solver sees it: a variable for every fact, with what is true of every value of it.

Two copies that share variables are two cases that differ in nothing but what was made anew. Why each axiom may be
assumed stands beside it; docs/proof.md lists them.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from liuhen.policy.facts.check import EARLIEST, LATEST
from liuhen.policy.facts.check import least as least_of
from liuhen.policy.facts.check import most as most_of
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Fact, Source, Standing
from liuhen.policy.proof.logic import SECOND, Bool, Num, a_bool, a_number, every, implies, one_of, same, some

Word = Mapping[Any, Bool]  # a word: for every possible one, whether it is that
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Plain(NamedTuple):
    """A fact of our own record. given: it is there; value: a truth, a Word or a number (fen, count, microseconds)."""

    given: Bool
    value: Any


class Said(NamedTuple):
    """A disputed fact. given: somebody says a value; source and standing: one of each."""

    given: Bool
    value: Any
    source: Word
    standing: Word


Variable = Plain | Said


class Copy:
    """The facts of one case. `own`: paths with variables of their own; all others are shared with every other copy."""

    def __init__(self, name: str, own: Iterable[str] = (), made: Mapping[str, Variable] | None = None) -> None:
        self.name = name
        self.own = frozenset(own)
        self.variables: dict[str, Variable] = dict(made or {})

    def __getitem__(self, path: str) -> Variable:
        if path not in self.variables:
            field = schema()[path]
            self.variables[path] = variable(f"{path}{self.name}" if path in self.own else path, field)
        return self.variables[path]

    def said(self, path: str) -> Said:
        """A disputed fact."""
        found = self[path]
        assert isinstance(found, Said), path
        return found

    def plain(self, path: str) -> Plain:
        """A plain fact; `x.value` is what is said about the disputed fact `x`, however it stands."""
        if path.endswith(".value"):
            said = self.said(path.removesuffix(".value"))
            return Plain(said.given, said.value)
        found = self[path]
        assert isinstance(found, Plain), path
        return found

    def share(self, other: "Copy") -> None:
        """Takes over the facts of another copy, as far as neither has them for its own."""
        for path, found in other.variables.items():
            if path not in self.own and path not in other.own:
                self.variables.setdefault(path, found)

    def axioms(self) -> list[Bool]:
        """What is true of every fact that was asked for."""
        return [axiom for path, found in self.variables.items() for axiom in _axioms(schema()[path], found)]


def variable(name: str, field: Field) -> Variable:
    """A fact that may be anything its type allows."""
    value = _value(name, field)
    if not field.disputed:
        return Plain(a_bool(f"{name}?") if field.optional else True, value)
    source = {one: a_bool(f"{name}<{one}") for one in Source}
    return Said(a_bool(f"{name}?"), value, source, {one: a_bool(f"{name}={one}") for one in Standing})


def silent(field: Field, like: Said) -> Said:
    """Nobody has said anything: `Fact()`. The value is left as in `like`; nothing looks at it."""
    assert field.disputed, field.path
    return Said(False, like.value, word(Source.NOBODY), word(Standing.UNKNOWN))


def word(member: StrEnum) -> Word:
    """A word that is settled."""
    return {one: one is member for one in type(member)}


def literal(field: Field, value: Any) -> Variable:
    """A fact that is settled: the very value that Python holds."""
    if not field.disputed:
        return Plain(value is not None, _literal(field, value))
    assert isinstance(value, Fact), field.path
    plain = _literal(field, value.value)
    return Said(value.value is not None, plain, word(value.source), word(value.standing))


def micros(at: datetime) -> int:
    """A moment as whole microseconds since 1970."""
    gap = at - _EPOCH
    return (gap.days * 86_400 + gap.seconds) * SECOND + gap.microseconds


def from_micros(number: int) -> datetime:
    """The moment, aware UTC, behind whole microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=number)


def equal(left: Variable, right: Variable) -> Bool:
    """Both are the same fact; what nobody says has no value."""
    values = implies(left.given, _same_value(left.value, right.value))
    parts = [same(left.given, right.given), values]
    if isinstance(left, Said) and isinstance(right, Said):
        parts += [_same_value(left.source, right.source), _same_value(left.standing, right.standing)]
    return every(parts)


def is_one(value: Any, members: Iterable[Any]) -> Bool:
    """Whether a value (a truth, a word or a number) is one of these."""
    if isinstance(value, Mapping):
        return some(value[member] for member in members)
    parts = []
    for member in members:
        if isinstance(member, bool):
            parts.append(every((value,)) if member else implies(value, False))
        else:
            parts.append(value == member)
    return some(parts)


def _same_value(left: Any, right: Any) -> Bool:
    if isinstance(left, Mapping):
        return every(same(left[key], right[key]) for key in left)
    return same(left, right)


def _literal(field: Field, value: Any) -> Any:
    if value is None:
        return _value("none", field)
    if isinstance(value, StrEnum):
        return word(value)
    return micros(value) if isinstance(value, datetime) else value


def _value(name: str, field: Field) -> Any:
    if field.type is bool:
        return a_bool(name)
    if field.values:
        return {one: a_bool(f"{name}:{one}") for one in field.values}
    return a_number(name)


def _axioms(field: Field, found: Variable) -> list[Bool]:
    """A word is exactly one of its words (StrEnum); numbers and times lie in the range that facts.check lets in."""
    axioms: list[Bool] = []
    if isinstance(found, Said):
        axioms += [one_of(list(found.source.values())), one_of(list(found.standing.values()))]
    if isinstance(found.value, Mapping):
        axioms.append(one_of(list(found.value.values())))
    elif field.type is not bool and not isinstance(found.value, int):
        low, high = bounds(field)
        axioms += [found.value >= low, found.value <= high]
    return axioms


def bounds(field: Field) -> tuple[Num, Num]:
    """The least and the most that a number or a time may be (fen, seconds, counts; microseconds for times)."""
    if field.type is datetime:
        return micros(EARLIEST), micros(LATEST)
    return least_of(field.path), most_of(field.path)
