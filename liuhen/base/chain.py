"""The hash chain of one order: canonical form and link. Pure; docs/evidence-chain.md describes it for outsiders."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

GENESIS = bytes(32)


def canonical(value: Any) -> bytes:
    """The one byte form of a record: JSON, UTF-8, keys sorted by code point, no spaces, integers only.

    Raises TypeError on a float: two systems need not print one alike.
    """
    return msgspec.json.encode(_plain(value), order="sorted")


def _plain(value: Any) -> Any:
    make = _FORMS.get(type(value))
    if make is None:
        make = _FORMS[type(value)] = _form_of(value)
    return make(value)


def _form_of(value: Any) -> Callable[[Any], Any]:
    """The form of a kind of value that is met for the first time: an enum, or what the driver made of an id."""
    if isinstance(value, StrEnum):
        return str
    for kind in (UUID, datetime, date):
        if isinstance(value, kind):
            return _FORMS[kind]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _same(value: Any) -> Any:
    return value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _list(value: Any) -> list[Any]:
    return [_plain(item) for item in value]


# By the exact type: each record of an act passes through here, value by value.
_FORMS: dict[type, Callable[[Any], Any]] = {
    type(None): _same,
    bool: _same,
    int: _same,
    str: _same,
    UUID: str,
    datetime: _moment,
    date: date.isoformat,
    bytes: bytes.hex,
    dict: lambda value: {str(key): _plain(item) for key, item in value.items()},
    list: _list,
    tuple: _list,
}


def link(previous: bytes, seq: int, payload: bytes) -> bytes:
    """sha256(previous ‖ seq as 8 bytes big-endian ‖ sha256(payload)); chain_append_all does the same in SQL."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + hashlib.sha256(payload).digest()).digest()


def commitment(salt: bytes, text: str) -> str:
    """What the chain keeps of a personal text: a salted hash, so that erasing text and salt erases it for good."""
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """One stored row of a chain."""

    seq: int
    payload: bytes
    hash: bytes


def first_broken(links: Iterable[Link], head: bytes, length: int) -> int | None:
    """The number of the first link that does not hold, or None if the chain of `length` links ends in `head`."""
    previous, expected = GENESIS, 1
    for row in links:
        if row.seq != expected or link(previous, row.seq, row.payload) != row.hash:
            return expected
        previous, expected = row.hash, expected + 1
    if expected - 1 != length or previous != head:
        return expected if expected - 1 < length else length
    return None
