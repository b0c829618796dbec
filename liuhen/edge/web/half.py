"""The cookie between the right password and the second factor: it opens nothing but the page that asks for the rest."""

from typing import Any

from litestar import Response
from litestar.connection import Request
from litestar.datastructures import Cookie

from liuhen.edge.context import App
from liuhen.parties.model import HALF_SESSION_LIFE

_MOST_CHARACTERS = 200


def put(app: App, response: Response[Any], token: str) -> None:
    """The half session's secret goes into the browser."""
    response.set_cookie(_cookie(app, token, int(HALF_SESSION_LIFE.total_seconds())))


def take(app: App, response: Response[Any]) -> None:
    """It goes out of the browser."""
    response.set_cookie(_cookie(app, "", 0))


def token_of(app: App, request: Request[Any, Any, Any]) -> str:
    """What the browser shows, "" for nothing that could be one."""
    token = request.cookies.get(cookie_name(app.secure), "")
    return token if len(token) <= _MOST_CHARACTERS else ""


def cookie_name(secure: bool) -> str:
    return "__Host-liuhen_half" if secure else "liuhen_half"


def _cookie(app: App, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=cookie_name(app.secure),
        value=value,
        max_age=seconds,
        path="/",
        secure=app.secure,
        httponly=True,
        samesite="lax",
    )
