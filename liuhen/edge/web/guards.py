"""Who may open a page. A guard answers for the role alone; whose thing it is, the flow or read finds out."""

from typing import Any
from urllib.parse import quote, urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from liuhen.base.errors import Forbidden, Unauthenticated
from liuhen.edge.context import visitor_of

Connection = ASGIConnection[Any, Any, Any, Any]


class NoShop(Forbidden):
    """Open a shop first."""

    code = "no_shop"


def needs_party(connection: Connection, _: BaseRouteHandler) -> None:
    """Anybody who is signed in. Raises Unauthenticated; pages turn it into the way to sign-in and back."""
    if visitor_of(connection).party_id is None:
        raise Unauthenticated()


def needs_seller(connection: Connection, handler: BaseRouteHandler) -> None:
    """A party with an open shop."""
    needs_party(connection, handler)
    if not visitor_of(connection).is_seller:
        raise NoShop()


def needs_reviewer(connection: Connection, handler: BaseRouteHandler) -> None:
    """Reviewers and admins."""
    needs_party(connection, handler)
    if not visitor_of(connection).is_reviewer:
        raise Forbidden()


def needs_admin(connection: Connection, handler: BaseRouteHandler) -> None:
    """Admins."""
    needs_party(connection, handler)
    if not visitor_of(connection).is_admin:
        raise Forbidden()


def safe_next(wanted: str | None, otherwise: str = "/") -> str:
    """A path of ours to go on to, never another site: `//evil`, `/\\evil` and `https:` all end at `otherwise`."""
    if not wanted or len(wanted) > 500 or not wanted.startswith("/") or not wanted.isprintable():
        return otherwise
    parts = urlsplit(wanted)
    if "\\" in wanted or wanted.startswith("//") or parts.scheme or parts.netloc:
        return otherwise
    return wanted


def sign_in_path(connection: Connection) -> str:
    """Where somebody without a session is sent: to sign-in and then back to the page he was on."""
    page = connection.scope["path"]
    if connection.scope.get("method") not in ("GET", "HEAD"):
        page = urlsplit(connection.headers.get("referer", "")).path
    elif query := connection.scope.get("query_string", b"").decode("latin-1"):
        page = f"{page}?{query}"
    back = safe_next(page)
    return "/sign-in" if back == "/" else f"/sign-in?next={quote(back)}"
