"""Policy asked about facts that somebody wrote down: the one way of case files, the command and the API."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from liuhen.base.errors import InvalidInput
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decision
from liuhen.policy.expr import says, stands
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.rulebook import Rulebook, in_force
from liuhen.policy.whatif import with_changes


class Signal(StrEnum):
    """What a demand for money before a refund calls for (反诈法 25, 30). A mere saying warns; shown, it stops all."""

    NONE = "none"
    WARN = "warn"
    BLOCK = "block"


def signal_of(facts: RefundFacts) -> Signal:
    """Whether anybody demands a fee before the refund, and how surely that is known."""
    demanded = facts.channel.fee_demanded
    if stands(demanded, frozenset((True,))):
        return Signal.BLOCK
    return Signal.WARN if says(demanded, frozenset((True,))) else Signal.NONE


def decisions(
    units: Sequence[RefundFacts],
    books: Iterable[Rulebook],
    version: str | None = None,
    on: datetime | None = None,
    *,
    changes: bool = False,
) -> list[Decision]:
    """One decision per unit, in order; equal units are decided once and share it.

    Parameters: version of the rules, or on, a moment (aware UTC) at which one was in force; without both, the version
    in force when the unit's order was placed. changes: whether what would change it is worked out too.
    Raises InvalidInput when there is no such version.
    """
    line = tuple(books)
    seen: dict[RefundFacts, Decision] = {}
    for facts in units:
        if facts not in seen:
            book = book_for(facts, line, version, on)
            decision = decide(facts, book)
            seen[facts] = with_changes(decision, facts, book) if changes else decision
    return [seen[facts] for facts in units]


def book_for(
    facts: RefundFacts, books: Iterable[Rulebook], version: str | None = None, on: datetime | None = None
) -> Rulebook:
    """The named version, the one in force at `on`, or the one in force when the order was placed (paid, asked for:
    what is known first). Raises InvalidInput when there is none.
    """
    if version is None:
        return in_force(books, on or facts.order.placed_at or facts.order.paid_at or facts.claim.requested_at)
    found = next((book for book in books if book.version == version), None)
    if found is None:
        raise InvalidInput("there is no such version of the rules", path="rulebook", version=version[:40])
    return found
