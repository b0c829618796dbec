"""A secret on its one page: in an encrypted cookie for ten minutes, so that a reload shows it again, a link never."""

import base64
import binascii
from typing import Any

import msgspec
from litestar import Response
from litestar.connection import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect

from liuhen.base.crypto import Purpose
from liuhen.base.errors import InvalidInput
from liuhen.edge.context import App, Context

PATH = "/shown-once"
_SECONDS = 600
_MOST_CHARACTERS = 3000
_AAD = b"edge.shown_once"


class Secret(msgspec.Struct, frozen=True):
    """kind: recovery, backup, token or link. next: our own page to go on to."""

    kind: str
    text: str
    next: str


def show(ctx: Context, secret: Secret) -> Response[Any]:
    """Sends the browser to the page that shows the secret until its reader says that it is kept."""
    sealed = ctx.app.keys.encrypt(Purpose.REPLAY, _AAD, msgspec.json.encode(secret))
    answer = Redirect(PATH, status_code=303)
    answer.set_cookie(_cookie(ctx.app, base64.urlsafe_b64encode(sealed).decode(), _SECONDS))
    return answer


def read(app: App, request: Request[Any, Any, Any]) -> Secret | None:
    """The secret that this browser may still see."""
    value = request.cookies.get(_name(app), "")
    if not value or len(value) > _MOST_CHARACTERS:
        return None
    try:
        opened = app.keys.decrypt(Purpose.REPLAY, _AAD, base64.urlsafe_b64decode(value.encode()))
    except (InvalidInput, binascii.Error, ValueError):
        return None
    return msgspec.json.decode(opened, type=Secret)


def forget(app: App, response: Response[Any]) -> None:
    """The reader has kept it."""
    response.set_cookie(_cookie(app, "", 0))


def _name(app: App) -> str:
    return "__Host-liuhen_once" if app.secure else "liuhen_once"


def _cookie(app: App, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=_name(app), value=value, max_age=seconds, path="/", secure=app.secure, httponly=True, samesite="lax"
    )
