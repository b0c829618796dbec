"""What `engine.judge` says of a case, as columns: the ground, the outcome and the two ends of the money.

Grounds are numbered so that those with one formula lie side by side: a formula is then chosen by a comparison.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from liuhen.policy.clauses.amounts import FORMULAS, WHOLE
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.clauses.registry import BY_ID, CLAUSES, PRECEDENCE
from liuhen.policy.columns import NO, Columns, Number, Reader, Text, any_of, differing
from liuhen.policy.decision import Outcome
from liuhen.policy.engine import effect_of
from liuhen.policy.expr import Choose, Least, Most, Term, Val, children

OUTCOMES = tuple(Outcome)


def _is_open(amount: Amount) -> bool:
    low, high = FORMULAS[amount]
    return low != high


def _shape(term: Term) -> tuple[Any, ...]:
    """What formulas need in common so that they can be worked out as one with a hole in it."""
    if not isinstance(term, Choose):
        return (type(term).__name__,)
    below = [(type(one).__name__, len(children(one))) for one in (term.then, *children(term.then))]
    return (type(term).__name__, term.test, *below)


_SHAPES = list(dict.fromkeys(_shape(low) for low, _ in FORMULAS.values()))


def _order(clause_id: str) -> tuple[bool, int, int, int]:
    """Grounds with one amount side by side, open amounts last; amounts of one shape side by side."""
    effect = effect_of(BY_ID[clause_id])
    shape = _SHAPES.index(_shape(FORMULAS[effect.amount][0]))
    return _is_open(effect.amount), shape, list(Amount).index(effect.amount), OUTCOMES.index(effect.outcome)


GROUNDS: tuple[str, ...] = tuple(sorted(PRECEDENCE, key=_order))  # the number in the column is the place here
_NUMBER = {clause_id: number for number, clause_id in enumerate(GROUNDS)}


class VerdictColumns(NamedTuple):
    """Names of the columns for one version. ground: a place in GROUNDS; low, high: fen; paid: see `outcome_of`.

    marks: clause -> the column of its mark, true, false or NULL; only where it was asked for.
    """

    ground: str
    paid: str
    low: str
    high: str
    marks: dict[str, str]


class Judged(NamedTuple):
    """All columns in layers, each over the ones below it, and which of them belong to which version."""

    layers: list[list[tuple[str, str]]]
    versions: list[VerdictColumns]


_AMOUNTS = tuple(dict.fromkeys(effect_of(BY_ID[name]).amount for name in GROUNDS))
_ENDS = [max(_NUMBER[n] for n in GROUNDS if effect_of(BY_ID[n]).amount is amount) for amount in _AMOUNTS]
_LOW = [(end, FORMULAS[amount][0]) for end, amount in zip(_ENDS, _AMOUNTS, strict=True)]
_HIGH = [(end, FORMULAS[amount][1]) for end, amount in zip(_ENDS, _AMOUNTS, strict=True) if _is_open(amount)]
_LAST_EXACT = max(end for end, amount in zip(_ENDS, _AMOUNTS, strict=True) if not _is_open(amount))
_GROUP = 8  # so many grounds are asked for at once before each of them is


def judged(versions: Sequence[Mapping[str, int]], *, marks: bool = False) -> Judged:
    """The decisions of several versions side by side; what they share is worked out once.

    Parameters: versions, the numbers of each rulebook by name; marks, whether the mark of each clause is wanted too.
    """
    holes = [term for runs in (_LOW, _HIGH) for one in _alike(runs) for terms in one.holes.values() for term in terms]
    into = Columns([WHOLE, *(one.term for one in _alike(_LOW)), *holes], {c.id: c.when for c in CLAUSES})
    found: list[VerdictColumns] = []
    version: _Version | None = None
    for values in versions:
        version = _Version(into, into.reader(values), version)
        wanted = {clause.id: into.keep(version.reader.mark(clause.id)).sql for clause in CLAUSES} if marks else {}
        found.append(version.columns(wanted))
    return Judged(into.layers, found)


def outcome_of(ground: int, paid: int) -> Outcome:
    """As `engine.judge`: of what is paid the money says how much of the whole it is; else the clause itself.

    Parameters: ground, a place in GROUNDS; paid, 0 for nothing, 1 for a part and 2 for all that is there.
    """
    effect = effect_of(BY_ID[GROUNDS[ground]])
    return _PAID[paid] if effect.outcome in (Outcome.FULL, Outcome.PARTIAL) else effect.outcome


_PAID = (Outcome.NONE, Outcome.PARTIAL, Outcome.FULL)


class _Version:
    """The columns of one version. before: the version worked out before it; what is the same there is taken from it."""

    def __init__(self, into: Columns, reader: Reader, before: "_Version | None") -> None:
        self.into = into
        self.reader = reader
        self.before = before
        self.marks = [into.keep(reader.truth(BY_ID[name].when)) for name in PRECEDENCE]
        self.ground = into.keep(self._ground())
        self.formulas = [tuple(reader.number(end) for end in FORMULAS[amount]) for amount in _AMOUNTS]
        self.kept: dict[str, Text] = {}

    def columns(self, marks: dict[str, str]) -> VerdictColumns:
        """Their names."""
        low = self._keep("low", self._amount("low", _LOW))
        high = self._amount("high", _HIGH)
        exact = f"CASE WHEN {self.ground.sql} <= {_LAST_EXACT} THEN {low.sql} ELSE {high.sql} END"
        high = self._keep("high", Text(exact, max(high.layer, low.layer, self.ground.layer)))
        whole = self.into.keep(self.reader.number(WHOLE))
        text = f"(CASE WHEN {low.sql} = {whole.sql} THEN 2 WHEN {low.sql} = 0 THEN 0 ELSE 1 END)::UTINYINT"
        paid = self.into.keep(Text(text, max(low.layer, whole.layer)))
        return VerdictColumns(self.ground.sql, paid.sql, low.sql, high.sql, marks)

    def _keep(self, name: str, text: Text) -> Text:
        """A column; where ground and formula are those of the version before, what was found there."""
        if self.before is not None:
            text = self._unless(self.before, self.before.kept[name], text)
        self.kept[name] = self.into.keep(text)
        return self.kept[name]

    def _unless(self, before: "_Version", then: Text, text: Text) -> Text:
        other = [n for n, (one, now) in enumerate(zip(before.formulas, self.formulas, strict=True)) if one != now]
        if self.ground == before.ground and not other:
            return then
        ground, starts = self.ground.sql, [0, *(end + 1 for end in _ENDS)]
        tests = [
            f"{ground} = {before.ground.sql}",
            *(f"NOT {ground} BETWEEN {starts[n]} AND {_ENDS[n]}" for n in other),
        ]
        sql = f"CASE WHEN {' AND '.join(tests)} THEN {then.sql} ELSE {text.sql} END"
        return Text(sql, max(text.layer, before.ground.layer, then.layer, self.ground.layer))

    def _ground(self) -> Text:
        """The first of PRECEDENCE that is met; the last one always is. After another version: where a mark differs."""
        tests = []
        for start in range(0, len(PRECEDENCE), _GROUP):
            group = list(zip(PRECEDENCE[start : start + _GROUP], self.marks[start : start + _GROUP], strict=True))
            inner = " ".join(f"WHEN {mark.sql} = 1 THEN {_NUMBER[name]}" for name, mark in group[:-1])
            text = f"CASE {inner} ELSE {_NUMBER[group[-1][0]]} END" if inner else str(_NUMBER[group[-1][0]])
            tests.append((self.into.keep(any_of(mark for _, mark in group)), text))
        layer = max(some.layer for some, _ in tests)
        whens = " ".join(f"WHEN {some.sql} = 1 THEN {text}" for some, text in tests[:-1])
        sql = f"(CASE {whens} ELSE {tests[-1][1]} END)::UTINYINT"
        if self.before is None:
            return Text(sql, layer)
        then = self.before.ground
        pairs = zip(self.before.marks, self.marks, strict=True)
        differs = self.into.keep(any_of(differing(one, other) for one, other in pairs))
        if differs == NO:
            return then
        cased = f"CASE WHEN {differs.sql} = 0 THEN {then.sql} ELSE {sql} END"
        return Text(cased, max(layer, then.layer, differs.layer))

    def _amount(self, name: str, runs: Sequence[tuple[int, Term]]) -> Text:
        """The formula of the ground, as a chain over the runs of grounds that share one."""
        texts, ends = [], []
        for place, alike in enumerate(_alike(runs)):
            self.reader.more = {
                path: self._picked(f"{name} {place} {path}", alike.ends, terms) for path, terms in alike.holes.items()
            }
            texts.append(self.reader.number(alike.term))
            ends.append(alike.ends[-1])
        self.reader.more = {}
        return _chosen(self.ground, ends, texts)

    def _picked(self, name: str, ends: Sequence[int], terms: Sequence[Term]) -> Number:
        """What fills a hole: a column, NULL where it is not known."""
        numbers = [self.reader.bounded(term) for term in terms]
        column = self._keep(name, _chosen(self.ground, ends, [self.reader.number(term) for term in terms]))
        gaps: tuple[Text, ...] = ()
        if any(number.gaps for number in numbers):
            gaps = (self.into.keep(Text(f"({column.sql} IS NOT NULL)::UTINYINT", column.layer)),)
        return Number(column, gaps, min(one.least for one in numbers), max(one.most for one in numbers))


class _Alike(NamedTuple):
    """Neighbouring formulas as one, with holes (paths of their own) where they differ. ends: each one's last ground."""

    ends: tuple[int, ...]
    term: Term
    holes: dict[str, tuple[Term, ...]]


@cache
def _alike_of(runs: tuple[tuple[int, Term], ...]) -> tuple[_Alike, ...]:
    found = []
    for _, group in groupby(runs, key=lambda run: _shape(run[1])):
        ends, terms = zip(*group, strict=True)
        holes: dict[str, tuple[Term, ...]] = {}
        found.append(_Alike(ends, _joined(terms, holes), holes))
    return tuple(found)


def _alike(runs: Sequence[tuple[int, Term]]) -> tuple[_Alike, ...]:
    return _alike_of(tuple(runs))


def _joined(terms: tuple[Term, ...], holes: dict[str, tuple[Term, ...]]) -> Term:
    """What they have in common; where they differ a hole, the same for the same difference."""
    first = terms[0]
    if all(term == first for term in terms):
        return first
    if isinstance(first, Choose) and all(isinstance(t, Choose) and t.test == first.test for t in terms):
        below = [tuple(children(term)[1:]) for term in terms]
        then, otherwise = (_joined(parts, holes) for parts in zip(*below, strict=True))
        return Choose(first.test, then, otherwise)
    for kind in (Least, Most):
        if all(isinstance(t, kind) and len(children(t)) == len(children(first)) for t in terms):
            columns = zip(*(children(term) for term in terms), strict=True)
            return kind(tuple(_joined(parts, holes) for parts in columns))
    known = {parts: path for path, parts in holes.items()}
    path = known.get(terms, f"hole {len(holes)}")
    holes[path] = terms
    return Val(path)


def _chosen(ground: Text, ends: Sequence[int], texts: Sequence[Text]) -> Text:
    """The text of the first run of grounds that this one falls into."""
    tests = [f"WHEN {ground.sql} <= {n} THEN {t.sql}" for n, t in zip(ends[:-1], texts[:-1], strict=True)]
    sql = f"(CASE {' '.join(tests)} ELSE {texts[-1].sql} END)" if tests else texts[-1].sql
    return Text(sql, max(ground.layer, *(text.layer for text in texts)))
