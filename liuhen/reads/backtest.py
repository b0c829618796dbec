"""Two versions of the rules on the same cases: which decisions change, and how much money. Reads a file, never writes.

The file is Parquet with "case" and "seller" (numbers that mean nothing outside it) and the columns of
`policy.facts.codes`. The calculator judges all cases; those that are shown are judged again by the engine that decides.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from liuhen.base.calc import Calculator, CalculatorError, listed, parquet, quoted
from liuhen.base.errors import InvalidInput
from liuhen.policy.decision import Outcome
from liuhen.policy.engine import Verdict, judge
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.codes import code_list, columns, facts_of
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.verdict_columns import GROUNDS, Judged, judged, outcome_of

IDS = ("case", "seller")
CODES_KEY = "liuhen_codes"
MAX_EXAMPLES = 40  # more than anybody reads
K = TypeVar("K")


class Money(msgspec.Struct, frozen=True):
    """Fen under the old and the new version: the lower ends and the upper ends of all amounts."""

    low_old: int = 0
    low_new: int = 0
    high_old: int = 0
    high_new: int = 0

    def plus(self, other: "Money") -> "Money":
        """Both together."""
        return Money(
            self.low_old + other.low_old,
            self.low_new + other.low_new,
            self.high_old + other.high_old,
            self.high_new + other.high_new,
        )

    @property
    def at_stake(self) -> int:
        """By how many fen the two ends move together."""
        return abs(self.low_new - self.low_old) + abs(self.high_new - self.high_old)


class Line(msgspec.Struct, frozen=True):
    """One line of a table. cases: all; changed: with another ground, outcome or amount."""

    cases: int = 0
    changed: int = 0
    money: Money = Money()

    def plus(self, other: "Line") -> "Line":
        """Both together."""
        return Line(self.cases + other.cases, self.changed + other.changed, self.money.plus(other.money))


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that one clause decided and now another does (or the same, with another amount). example: a case."""

    old_ground: str
    new_ground: str
    line: Line
    example: int


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One case whose decision changes, with both decisions as the live engine makes them."""

    case: int
    facts: RefundFacts
    old: Verdict
    new: Verdict


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """What changes from `old` to `new`, by names of versions.

    by_seller: those with the most money at stake; all their cases, and the money of those that change.
    """

    old: str
    new: str
    total: Line
    outcomes: dict[tuple[Outcome, Outcome], Line]
    by_kind: dict[GoodsKind, Line]
    by_reason: dict[ReasonCode, Line]
    by_seller: dict[int, Line]
    shifts: tuple[Shift, ...]
    examples: tuple[Example, ...]


def check_file(calc: Calculator, file: Path) -> int:
    """How many cases the file holds.

    Raises InvalidInput, with one sentence, when it is missing, no Parquet file, lacks a column, has one of another
    type, was made for other facts, or holds a number that its column never does.
    """
    source = parquet(file)
    try:
        found = dict(row[:2] for row in calc.rows(f"DESCRIBE SELECT * FROM {source}"))
        kept = calc.rows(f"SELECT decode(value) FROM parquet_kv_metadata({quoted(file)}) WHERE key = '{CODES_KEY}'")
    except CalculatorError as error:
        raise InvalidInput(f"{file} cannot be read as a Parquet file: {error.data['reason']}") from error
    if kept and kept[0][0] != codes_digest():
        raise InvalidInput(f"{file} was made for other facts than this version of Liuhen has: make it anew.")
    wanted = dict.fromkeys(IDS, "BIGINT") | {column.name: column.type for column in columns()}
    missing = [name for name in wanted if name not in found]
    if missing:
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        raise InvalidInput(f"{file} lacks the column {missing[0]}{more}.", missing=missing)
    for name, kind in wanted.items():
        if found[name] != kind:
            raise InvalidInput(f"{file}: the column {name} is {found[name]}, it must be {kind}.", column=name)
    _check_ranges(calc, file, source)
    return int(calc.rows(f"SELECT count(*) FROM {source}")[0][0])


def codes_digest() -> str:
    """What a file of ours carries under CODES_KEY, so that its numbers are never read as others."""
    return hashlib.sha256(code_list().encode()).hexdigest()


def _check_ranges(calc: Calculator, file: Path, source: str) -> None:
    """By what the file says of its own columns; where it says nothing, by looking."""
    said = calc.rows(
        "SELECT path_in_schema, min(stats_min_value::BIGINT), max(stats_max_value::BIGINT), sum(stats_null_count),"
        " count(*) = count(stats_min_value) AND count(*) = count(stats_null_count) AS complete"
        f" FROM parquet_metadata({quoted(file)}) WHERE type <> 'BOOLEAN' GROUP BY path_in_schema"
    )
    ends = {name: (least, most, gaps) for name, least, most, gaps, complete in said if complete}
    for column in columns():
        if column.type == "BOOLEAN":
            continue
        name = f'"{column.name}"'
        looked = f"SELECT min({name}), max({name}), count(*) - count({name}) FROM {source}"
        least, most, gaps = ends.get(column.name) or calc.rows(looked)[0]
        if gaps:
            raise InvalidInput(f"{file}: the column {column.name} has {gaps} empty cells.", column=column.name)
        bottom = column.least if column.nothing is None else min(column.least, column.nothing)
        top = column.most if column.nothing is None else max(column.most, column.nothing)
        if least is not None and not bottom <= least <= most <= top:
            raise InvalidInput(
                f"{file}: the column {column.name} goes from {least} to {most}, it may go from {bottom} to {top}.",
                column=column.name,
            )


def backtest(
    calc: Calculator, file: Path, old: Rulebook, new: Rulebook, *, sellers: int = 10, examples: int = 5
) -> Backtest:
    """Runs all cases of a checked file under both versions.

    Parameters: sellers, examples, how many at most. Raises InvalidInput for a file that cannot be read;
    CalculatorError when the calculator and the live engine disagree on an example.
    """
    reading = judged((old.values, new.values))
    calc.run(f"CREATE OR REPLACE TEMP TABLE found AS {_grouped(reading, file)}")
    summed = ", ".join(f"sum({name})::BIGINT" for name in _NUMBERS)
    groups = [_group(row) for row in calc.rows(f"SELECT {_KEYS}, {summed}, min(example) FROM found GROUP BY {_KEYS}")]
    shifts = _shifts(groups)
    return Backtest(
        old=old.version,
        new=new.version,
        total=_tally(groups, lambda group: "all").get("all", Line()),
        outcomes=_tally(groups, lambda group: (group.old, group.new)),
        by_kind=_tally(groups, lambda group: group.kind),
        by_reason=_tally(groups, lambda group: group.reason),
        by_seller=_sellers(calc, file, sellers),
        shifts=shifts,
        examples=_examples(calc, file, shifts[: min(examples, MAX_EXAMPLES)], (old, new)),
    )


_KEYS = '"goods.kind", "claim.reason", go, gn, po, pn'
_NUMBERS = ("cases", "changed", "m0", "m1", "m2", "m3")
_NOBODY = -1  # the seller of cases that do not change


def _grouped(reading: Judged, file: Path) -> str:
    """All cases in one walk: counted and summed by what they have in common, those that change by seller too."""
    a, b = reading.versions
    sums = ", ".join(f"sum({name}) AS m{n}" for n, name in enumerate((a.low, b.low, a.high, b.high)))
    return (
        f"SELECT {_KEYS}, CASE WHEN changed THEN seller ELSE {_NOBODY} END AS by_seller, count(*) AS cases,"
        f' count(*) FILTER (changed) AS changed, {sums}, min("case") FILTER (changed) AS example FROM (SELECT *,'
        f" {a.ground} AS go, {b.ground} AS gn, {a.paid} AS po, {b.paid} AS pn,"
        f" {a.ground} <> {b.ground} OR {a.low} <> {b.low} OR {a.high} <> {b.high} AS changed"
        f" FROM {_layered(reading, parquet(file))}) GROUP BY {_KEYS}, by_seller"
    )


def _sellers(calc: Calculator, file: Path, most: int) -> dict[int, Line]:
    """The sellers with the most money at stake: all their cases are counted, the money is that of the changed ones."""
    summed = ", ".join(f"sum({name})::BIGINT AS {name}" for name in _NUMBERS)
    rows = calc.rows(
        f"SELECT * FROM (SELECT by_seller, {summed} FROM found WHERE changed > 0 GROUP BY by_seller)"
        f" ORDER BY abs(m1 - m0) + abs(m3 - m2) DESC, changed DESC, by_seller LIMIT {int(most)}"
    )
    if not rows:
        return {}
    chosen = listed([row[0] for row in rows])
    all_of = dict(calc.rows(f"SELECT seller, count(*) FROM {parquet(file)} WHERE seller IN {chosen} GROUP BY seller"))
    return {row[0]: _line((all_of[row[0]], *row[2:])) for row in rows}


def _layered(reading: Judged, source: str) -> str:
    text = source
    for layer in reading.layers:
        text = f"(SELECT *, {', '.join(f'{sql} AS {name}' for name, sql in layer)} FROM {text})"
    return text


class _Group(NamedTuple):
    """Cases that have all this in common."""

    kind: GoodsKind
    reason: ReasonCode
    old_ground: int
    new_ground: int
    old: Outcome
    new: Outcome
    line: Line
    example: int | None


def _group(row: tuple[Any, ...]) -> _Group:
    kind, reason, old, new, old_paid, new_paid = row[:6]
    return _Group(
        tuple(GoodsKind)[kind],
        tuple(ReasonCode)[reason],
        old,
        new,
        outcome_of(old, old_paid),
        outcome_of(new, new_paid),
        _line(row[6:12]),
        row[12],
    )


def _line(row: Sequence[int]) -> Line:
    return Line(row[0], row[1], Money(*row[2:6]))


def _tally(groups: Iterable[_Group], key: Callable[[_Group], K]) -> dict[K, Line]:
    found: dict[K, Line] = {}
    for group in groups:
        found[key(group)] = found.get(key(group), Line()).plus(group.line)
    return dict(sorted(found.items(), key=lambda item: (-item[1].changed, -item[1].cases)))


def _shifts(groups: Iterable[_Group]) -> tuple[Shift, ...]:
    """What changed, from which clause to which; the ones with most money first."""
    changed = [group for group in groups if group.example is not None]
    lines = _tally(changed, lambda group: (group.old_ground, group.new_ground))
    first: dict[tuple[int, int], int] = {}
    for group in changed:
        key = (group.old_ground, group.new_ground)
        first[key] = min(first.get(key, group.example or 0), group.example or 0)
    order = sorted(lines, key=lambda key: (-lines[key].money.at_stake, -lines[key].changed, key))
    return tuple(
        Shift(old_ground=GROUNDS[old], new_ground=GROUNDS[new], line=lines[old, new], example=first[old, new])
        for old, new in order
    )


def _examples(
    calc: Calculator, file: Path, shifts: Sequence[Shift], versions: tuple[Rulebook, Rulebook]
) -> tuple[Example, ...]:
    """One case of each shift, as the live engine judges it."""
    if not shifts:
        return ()
    chosen = [shift.example for shift in shifts]
    found = {example.case: example for example in _compared(calc, file, f'"case" IN {listed(chosen)}', versions)}
    return tuple(found[case] for case in chosen)


def compare(calc: Calculator, file: Path, versions: tuple[Rulebook, Rulebook], cases: int, *, seed: int = 0) -> int:
    """Judges so many random cases of the file again with the engine that decides; returns how many there were.

    Raises CalculatorError at the first case in which ground, outcome or an end of the amount is another.
    """
    held = int(calc.rows(f"SELECT count(*) FROM {parquet(file)}")[0][0])
    if held == 0:
        return 0
    chosen = f'SELECT "case" FROM {parquet(file)} ORDER BY hash("case", {int(seed)}) LIMIT {int(cases)}'
    return sum(1 for _ in _compared(calc, file, f'"case" IN ({chosen})', versions))


def _compared(calc: Calculator, file: Path, which: str, versions: tuple[Rulebook, Rulebook]) -> Iterator[Example]:
    reading = judged([version.values for version in versions])
    names = ", ".join(f'"{column.name}"' for column in columns())
    ends = ", ".join(f"{v.ground}, {v.paid}, {v.low}, {v.high}" for v in reading.versions)
    source = f"(SELECT * FROM {parquet(file)} WHERE {which})"
    for row in calc.stream(f'SELECT {ends}, "case", {names} FROM {_layered(reading, source)}'):
        facts = facts_of(row[9:])
        verdicts = [judge(facts, version) for version in versions]
        for verdict, said in zip(verdicts, (row[:4], row[4:8]), strict=True):
            _agree(row[8], verdict, said)
        yield Example(case=row[8], facts=facts, old=verdicts[0], new=verdicts[1])


def _agree(case: int, verdict: Verdict, said: Sequence[int]) -> None:
    ground, paid, low, high = said
    found = (GROUNDS[ground], outcome_of(ground, paid), low, high)
    right = (verdict.ground.id, verdict.outcome, verdict.low, verdict.high)
    if found != right:
        raise CalculatorError(f"The calculator decides case {case} otherwise than the engine: {found}, not {right}.")
