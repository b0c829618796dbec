"""One sentence that survives a redirect: in a signed cookie, shown once on the next whole page."""

import base64
import binascii
from typing import Any

import msgspec
from litestar import Response
from litestar.connection import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect

from liuhen.base.crypto import Purpose
from liuhen.edge.context import App, Ctx
from liuhen.edge.web.view import Flash

_MOST_CHARACTERS = 2000
_SECONDS = 60


def cookie_name(secure: bool) -> str:
    return "__Host-liuhen_said" if secure else "liuhen_said"


def go(ctx: Ctx, path: str, text: str = "", kind: str = "done", undo_url: str = "", **values: Any) -> Response[Any]:
    """The answer to a form that worked: 303 to `path`, where `text` is shown once.

    Parameters: path, our own, starting with one slash; text, already translated; kind and undo_url as in view.Flash.
    """
    answer = Redirect(path, status_code=303)
    if text:
        say(ctx, answer, text % values if values else text, kind, undo_url)
    return answer


def say(ctx: Ctx, response: Response[Any], text: str, kind: str = "done", undo_url: str = "") -> None:
    """Adds a sentence for the next page to any answer."""
    body = msgspec.json.encode([text[:300], kind, undo_url])
    tag = ctx.app.keys.tag(Purpose.COOKIE, b"flash", body)
    response.set_cookie(
        Cookie(
            key=cookie_name(ctx.app.secure),
            value=base64.urlsafe_b64encode(tag + body).decode(),
            max_age=_SECONDS,
            path="/",
            secure=ctx.app.secure,
            httponly=True,
            samesite="lax",
        )
    )


def read(app: App, request: Request[Any, Any, Any]) -> tuple[Flash, ...]:
    """What the last act said, for a whole page alone: a fragment fetched meanwhile does not use it up."""
    cookie = request.cookies.get(cookie_name(app.secure), "")
    if not cookie or request.method != "GET" or "hx-request" in request.headers or len(cookie) > _MOST_CHARACTERS:
        return ()
    try:
        raw = base64.urlsafe_b64decode(cookie.encode())
    except (binascii.Error, ValueError):
        return ()
    tag, body = raw[:32], raw[32:]
    if not app.keys.tag_fits(Purpose.COOKIE, tag, b"flash", body):
        return ()
    text, kind, undo_url = msgspec.json.decode(body, type=tuple[str, str, str])
    return (Flash(text=text, kind=kind, undo_url=undo_url),)
