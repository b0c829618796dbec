"""From records of use and of the shelf to the policy's facts on redemption and defects. Pure; SQL is next door."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from liuhen.base.db import Row
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.defects import Defects
from liuhen.policy.facts.redemption import Redemption, Seal, UsedBy, UseState
from liuhen.policy.facts.standing import Fact, Source, Standing, alleged, established, weigh
from liuhen.timing.workdays import shanghai_day

T = TypeVar("T")

_SOURCES = {
    "PLATFORM": Source.PLATFORM_LOG,
    "BUYER": Source.BUYER,
    "SELLER": Source.SELLER,
    "ISSUER": Source.ISSUER,
}
# What a side says against its own interest needs no proof (民事证据规定 3); what serves it is only alleged. A use
# before the seal was broken would be somebody else's and give the buyer his money: his word for that serves him.
_AGAINST_INTEREST = {
    Source.BUYER: (UseState.PARTLY_USED, UseState.USED_UP),
    Source.SELLER: (UseState.UNUSED,),
}
_USED = (UseState.PARTLY_USED, UseState.USED_UP)
CLOCKS = timedelta(minutes=5)  # how far an issuer's clock may be off ours; their signed messages get as much
VOIDED_EVENT = "voided"  # an issuer's event that says the key can no longer be redeemed

_CLAIMED_DEFECT = {
    ReasonCode.INVALID_KEY: "invalid_key",
    ReasonCode.DUPLICATE_KEY: "duplicate_key",
    ReasonCode.ALREADY_REDEEMED: "already_redeemed",
    ReasonCode.INCORRECT_AMOUNT: "incorrect_amount",
    ReasonCode.WRONG_REGION: "wrong_region",
    ReasonCode.NOT_AS_DESCRIBED: "not_as_described",
    ReasonCode.SHORT_VALIDITY: "short_validity",
    ReasonCode.NOT_RECEIVED: "not_credited",
    ReasonCode.DEFECTIVE: "defective",
    ReasonCode.SERVICE_STOPPED: "defective",
    ReasonCode.RECOVERED_BY_SELLER: "recovered",
    ReasonCode.FRAUD_ALLEGED: "fraud",
}


def redemption(unit: Row, records: Sequence[Row]) -> Redemption:
    """The seal and the strongest view of use.

    Parameters: unit, a row of refund_facts; records, its redemption facts, oldest first.
    """
    first = weigh(_first_used(unit, records))
    return Redemption(
        seal=_seal(unit),
        revealed_at=unit["revealed_at"],
        use=weigh(_latest_use(unit, records)),
        used_by=_used_by(unit, first),
        first_used_at=first,
        used_permille=_used_permille(unit, records),
        voided=_said_by_issuer(records, VOIDED_EVENT),
    )


def defects(unit: Row, records: Sequence[Row], reason: ReasonCode) -> Defects:
    """What the buyer alleges by his reason, next to what our shelf and the issuer show by themselves."""
    found: dict[str, list[Fact[bool]]] = {}
    if (name := _CLAIMED_DEFECT.get(reason)) is not None:
        found.setdefault(name, []).append(alleged(True, Source.BUYER))
    if unit["twin_sold"]:
        # The same text was sold in another shop. Short codes of two issuers can be alike, so it is a hint.
        found.setdefault("duplicate_key", []).append(alleged(True, Source.PLATFORM_LOG))
    if _used_before_reveal(unit, weigh(_first_used(unit, records))):
        found.setdefault("already_redeemed", []).append(established(True, Source.ISSUER))
    if _too_short(unit):
        found.setdefault("short_validity", []).append(established(True, Source.PLATFORM_LOG))
    voided = _said_by_issuer(records, VOIDED_EVENT)
    if voided.holds and weigh(_latest_use(unit, records)).value not in _USED:
        # The issuer honours it no longer, and nobody had its value.
        found.setdefault("invalid_key", []).append(voided)
    short_by_record = _worth_less(unit)
    if short_by_record:
        found.setdefault("incorrect_amount", []).append(established(True, Source.PLATFORM_LOG))
    weighed = {name: weigh(facts) for name, facts in found.items()}
    worth: Fact[int] = Fact()
    if short_by_record:
        worth = established(unit["key_face_value_fen"], Source.PLATFORM_LOG)
    return Defects(actual_value_fen=worth, **weighed)


def _seal(unit: Row) -> Seal:
    if unit["delivery"] != "AUTO" or unit["delivered_at"] is None:
        return Seal.NONE
    return Seal.SEALED if unit["revealed_at"] is None else Seal.BROKEN


def _latest_use(unit: Row, records: Sequence[Row]) -> list[Fact[UseState]]:
    latest = {row["source"]: row for row in records if row["state"] != "UNKNOWN"}
    return [_said(unit, row, UseState[row["state"]]) for row in latest.values()]


def _first_used(unit: Row, records: Sequence[Row]) -> list[Fact[datetime]]:
    """The earliest time of use that each source names, apart for what is settled and what is only alleged.

    Just before the reveal the clocks alone may differ: which came first is then for a person to say.
    """
    earliest: dict[tuple[Source, Standing], Fact[datetime]] = {}
    for row in records:
        if UseState[row["state"]] not in _USED or row["occurred_at"] is None:
            continue
        fact = _said(unit, row, row["occurred_at"])
        if unit["revealed_at"] is not None and timedelta(0) < unit["revealed_at"] - row["occurred_at"] < CLOCKS:
            fact = alleged(row["occurred_at"], fact.source)
        before = earliest.get((fact.source, fact.standing))
        if before is None or before.value is None or row["occurred_at"] < before.value:
            earliest[fact.source, fact.standing] = fact
    return list(earliest.values())


def _said(unit: Row, row: Row, value: T) -> Fact[T]:
    source, state = _SOURCES[row["source"]], UseState[row["state"]]
    if source not in _AGAINST_INTEREST:
        return established(value, source)
    hurts = state in _AGAINST_INTEREST[source] and not _blames_others(unit, row)
    return established(value, source) if hurts else alleged(value, source)


def _blames_others(unit: Row, row: Row) -> bool:
    """A buyer's word that a key was used while its seal was whole."""
    if row["source"] != "BUYER" or unit["delivery"] != "AUTO":
        return False
    at, revealed_at = row["occurred_at"], unit["revealed_at"]
    return revealed_at is None or (at is not None and at < revealed_at)


def _used_before_reveal(unit: Row, first: Fact[datetime]) -> bool:
    """Issuer and seal log side by side: redeemed before our seal was broken, so not by this buyer."""
    if first.source is not Source.ISSUER or not first.holds or first.value is None:
        return False
    return unit["revealed_at"] is None or first.value < unit["revealed_at"]


def _used_by(unit: Row, first: Fact[datetime]) -> Fact[UsedBy]:
    if unit["delivery"] != "AUTO" or first.value is None:
        return Fact()
    if _used_before_reveal(unit, first):
        return established(UsedBy.OTHER, Source.PLATFORM_LOG)
    return Fact()


def _used_permille(unit: Row, records: Sequence[Row]) -> Fact[int]:
    """The used share of the face value, per mille, from the newest record of each source that names a remainder."""
    whole = unit["face_value_fen"]
    latest: dict[str, Fact[int]] = {}
    for row in records:
        if row["remaining_fen"] is not None and whole:
            used = max(whole - min(row["remaining_fen"], whole), 0) * 1000 // whole
            latest[row["source"]] = _said(unit, row, used)
    return weigh(latest.values())


def _said_by_issuer(records: Sequence[Row], event: str) -> Fact[bool]:
    found = any(row["source"] == "ISSUER" and row["event"].lower() == event for row in records)
    return established(True, Source.ISSUER) if found else Fact()


def _too_short(unit: Row) -> bool:
    """Delivered with less validity left than the product version promises."""
    if unit["key_valid_until"] is None or unit["delivered_at"] is None:
        return False
    needed = shanghai_day(unit["delivered_at"]) + timedelta(days=unit["min_validity_days"])
    return bool(unit["key_valid_until"] < needed)


def _worth_less(unit: Row) -> bool:
    stated, real = unit["face_value_fen"], unit["key_face_value_fen"]
    return stated is not None and real is not None and real < stated
