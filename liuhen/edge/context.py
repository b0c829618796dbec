"""What a door holds while it answers: the house (made once by boot) and one request's visitor and time."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from litestar.connection import ASGIConnection, Request
from litestar.di import NamedDependency

from liuhen.base.agreements import Agreements
from liuhen.base.config import Settings
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database
from liuhen.base.embedded import Server
from liuhen.base.errors import Unauthenticated
from liuhen.base.objects import ObjectStore
from liuhen.edge.limits import STRANGERS, Rates
from liuhen.edge.rate import TokenBuckets
from liuhen.factors.model import Place, place_of
from liuhen.parties.limits import network
from liuhen.payments.port import Channel
from liuhen.policy.rulebook import Rulebook, in_force
from liuhen.reads.visitors import Known
from liuhen.reads.windows import Windows
from liuhen.steps.judge import Rules
from liuhen.timing.clock import Clock
from liuhen.timing.workdays import Calendar


@dataclass(frozen=True, slots=True)
class App:
    """All that the doors hand down. Made by `boot.open_app`, closed by `boot.close_app`.

    rulebooks: all versions, oldest first. channels: by name. objects: the store of uploaded bytes.
    api_rate: calls per token and per address. page_rate: forms of visitors who are not signed in, per address.
    rates: pages, and what costs more than others.
    """

    settings: Settings
    db: Database
    clock: Clock
    keys: KeyRing
    rulebooks: tuple[Rulebook, ...]
    calendar: Calendar
    agreements: Agreements
    channels: Mapping[str, Channel] = field(default_factory=dict)
    objects: ObjectStore | None = None
    server: Server | None = None
    api_rate: TokenBuckets = field(default_factory=lambda: TokenBuckets(burst=120, per_minute=600))
    page_rate: TokenBuckets = field(
        default_factory=lambda: TokenBuckets(burst=STRANGERS.burst, per_minute=STRANGERS.per_minute)
    )
    rates: Rates = field(default_factory=Rates)

    @property
    def rules(self) -> Rules:
        """What the flows of after-sale need of the data files."""
        return Rules(self.rulebooks, self.calendar)

    def rulebook(self, now: datetime) -> Rulebook:
        """The version in force (now in UTC)."""
        return in_force(self.rulebooks, now)

    def windows(self, name: str) -> Windows:
        """A value of the rulebook in seconds, by the day of the order: each order keeps to its own version."""
        line = [book for book in self.rulebooks if not book.draft]
        return Windows(tuple(book.effective_from for book in line), tuple(book.value(name) for book in line))

    @property
    def place(self) -> Place:
        """The site that passkeys are bound to."""
        return place_of(self.settings.address)

    @property
    def secure(self) -> bool:
        """Whether cookies travel over TLS alone."""
        return self.settings.cookie_secure and self.settings.address.startswith("https://")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking. party_id is None for nobody; scopes is None on pages (all that the party may do).

    roles: those that count now. locked: he has a staff role that does not, for want of a second factor.
    second_factor: one was shown for this session or token. proved_at: when he last proved himself in full (UTC).
    """

    party_id: UUID | None = None
    name: str = ""
    roles: frozenset[str] = frozenset()
    is_seller: bool = False
    shop_name: str = ""
    frozen: bool = False
    session_id: UUID | None = None
    csrf: str = ""
    unread: int = 0
    scopes: frozenset[str] | None = None
    second_factor: bool = False
    proved_at: datetime | None = None
    locked: bool = False

    @property
    def me(self) -> UUID:
        """The party's id. Raises Unauthenticated for nobody."""
        if self.party_id is None:
            raise Unauthenticated()
        return self.party_id

    @property
    def is_reviewer(self) -> bool:
        """Admins see the desk too: what is overdue there comes to them."""
        return bool(self.roles & {"reviewer", "admin"}) and not self.frozen

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles and not self.frozen


NOBODY = Visitor()


@dataclass(frozen=True, slots=True)
class Context:
    """One request, injected into every handler as `ctx: Ctx`. now: aware, UTC, read once per request."""

    app: App
    request: Request[Any, Any, Any]
    visitor: Visitor
    now: datetime

    @property
    def db(self) -> Database:
        return self.app.db

    @property
    def me(self) -> UUID:
        """The party's id. Raises Unauthenticated for nobody."""
        return self.visitor.me

    @property
    def ip(self) -> str:
        return ip_of(self.request)

    def new_once(self) -> str:
        """A fresh value for a form's hidden field `once`: the same form sent twice takes effect once."""
        return secrets.token_urlsafe(18)


def visitor_from(known: Known, *, staff_need_factor: bool) -> Visitor:
    """What the doors keep of a recognised party. staff_need_factor: the setting; then staff roles count only where a
    second factor was shown."""
    locked = staff_need_factor and bool(known.roles) and not known.second_factor
    return Visitor(
        party_id=known.party_id,
        name=known.name,
        roles=frozenset() if locked else known.roles,
        is_seller=known.shop_name is not None,
        shop_name=known.shop_name or "",
        frozen=known.frozen,
        session_id=known.key_id,
        csrf=known.csrf,
        unread=known.unread,
        scopes=known.scopes,
        second_factor=known.second_factor,
        proved_at=known.proved_at,
        locked=locked,
    )


Ctx = NamedDependency[Context]
"""The type of a handler's parameter `ctx`: a Context, marked as a dependency as Litestar 3 will ask for."""


def house(connection: ASGIConnection[Any, Any, Any, Any]) -> App:
    """The house behind a connection. Raises KeyError before start-up is done."""
    return cast(App, connection.app.state["house"])


def visitor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """Whom the session or bearer layer recognised; nobody where neither has run."""
    found = connection.scope.get("state", {}).get("visitor")
    return found if isinstance(found, Visitor) else NOBODY


def now_of(connection: ASGIConnection[Any, Any, Any, Any]) -> datetime:
    """This request's one time (UTC)."""
    found = connection.scope.get("state", {}).get("now")
    return found if isinstance(found, datetime) else house(connection).clock.now()


def ip_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The peer's address as the server saw it; uvicorn takes X-Forwarded-For from trusted proxies alone."""
    client = connection.scope.get("client")
    return client[0] if client else "local"


def counted_as(connection: ASGIConnection[Any, Any, Any, Any], visitor: Visitor) -> str:
    """Whose requests these are, for the limits: the account's, or the address's where nobody is known."""
    return f"party:{visitor.party_id}" if visitor.party_id is not None else f"ip:{network(ip_of(connection))}"


def context_of(request: Request[Any, Any, Any]) -> Context:
    """What a door holds while it answers this request."""
    return Context(house(request), request, visitor_of(request), now_of(request))


async def provide_ctx(request: Request[Any, Any, Any]) -> Context:
    """The dependency `ctx`."""
    return context_of(request)
