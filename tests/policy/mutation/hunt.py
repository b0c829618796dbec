"""Tries every mutant against what the tests say of the policy, and names those that nobody noticed.

Run: python -m tests.policy.mutation.hunt [--only TEXT]. What counts as noticing: a test function of the modules
below that fails, among them every case file. Nothing here knows what the clauses are, and nothing is expected because
the engine says so. It is quick because a check is run only where it can fail: while the house's laws hold, it is noted
which facts each check has judged; a mutant that marks and weighs all of these as the house does changes nothing there.
"""

import argparse
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from liuhen.policy.clauses.clause import Amount
from liuhen.policy.engine import Compiled, effect_of
from liuhen.policy.expr import Truth, refs
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.python_reading import range_reading, reading
from tests.policy import (
    test_cases,
    test_clauses,
    test_deadlines,
    test_grounds,
    test_marks,
    test_sums,
    test_terms,
    test_ways,
)
from tests.policy.mutation.mutants import FOLLOW, Mutant, mutants
from tests.policy.mutation.under import IDS, PLACE, TREES, Pairs, house, mutated, ruled_by, watched

MODULES: tuple[ModuleType, ...] = (
    test_marks,
    test_grounds,
    test_sums,
    test_cases,
    test_ways,
    test_clauses,
    test_deadlines,
    test_terms,
)


class Check(NamedTuple):
    """One test function with one set of its parameters."""

    name: str
    call: Callable[[], None]
    seconds: float = 0.0


class Seen(NamedTuple):
    """Facts that checks have judged, how the house judges them, and the places of those checks."""

    values: Pairs
    facts: RefundFacts
    marks: dict[str, Truth]
    truths: tuple[Truth, ...]
    ground: int  # place in the order
    checks: tuple[int, ...]


class Weighed(NamedTuple):
    """Facts of which checks looked at one formula."""

    values: Pairs
    facts: RefundFacts
    checks: tuple[int, ...]


class Corpus(NamedTuple):
    """What the checks look at."""

    checks: list[Check]
    seen: list[Seen]
    weighed: dict[Amount, list[Weighed]]


def checks() -> Iterator[Check]:
    """Every test function of the modules, each with each of its parameters."""
    for module in MODULES:
        for name, function in vars(module).items():
            if name.startswith("test_") and callable(function) and not hasattr(function, "hypothesis"):
                for call in _calls(function):
                    yield Check(f"{module.__name__}.{name}", call)


def _calls(function: Callable[..., None]) -> Iterator[Callable[[], None]]:
    axes = []
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            names = mark.args[0]
            keys = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
            axes.append([dict(zip(keys, _values(row, keys), strict=True)) for row in mark.args[1]])
    for rows in itertools.product(*axes):
        arguments: dict[str, Any] = {key: value for row in rows for key, value in row.items()}
        yield lambda arguments=arguments: function(**arguments)  # type: ignore[misc]


def _values(row: Any, keys: list[str]) -> tuple[Any, ...]:
    values = getattr(row, "values", row)  # pytest.param(...)
    values = values if not callable(values) else row
    return tuple(values) if len(keys) > 1 or hasattr(row, "marks") else (values,)


def corpus() -> Corpus:
    """Every check run once under the house's laws. One that fails there is left out, and named."""
    kept: list[Check] = []
    found: dict[tuple[Pairs, Amount | None, RefundFacts], list[int]] = {}
    for check in checks():
        seen: dict[tuple[Pairs, Amount | None, RefundFacts], None] = {}
        began = time.perf_counter()
        try:
            with watched(seen):
                check.call()
        except Exception as error:
            print(f"left out, it fails without any mutant: {check.name}: {str(error)[:200]}", file=sys.stderr)
            continue
        for one in seen:
            found.setdefault(one, []).append(len(kept))
        kept.append(check._replace(seconds=time.perf_counter() - began))
    weighed: dict[Amount, list[Weighed]] = {}
    judged = []
    for (values, amount, facts), places in found.items():
        places.sort(key=lambda place: kept[place].seconds)
        if amount is None:
            judged.append(_seen(house(values), values, facts, tuple(places)))
        else:
            weighed.setdefault(amount, []).append(Weighed(values, facts, tuple(places)))
    return Corpus(kept, judged, weighed)


def _seen(laws: Compiled, values: Pairs, facts: RefundFacts, places: tuple[int, ...]) -> Seen:
    truths = laws.marks(facts)
    ground = next(at for at, (place, _) in enumerate(laws.grounds) if truths[place] is True)
    return Seen(values, facts, dict(zip(IDS, truths, strict=False)), truths, ground, places)


def reached(mutant: Mutant, all_seen: Corpus) -> Iterator[tuple[int, ...]]:
    """The checks that looked at facts which the mutant marks or weighs otherwise than the house, one by one."""
    change = mutated(mutant)
    if change is not None:
        place, tree = change
        work = {values: reading(tree, dict(values)) for values in {one.values for one in all_seen.seen}}
        shown_otherwise = set(refs(tree)) != set(refs(TREES[place]))  # what a decision rests on, for its reader
        for one in all_seen.seen:
            other = work[one.values](one.facts, one.marks)
            if other is not one.truths[place] or (shown_otherwise and _is_ground(one, place)):
                yield one.checks
    elif mutant.clause is not None:
        place = PLACE[mutant.clause.id]
        yield from (one.checks for one in all_seen.seen if _is_ground(one, place))
    elif mutant.swapped is not None:
        for one in all_seen.seen:
            grounds = house(one.values).grounds
            if one.ground == mutant.swapped and one.truths[grounds[one.ground + 1][0]] is True:
                yield one.checks
    else:
        yield from _weighed(mutant, all_seen)


def _is_ground(one: Seen, place: int) -> bool:
    return house(one.values).grounds[one.ground][0] == place


def _weighed(mutant: Mutant, all_seen: Corpus) -> Iterator[tuple[int, ...]]:
    ends = mutant.ends or (mutant.term, mutant.term)
    assert ends[0] is not None and ends[1] is not None
    work = {values: range_reading(*ends, dict(values)) for values in {one.values for one in all_seen.seen}}
    if mutant.amount is None:
        claim = len(IDS) + next(n for n, (name, _) in enumerate(FOLLOW) if name == mutant.claim)
        assert mutant.claim is not None
        for one in all_seen.seen:
            of_house = house(one.values).claims[mutant.claim]
            if one.truths[claim] is True and work[one.values](one.facts) != of_house(one.facts):
                yield one.checks
        return
    alone = [(one.values, one.facts, one.checks) for one in all_seen.weighed.get(mutant.amount, [])]
    for one in all_seen.seen:
        if effect_of(house(one.values).grounds[one.ground][1]).amount is mutant.amount:
            alone.append((one.values, one.facts, one.checks))
    for values, facts, places in alone:
        if work[values](facts) != house(values).ranges[mutant.amount](facts):
            yield places


def noticed_by(mutant: Mutant, all_seen: Corpus) -> str | None:
    """The first check that fails under the mutant."""
    tried: set[int] = set()
    with ruled_by(mutant):
        for places in reached(mutant, all_seen):
            for place in places:
                if place not in tried:
                    tried.add(place)
                    try:
                        all_seen.checks[place].call()
                    except Exception:  # any failure is a notice: an assertion, an unknown amount, a missing deadline
                        return all_seen.checks[place].name
    return None


def survivors(lot: list[Mutant]) -> list[str]:
    """The names of those that nobody noticed."""
    all_seen = corpus()
    return [mutant.name for mutant in lot if noticed_by(mutant, all_seen) is None]


def everywhere(only: str = "", processes: int = 1) -> list[str]:
    """Survivors of all mutants, with several processes at once."""
    lot = [mutant for mutant in mutants() if only in mutant.name]
    if processes == 1:
        return survivors(lot)
    command = [sys.executable, "-m", "tests.policy.mutation.hunt", "--names", "--only", only]
    parts = [
        subprocess.Popen([*command, "--part", f"{part}/{processes}"], stdout=subprocess.PIPE, text=True)
        for part in range(processes)
    ]
    found = {name for part in parts for name in part.communicate()[0].splitlines()}
    if any(part.returncode for part in parts):
        raise RuntimeError("a part of the hunt ended early")
    return [mutant.name for mutant in lot if mutant.name in found]


def main() -> int:
    """Prints the survivors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--only", default="")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--names", action="store_true", help="nothing but the names")
    chosen = parser.parse_args()
    part, of = (int(x) for x in chosen.part.split("/"))
    began = time.monotonic()
    if of > 1:
        lot = [mutant for i, mutant in enumerate(m for m in mutants() if chosen.only in m.name) if i % of == part]
        left = survivors(lot)
    else:
        left = everywhere(chosen.only, chosen.processes)
    print("\n".join(left))
    if not chosen.names:
        print(f"{len(left)} survive, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
