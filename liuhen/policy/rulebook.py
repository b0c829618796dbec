"""Dated, versioned parameters with their sources. Built from plain values; boot reads data/rulebook/*.toml."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

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


class Limit(NamedTuple):
    """Between what a value may lie, and what sets that: an article of law, or the house where no law does.

    Parameters: unit as in `Param`; least and most in that unit, both allowed; why, short, with the article.
    """

    unit: str
    least: int
    most: int
    why: str


_HOUR, _DAY = 3_600, 86_400
MAX_VALUE = 366 * _DAY  # no window, and no number of days, is longer than a year
REQUIRED: dict[str, Limit] = {  # every name that code asks for
    "instant_window": Limit("seconds", _DAY, 30 * _DAY, "the house promises at least 24 hours"),
    "seller_answer": Limit("seconds", _HOUR, 7 * _DAY, "平台规则办法 20, 27(1): time enough, but no stalling"),
    "review_days": Limit("workdays", 1, 10, "平台规则办法 19(2): without delay"),
    "grace_sealed": Limit("seconds", 0, _DAY, "电商法 20, 民法典 563(1): grace stays short"),
    "grace_by_hand": Limit("seconds", 0, 3 * _DAY, "电商法 20, 民法典 563(1): grace stays short"),
    "no_reason_window": Limit("seconds", 8 * _DAY, MAX_VALUE, "消法 25(1), 七日退货办法 10: seven full days"),
    "reservation": Limit("seconds", 60, _DAY, "电商法 49: an order stands while it may be paid"),
    "late_payment_delivers": Limit("switch", 0, 1, "民法典 985: delivered or paid back"),
    "escrow_release": Limit("seconds", _DAY, 90 * _DAY, "the house: not before the promised windows, sellers get paid"),
    "sealed_unconfirmed_refund": Limit("switch", 0, 1, "消法实施条例 19(2), contested"),
    "revealed_voidable_asks_seller": Limit("switch", 0, 1, "消法 25(3), 七日退货办法 9, contested"),
}


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
        limit = REQUIRED[name]
        if param.unit != limit.unit or not limit.least <= param.value <= limit.most or not param.source.strip():
            raise InvalidInput("a rulebook value breaks its limits", name=name, version=book.version, **limit._asdict())
    if book.effective_from.tzinfo is None or book.published_at.tzinfo is None:
        raise InvalidInput("times in a rulebook carry a zone", version=book.version)
    return book


def in_force(books: Iterable[Rulebook], at: datetime) -> Rulebook:
    """The version in force at `at` (aware UTC): the latest that had taken effect. Raises InvalidInput when none had."""
    candidates = [book for book in books if book.effective_from <= at]
    if not candidates:
        raise InvalidInput("no rulebook was in force then", at=at.isoformat())
    return max(candidates, key=lambda book: book.effective_from)
