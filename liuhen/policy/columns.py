"""The reading that back-tests: trees become columns of a calculator's table (DuckDB's SQL, expressions only).

Not known is Kleene's third value. A truth is carried as two columns of 0 and 1, "is true" and "may be true", because
`&`, `|` and `xor` over small numbers without gaps run several times faster than AND, OR and NOT over columns with
NULL (decision 0035); `mark` joins the two into true, false or NULL. What two versions of the rulebook share has the
same text, therefore the same column, and is worked out once. Columns stand in layers; each looks only at those below.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from liuhen.policy.expr import (
    And,
    By,
    Choose,
    Compare,
    Const,
    Expr,
    Given,
    In,
    Least,
    Minus,
    Most,
    Not,
    Or,
    Param,
    Plus,
    Ref,
    Says,
    Share,
    Shown,
    Stands,
    Term,
    Times,
    Val,
    children,
    says,
    stands,
)
from liuhen.policy.facts.codes import NO_WORD, SECOND, SOURCES, STANDINGS, columns, states
from liuhen.policy.facts.schema import Field, field_of, schema
from liuhen.policy.facts.standing import Fact, Source, Standing
from liuhen.policy.python_reading import is_time

Rail = Literal["is", "may"]
WIDEST = 2**63 - 1  # what a BIGINT holds; beyond it a HUGEINT carries the sum
_HOLDING = frozenset(STANDINGS.index(one) for one in (Standing.ESTABLISHED, Standing.WITHHELD))


class Text(NamedTuple):
    """An expression. layer: the lowest layer of columns that it can be computed over; 0 is the table itself."""

    sql: str
    layer: int = 0


class Number(NamedTuple):
    """A number or time. gaps: truths that must all be 1, else it is not known. least, most: its bounds."""

    text: Text
    gaps: tuple[Text, ...]
    least: int
    most: int

    @property
    def wide(self) -> bool:
        """Whether it may need more than a BIGINT."""
        return self.least < -WIDEST or self.most > WIDEST


class Columns:
    """Columns under construction; `layers` is what they amount to.

    Parameters: trees, all that will be asked for, so that what several of them share becomes a column of its own;
    clauses, the tree behind each Ref.
    """

    def __init__(self, trees: Iterable[Expr | Term], clauses: Mapping[str, Expr]) -> None:
        self.layers: list[list[tuple[str, str]]] = []
        self.clauses = clauses
        self._named: dict[str, Text] = {}
        counts: Counter[Any] = Counter()
        for tree in dict.fromkeys((*clauses.values(), *trees)):
            _count(tree, counts)
        self.repeated = frozenset(node for node, n in counts.items() if n > 1)

    def keep(self, text: Text) -> Text:
        """A column of its own for this text; the same text is the same column."""
        if text.sql.isidentifier() or text in (YES, NO):
            return text
        if text.sql not in self._named:
            while len(self.layers) <= text.layer:
                self.layers.append([])
            name = f"x{len(self._named)}"
            self.layers[text.layer].append((name, text.sql))
            self._named[text.sql] = Text(name, text.layer + 1)
        return self._named[text.sql]

    def reader(self, values: Mapping[str, int]) -> "Reader":
        """Reads trees under one version of the rulebook. values: its numbers by name."""
        return Reader(self, values)


class Reader:
    """Trees as text under one set of rulebook values."""

    def __init__(self, into: Columns, values: Mapping[str, int]) -> None:
        self.into = into
        self.values = values
        self.more: dict[str, Number] = {}  # numbers that are no facts, by a path of their own
        self._done: dict[tuple[Expr, Rail], Text] = {}

    def truth(self, expr: Expr, rail: Rail = "is") -> Text:
        """1 where the tree is True ("is"), or where it is not False ("may"); else 0."""
        key = (expr, rail)
        if key not in self._done:
            text = self._truth(expr, rail)
            self._done[key] = self.into.keep(text) if expr in self.into.repeated else text
        return self._done[key]

    def mark(self, clause: str) -> Text:
        """true, false or NULL: the mark of a clause."""
        yes, may = self._ref(clause, "is"), self._ref(clause, "may")
        return Text(f"CASE WHEN {yes.sql} = 1 THEN true WHEN {may.sql} = 0 THEN false END", max(yes.layer, may.layer))

    def number(self, term: Term) -> Text:
        """The number or time (microseconds), NULL where it is not known."""
        found = self.bounded(term)
        if not found.gaps:
            return found.text
        known = _all(found.gaps)
        return Text(f"CASE WHEN {known.sql} = 1 THEN {found.text.sql} END", max(known.layer, found.text.layer))

    def _ref(self, clause: str, rail: Rail) -> Text:
        return self.into.keep(self.truth(self.into.clauses[clause], rail))

    def _truth(self, expr: Expr, rail: Rail) -> Text:
        match expr:
            case And(parts):
                return _all(self.truth(part, rail) for part in parts)
            case Or(parts):
                return any_of(self.truth(part, rail) for part in parts)
            case Not(part):
                return _not(self.truth(part, "may" if rail == "is" else "is"))
            case Shown(part):
                return self.truth(part, "is")
            case Ref(clause):
                return self._ref(clause, rail)
            case Compare(left, op, right):
                return self._compare(left, op, right, rail)
            case Given(path):
                return self._given(path)
            case In(path, values):
                return self._in(path, frozenset(values), rail)
            case Stands(path, values):
                members = frozenset(values)
                marks = [stands(Fact(value, Source.NOBODY, how), members) for value, how in states(path)]
                return _codes(_raw(path), {n for n, mark in enumerate(marks) if _holds(mark, rail)}, len(marks))
            case Says(path, values):
                members = frozenset(values)
                said = [says(Fact(value, Source.NOBODY, how), members) for value, how in states(path)]
                return _codes(_raw(path), {n for n, one in enumerate(said) if one}, len(said))
            case By(path, sources):
                return _codes(_raw(f"{path}.source"), {SOURCES.index(one) for one in sources}, len(SOURCES))

    def _given(self, path: str) -> Text:
        field = field_of(path)
        base = path.removesuffix(".value")
        if base != path and schema()[base].values:
            known = states(base)
            return _codes(_raw(base), {n for n, (value, _) in enumerate(known) if value is not None}, len(known))
        if not field.optional:
            return YES
        if field.values:
            return self.into.keep(_test(_raw(base), "<>", str(NO_WORD)))
        return self.into.keep(_test(_raw(base), ">=", "0"))

    def _in(self, path: str, members: frozenset[Any], rail: Rail) -> Text:
        field, base = field_of(path), path.removesuffix(".value")
        if base != path and schema()[base].values:
            known = states(base)
            hits = {n for n, (value, _) in enumerate(known) if value in members or (value is None and rail == "may")}
            return _codes(_raw(base), hits, len(known))
        yes = self._is_in(field, members)
        return any_of((yes, _not(self._given(path)))) if field.optional and rail == "may" else yes

    def _is_in(self, field: Field, members: frozenset[Any]) -> Text:
        raw = _raw(field.path.removesuffix(".value"))
        if field.type is bool and not field.optional:
            yes = self.into.keep(Text(f"{raw.sql}::UTINYINT"))
            return {0: NO, 1: yes if True in members else _not(yes), 2: YES}[len(members)]
        if field.values:
            hits = {place for place, value in enumerate(field.values) if value in members}
            return _codes(raw, hits, NO_WORD + 1 if field.optional else len(field.values))
        number = self._value(field.path)
        return any_of(_all((_test(number.text, "=", str(int(one))), *number.gaps)) for one in sorted(members))

    def _compare(self, left: Term, op: str, right: Term, rail: Rail) -> Text:
        first, second = self.bounded(left), self.bounded(right)
        holds = _test(first.text, "=" if op == "==" else op, second.text.sql, second.text.layer)
        gaps = tuple(dict.fromkeys((*first.gaps, *second.gaps)))
        return _all((holds, *gaps)) if rail == "is" else any_of((holds, _not(_all(gaps))))

    def bounded(self, term: Term) -> Number:
        """What several formulas need is a column; a division that only some cases need stays where it is needed."""
        found = self._plain_number(term)
        if term not in self.into.repeated or not children(term) or _divides(term):
            return found
        gaps = tuple(self.into.keep(gap) for gap in found.gaps)
        return found._replace(text=self.into.keep(found.text), gaps=gaps)

    def _plain_number(self, term: Term) -> Number:
        match term:
            case Val(path):
                return self._value(path)
            case Const(value):
                return _constant(int(value))
            case Param(name):
                return _constant(self.values[name])
            case Plus(left, right):
                first, second = self.bounded(left), self.bounded(right)
                if is_time(left):
                    step = _times(second, _constant(SECOND))
                    return _sum(first, "+", step, first.least + step.least, first.most + step.most)
                return _sum(first, "+", second, first.least + second.least, first.most + second.most)
            case Minus(left, right):
                first, second = self.bounded(left), self.bounded(right)
                return _sum(first, "-", second, first.least - second.most, first.most - second.least)
            case Times(left, right):
                return _times(self.bounded(left), self.bounded(right))
            case Least(terms):
                return _best("least", min, [self.bounded(one) for one in terms])
            case Most(terms):
                return _best("greatest", max, [self.bounded(one) for one in terms])
            case Share(of, part, whole):
                return _share(self.bounded(of), self.bounded(part), self.bounded(whole))
            case Choose(test, then, otherwise):
                return self._choose(self.truth(test), self.bounded(then), self.bounded(otherwise))

    def _choose(self, test: Text, then: Number, other: Number) -> Number:
        sql = f"(CASE WHEN {test.sql} = 1 THEN {then.text.sql} ELSE {other.text.sql} END)"
        text = Text(sql, max(test.layer, then.text.layer, other.text.layer))
        gaps: tuple[Text, ...] = ()
        if then.gaps or other.gaps:
            gaps = (any_of((_all((test, *then.gaps)), _all((_not(test), *other.gaps)))),)
        return Number(text, gaps, min(then.least, other.least), max(then.most, other.most))

    def _value(self, path: str) -> Number:
        """A fact; of a disputed one only what is settled. What is not there is -1 in its column, and a gap."""
        if path in self.more:
            return self.more[path]
        base = path.removesuffix(".value")
        field, column = field_of(path), next(one for one in columns() if one.name == base)
        if column.type not in ("BIGINT", "INTEGER"):
            raise TypeError(f"{path} is no number that can be compared")
        raw = _raw(base)
        text = raw if column.type == "BIGINT" else self.into.keep(Text(f"{raw.sql}::BIGINT"))
        if column.nothing is None:
            return Number(text, (), column.least, column.most)
        given = self.into.keep(_test(raw, ">=", "0"))
        if field.disputed:
            holds = _codes(_raw(f"{base}.standing"), set(_HOLDING), len(STANDINGS))
            given = self.into.keep(_all((given, holds)))
        return Number(text, (given,), column.nothing, column.most)


YES, NO = Text("1::UTINYINT"), Text("0::UTINYINT")


def _raw(column: str) -> Text:
    return Text(f'"{column}"')


def _holds(mark: bool | None, rail: Rail) -> bool:
    return mark is True or (rail == "may" and mark is None)


def _not(text: Text) -> Text:
    if text in (YES, NO):
        return NO if text == YES else YES
    return Text(f"xor({text.sql}, 1::UTINYINT)", text.layer)


def _all(texts: Iterable[Text]) -> Text:
    return _joined(texts, " & ", neutral=YES, deciding=NO)


def any_of(texts: Iterable[Text]) -> Text:
    """1 where one of them is."""
    return _joined(texts, " | ", neutral=NO, deciding=YES)


def differing(one: Text, other: Text) -> Text:
    """1 where two truths are not the same."""
    return NO if one == other else Text(f"xor({one.sql}, {other.sql})", max(one.layer, other.layer))


def _joined(texts: Iterable[Text], word: str, *, neutral: Text, deciding: Text) -> Text:
    parts = [one for one in dict.fromkeys(texts) if one != neutral]
    if deciding in parts:
        return deciding
    if len(parts) <= 1:
        return parts[0] if parts else neutral
    return Text(f"({word.join(one.sql for one in parts)})", max(one.layer for one in parts))


def _test(left: Text, op: str, right: str, layer: int = 0) -> Text:
    return Text(f"({left.sql} {op} {right})::UTINYINT", max(left.layer, layer))


def _codes(column: Text, hits: set[int], size: int) -> Text:
    """1 where the column is one of `hits`, out of 0 to size - 1: as few comparisons of ranges as it takes."""
    if not hits or len(hits) == size:
        return YES if hits else NO
    rest = set(range(size)) - hits
    if len(_runs(rest)) < len(_runs(hits)):
        return _not(_codes(column, rest, size))
    return any_of(_range(column, first, last, size) for first, last in _runs(hits))


def _runs(numbers: set[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for n in sorted(numbers):
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs


def _range(column: Text, first: int, last: int, size: int) -> Text:
    if first == last:
        return _test(column, "=", str(first))
    above = [_test(column, ">=", str(first))] if first > 0 else []
    below = [_test(column, "<=", str(last))] if last < size - 1 else []
    return _all((*above, *below))


def _constant(value: int) -> Number:
    return Number(Text(f"{value}::BIGINT"), (), value, value)


def _sum(left: Number, op: str, right: Number, least: int, most: int) -> Number:
    wide = least < -WIDEST or most > WIDEST or left.wide or right.wide
    cast = "::HUGEINT" if wide else ""
    text = Text(f"({left.text.sql}{cast} {op} {right.text.sql}{cast})", max(left.text.layer, right.text.layer))
    return _narrowed(Number(text, (*left.gaps, *right.gaps), least, most), wide)


def _times(left: Number, right: Number) -> Number:
    if left.least == left.most and right.least == right.most:
        return _constant(left.least * right.least)
    ends = [a * b for a in (left.least, left.most) for b in (right.least, right.most)]
    return _sum(left, "*", right, min(ends), max(ends))


def _best(word: str, pick: Any, numbers: Sequence[Number]) -> Number:
    text = Text(f"{word}({', '.join(one.text.sql for one in numbers)})", max(one.text.layer for one in numbers))
    gaps = tuple(gap for one in numbers for gap in one.gaps)
    bounds = pick(one.least for one in numbers), pick(one.most for one in numbers)
    return _narrowed(Number(text, gaps, *bounds), any(one.wide for one in numbers))


def _narrowed(number: Number, wide: bool) -> Number:
    """Back to a BIGINT where the bounds allow it."""
    if not wide or number.wide:
        return number
    return number._replace(text=Text(f"({number.text.sql})::BIGINT", number.text.layer))


def _share(of: Number, part: Number, whole: Number) -> Number:
    """`expr.share`: rounded half up, downwards for what is negative, as Python's // does."""
    layer = max(one.text.layer for one in (of, part, whole))
    base = whole.text.sql
    ends = [2 * a * b for a in (of.least, of.most) for b in (0, max(0, whole.most))]
    wide = of.wide or part.wide or whole.wide or min(ends) < -WIDEST // 2 or max(ends) > WIDEST // 2
    kind = "HUGEINT" if wide else "BIGINT"
    within = f"least(greatest({part.text.sql}, 0), greatest({base}, 0))"
    over = f"(2 * {of.text.sql}::{kind} * {within} + {base})"
    under = f"greatest(2 * {base}, 1)"
    down = f" - ({over} % {under} < 0)::UTINYINT" if of.least < 0 else ""
    positive = _test(whole.text, ">", "0") if whole.least <= 0 else YES
    gaps = tuple(dict.fromkeys(gap for one in (of, part, whole) for gap in one.gaps))
    sql = Text(f"({over} // {under}{down})", layer)
    gaps = (*gaps, positive) if positive != YES else gaps
    return _narrowed(Number(sql, gaps, min(of.least, 0), max(of.most, 0)), wide)


def _divides(term: Term) -> bool:
    """Whether every case would pay for a division: there is a Share, and no Choose above it."""
    if isinstance(term, Choose):
        return False
    return isinstance(term, Share) or any(_divides(one) for one in children(term) if isinstance(one, Term))


def _count(node: Expr | Term, counts: Counter[Any]) -> None:
    counts[node] += 1
    if counts[node] == 1:
        for below in children(node):
            _count(below, counts)
