"""Who may open a page. A guard answers for the role alone; whose thing it is, the flow or read finds out.

Guards are coroutines: the framework would run a plain function in a thread of its own.
"""

from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from liuhen.base.errors import Forbidden, SecondFactorNeeded, Unauthenticated
from liuhen.edge.context import now_of, visitor_of
from liuhen.factors.model import is_fresh

Connection = ASGIConnection[Any, Any, Any, Any]


class NoShop(Forbidden):
    """Open a shop first."""

    code = "no_shop"


async def needs_party(connection: Connection, _: BaseRouteHandler) -> None:
    """Anybody who is signed in. Raises Unauthenticated; pages turn it into the way to sign-in and back."""
    if visitor_of(connection).party_id is None:
        raise Unauthenticated()


async def needs_seller(connection: Connection, handler: BaseRouteHandler) -> None:
    """A party with an open shop."""
    await needs_party(connection, handler)
    if not visitor_of(connection).is_seller:
        raise NoShop()


async def needs_proof(connection: Connection, handler: BaseRouteHandler) -> None:
    """Who proved himself within the last ten minutes: for what changes how he signs in."""
    await needs_party(connection, handler)
    if not is_fresh(visitor_of(connection).proved_at, now_of(connection)):
        raise SecondFactorNeeded()


async def needs_reviewer(connection: Connection, handler: BaseRouteHandler) -> None:
    """Reviewers and admins."""
    await _needs_staff(connection, handler)
    if not visitor_of(connection).is_reviewer:
        raise Forbidden()


async def needs_admin(connection: Connection, handler: BaseRouteHandler) -> None:
    """Admins."""
    await _needs_staff(connection, handler)
    if not visitor_of(connection).is_admin:
        raise Forbidden()


def safe_next(wanted: str | None, otherwise: str = "/") -> str:
    """A path of ours to go on to, never another site: `//evil`, `/\\evil` and `https:` all end at `otherwise`."""
    if not wanted or len(wanted) > 500 or not wanted.startswith("/") or not wanted.isprintable():
        return otherwise
    if "\\" in wanted or wanted.startswith("//"):  # urlsplit would stumble over `//[`
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc else wanted


def came_from(connection: Connection) -> SplitResult:
    """The page that the browser says it comes from; nothing for an address that is none."""
    try:
        return urlsplit(connection.headers.get("referer", ""))
    except ValueError:
        return urlsplit("")


def sign_in_path(connection: Connection, to: str = "/sign-in") -> str:
    """Where somebody without a session is sent: to sign-in (or to `to`) and then back to the page he was on."""
    page = connection.scope["path"]
    if connection.scope.get("method") not in ("GET", "HEAD"):
        came = came_from(connection)
        page = f"{came.path}?{came.query}" if came.query else came.path
    elif query := connection.scope.get("query_string", b"").decode("latin-1"):
        page = f"{page}?{query}"
    back = safe_next(page)
    return to if back == "/" else f"{to}?next={quote(back)}"


async def _needs_staff(connection: Connection, handler: BaseRouteHandler) -> None:
    """Staff without a second factor is sent to set one up, and reads no more than that."""
    await needs_party(connection, handler)
    if visitor_of(connection).locked:
        raise SecondFactorNeeded()
