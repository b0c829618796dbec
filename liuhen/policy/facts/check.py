"""Whether facts can be true together: for what comes from outside, in a file or over the API."""

from collections.abc import Iterator
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import MAX_FEN
from liuhen.policy.facts.claim import AnswerKind
from liuhen.policy.facts.redemption import Seal
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Fact, Source, Standing

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
MAX_COUNT = 1_000_000  # days, stages, pieces, cases
MAX_SECONDS = 10 * 366 * 86_400  # no window is longer than ten years
MAX_AGE = 150  # years
MAX_PERMILLE = 1000
_SUFFIXES = (("_fen", MAX_FEN), ("_seconds", MAX_SECONDS), ("_permille", MAX_PERMILLE), ("_age", MAX_AGE))
_AT_LEAST_ONE = frozenset({"order.units_in_order", "measure.total", "goods.face_value_fen"})
# What may lie ahead of `now`; every other moment is a record of something that happened.
_AHEAD = frozenset(
    {"delivery.promised_at", "delivery.buyer_waits_until", "delivery.needed_by", "channel.refundable_until"}
)
# earlier, later: what cannot be the other way round
_ORDERED = (
    ("order.placed_at", "order.paid_at"),
    ("order.paid_at", "delivery.promised_at"),
    ("delivery.delivered_at", "redemption.revealed_at"),
    ("claim.seller.asked_at", "claim.seller.answered_at"),
)
# part, whole: no more of the one than of the other
_WITHIN = (
    ("measure.had", "measure.total"),
    ("order.bad_units", "order.units_in_order"),
    ("capacity.duplicate_captured_fen", "capacity.captured_fen"),
)


def checked(facts: RefundFacts, at: str = "facts") -> RefundFacts:
    """The facts themselves. Raises InvalidInput with the path (below `at`) of the first that cannot be, and why."""
    for path, problem, allowed in _faults(facts):
        raise InvalidInput(f"{at}.{path} {problem}; allowed: {allowed}", path=f"{at}.{path}", allowed=allowed)
    return facts


def most(path: str) -> int:
    """The largest number that a fact may be: fen, seconds, permille, years or a count, as its name says."""
    return next((limit for suffix, limit in _SUFFIXES if path.endswith(suffix)), MAX_COUNT)


def least(path: str) -> int:
    """The smallest number that a fact may be."""
    return 1 if path in _AT_LEAST_ONE else 0


def _faults(facts: RefundFacts) -> Iterator[tuple[str, str, str]]:
    values = {path: attrgetter(path)(facts) for path in schema()}
    for path, field in schema().items():
        found = values[path]
        if isinstance(found, Fact):
            yield from _standing(path, found)
            found = found.value
        if found is not None:
            yield from _alone(path, field, found, facts.now)
    yield from _together({path: v.value if isinstance(v, Fact) else v for path, v in values.items()})


def _standing(path: str, fact: Fact[Any]) -> Iterator[tuple[str, str, str]]:
    said = (fact.value is not None, fact.source is not Source.NOBODY, fact.standing is not Standing.UNKNOWN)
    if len(set(said)) > 1:
        yield path, "needs a value, a source and a standing, or none of them", "all three, or the fact left out"


def _alone(path: str, field: Field, value: Any, now: datetime) -> Iterator[tuple[str, str, str]]:
    if field.type is datetime:
        yield from _time(path, value, now)
    elif field.type is int:
        low, high = least(path), most(path)
        if isinstance(value, bool) or not low <= value <= high:
            yield path, "is out of range", f"a whole number from {low} to {high}"


def _time(path: str, value: datetime, now: datetime) -> Iterator[tuple[str, str, str]]:
    if value.tzinfo is None:
        yield path, "has no offset", "a time with its offset, for example 2026-11-22T12:00:00+08:00"
    elif not EARLIEST <= value <= LATEST:
        yield path, "is out of range", f"a time from {EARLIEST:%Y} to {LATEST:%Y}"
    elif path not in _AHEAD and value > now:
        yield path, "lies after now", f"at or before now ({now.isoformat()})"


def _together(values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for first, then in _ORDERED:
        if values[first] is not None and values[then] is not None and values[then] < values[first]:
            yield then, f"lies before {first}", f"at or after {first}"
    for part, whole in _WITHIN:
        if values[part] is not None and values[whole] is not None and values[part] > values[whole]:
            yield part, f"is more than {whole}", f"at most {whole}"
    back = values["capacity.refunded_fen"] + values["capacity.in_flight_fen"]
    if back > values["capacity.captured_fen"]:
        yield "capacity.refunded_fen", "and in_flight_fen are more than was captured", "together at most captured_fen"
    if values["redemption.seal"] is Seal.SEALED and values["redemption.revealed_at"] is not None:
        yield "redemption.revealed_at", "stands beside a seal that is whole", "nothing while seal is sealed"
    if values["claim.seller.kind"] is AnswerKind.NONE and values["claim.seller.answered_at"] is not None:
        yield "claim.seller.answered_at", "stands without an answer", "nothing while kind is none"
    yield from _delivered(values)


def _delivered(values: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is forgotten most easily, and would change the answer without a word."""
    sent, seal = values["delivery.delivered_at"] is not None, values["redemption.seal"]
    if values["order.placed_at"] is None and (sent or values["delivery.promised_at"] is not None):
        yield "order.placed_at", "is missing: only captured money stands without an order", "when it was ordered"
    if sent and values["goods.sealed_delivery"] and seal is Seal.NONE:
        yield "redemption.seal", "is missing: delivered sealed, it is whole or broken", "sealed, broken"
    if not sent and seal is not Seal.NONE:
        yield "redemption.seal", "stands without a delivery", "none while delivered_at is left out"
