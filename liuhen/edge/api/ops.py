"""An operation of the API: a handler whose signature says what it takes, and words that say what it does.

A handler may take, besides its path parameters: `ctx: Ctx`; `given: Take[X]`, the JSON body; `asked: Take[X]`, the
query parameters; `once: Take[Once]`, which makes the Idempotency-Key needed. From this come both the checks and the
OpenAPI description, so that neither can differ from the other. A struct that it answers is sent as JSON.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints

import msgspec
from litestar.connection import ASGIConnection, Request
from litestar.di import NamedDependency as Take
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from liuhen.base.db import Once
from liuhen.base.errors import LiuhenError
from liuhen.edge.api.auth import scoped
from liuhen.edge.api.calls import JSON, body_of, media, no_query, plain_path, query_of
from liuhen.edge.context import Context, context_of
from liuhen.edge.once import once_from

__all__ = ["NOT_KEPT", "OP", "OPEN", "Op", "Take", "op"]

NOT_KEPT = {"Cache-Control": "no-store"}
"""Headers of every answer."""
OP = "operation"
OPEN = ""
"""The scope of what everybody may do, with or without a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """What the description is made of. uploads: media types of a body of bytes; answers: of an answer of bytes."""

    name: str
    method: str
    path: str
    scopes: tuple[str, ...]
    summary: str
    text: str
    tag: str
    status: int
    errors: tuple[type[LiuhenError], ...]
    body: Any
    query: Any
    answer: Any
    once: bool
    uploads: tuple[str, ...]
    answers: tuple[str, ...]


def op(
    method: str,
    path: str,
    scope: str,
    summary: str,
    *errors: type[LiuhenError],
    status: int = 200,
    uploads: Sequence[str] = (),
    answers: Sequence[str] = (),
    most_bytes: int | None = None,
) -> Callable[[Any], HTTPRouteHandler]:
    """Parameters: path below /api/v1; scope, which the token must have, or several of which it needs one, with |, or
    OPEN; errors, what may go wrong besides what always may; most_bytes, of a body."""

    def make(handler: Any) -> HTTPRouteHandler:
        hints = get_type_hints(handler)
        body, query = hints.get("given"), hints.get("asked")
        known = Op(
            name=handler.__name__,
            method=method,
            path=path,
            scopes=tuple(scope.split("|")) if scope else (),
            summary=summary,
            text=(handler.__doc__ or "").strip(),
            tag=handler.__module__.rsplit(".", 1)[-1],
            status=status,
            errors=errors,
            body=body,
            query=query,
            answer=hints["return"],
            once=hints.get("once") is Once,
            uploads=tuple(uploads),
            answers=tuple(answers),
        )
        more: dict[str, Any] = {"request_max_body_size": most_bytes} if most_bytes else {}
        return HTTPRouteHandler(
            path,
            http_method=[method],  # type: ignore[list-item]
            status_code=status,
            before_request=_checks(known),
            opt={OP: known},
            include_in_schema=False,  # openapi.py describes it
            **more,
        )(_called(known, handler))

    return make


def _checks(known: Op) -> Callable[[Request[Any, Any, Any]], Coroutine[Any, Any, None]]:
    """All that a call must pass before it is read. One coroutine: the framework copies the handler for each guard, and
    takes a thread for a plain function."""
    checks: list[Callable[[ASGIConnection[Any, Any, Any, Any]], None]] = [plain_path]
    if known.scopes:
        checks.append(scoped(*known.scopes))
    if known.query is None and not known.uploads:
        checks.append(no_query)
    if known.uploads or known.body is not None:
        checks.append(media(known.uploads or (JSON,)))

    async def ask(request: Request[Any, Any, Any]) -> None:
        for check in checks:
            check(request)

    return ask


def _called(known: Op, handler: Any) -> Any:
    """The handler as the framework calls it: with the request and the path's parameters alone.

    The rest is read here, in the order in which it is checked. The framework can do it too, by asking for each thing
    and for the answer in turn; that takes as long as reading them.
    """
    parts: list[tuple[str, Callable[[Context], Awaitable[Any]]]] = []
    if known.body is not None:
        parts.append(("given", body_of(known.body)))
    if known.query is not None:
        parts.append(("asked", query_of(known.query)))
    if known.once:
        parts.append(("once", once_from))
    as_json = isinstance(known.answer, type) and issubclass(known.answer, msgspec.Struct)

    async def call(request: Request[Any, Any, Any], **path: Any) -> Any:
        ctx = context_of(request)
        for name, read in parts:
            path[name] = await read(ctx)
        answer = await handler(ctx=ctx, **path)
        if not as_json:
            return answer
        body = msgspec.json.encode(answer)
        return ASGIResponse(body=body, media_type=JSON, headers=NOT_KEPT, status_code=known.status)

    taken = {"ctx", *(name for name, _ in parts)}
    hints = get_type_hints(handler, include_extras=True)  # a path's parameter is marked as one
    own = [one for name, one in signature(handler).parameters.items() if name not in taken]
    request = Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request[Any, Any, Any])
    answers = ASGIApp if as_json else known.answer
    path = [one.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[one.name]) for one in own]
    made: Any = call
    made.__signature__ = Signature([request, *path], return_annotation=answers)
    made.__annotations__ = {one.name: one.annotation for one in (request, *path)} | {"return": answers}
    made.__name__, made.__module__, made.__doc__ = handler.__name__, handler.__module__, handler.__doc__
    return made
