"""A disputed fact: what is said, who says so, and how it stands. Silence and doubt are values, not gaps.

Issuer before platform log before what a party says: 电商法 62, 民事证据规定 90, 94, 95.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Source(StrEnum):
    """Who says so."""

    ISSUER = "issuer"  # who can tell whether a key is good: the publisher, the shop behind a voucher
    OPERATOR = "operator"  # the carrier or game operator whose record shows a top-up
    PLATFORM_LOG = "platform_log"  # our own record, formed in normal business
    STAFF = "staff"  # a reviewer's finding, with reasons on record
    SELLER = "seller"
    BUYER = "buyer"
    NOBODY = "nobody"  # nobody has said anything yet


class Standing(StrEnum):
    """How the saying stands. UNKNOWN < ALLEGED < ESTABLISHED; REBUTTED and WITHHELD stand beside that line."""

    UNKNOWN = "unknown"
    ALLEGED = "alleged"
    ESTABLISHED = "established"
    REBUTTED = "rebutted"  # said, and shown to be wrong: the opposite of a yes or no holds
    WITHHELD = "withheld"  # said, and the other side holds the proof and does not bring it: it holds (民事证据规定 95)


class Side(StrEnum):
    """Who may act, owe, pay or bear a burden."""

    BUYER = "buyer"
    SELLER = "seller"
    PLATFORM = "platform"
    ISSUER = "issuer"
    OUTSIDE = "outside"
    NOBODY = "nobody"


class Fact(msgspec.Struct, Generic[T], frozen=True):
    """One disputed fact. `value` is what `source` says; None where nobody has said anything."""

    value: T | None = None
    source: Source = Source.NOBODY
    standing: Standing = Standing.UNKNOWN

    @property
    def holds(self) -> bool:
        """True when a decision may rest on the value as said."""
        return self.value is not None and self.standing in (Standing.ESTABLISHED, Standing.WITHHELD)


def established(value: T, source: Source) -> Fact[T]:
    """A fact that is settled by `source`."""
    return Fact(value=value, source=source, standing=Standing.ESTABLISHED)


def alleged(value: T, source: Source) -> Fact[T]:
    """A fact that a side asserts and nobody has shown yet."""
    return Fact(value=value, source=source, standing=Standing.ALLEGED)


_WEIGHT = {
    Source.STAFF: 6, Source.ISSUER: 5, Source.OPERATOR: 5, Source.PLATFORM_LOG: 4,
    Source.BUYER: 2, Source.SELLER: 2, Source.NOBODY: 0,
}  # fmt: skip


def weigh(records: Iterable[Fact[T]]) -> Fact[T]:
    """The one fact that several records side by side amount to; none of them is overwritten.

    A settled record of the strongest source wins. Two settled records of equal weight that contradict each other
    leave the matter alleged: a human must look. Without a settled record a single view stays alleged, and
    contradicting views of the two sides leave the first of them alleged. No record: unknown.
    """
    said = [r for r in records if r.value is not None and r.standing is not Standing.UNKNOWN]
    if not said:
        return Fact()
    settled = [r for r in said if r.standing is not Standing.ALLEGED]
    pool = settled or said
    top = max(_WEIGHT[r.source] for r in pool)
    best = [r for r in pool if _WEIGHT[r.source] == top]
    first = best[0]
    if settled and any((r.value, r.standing) != (first.value, first.standing) for r in best[1:]):
        return Fact(value=first.value, source=first.source, standing=Standing.ALLEGED)
    return first
