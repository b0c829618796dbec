"""The trace of a decision: every clause, whether it was met, and the facts it looked at.

What is the same for each decision (names, numbers, layers, burdens, articles, which facts a clause looks at) is the
*form* of a trace, known by its digest; an edition of it is frozen when a decision rests on it (data/forms). What is
kept of one decision is the rest: marks, facts and rulebook values. `written_out` puts the two together.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from liuhen.policy.clauses.clause import Clause
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS
from liuhen.policy.decision import ClauseResult, Mark, UsedFact
from liuhen.policy.expr import Truth, params, paths, refs
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Side, Source, Standing
from liuhen.policy.law import Article, articles_of, standing_on
from liuhen.policy.rulebook import REQUIRED, Rulebook

_MET, _NOT_MET, _UNKNOWN = "mnu"
_LETTERS: dict[Truth, str] = {True: _MET, False: _NOT_MET, None: _UNKNOWN}
_MARKS = {_MET: Mark.MET, _NOT_MET: Mark.NOT_MET, _UNKNOWN: Mark.UNKNOWN}


class ClauseForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a trace says of a clause on any facts. facts and params: places in the form's lists.

    rests_on: the clauses that its condition refers to; they are decisive where it decides.
    """

    id: str
    number: str
    layer: str
    burden: Side
    rests_on: tuple[str, ...]
    cites: tuple[Article, ...]
    facts: tuple[int, ...]
    params: tuple[int, ...]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """facts: paths; params: names of rulebook values; both each once."""

    clauses: tuple[ClauseForm, ...]
    facts: tuple[str, ...]
    params: tuple[str, ...]


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision adds to its form.

    form: its digest; day: on which the goods were bought, whose law applies; marks: a letter for each clause; facts:
    for each path the plain value, and who says it and how it stands where it is disputed; params: fen, seconds, days,
    permille.
    """

    form: str
    day: date
    marks: str
    facts: tuple[tuple[Any, ...], ...]
    params: tuple[int, ...]


class _Edition:
    """The form of the clauses as they are in this program, and how to fill it in."""

    def __init__(self) -> None:
        self.form = _form_of(CLAUSES)
        self.text = msgspec.json.encode(self.form)
        self.digest = digest_of(self.text)
        self.facts = attrgetter(*self.form.facts)


def digest_of(text: bytes) -> str:
    """The name of a form: SHA-256 of its JSON, in hexadecimal."""
    return hashlib.sha256(text).hexdigest()


@cache
def _edition() -> _Edition:
    return _Edition()


def form_text() -> bytes:
    """The form of today's clauses as it is frozen."""
    return _edition().text


def form_digest() -> str:
    """The name of that form."""
    return _edition().digest


def values_of(clause: Clause) -> tuple[str, ...]:
    """The rulebook values that a clause rests on: in its condition, and the time that it sets."""
    limit = clause.effect.step.limit if clause.effect else ""
    return tuple(dict.fromkeys((*params(clause.when), *((limit,) if limit in REQUIRED else ()))))


def _form_of(clauses: Sequence[Clause]) -> Form:
    facts = tuple(dict.fromkeys(path for clause in clauses for path in paths(clause.when)))
    names = tuple(dict.fromkeys(name for clause in clauses for name in values_of(clause)))
    at, of = {path: n for n, path in enumerate(facts)}, {name: n for n, name in enumerate(names)}
    forms = tuple(
        ClauseForm(
            id=clause.id,
            number=NUMBERS[clause.id],
            layer=clause.layer.value,
            burden=clause.burden,
            rests_on=refs(clause.when),
            cites=articles_of(clause.cites),
            facts=tuple(at[path] for path in paths(clause.when)),
            params=tuple(of[name] for name in values_of(clause)),
        )
        for clause in clauses
    )
    return Form(clauses=forms, facts=facts, params=names)


def trace_of(facts: RefundFacts, rulebook: Rulebook, truths: Sequence[Truth]) -> Trace:
    """What there is to keep. Parameters: truths, one for each clause, in reading order."""
    edition, values = _edition(), rulebook.values
    return Trace(
        form=edition.digest,
        day=(facts.order.placed_at or facts.order.paid_at or facts.claim.requested_at).date(),
        marks="".join([_LETTERS[truth] for truth in truths]),
        facts=tuple([_kept(value) for value in edition.facts(facts)]),
        params=tuple([values[name] for name in edition.form.params]),
    )


def _kept(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Fact):
        return (plain(value.value), value.source, value.standing)
    return (plain(value),)


def plain(value: Any) -> Any:
    """A fact's value as JSON has it."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def written_out(trace: Trace, ground: str, form: Form | None = None) -> tuple[ClauseResult, ...]:
    """Every clause with the facts it looked at. Articles in the version of the day on which the goods were bought.

    Parameters: ground, id of the clause that decided; form, the one that the trace names, or None for today's.
    """
    form = form or _edition().form
    decisive = _decisive(form, ground)
    facts = [_used(path, kept) for path, kept in zip(form.facts, trace.facts, strict=True)]
    return tuple(
        ClauseResult(
            id=clause.id,
            number=clause.number,
            layer=clause.layer,
            mark=_MARKS[letter],
            decisive=clause.id in decisive,
            burden=clause.burden,
            facts=tuple([facts[place] for place in clause.facts]),
            cites=standing_on(clause.cites, trace.day),
            params={form.params[place]: trace.params[place] for place in clause.params},
        )
        for clause, letter in zip(form.clauses, trace.marks, strict=True)
    )


def _decisive(form: Form, ground: str) -> frozenset[str]:
    """The clauses that the outcome rests on: the one that decided, and those that its condition refers to."""
    return frozenset({ground, *next(clause.rests_on for clause in form.clauses if clause.id == ground)})


def _used(path: str, kept: Sequence[Any]) -> UsedFact:
    if len(kept) == 1:
        return UsedFact(path, kept[0])
    value, source, standing = kept
    return UsedFact(path, value, Source(source), Standing(standing))


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """The trace in the fewest words, as an order's record keeps it: ids of clauses in reading order.

    Whatever the form names and this does not was not met. form: its digest.
    """

    form: str
    met: list[str]
    unknown: list[str]
    decisive: list[str]


def marked(trace: Trace, ground: str) -> Marked:
    """Of a trace of today's form. Parameters: ground, id of the clause that decided."""
    form = _edition().form
    decisive = _decisive(form, ground)
    marks = [(clause.id, letter) for clause, letter in zip(form.clauses, trace.marks, strict=True)]
    return Marked(
        form=trace.form,
        met=[name for name, letter in marks if letter == _MET],
        unknown=[name for name, letter in marks if letter == _UNKNOWN],
        decisive=[name for name, _ in marks if name in decisive],
    )
