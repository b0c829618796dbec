"""An operation of the API: a handler whose signature says what it takes, and words that say what it does.

A handler may take, besides its path parameters: `ctx: Ctx`; `given: Take[X]`, the JSON body; `asked: Take[X]`, the
query parameters; `once: Take[Once]`, which makes the Idempotency-Key needed. From this come both the checks and the
OpenAPI description, so that neither can differ from the other.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from litestar.connection import ASGIConnection, Request
from litestar.di import NamedDependency as Take
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from liuhen.base.db import Once
from liuhen.base.errors import LiuhenError
from liuhen.edge.api.auth import scoped
from liuhen.edge.api.calls import (
    JSON,
    body_of,
    media,
    no_query,
    once_after_body,
    once_of,
    plain_path,
    query_of,
)

__all__ = ["OP", "OPEN", "Op", "Take", "op"]

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
            dependencies=_dependencies(known),
            opt={OP: known},
            include_in_schema=False,  # openapi.py describes it
            **more,
        )(handler)

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


def _dependencies(known: Op) -> dict[str, Provide]:
    """Each waits for the one before it: for two at once the framework starts tasks, which costs more than they do."""
    found: dict[str, Provide] = {}
    if known.body is not None:
        found["given"] = Provide(body_of(known.body))
    if known.query is not None:
        found["asked"] = Provide(query_of(known.query))
    if known.once:
        found["once"] = Provide(once_of if known.body is None else once_after_body)
    return found
