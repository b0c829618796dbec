"""The engine under other laws, made anew only where they differ. A tool of the hunt alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

from liuhen.policy import engine
from liuhen.policy.clauses import follow
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.expr import Expr, Truth, refs
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.python_reading import range_reading, reading
from tests.policy.mutation.mutants import FOLLOW, Mutant

Pairs = tuple[tuple[str, int], ...]  # the rulebook's values
IDS = tuple(clause.id for clause in CLAUSES)
PLACE = {name: place for place, name in enumerate(IDS)}
TREES: tuple[Expr, ...] = (*(clause.when for clause in CLAUSES), *(tree for _, tree in FOLLOW))
_CLAIMS = {name: term for name, _, term in follow.CLAIMS}
Reading = Callable[[RefundFacts, Mapping[str, Truth]], Truth]
_make: Callable[[Pairs], engine.Compiled] = engine._compiled_for.__wrapped__


@cache
def house(values: Pairs) -> engine.Compiled:
    """The house's own laws under these values."""
    return _make(values)


@cache
def house_reading(values: Pairs, place: int) -> Reading:
    """One tree of the house alone."""
    return reading(TREES[place], dict(values))


def mutated(mutant: Mutant) -> tuple[int, Expr] | None:
    """Which tree is another one, and what it is; nothing for effects, formulas and the order."""
    if mutant.follow is not None and mutant.tree is not None:
        return len(IDS) + mutant.follow, mutant.tree
    if mutant.clause is not None and mutant.clause.when != TREES[PLACE[mutant.clause.id]]:
        return PLACE[mutant.clause.id], mutant.clause.when
    return None


def marks_under(values: Pairs, place: int, tree: Expr) -> Callable[[RefundFacts], tuple[Truth, ...]]:
    """All marks and what follows, with one tree changed: that one is read anew, and whatever refers to it."""
    name = IDS[place] if place < len(IDS) else ""
    later = [(at, house_reading(values, at)) for at in _dependents(name)]
    anew = [(place, reading(tree, dict(values))), *later]
    of_house = house(values).marks

    def marks(facts: RefundFacts) -> tuple[Truth, ...]:
        found = list(of_house(facts))
        known = dict(zip(IDS, found, strict=False))
        for at, read in anew:
            found[at] = read(facts, known)
            if at < len(IDS):
                known[IDS[at]] = found[at]
        return tuple(found)

    return marks


@cache
def _dependents(name: str) -> tuple[int, ...]:
    """The places of all trees that refer to a clause, directly or through others, in reading order."""
    touched = {name}
    found = []
    for place, tree in enumerate(TREES):
        if touched & set(refs(tree)):
            found.append(place)
            touched |= {IDS[place]} if place < len(IDS) else set()
    return tuple(found)


def compiled_under(mutant: Mutant, values: Pairs) -> Any:
    """What `engine.Compiled` would be under the mutant."""
    base = house(values)
    laws = SimpleNamespace(**vars(base))
    change = mutated(mutant)
    if change is not None:
        laws.marks = marks_under(values, *change)
    if mutant.clause is not None:
        at, clause = PLACE[mutant.clause.id], mutant.clause
        laws.grounds = tuple((p, clause if p == at else c) for p, c in base.grounds)
    if mutant.amount is not None and mutant.ends is not None:
        laws.ranges = base.ranges | {mutant.amount: range_reading(*mutant.ends, dict(values))}
    if mutant.swapped is not None:
        laws.grounds = swapped(base.grounds, mutant.swapped)
    if mutant.claim is not None and mutant.term is not None:
        laws.claims = base.claims | {mutant.claim: range_reading(mutant.term, mutant.term, dict(values))}
    return laws


def swapped(row: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    """The same with this one and the next changed over."""
    return (*row[:place], row[place + 1], row[place], *row[place + 2 :])


@contextmanager
def ruled_by(mutant: Mutant) -> Iterator[None]:
    """The engine under the mutant, for as long as it takes."""
    with _compiling(cache(lambda values: compiled_under(mutant, values))):
        yield


@contextmanager
def watched(seen: dict[tuple[Pairs, Amount | None, RefundFacts], None]) -> Iterator[None]:
    """The house's own laws; `seen` gets the facts that were judged, or of which one formula was worked out."""

    def spying(values: Pairs) -> Any:
        base = house(values)
        laws = SimpleNamespace(**vars(base))
        laws.marks = _noting(seen, values, None, base.marks)
        laws.ranges = {amount: _noting(seen, values, amount, work) for amount, work in base.ranges.items()}
        return laws

    with _compiling(cache(spying)):
        yield


def _noting(seen: dict[Any, None], values: Pairs, what: Amount | None, work: Callable[..., Any]) -> Callable[..., Any]:
    def noted(facts: RefundFacts) -> Any:
        seen[values, what, facts] = None
        return work(facts)

    return noted


@contextmanager
def _compiling(how: Callable[[Pairs], Any]) -> Iterator[None]:
    kept: Any = engine._compiled_for
    engine._compiled_for = how  # type: ignore[assignment]
    engine._known.clear()
    try:
        yield
    finally:
        engine._compiled_for = kept
        engine._known.clear()


def effect_changed(mutant: Mutant) -> bool:
    """Whether what follows from a clause is another thing, rather than when it holds."""
    return mutant.clause is not None and mutated(mutant) is None
