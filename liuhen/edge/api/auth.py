"""Who calls the API: `Authorization: Bearer lh_t_…`. Tokens are stored hashed and never written to a log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from liuhen.base.errors import Forbidden, SecondFactorNeeded, Unauthenticated
from liuhen.edge.context import NOBODY, Visitor, counted_as, house, ip_of, visitor_from, visitor_of
from liuhen.flows.people.touch_token import TouchToken, touch_token
from liuhen.parties import model
from liuhen.parties.limits import network
from liuhen.reads import visitors
from liuhen.refunds.model import Author
from liuhen.steps.grant_token import STAFF_SCOPES

_TOUCH = timedelta(minutes=5)
_MOST_CHARACTERS = 200


class MissingScope(Forbidden):
    """The token has not the scope that this act needs."""

    code = "missing_scope"


class BearerLayer(ASGIMiddleware):
    """Around the API: recognises the token, counts requests. Without a token the visitor is nobody."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        app = house(request)
        now = app.clock.now()
        scope.setdefault("state", {})["now"] = now
        # An address first: guessing tokens must not be free of count.
        app.api_rate.take(f"ip:{network(ip_of(request))}", now)
        visitor = await _recognise(request)
        if visitor.session_id is not None:
            app.api_rate.take(f"token:{visitor.session_id}", now)
        who, pattern = counted_as(request, visitor), scope.get("path_template", "")
        app.rates.costly(request.method, pattern, who, now)
        scope["state"]["visitor"] = visitor
        with app.rates.taking(request.method, pattern, who):
            await next_app(scope, receive, send)


async def _recognise(request: Request[Any, Any, Any]) -> Visitor:
    """Raises Unauthenticated for a token that is unknown, revoked or over; nobody where none was shown."""
    given = request.headers.get("authorization")
    if given is None:
        return NOBODY
    kind, _, token = given.partition(" ")
    app, now = house(request), request.scope["state"]["now"]
    if kind.lower() != "bearer" or not 0 < len(token) <= _MOST_CHARACTERS:
        raise Unauthenticated("send the token as: Authorization: Bearer <token>")
    async with app.db.glance() as tx:
        known = await visitors.by_token(tx, app.keys.hash_token(token), now)
    if known is None:
        raise Unauthenticated("this token is unknown, revoked or expired")
    if known.seen_at is None or now - known.seen_at > _TOUCH:
        await touch_token(app.db, TouchToken(token_id=known.key_id), now=now)
    return visitor_from(known, staff_need_factor=app.settings.staff_need_factor)


def scoped(*scopes: str) -> Callable[[ASGIConnection[Any, Any, Any, Any]], None]:
    """A check: the token has one of `scopes` (read, buy, sell, review, admin) and its party the role that belongs to
    it."""
    wanted = tuple(model.Scope(scope) for scope in scopes)

    def check(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        visitor = visitor_of(connection)
        if visitor.party_id is None:
            raise Unauthenticated()
        held = [scope for scope in wanted if visitor.scopes is not None and scope in visitor.scopes]
        if not held:
            raise MissingScope(scopes=[str(scope) for scope in wanted])
        if not any(may(visitor, scope) for scope in held):
            if visitor.locked and STAFF_SCOPES.intersection(held):
                raise SecondFactorNeeded("make the token anew, with your second factor", ways=[])
            raise Forbidden()

    return check


_LOOKING = {
    Author.BUYER: {model.Scope.READ},
    Author.SELLER: {model.Scope.READ, model.Scope.SELL},
    Author.REVIEWER: {model.Scope.REVIEW},
}
_ACTING = {
    Author.BUYER: {model.Scope.BUY},
    Author.SELLER: {model.Scope.SELL},
    Author.REVIEWER: {model.Scope.REVIEW},
}


def must_cover(visitor: Visitor, side: Author, *, acting: bool) -> None:
    """For routes that several sides share: the token must have the scope of the side on which its party stands, so
    that a token for the shop opens nothing that its owner bought elsewhere. Raises MissingScope."""
    wanted = (_ACTING if acting else _LOOKING)[side]
    if not wanted & (visitor.scopes or frozenset()):
        raise MissingScope(scopes=sorted(str(scope) for scope in wanted))


def may(visitor: Visitor, scope: model.Scope) -> bool:
    """Whether the party's roles allow what the scope covers; a token never gives more than its party has."""
    match scope:
        case model.Scope.SELL:
            return visitor.is_seller
        case model.Scope.REVIEW:
            return visitor.is_reviewer
        case model.Scope.ADMIN:
            return visitor.is_admin
        case model.Scope.READ | model.Scope.BUY:
            return True
