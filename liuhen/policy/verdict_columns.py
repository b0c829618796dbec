"""What `engine.judge` says of a case, as columns: the ground, the outcome and the two ends of the money.

Grounds are numbered so that those with one formula lie side by side: a formula is then chosen by a comparison.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from liuhen.policy.clauses.amounts import FORMULAS, WHOLE
from liuhen.policy.clauses.clause import Amount, Clause
from liuhen.policy.clauses.registry import BY_ID, CLAUSES, PRECEDENCE
from liuhen.policy.columns import Columns, Reader, Text
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
    """Names of the columns for one version. ground: a place in GROUNDS; outcome: in OUTCOMES; low, high: fen.

    marks: clause -> the expression of its mark, true, false or NULL; only where it was asked for.
    """

    ground: str
    outcome: str
    low: str
    high: str
    marks: dict[str, str]


class Judged(NamedTuple):
    """All columns in layers, each over the ones below it, and which of them belong to which version."""

    layers: list[list[tuple[str, str]]]
    versions: list[VerdictColumns]


class _Made(NamedTuple):
    """One version's columns, and the formulas they were chosen from."""

    ground: Text
    low: Text
    high: Text
    outcome: Text
    formulas: list[tuple[Text, Text]]


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
        found.append(VerdictColumns(made.ground.sql, made.outcome.sql, made.low.sql, made.high.sql, wanted))
    return Judged(into.layers, found)


def _verdict(into: Columns, reader: Reader, before: _Made | None) -> _Made:
    ground = into.keep(_ground(into, reader))
    amounts = list(dict.fromkeys(effect_of(BY_ID[name]).amount for name in GROUNDS))
    formulas = [(reader.number(FORMULAS[amount][0]), reader.number(FORMULAS[amount][1])) for amount in amounts]
    ends = [max(_NUMBER[n] for n in GROUNDS if effect_of(BY_ID[n]).amount is amount) for amount in amounts]
    first_open = next(n for n, amount in enumerate(amounts) if FORMULAS[amount][0] is not FORMULAS[amount][1])
    low = _chosen(ground, ends, [text for text, _ in formulas])
    high = _chosen(ground, ends[first_open:], [text for _, text in formulas[first_open:]])
    same = before if before is not None and before.formulas == formulas and before.ground != ground else None
    if same is not None:  # the same formulas: another number only where the ground is another
        low = _unless(ground, same.ground, same.low, low)
    low = into.keep(low)
    exact = f"CASE WHEN {ground.sql} <= {ends[first_open - 1]} THEN {low.sql} ELSE {high.sql} END"
    high = Text(exact, max(high.layer, low.layer))
    if same is not None:
        high = _unless(ground, same.ground, same.high, high)
    outcome = into.keep(_outcome(ground, low, into.keep(reader.number(WHOLE))))
    return _Made(ground, low, into.keep(high), outcome, formulas)


def _unless(ground: Text, other: Text, then: Text, text: Text) -> Text:
    """Where both grounds are the same, what was found there already."""
    sql = f"CASE WHEN {ground.sql} = {other.sql} THEN {then.sql} ELSE {text.sql} END"
    return Text(sql, max(text.layer, other.layer, then.layer, ground.layer))


def _ground(into: Columns, reader: Reader) -> Text:
    """The first of PRECEDENCE that is met; the last one always is."""
    marks = [(name, into.keep(reader.truth(BY_ID[name].when))) for name in PRECEDENCE]
    tests = " ".join(f"WHEN {mark.sql} = 1 THEN {_NUMBER[name]}" for name, mark in marks[:-1])
    sql = f"(CASE {tests} ELSE {_NUMBER[PRECEDENCE[-1]]} END)::UTINYINT"
    return Text(sql, max(mark.layer for _, mark in marks))


def _chosen(ground: Text, ends: Sequence[int], texts: Sequence[Text]) -> Text:
    """The text of the first run of grounds that this one falls into."""
    tests = " ".join(f"WHEN {ground.sql} <= {n} THEN {t.sql}" for n, t in zip(ends[:-1], texts[:-1], strict=True))
    return Text(f"(CASE {tests} ELSE {texts[-1].sql} END)", max(ground.layer, *(text.layer for text in texts)))


def _outcome(ground: Text, low: Text, whole: Text) -> Text:
    """As `engine.judge`: of what is paid the money says how much of the whole it is; else the clause itself."""
    by_money = (
        f"CASE WHEN {low.sql} = 0 THEN {_place(Outcome.NONE)} WHEN {low.sql} = {whole.sql}"
        f" THEN {_place(Outcome.FULL)} ELSE {_place(Outcome.PARTIAL)} END"
    )
    tests = []
    for rule, grounds in groupby(GROUNDS, key=lambda name: _rule(BY_ID[name])):
        last = _NUMBER[list(grounds)[-1]]
        tests.append(f"WHEN {ground.sql} <= {last} THEN {by_money if rule is None else _place(rule)}")
    return Text(f"(CASE {' '.join(tests)} END)::UTINYINT", max(low.layer, whole.layer, ground.layer))


def _rule(clause: Clause) -> Outcome | None:
    effect = effect_of(clause)
    return None if effect.step.kind is StepKind.PAY else effect.outcome


def _place(outcome: Outcome) -> int:
    return OUTCOMES.index(outcome)
