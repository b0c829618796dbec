"""Who is at the page: a random cookie whose hash is in the database, one look per request.

The cookie is HttpOnly, SameSite=Lax, and __Host- over TLS. It is made new at every sign-in (no fixation), ends 30 days
after sign-in or 7 days after it was last seen, and at once when it is revoked.
"""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.connection import Request
from litestar.datastructures import Cookie
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from liuhen.base.errors import Unauthenticated
from liuhen.edge.context import NOBODY, App, Visitor, counted_as, house, ip_of, visitor_from
from liuhen.edge.web import csrf, flash, shown_once, unsent
from liuhen.edge.web.sent import SentRequest, check_address
from liuhen.edge.web.view import Me, View, lang_cookie, pick_language, site_of
from liuhen.flows.people.touch_session import TouchSession, touch_session
from liuhen.parties.model import SESSION_LIFE, SESSION_TOUCH
from liuhen.policy.rulebook_line import to_come
from liuhen.reads import visitors


def cookie_name(secure: bool) -> str:
    return "__Host-liuhen" if secure else "liuhen"


class SessionLayer(ASGIMiddleware):
    """Around all pages: recognises the visitor, refuses forged forms, prepares what templates know."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request = SentRequest(scope, receive, send)
        app = house(request)
        now = app.clock.now()
        visitor = await recognise(app, request, now)
        fresh_cookie = ""
        if visitor.party_id is None:
            visitor, fresh_cookie = _with_form_token(app, request)
        flashes = flash.read(app, request)
        state = scope.setdefault("state", {})
        state |= {"now": now, "visitor": visitor}
        state["view"] = View(
            now=now,
            lang=pick_language(request.cookies.get(lang_cookie(app.secure)), request.headers.get("accept-language")),
            me=_me(visitor),
            unread=visitor.unread,
            csrf=visitor.csrf,
            site=site_of(app.settings),
            path=_path(scope),
            flashes=flashes,
            ahead=to_come(app.rulebooks, now),
        )
        check_address(scope)
        out = _sender(app, send, fresh_cookie, bool(flashes))
        who, pattern = counted_as(request, visitor), scope.get("path_template", "")
        app.rates.costly(request.method, pattern, who, now)
        if request.method in csrf.SAFE_METHODS:
            app.rates.page(who, now)
        elif visitor.party_id is None:
            app.page_rate.take(who, now)
            if request.route_handler.resolve_guards():  # a stranger's upload is not even read
                await unsent.keep_of_stranger(request)
                raise Unauthenticated()
        with app.rates.taking(request.method, pattern, who):
            if request.method not in csrf.SAFE_METHODS:
                await unsent.keep(request)
                await csrf.check(request, visitor.csrf)
            await next_app(scope, receive, out)


async def recognise(app: App, request: Request[Any, Any, Any], now: datetime) -> Visitor:
    """The party of the session cookie, or nobody. Writes the time last seen every five minutes at most."""
    token = request.cookies.get(cookie_name(app.secure))
    if not token or len(token) > 200:
        return NOBODY
    async with app.db.read() as tx:
        known = await visitors.by_session(tx, app.keys.hash_token(token), now)
    if known is None:
        return NOBODY
    if known.seen_at is not None and now - known.seen_at > SESSION_TOUCH:
        await touch_session(app.db, TouchSession(session_id=known.key_id), now=now)
    return visitor_from(known, staff_need_factor=app.settings.staff_need_factor)


def let_in(app: App, response: Response[Any], token: str) -> None:
    """Puts a new session's secret into the browser."""
    response.set_cookie(_cookie(app, cookie_name(app.secure), token, int(SESSION_LIFE.total_seconds())))


def let_out(app: App, response: Response[Any]) -> None:
    """Takes the session's secret out of the browser, and what it was shown once: the next one at it is another."""
    response.set_cookie(_cookie(app, cookie_name(app.secure), "", 0))
    shown_once.forget(app, response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def device(request: Request[Any, Any, Any]) -> tuple[str, str]:
    """(user agent, ip) as the list of sessions shows them."""
    return request.headers.get("user-agent", "")[:300], ip_of(request)


def _with_form_token(app: App, request: Request[Any, Any, Any]) -> tuple[Visitor, str]:
    """Nobody with a form token, and the cookie to set if there was none of ours."""
    cookie = request.cookies.get(csrf.cookie_name(app.secure))
    token = csrf.token_of_cookie(app.keys, cookie)
    if token is not None:
        return Visitor(csrf=token), ""
    fresh = csrf.new_cookie(app.keys)
    return Visitor(csrf=csrf.token_of_cookie(app.keys, fresh) or ""), fresh


def _me(visitor: Visitor) -> Me | None:
    if visitor.party_id is None:
        return None
    staff = frozenset() if visitor.frozen else visitor.roles
    roles = staff | {"buyer"} | ({"seller"} if visitor.is_seller else set())
    return Me(party_id=str(visitor.party_id), name=visitor.name, roles=roles, shop_name=visitor.shop_name)


def _path(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    return scope["path"] + (f"?{query}" if query else "")


def _sender(app: App, send: Send, fresh_cookie: str, flashed: bool) -> Send:
    """Adds our cookies to whatever the page answers."""
    cookies = []
    if fresh_cookie:
        cookies.append(_cookie(app, csrf.cookie_name(app.secure), fresh_cookie, None))
    if flashed:
        cookies.append(_cookie(app, flash.cookie_name(app.secure), "", 0))
    if not cookies:
        return send

    async def with_cookies(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for cookie in cookies:
                if f"{cookie.key}=" not in str(headers.getall("set-cookie", [])):
                    headers.add("set-cookie", cookie.to_header(header=""))
        await send(message)

    return with_cookies


def _cookie(app: App, name: str, value: str, seconds: int | None) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        path="/",
        secure=app.secure,
        httponly=True,
        samesite="lax",
    )
