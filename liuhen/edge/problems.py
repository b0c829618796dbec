"""From what went wrong to an HTTP status: one table, and the RFC 9457 form for machines."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.exceptions import HTTPException
from msgspec import json

from liuhen.base.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    LiuhenError,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

STATUS: dict[type[LiuhenError], int] = {
    InvalidInput: 422,
    NotFound: 404,
    Unauthenticated: 401,
    Forbidden: 403,
    Conflict: 409,
    TooLarge: 413,
    RateLimited: 429,
    Unavailable: 503,
    LiuhenError: 500,
}

_FROM_STATUS: dict[int, type[LiuhenError]] = {
    400: InvalidInput,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    413: TooLarge,
    422: InvalidInput,
    429: RateLimited,
    503: Unavailable,
}
MEDIA_TYPE = "application/problem+json"


class MethodNotAllowed(InvalidInput):
    """This address does not take this method."""

    code = "method_not_allowed"


class WrongMediaType(InvalidInput):
    """This route takes a body of another media type."""

    code = "unsupported_media_type"


class Broken(LiuhenError):
    """Something of ours is broken; nothing was changed and it is on record."""

    code = "internal"


def status_of(error: LiuhenError) -> int:
    """The status of the nearest family of `error`."""
    if isinstance(error, MethodNotAllowed | WrongMediaType):
        return 405 if isinstance(error, MethodNotAllowed) else 415
    return next(STATUS[family] for family in type(error).__mro__ if family in STATUS)


def as_liuhen(error: Exception) -> LiuhenError:
    """Any exception as one of ours. What is not expected becomes Broken and says nothing about itself."""
    if isinstance(error, LiuhenError):
        return error
    if isinstance(error, HTTPException):
        if error.status_code in (405, 415):
            return MethodNotAllowed() if error.status_code == 405 else WrongMediaType()
        family = _FROM_STATUS.get(error.status_code)
        if family is not None:
            return family(error.detail if family is InvalidInput else "")
    return Broken()


def problem(error: LiuhenError, path: str) -> Response[bytes]:
    """RFC 9457 problem details; `code` is stable, `data` holds facts of this failure."""
    status = status_of(error)
    body = {
        "type": f"/problems/{error.code}",
        "title": (type(error).__doc__ or error.code).strip().splitlines()[0],
        "status": status,
        "detail": error.message,
        "instance": path,
        "code": error.code,
        "data": {key: _plain(value) for key, value in error.data.items()},
    }
    return Response(content=json.encode(body), media_type=MEDIA_TYPE, status_code=status, headers=headers_of(error))


def headers_of(error: LiuhenError) -> dict[str, str]:
    """What the status asks for: when to come back (seconds), how to sign in."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, RateLimited | Unavailable):
        usual = 5 if isinstance(error, Unavailable) else 60  # a restart takes seconds
        headers["Retry-After"] = str(error.data.get("retry_after_seconds", usual))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="liuhen"'
    return headers


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool | list | dict):
        return value
    return str(value) if isinstance(value, UUID) else repr(value)
