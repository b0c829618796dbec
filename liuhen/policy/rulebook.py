"""Dated, versioned parameters with their sources. Built from plain values; boot reads data/rulebook/*.toml."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput


class Param(msgspec.Struct, frozen=True, kw_only=True):
    """One value. `unit`: seconds, workdays, fen or permille. `contested` marks a setting where the law is disputed."""

    value: int
    unit: str
    source: str
    contested: bool = False


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the rules. The version in force when an order was placed applies to that order."""

    version: str
    effective_from: datetime
    published_at: datetime
    params: dict[str, Param]

    def value(self, name: str) -> int:
        """The number behind a name. Raises InvalidInput for a name the rulebook does not have."""
        param = self.params.get(name)
        if param is None:
            raise InvalidInput("the rulebook has no such value", name=name, version=self.version)
        return param.value

    @property
    def values(self) -> dict[str, int]:
        """All numbers by name."""
        return {name: param.value for name, param in self.params.items()}


REQUIRED: dict[str, str] = {  # every name that code asks for, and its unit
    "instant_window": "seconds",
    "seller_answer": "seconds",
    "review_days": "workdays",
    "grace_sealed": "seconds",
    "grace_by_hand": "seconds",
    "no_reason_window": "seconds",
    "reservation": "seconds",
    "late_payment_delivers": "switch",
    "escrow_release": "seconds",
    "sealed_unconfirmed_refund": "switch",
    "revealed_voidable_asks_seller": "switch",
}
MAX_VALUE = 366 * 86_400  # no window, and no number of days, is longer than a year


def rulebook_of(table: Mapping[str, Any]) -> Rulebook:
    """One version from the plain contents of a file in data/rulebook.

    Raises InvalidInput when a value is missing, unknown, of another unit, negative, too large or without a source.
    """
    try:
        book = msgspec.convert(table, Rulebook)
    except msgspec.ValidationError as error:
        raise InvalidInput("a rulebook is not in the agreed form", reason=str(error)) from error
    if book.params.keys() != REQUIRED.keys():
        raise InvalidInput(
            "a rulebook must hold exactly the agreed values",
            missing=sorted(REQUIRED.keys() - book.params.keys()),
            unknown=sorted(book.params.keys() - REQUIRED.keys()),
        )
    for name, param in book.params.items():
        top = 1 if param.unit == "switch" else MAX_VALUE
        if param.unit != REQUIRED[name] or not 0 <= param.value <= top or not param.source.strip():
            raise InvalidInput("a rulebook value breaks its limits", name=name, version=book.version)
    if book.effective_from.tzinfo is None or book.published_at.tzinfo is None:
        raise InvalidInput("times in a rulebook carry a zone", version=book.version)
    return book


def in_force(books: Iterable[Rulebook], at: datetime) -> Rulebook:
    """The version in force at `at` (aware UTC): the latest that had taken effect. Raises InvalidInput when none had."""
    candidates = [book for book in books if book.effective_from <= at]
    if not candidates:
        raise InvalidInput("no rulebook was in force then", at=at.isoformat())
    return max(candidates, key=lambda book: book.effective_from)
