"""Any facts at all, made from the schema: every reading of the clauses is run against the others on these.

A field that is added to the facts is drawn without a word here. Numbers, times and words come from small pools with
many ties, because what goes wrong goes wrong at a boundary.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_type_hints

import msgspec
from hypothesis import strategies as st

from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Fact, Source, Standing
from tests.policy.world import T0

_DAY = 86_400
# Hours and days around every limit that a rulebook sets, and one microsecond beside them.
_STEPS = sorted({0, 1, 60, 3_600, *(k * _DAY for k in (1, 2, 3, 7, 8, 9, 14, 30))})
_OFFSETS = sorted({sign * step for step in _STEPS for sign in (-1, 1)})
_TIMES = st.builds(
    lambda seconds, micro: T0 + timedelta(seconds=seconds, microseconds=micro),
    st.sampled_from(_OFFSETS),
    st.sampled_from((0, 0, 0, 1, -1)),
)
_FEN = st.sampled_from((9_800, 10_000, 5_000, 3_333, 20_000, 100, 99, 1, 0)) | st.integers(0, 10_000_000)
_LITTLE = st.sampled_from((0, 0, 0, 0, 1, 99, 5_000)) | _FEN  # what went back before: mostly not all of it
_COUNTS = st.integers(0, 6)
_AGES = st.sampled_from((0, 7, 8, 12, 17, 18, 40))
_PERMILLE = st.sampled_from((0, 1, 300, 500, 999, 1_000))
_SECONDS = st.sampled_from(_STEPS[1:])


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """What a fact may be when it is there."""
    name = field.path.rpartition(".")[2]
    if field.values:
        return st.sampled_from(field.values)
    if field.type is datetime:
        return _TIMES
    if name.endswith("_fen"):
        return _LITTLE if name in ("refunded_fen", "in_flight_fen") else _FEN
    if name.endswith("_seconds"):
        return _SECONDS
    if name.endswith("_permille"):
        return _PERMILLE
    return _AGES if name.endswith("_age") else _COUNTS


def drawn(field: Field) -> st.SearchStrategy[Any]:
    """A fact as it stands in RefundFacts. A disputed one in every standing, also where a source says nothing at all."""
    values = values_of(field)
    if field.disputed:
        said = st.builds(Fact, value=values, source=st.sampled_from(Source), standing=st.sampled_from(Standing))
        odd = st.builds(Fact, value=st.none(), source=st.sampled_from(Source), standing=st.sampled_from(Standing))
        return st.just(Fact()) | said | said | odd
    return st.none() | values if field.optional else values


def usual(field: Field) -> st.SearchStrategy[Any]:
    """The same, and two times in three what holds when nobody says anything: cases in which few things are odd."""
    values = drawn(field)
    if field.disputed:
        silent: Any = Fact()
    elif field.default is None and not field.optional:
        return values
    else:
        silent = field.default
    return st.just(silent) | st.just(silent) | values


def any_facts() -> st.SearchStrategy[RefundFacts]:
    """Any value of RefundFacts: odd through and through, or odd in a few places."""
    return _facts(RefundFacts, "", drawn) | _facts(RefundFacts, "", usual) | _facts(RefundFacts, "", usual)


@cache
def _facts(struct: Any, prefix: str, draw: Callable[[Field], st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    fields = schema()
    hints = get_type_hints(struct)
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for name in struct.__struct_fields__:
        field = fields.get(prefix + name)
        parts[name] = draw(field) if field is not None else _facts(hints[name], f"{prefix}{name}.", draw)
    return st.builds(struct, **parts)


def flat(facts: msgspec.Struct, prefix: str = "") -> dict[str, Any]:
    """Facts by dotted path, as they stand."""
    found: dict[str, Any] = {}
    for name in facts.__struct_fields__:
        value = getattr(facts, name)
        nested = isinstance(value, msgspec.Struct) and not isinstance(value, Fact)
        found |= flat(value, f"{prefix}{name}.") if nested else {prefix + name: value}
    return found
