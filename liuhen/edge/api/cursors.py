"""Where the next page of a list begins: opaque for the caller, signed, good for that list of that party alone."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from liuhen.base.crypto import Purpose
from liuhen.base.errors import InvalidInput
from liuhen.edge.context import Context

_TAG_BYTES = 32

T = TypeVar("T")


class BadCursor(InvalidInput):
    """This cursor was not made for this list."""

    code = "bad_cursor"


def write(ctx: Context, name: str, place: object) -> str | None:
    """The word for `place` (plain values that JSON can hold) in the list `name`; None for no place."""
    if place is None:
        return None
    payload = msgspec.json.encode(place)
    tag = ctx.app.keys.tag(Purpose.CURSOR, *_bound(ctx, name), payload)
    return urlsafe_b64encode(tag + payload).rstrip(b"=").decode()


def read(ctx: Context, name: str, text: str | None, kind: type[T]) -> T | None:
    """The place as `kind`, None for no text. Raises BadCursor for what we did not make for this list and party."""
    if not text:
        return None
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise BadCursor() from error
    tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if not ctx.app.keys.tag_fits(Purpose.CURSOR, tag, *_bound(ctx, name), payload):
        raise BadCursor()
    return msgspec.json.decode(payload, type=kind)


def _bound(ctx: Context, name: str) -> tuple[bytes, bytes]:
    return name.encode(), ctx.visitor.party_id.bytes if ctx.visitor.party_id else b""
