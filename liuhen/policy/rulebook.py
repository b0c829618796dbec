"""Dated, versioned parameters with their sources. Built from plain values; boot reads data/rulebook/*.toml."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.standing import Side

VERSION = re.compile(r"20\d\d-[01]\d-[1-9]\d?")  # year, month, which of the month


class Param(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value. `unit`: seconds, workdays, fen, permille or switch. `contested` marks where the law is disputed.

    source, source_en: where the value comes from, in both languages; the Chinese one binds and is never empty.
    """

    value: int
    unit: str
    source: str
    source_en: str = ""
    contested: bool = False


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A short text for people, in both languages."""

    zh: str
    en: str


class Rulebook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of the rules. The version in force when an order was placed applies to that order.

    draft: open to comment, never in force. weighty: many users, many changes or important rights, so that it is
    published 15 days ahead instead of 7 (平台规则办法 12). comment_from, comment_until: the public is heard (10).
    changes: why each value changed against the version before, by name. transition: how the change is eased in (13).
    heard: what was said while it was open to comment, and what came of it (11).
    """

    version: str
    effective_from: datetime
    published_at: datetime
    params: dict[str, Param]
    draft: bool = False
    weighty: bool = False
    comment_from: datetime | None = None
    comment_until: datetime | None = None
    changes: dict[str, Words] = {}
    transition: Words | None = None
    heard: Words | None = None

    def value(self, name: str) -> int:
        """The number behind a name. Raises InvalidInput for a name the rulebook does not have."""
        param = self.params.get(name)
        if param is None:
            raise InvalidInput("the rulebook has no such value", name=name, version=self.version)
        return param.value

    @property
    def pairs(self) -> tuple[tuple[str, int], ...]:
        """Names and numbers as something that can be a key."""
        return tuple((name, param.value) for name, param in self.params.items())

    @property
    def values(self) -> dict[str, int]:
        """All numbers by name."""
        return {name: param.value for name, param in self.params.items()}


class Limit(NamedTuple):
    """Between what a value may lie, and what sets that: an article of law, or the house where no law does.

    Parameters: unit as in `Param`; least and most in that unit, both allowed; why, short, with the article; up, who
    gains when the value rises (the other side loses); before, what holds in versions that were published before this
    name existed, because a published file is never edited (None: every version must name it).
    """

    unit: str
    least: int
    most: int
    why: str
    up: Side = Side.NOBODY
    before: int | None = None


_HOUR, _DAY = 3_600, 86_400
MAX_VALUE = 366 * _DAY  # no window, and no number of days, is longer than a year
# The least time of a seller's promise for what was opened and not used, by kind: longer where the issuer can tell
# whether it was used, shorter where a look is nearly a use.
REVEALED_WINDOW: dict[GoodsKind, str] = {
    GoodsKind.CARD_KEY: "revealed_card_key",
    GoodsKind.PREPAID_CARD: "revealed_prepaid_card",
    GoodsKind.VOUCHER: "revealed_voucher",
    GoodsKind.ACCOUNT_HANDOVER: "revealed_account",
    GoodsKind.MEMBERSHIP: "revealed_membership",
}
_REVEALED_BEFORE = {
    "revealed_card_key": _DAY,
    "revealed_prepaid_card": 2 * _DAY,
    "revealed_voucher": 3 * _DAY,
    "revealed_account": _DAY,
    "revealed_membership": 3 * _DAY,
}
REQUIRED: dict[str, Limit] = {  # every name that code asks for
    "instant_window": Limit("seconds", _DAY, 30 * _DAY, "the house promises at least 24 hours", Side.BUYER),
    "seller_answer": Limit(
        "seconds", _HOUR, 7 * _DAY, "平台规则办法 20, 27(1): time enough, but no stalling", Side.SELLER
    ),
    "review_days": Limit("workdays", 1, 10, "平台规则办法 19(2): without delay", Side.PLATFORM),
    "grace_sealed": Limit("seconds", 0, _DAY, "电商法 20, 民法典 563(1): grace stays short", Side.SELLER),
    "grace_by_hand": Limit("seconds", 0, 3 * _DAY, "电商法 20, 民法典 563(1): grace stays short", Side.SELLER),
    "no_reason_window": Limit(
        "seconds", 8 * _DAY, MAX_VALUE, "消法 25(1), 七日退货办法 10: seven full days", Side.BUYER
    ),
    "reservation": Limit("seconds", 60, _DAY, "电商法 49: an order stands while it may be paid", Side.BUYER),
    "late_payment_delivers": Limit("switch", 0, 1, "民法典 985: delivered or paid back"),
    "escrow_release": Limit(
        "seconds", _DAY, 90 * _DAY, "the house: not before the promised windows, sellers get paid", Side.BUYER
    ),
    "sealed_unconfirmed_refund": Limit("switch", 0, 1, "消法实施条例 19(2), contested", Side.BUYER),
    "revealed_voidable_asks_seller": Limit("switch", 0, 1, "消法 25(3), 七日退货办法 9, contested", Side.BUYER),
    "buyer_evidence": Limit(
        "seconds", _DAY, 30 * _DAY, "平台规则办法 20, 21: time enough to bring proof", Side.BUYER, 3 * _DAY
    ),
    "advance_payment": Limit(
        "seconds", 0, 7 * _DAY, "消法 44(1): what the platform promised to pay first", Side.SELLER, 2 * _DAY
    ),
    "minor_used_floor": Limit("permille", 0, 1000, "民法典 157, contested: what courts gave", Side.BUYER, 300),
    **{
        name: Limit("seconds", _DAY, 3 * _DAY, "消法实施条例 12: a promise binds", Side.BUYER, usual)
        for name, usual in _REVEALED_BEFORE.items()
    },
    "rest_worthless": Limit("permille", 1, 1001, "民法典 632, contested; 1001: never by number", Side.SELLER, 500),
}


def rulebook_of(table: Mapping[str, Any]) -> Rulebook:
    """One version from the plain contents of a file in data/rulebook.

    Raises InvalidInput when a value is missing, unknown, of another unit, outside its limits or without a source, or
    when a date has no zone. Whether it may stand in a line with other versions: `rulebook_line.check_line`.
    """
    try:
        book = msgspec.convert(table, Rulebook)
    except msgspec.ValidationError as error:
        raise InvalidInput("a rulebook is not in the agreed form", reason=str(error)) from error
    if not VERSION.fullmatch(book.version):
        raise InvalidInput("a version is named like 2027-01-1", version=book.version[:40])
    book = msgspec.structs.replace(book, params=_with_earlier(book.params))
    if book.params.keys() != REQUIRED.keys():
        raise InvalidInput(
            "a rulebook must hold exactly the agreed values",
            version=book.version,
            missing=sorted(REQUIRED.keys() - book.params.keys()),
            unknown=sorted(book.params.keys() - REQUIRED.keys()),
        )
    for name, param in book.params.items():
        limit = REQUIRED[name]
        if param.unit != limit.unit or not limit.least <= param.value <= limit.most or not param.source.strip():
            raise InvalidInput(
                "a rulebook value breaks its limits",
                name=name,
                version=book.version,
                value=param.value,
                unit=limit.unit,
                least=limit.least,
                most=limit.most,
                why=limit.why,
            )
    dates = (book.effective_from, book.published_at, book.comment_from, book.comment_until)
    if any(at is not None and at.tzinfo is None for at in dates):
        raise InvalidInput("times in a rulebook carry a zone", version=book.version)
    return book


def _with_earlier(params: dict[str, Param]) -> dict[str, Param]:
    """Names that came after this version was published, at the value that held before they had a name."""
    missing = {name: limit for name, limit in REQUIRED.items() if name not in params and limit.before is not None}
    return params | {
        name: Param(
            value=limit.before or 0,
            unit=limit.unit,
            source="这一版公布时还没有这一项，照此执行",
            source_en="this version had no such name when it was published; this is what holds",
        )
        for name, limit in missing.items()
    }


def in_force(books: Iterable[Rulebook], at: datetime) -> Rulebook:
    """The version in force at `at` (aware UTC): the latest that had taken effect. Raises InvalidInput when none had."""
    candidates = [book for book in books if book.effective_from <= at and not book.draft]
    if not candidates:
        raise InvalidInput("no rulebook was in force then", at=at.isoformat())
    return max(candidates, key=lambda book: book.effective_from)
