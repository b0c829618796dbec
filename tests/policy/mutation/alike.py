"""Mutants that are proven equal, tried all the same: a proof that is wrong would show on facts of all kinds.

The facts are those that the checks look at, each with a few facts of another put in, as far as they can be together.
"""

from collections.abc import Iterator
from operator import attrgetter
from random import Random
from typing import Any

from msgspec.structs import replace

from liuhen.base.errors import InvalidInput
from liuhen.policy.engine import Compiled, judge
from liuhen.policy.facts.check import checked
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import schema
from tests.policy.mutation.hunt import Corpus
from tests.policy.mutation.mutants import Mutant
from tests.policy.mutation.under import compiled_under, house
from tests.policy.world import BOOK


def crossed(all_seen: Corpus, count: int) -> list[RefundFacts]:
    """So many facts, the same each time."""
    chance = Random(7)
    pool = [one.facts for one in all_seen.seen]
    paths = list(schema())
    found: list[RefundFacts] = []
    while len(found) < count:
        facts, other = chance.choice(pool), chance.choice(pool)
        for path in chance.sample(paths, chance.randint(1, 6)):
            facts = _put(facts, path, attrgetter(path)(other))
        try:
            found.append(checked(facts))
        except InvalidInput:
            continue
    return found


def _put(facts: Any, path: str, value: Any) -> Any:
    first, _, rest = path.partition(".")
    return replace(facts, **{first: _put(getattr(facts, first), rest, value) if rest else value})


def decided_otherwise(mutant: Mutant, lot: list[RefundFacts]) -> Iterator[RefundFacts]:
    """Facts that the mutant marks or decides otherwise than the house."""
    values = BOOK.pairs
    under: Any = compiled_under(mutant, values)
    for facts in lot:
        if _said(facts, house(values), mutant) != _said(facts, under, mutant):
            yield facts


def _said(facts: RefundFacts, laws: Compiled, mutant: Mutant) -> tuple[Any, ...]:
    found = judge(facts, BOOK, laws)
    more = () if mutant.follow is not None else found.more  # whether a remedy shows depends on the ground
    return found.marks, more, found.ground.id, found.outcome, found.low, found.high
