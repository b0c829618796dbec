"""How a call is read: JSON bodies and query parameters into their types, strictly; what is not known is refused."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import msgspec
from litestar.connection import ASGIConnection

from liuhen.base.errors import InvalidInput, NotFound
from liuhen.edge.context import Context
from liuhen.edge.problems import WrongMediaType

JSON = "application/json"
T = TypeVar("T")
_AT = re.compile(r" - at `(.+)`$")


def body_of(kind: type[T]) -> Callable[..., Coroutine[Any, Any, T]]:
    """Reads the request's JSON body as `kind`. It raises InvalidInput (data: at, the JSON path)."""

    async def given(ctx: Context) -> T:
        raw = await ctx.request.body()
        if b"\\u0000" in raw:
            raise InvalidInput("text with a NUL character cannot be kept", reason="nul")
        try:
            return msgspec.json.decode(raw, type=kind)
        except msgspec.ValidationError as error:
            raise _mistake(error) from error
        except msgspec.DecodeError as error:
            raise InvalidInput(f"the body is not JSON: {error}", reason="json") from error
        except RecursionError as error:
            raise InvalidInput("the body is nested too deeply", reason="depth") from error

    return given


def query_of(kind: type[T]) -> Callable[..., Coroutine[Any, Any, T]]:
    """Reads the query parameters as `kind`. It raises InvalidInput; a parameter may come once."""

    async def asked(ctx: Context) -> T:
        pairs = list(ctx.request.query_params.multi_items())
        values = dict(pairs)
        if len(values) < len(pairs):
            raise InvalidInput("a query parameter comes twice", reason="twice")
        try:
            return msgspec.convert(values, kind, strict=False)
        except msgspec.ValidationError as error:
            raise _mistake(error) from error

    return asked


def media(allowed: tuple[str, ...]) -> Callable[[ASGIConnection[Any, Any, Any, Any]], None]:
    """A check: the body is of one of these media types, or there is none where none is wanted."""

    def check(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        given = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in allowed:
            raise WrongMediaType(accepted=list(allowed))

    return check


def no_query(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """A check for routes without query parameters."""
    if connection.scope["query_string"]:
        raise InvalidInput("this route takes no query parameters", reason="unknown_parameter")


def plain_path(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """A check: no address of ours has a NUL character, and the database cannot look for one."""
    if "\x00" in connection.scope["path"]:
        raise NotFound("there is no such address")
    if b"%00" in connection.scope["query_string"]:
        raise InvalidInput("a NUL character cannot be looked for", reason="nul")


def _mistake(error: msgspec.ValidationError) -> InvalidInput:
    text = str(error)
    found = _AT.search(text)
    return InvalidInput(_AT.sub("", text), at=found[1] if found else "$", reason="shape")
