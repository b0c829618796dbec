"""What `engine.judge` says of a case, as columns: the ground, the outcome and the two ends of the money.

Grounds are numbered so that those with one formula lie side by side: a formula is then chosen by a comparison.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from liuhen.policy.clauses.amounts import FORMULAS, WHOLE
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.clauses.registry import BY_ID, CLAUSES, PRECEDENCE
from liuhen.policy.columns import NO, Columns, Reader, Text, any_of, differing
from liuhen.policy.decision import Outcome, StepKind
from liuhen.policy.engine import effect_of

OUTCOMES = tuple(Outcome)


def _order(clause_id: str) -> tuple[bool, int, bool, int]:
    """Grounds with one amount side by side, open amounts last; within an amount those that pay first."""
    effect = effect_of(BY_ID[clause_id])
    low, high = FORMULAS[effect.amount]
    place = list(Amount).index(effect.amount)
    return low is not high, place, effect.step.kind is not StepKind.PAY, OUTCOMES.index(effect.outcome)


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


class _Made(NamedTuple):
    """One version's columns, the marks of the grounds and the formulas they were chosen from."""

    ground: Text
    paid: Text
    low: Text
    high: Text
    marks: list[Text]
    formulas: list[tuple[Text, Text]]


_AMOUNTS = tuple(dict.fromkeys(effect_of(BY_ID[name]).amount for name in GROUNDS))
_ENDS = [max(_NUMBER[n] for n in GROUNDS if effect_of(BY_ID[n]).amount is amount) for amount in _AMOUNTS]
_FIRST_OPEN = next(n for n, amount in enumerate(_AMOUNTS) if FORMULAS[amount][0] is not FORMULAS[amount][1])
_GROUP = 8  # so many grounds are asked for at once before each of them is


def judged(versions: Sequence[Mapping[str, int]], *, marks: bool = False) -> Judged:
    """The decisions of several versions side by side; what they share is worked out once.

    Parameters: versions, the numbers of each rulebook by name; marks, whether the mark of each clause is wanted too.
    """
    formulas = [term for ends in FORMULAS.values() for term in ends]
    into = Columns(formulas, {clause.id: clause.when for clause in CLAUSES})
    found: list[VerdictColumns] = []
    made: _Made | None = None
    for values in versions:
        reader = into.reader(values)
        made = _verdict(into, reader, made)
        wanted = {clause.id: into.keep(reader.mark(clause.id)).sql for clause in CLAUSES} if marks else {}
        found.append(VerdictColumns(made.ground.sql, made.paid.sql, made.low.sql, made.high.sql, wanted))
    return Judged(into.layers, found)


def outcome_of(ground: int, paid: int) -> Outcome:
    """As `engine.judge`: of what is paid the money says how much of the whole it is; else the clause itself.

    Parameters: ground, a place in GROUNDS; paid, 0 for nothing, 1 for a part and 2 for all that is there.
    """
    effect = effect_of(BY_ID[GROUNDS[ground]])
    return _PAID[paid] if effect.outcome in (Outcome.FULL, Outcome.PARTIAL) else effect.outcome


_PAID = (Outcome.NONE, Outcome.PARTIAL, Outcome.FULL)


def _verdict(into: Columns, reader: Reader, before: _Made | None) -> _Made:
    marks = [into.keep(reader.truth(BY_ID[name].when)) for name in PRECEDENCE]
    ground = into.keep(_ground(into, marks, before))
    formulas = [(reader.number(FORMULAS[amount][0]), reader.number(FORMULAS[amount][1])) for amount in _AMOUNTS]
    low = _chosen(ground, _ENDS, [text for text, _ in formulas])
    high = _chosen(ground, _ENDS[_FIRST_OPEN:], [text for _, text in formulas[_FIRST_OPEN:]])
    same = before if before is not None and before.formulas == formulas and before.ground != ground else None
    if same is not None:  # the same formulas: another number only where the ground is another
        low = _unless(ground, same.ground, same.low, low)
    low = into.keep(low)
    exact = f"CASE WHEN {ground.sql} <= {_ENDS[_FIRST_OPEN - 1]} THEN {low.sql} ELSE {high.sql} END"
    high = Text(exact, max(high.layer, low.layer))
    if same is not None:
        high = _unless(ground, same.ground, same.high, high)
    whole = into.keep(reader.number(WHOLE))
    paid = f"(CASE WHEN {low.sql} = {whole.sql} THEN 2 WHEN {low.sql} = 0 THEN 0 ELSE 1 END)::UTINYINT"
    kept = into.keep(Text(paid, max(low.layer, whole.layer)))
    return _Made(ground, kept, low, into.keep(high), marks, formulas)


def _unless(ground: Text, other: Text, then: Text, text: Text) -> Text:
    """Where both grounds are the same, what was found there already."""
    sql = f"CASE WHEN {ground.sql} = {other.sql} THEN {then.sql} ELSE {text.sql} END"
    return Text(sql, max(text.layer, other.layer, then.layer, ground.layer))


def _ground(into: Columns, marks: Sequence[Text], before: _Made | None) -> Text:
    """The first of PRECEDENCE that is met; the last one always is. After another version: only where a mark differs."""
    tests = []
    for start in range(0, len(PRECEDENCE), _GROUP):
        group = list(zip(PRECEDENCE[start : start + _GROUP], marks[start : start + _GROUP], strict=True))
        inner = " ".join(f"WHEN {mark.sql} = 1 THEN {_NUMBER[name]}" for name, mark in group[:-1])
        text = f"CASE {inner} ELSE {_NUMBER[group[-1][0]]} END" if inner else str(_NUMBER[group[-1][0]])
        some = into.keep(any_of(mark for _, mark in group))
        tests.append((some, text))
    layer = max(some.layer for some, _ in tests)
    whens = " ".join(f"WHEN {some.sql} = 1 THEN {text}" for some, text in tests[:-1])
    sql = f"(CASE {whens} ELSE {tests[-1][1]} END)::UTINYINT"
    if before is None:
        return Text(sql, layer)
    differs = into.keep(any_of(differing(a, b) for a, b in zip(before.marks, marks, strict=True)))
    if differs == NO:
        return before.ground
    cased = f"CASE WHEN {differs.sql} = 0 THEN {before.ground.sql} ELSE {sql} END"
    return Text(cased, max(layer, before.ground.layer, differs.layer))


def _chosen(ground: Text, ends: Sequence[int], texts: Sequence[Text]) -> Text:
    """The text of the first run of grounds that this one falls into."""
    tests = " ".join(f"WHEN {ground.sql} <= {n} THEN {t.sql}" for n, t in zip(ends[:-1], texts[:-1], strict=True))
    return Text(f"(CASE {tests} ELSE {texts[-1].sql} END)", max(ground.layer, *(text.layer for text in texts)))
