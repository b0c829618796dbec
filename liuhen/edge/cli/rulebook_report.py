"""A back-test as an operator reads it: figures first, then cases."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from liuhen.money.amount import show
from liuhen.policy.clauses.registry import BY_ID, CLAUSES
from liuhen.policy.engine import Verdict, expanded
from liuhen.policy.explain import ground_sentence
from liuhen.policy.expr import paths, refs
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Fact
from liuhen.policy.law import cite_text
from liuhen.policy.sentence import noun
from liuhen.policy.words.fill import moment
from liuhen.reads.backtest import Backtest, Example, Line, Shift

_SHIFTS = 20  # so many lines from clause to clause


def lines(result: Backtest, lang: str) -> Iterator[str]:
    """The whole report. Parameters: lang, zh or en, for clauses and facts."""
    total = result.total
    yield f"{result.old} → {result.new}"
    yield f"{total.changed:,} of {total.cases:,} cases are decided otherwise ({_share(total.changed, total.cases)})."
    yield ""
    yield f"{'money':<10}{result.old:>22}{result.new:>22}{'difference':>22}"
    for name, old, new in _ends(total):
        yield f"{name:<10}{show(old):>22}{show(new):>22}{_signed(new - old):>22}"
    changed = {f"{old} → {new}": line for (old, new), line in result.outcomes.items() if line.changed}
    yield from _table("outcome", changed)
    yield from _table("kind", {kind.value: line for kind, line in result.by_kind.items()})
    yield from _table("reason", {reason.value: line for reason, line in result.by_reason.items()})
    yield from _table("seller", {str(seller): line for seller, line in result.by_seller.items()})
    if result.shifts:
        yield f"\n{'from clause to clause':<62}{'cases':>12}{'at least':>18}{'at most':>18}"
        yield from (_shift(one) for one in result.shifts[:_SHIFTS])
    if len(result.shifts) > _SHIFTS:
        yield f"  and {len(result.shifts) - _SHIFTS} more"
    for example in result.examples:
        yield from _example(example, lang)


def _table(name: str, rows: Mapping[str, Line]) -> Iterator[str]:
    if not rows:
        return
    yield f"\n{'by ' + name:<34}{'cases':>12}{'changed':>12}{'at least':>20}{'at most':>20}"
    for key, line in rows.items():
        low, high = (_signed(new - old) for _, old, new in _ends(line))
        yield f"  {key:<32}{line.cases:>12,}{line.changed:>12,}{low:>20}{high:>20}"


def _shift(shift: Shift) -> str:
    way = f"{shift.old_ground} → {shift.new_ground}"
    low, high = (_signed(new - old) for _, old, new in _ends(shift.line))
    return f"  {way:<60}{shift.line.changed:>12,}{low:>18}{high:>18}"


def _ends(line: Line) -> tuple[tuple[str, int, int], tuple[str, int, int]]:
    money = line.money
    return ("at least", money.low_old, money.low_new), ("at most", money.high_old, money.high_new)


def _signed(fen: int) -> str:
    return f"{'+' if fen > 0 else ''}{show(fen)}"


def _share(part: int, whole: int) -> str:
    permyriad = part * 10_000 // whole if whole else 0
    return f"{permyriad // 100}.{permyriad % 100:02}%"


def _example(example: Example, lang: str) -> Iterator[str]:
    """A case: the facts that its clauses look at, and both decisions."""
    yield f"\n── case {example.case} ──"
    for path in _looked_at(example):
        value = attrgetter(path)(example.facts)
        if value is not None and not (isinstance(value, Fact) and value.value is None):
            yield f"  {noun(path, lang)} ({path}): {_value(path, value, lang)}"
    for verdict in (example.old, example.new):
        decision = expanded(verdict)
        cites = ", ".join(cite_text(cite, lang) for cite in verdict.ground.cites)
        yield f"  {verdict.rulebook.version}: {verdict.outcome} {_range(verdict)} · {verdict.ground.id}"
        yield f"    {ground_sentence(decision, lang, 'other')} ({cites})"


def _looked_at(example: Example) -> list[str]:
    """The facts of both grounds and of every clause whose mark is not the same, in the order of the facts."""
    marks = zip(CLAUSES, example.old.marks, example.new.marks, strict=True)
    names = [clause.id for clause, old, new in marks if old is not new]
    names += [example.old.ground.id, example.new.ground.id]
    found: set[str] = {"goods.kind", "claim.reason", "claim.requested_at", "now", "capacity.captured_fen"}
    while names:
        tree = BY_ID[names.pop()].when
        found |= {path.removesuffix(".value") for path in paths(tree)}
        names += refs(tree)
    return [path for path in schema() if path in found]


def _value(path: str, value: Any, lang: str) -> str:
    if isinstance(value, Fact):
        return f"{_value(path, value.value, lang)}, {value.standing} by {value.source}"
    if isinstance(value, datetime):
        return moment(value, lang)
    if path.endswith("_fen"):
        return show(value)
    return str(value.value) if isinstance(value, StrEnum) else str(value)


def _range(verdict: Verdict) -> str:
    return show(verdict.low) if verdict.low == verdict.high else f"{show(verdict.low)}–{show(verdict.high)}"
