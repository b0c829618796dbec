"""The words of the API: common types with their limits, and how a read's value becomes an answer."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput

Fen = Annotated[int, Meta(description="An amount in fen (1/100 yuan).", examples=[9800])]
SomeFen = Annotated[int, Meta(ge=1, le=9_999_999_999, description="An amount in fen, above zero.", examples=[9800])]
Hash = Annotated[str, Meta(description="SHA-256, lower-case hex.", examples=["9f86d081884c7d65…"])]
Cursor = Annotated[str, Meta(max_length=300, description="`next` of the page before. Opaque.")]
Limit = Annotated[int, Meta(ge=1, le=100, description="Items per page.")]
Words = Annotated[str, Meta(max_length=100, description="Words to look for.")]
OrderNo = Annotated[str, Meta(max_length=40, description="Order number.", examples=["LH261122-7K3Q9FX"])]
CaseNo = Annotated[str, Meta(max_length=40, description="Case number.", examples=["TK261122-7K3Q9FX"])]
ChannelName = Annotated[str, Meta(min_length=1, max_length=40, description="Name of a channel, see GET /channels.")]

T = TypeVar("T", bound=Struct)


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller sends. A field that is not known is refused: a typing error must not be silently ignored."""


class Asked(Given, frozen=True, kw_only=True):
    """Query parameters of a list."""

    cursor: Cursor | None = None
    limit: Limit = 20


class Answer(Struct, frozen=True, kw_only=True):
    """What a caller gets. Times are RFC 3339 in UTC, amounts whole fen; null where there is nothing."""


def utc(at: datetime) -> datetime:
    """The same moment in UTC. Raises InvalidInput at the very ends of the calendar."""
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput("that moment lies outside the calendar", reason="range") from error


def shape(found: Any, target: type[T], **more: Any) -> T:
    """`found`, by the names of its attributes, as an answer; `more` adds or replaces fields. "" becomes null."""
    values: dict[str, Any] = {}
    for name, may_be_null in _fields(target):
        value = more[name] if name in more else getattr(found, name)
        if isinstance(value, bytes):
            value = value.hex()
        values[name] = None if value == "" and may_be_null else value
    return msgspec.convert(values, target, from_attributes=True)


@cache
def _fields(target: type[Struct]) -> list[tuple[str, bool]]:
    """Names, and whether null is allowed."""
    return [(field.name, type(None) in get_args(field.type)) for field in msgspec.structs.fields(target)]
