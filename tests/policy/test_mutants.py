"""A sample of the wrong laws is tried in every run: whatever nobody notices must be known, with a reason.

All of them are tried by tests/long; docs/mutants.md tells how it is done and what came of it.
"""

from functools import cache
from zlib import crc32

from tests.policy.mutation import alike, hunt, page
from tests.policy.mutation.mutants import Mutant, mutants

SAMPLE = {"clause": 90, "effect": 25, "formula": 40, "follow": 15, "order": 10}  # of each kind, 180 in all


def kind(mutant: Mutant) -> str:
    """Which part of the law is wrong."""
    if mutant.clause is not None:
        return "clause" if hunt.mutated(mutant) is not None else "effect"
    if mutant.amount is not None:
        return "formula"
    return "order" if mutant.swapped is not None else "follow"


def sample() -> list[Mutant]:
    """The same mutants each time, by the sum of their names, some of each kind."""
    found: list[Mutant] = []
    every = sorted(mutants(), key=lambda mutant: crc32(mutant.name.encode()))
    for name, count in SAMPLE.items():
        found += [mutant for mutant in every if kind(mutant) == name][:count]
    return found


@cache
def sampled() -> hunt.Result:
    """What came of the sample."""
    return hunt.hunted(sample())


def test_names_tell_them_apart() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(names) == len(set(names))


def test_nobody_overlooks_a_wrong_law_without_a_reason() -> None:
    found = sampled()
    assert [name for name in found.left if name not in page.reasons()] == []
    assert len(found.noticed) > len(found.equal)


def test_what_is_proven_equal_decides_all_sorts_of_facts_alike() -> None:
    lot = alike.crossed(hunt.corpus(), 1_000)
    equal = set(sampled().equal)
    for mutant in sample():
        if mutant.name in equal:
            assert next(alike.decided_otherwise(mutant, lot), None) is None, mutant.name


def test_what_is_noticed_or_proven_equal_needs_no_reason() -> None:
    known = page.reasons()
    found = hunt.hunted([mutant for mutant in mutants() if mutant.name in known])
    assert sorted(found.left) == sorted(known)


def test_the_page_shows_every_survivor_with_its_reason() -> None:
    assert page.table() in page.PAGE.read_text("utf-8")
