"""A request that takes effect once: the form's hidden field `once`, or the API's Idempotency-Key header."""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar.connection import Request
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType

from liuhen.base.crypto import Purpose
from liuhen.base.db import Once
from liuhen.base.errors import InvalidInput
from liuhen.edge.context import Ctx

FIELD = "once"
HEADER = "idempotency-key"
NOBODYS_BOOK = UUID(int=0)
_NOT_HASHED = ("csrf", FIELD)
_KEY_LENGTH = (8, 200)
_FORMS = (RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART)


class NoKey(InvalidInput):
    """This act needs an idempotency key of 8 to 200 visible ASCII characters."""

    code = "idempotency_key_missing"


async def once_from(ctx: Ctx) -> Once:
    """The request's key and the hash of route and body. The same key with another body is refused by the flow.

    Raises NoKey where neither header nor field holds a usable key.
    """
    is_form = ctx.request.content_type[0] in _FORMS
    key = ctx.request.headers.get(HEADER)
    if key is None and is_form:
        value = (await ctx.request.form()).get(FIELD)
        key = value if isinstance(value, str) else None
    if key is None or not _KEY_LENGTH[0] <= len(key) <= _KEY_LENGTH[1] or not (key.isascii() and key.isprintable()):
        raise NoKey(header="Idempotency-Key")
    digest = hashlib.sha256(f"{ctx.request.method} {ctx.request.scope['path']}\n".encode())
    if is_form:
        await _hash_form(digest.update, ctx.request)
    else:
        digest.update(ctx.request.scope["query_string"] + b"\n")  # an upload says there what its bytes are
        digest.update(await ctx.request.body())
    book_id = ctx.visitor.party_id or NOBODYS_BOOK
    # Keyed: a plain hash over a form with a password in it would let a copy of the database guess the password.
    request_hash = ctx.app.keys.hmac(Purpose.REPLAY, digest.digest())
    return Once(book_id=book_id, key=f"{'page' if is_form else 'api'}:{key}", request_hash=request_hash)


async def _hash_form(update: Any, request: Request[Any, Any, Any]) -> None:
    """Every field with its length, files by their bytes, in the order in which they were sent."""
    items: Iterable[tuple[str, Any]] = (await request.form()).multi_items()
    for name, value in items:
        if name in _NOT_HASHED:
            continue
        raw = await _file_bytes(value) if isinstance(value, UploadFile) else str(value).encode()
        update(f"{name}:{len(raw)}:".encode() + raw)


async def _file_bytes(file: UploadFile) -> bytes:
    await file.seek(0)
    content = await file.read()
    await file.seek(0)
    return content
