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
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from liuhen.policy.clauses.clause import Amount
from liuhen.policy.engine import Compiled
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
from tests.policy.mutation.equal import World
from tests.policy.mutation.mutants import FOLLOW, Mutant, mutants
from tests.policy.mutation.page import write
from tests.policy.mutation.under import IDS, PLACE, TREES, Pairs, Reading, house, mutated, ruled_by, watched

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

# Tests that look at a decision's form and not at what it says: no wrong law can make them fail.
IDLE = ("test_a_decision_survives_storage", "test_all_clauses_run_whatever_decides")


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
    """Facts on which checks looked at one formula, and what it comes to."""

    values: Pairs
    facts: RefundFacts
    ends: tuple[Any, Any]  # fen
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
            if name.startswith("test_") and callable(function) and name not in IDLE:
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


@cache
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
            ends = house(values).ranges[amount](facts)
            weighed.setdefault(amount, []).append(Weighed(values, facts, ends, tuple(places)))
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
        made: dict[Pairs, Reading] = {}
        shown_otherwise = set(refs(tree)) != set(refs(TREES[place]))  # what a decision rests on, for its reader
        for one in all_seen.seen:
            if one.values not in made:
                made[one.values] = reading(tree, dict(one.values))
            other = made[one.values](one.facts, one.marks)
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
    made: dict[Pairs, Callable[[RefundFacts], tuple[Any, Any]]] = {}

    def differs(values: Pairs, facts: RefundFacts, of_house: tuple[Any, Any]) -> bool:
        if values not in made:
            made[values] = range_reading(*ends, dict(values))
        return made[values](facts) != of_house

    if mutant.claim is not None:
        claim = len(IDS) + next(n for n, (name, _) in enumerate(FOLLOW) if name == mutant.claim)
        for one in all_seen.seen:
            work = house(one.values).claims[mutant.claim]
            if one.truths[claim] is True and differs(one.values, one.facts, work(one.facts)):
                yield one.checks
    elif mutant.amount is not None:
        for alone in all_seen.weighed.get(mutant.amount, []):
            if differs(alone.values, alone.facts, alone.ends):
                yield alone.checks


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


class Result(NamedTuple):
    """What came of a lot of mutants, by name, in their order."""

    noticed: list[str]
    equal: list[str]  # proven: no facts at all are decided otherwise
    left: list[str]  # nobody noticed


def hunted(lot: list[Mutant]) -> Result:
    """Each mutant noticed, proven equal, or left."""
    all_seen, world = corpus(), World()
    found = Result([], [], [])
    for mutant in lot:
        if noticed_by(mutant, all_seen) is not None:
            found.noticed.append(mutant.name)
        elif world.differing(mutant) is None:
            found.equal.append(mutant.name)
        else:
            found.left.append(mutant.name)
    return found


def everywhere(only: str = "", processes: int = 1) -> Result:
    """All mutants whose name holds `only`, with several processes at once."""
    command = [sys.executable, "-m", "tests.policy.mutation.hunt", "--json", "--only", only]
    parts = [
        subprocess.Popen([*command, "--part", f"{part}/{processes}"], stdout=subprocess.PIPE, text=True)
        for part in range(processes)
    ]
    results = [msgspec.json.decode(part.communicate()[0], type=Result) for part in parts]
    place = {mutant.name: at for at, mutant in enumerate(mutants())}
    joined = (
        sorted((name for names in kind for name in names), key=place.__getitem__) for kind in zip(*results, strict=True)
    )
    return Result(*joined)


def main() -> int:
    """Prints the survivors and how many were noticed and proven equal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="docs/mutants.md anew")
    chosen = parser.parse_args()
    began = time.monotonic()
    if chosen.part:
        part, of = (int(x) for x in chosen.part.split("/"))
        found = hunted([mutant for i, mutant in enumerate(mutants()) if i % of == part and chosen.only in mutant.name])
    else:
        found = everywhere(chosen.only, chosen.processes)
    if chosen.json:
        print(msgspec.json.encode(found).decode())
        return 0
    print("\n".join(found.left))
    counts = f"{len(found.noticed)} noticed, {len(found.equal)} proven equal, {len(found.left)} left"
    print(f"{counts}, {time.monotonic() - began:.0f} s")
    if chosen.write:
        write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
