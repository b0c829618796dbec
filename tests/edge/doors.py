"""The whole site as tests see it: browsers and API clients of invented people on the real database."""

import warnings
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning

from liuhen.base.agreements import Agreements
from liuhen.base.config import Settings
from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Database, Tx
from liuhen.base.ids import new_id
from liuhen.base.objects import ObjectStore
from liuhen.edge import boot
from liuhen.edge.context import App
from liuhen.edge.web import csrf, session
from liuhen.factors.model import Way
from liuhen.parties import store as parties
from liuhen.parties.model import SESSION_LIFE, SignIn

BASE = "http://liuhen.test"
KEYS = KeyRing({1: bytes(range(32))})


@dataclass
class FrozenClock:
    at: datetime

    def now(self) -> datetime:
        return self.at


async def _not_here() -> App:
    raise AssertionError("tests put their own house into site.state")


async def _nothing(_: App) -> None:
    return


def build() -> Litestar:
    """The real site without its start: `Doors` puts a house behind it."""
    with warnings.catch_warnings():
        # Litestar 3 will want parameters spelled differently; the version is locked.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        return boot.build_site(_not_here, _nothing, secure=False)


@dataclass
class Doors:
    """Move the clock with `doors.clock.at`. All clients live until `close`."""

    site: Litestar
    db: Database
    clock: FrozenClock
    folder: Path
    agreements: Agreements = field(default_factory=boot.load_agreements)
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = App(
            settings=Settings(data_dir=str(self.folder)),
            db=self.db,
            clock=self.clock,
            keys=KEYS,
            rulebooks=boot.load_rulebooks(),
            calendar=boot.load_calendar(),
            agreements=self.agreements,
            objects=ObjectStore.open(self.folder / "objects"),
        )
        self.site.state["house"] = self.app

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()

    def client(self, ip: str = "203.0.113.7") -> httpx.AsyncClient:
        """A bare client at an address."""
        transport = httpx.ASGITransport(app=self.site, client=(ip, 40000), raise_app_exceptions=False)
        made = httpx.AsyncClient(transport=transport, base_url=BASE)
        self.clients.append(made)
        return made

    async def browser(self, party_id: UUID | None = None, ip: str = "203.0.113.7") -> "Browser":
        """Somebody's browser, signed in without the cost of password and second factor; None is nobody's."""
        client = self.client(ip)
        if party_id is None:
            cookie = csrf.new_cookie(KEYS)
            client.cookies.set(csrf.cookie_name(False), cookie)
            return Browser(client, csrf.token_of_cookie(KEYS, cookie) or "", None)
        token, proof, now = new_token("lh_s_"), new_token(""), self.clock.now()
        row = parties.NewSession(
            id=new_id(now),
            token_hash=KEYS.hash_token(token),
            party_id=party_id,
            csrf=proof,
            user_agent="tests",
            ip=ip,
            created_at=now,
            expires_at=now + SESSION_LIFE,
            second_factor=Way.TOTP,
        )

        async def work(tx: Tx) -> None:
            await parties.add_session(tx, row)

        await self.db.transact(work, now=now)
        client.cookies.set(session.cookie_name(False), token)
        return Browser(client, proof, row.id)

    async def login(self, party_id: UUID, login: str) -> UUID:
        """Gives a party of World a login that no password opens; returns the party's id."""
        row = SignIn(party_id, login, login, "no password", None)

        async def work(tx: Tx) -> None:
            await parties.add_sign_in(tx, row, self.clock.now())

        await self.db.transact(work, now=self.clock.now())
        return party_id

    async def api(self, party_id: UUID | None = None, *scopes: str) -> "Caller":
        """A program with a bearer token that has these scopes; None has no token."""
        client = self.client()
        if party_id is not None:
            token, now = new_token("lh_t_"), self.clock.now()
            row = parties.NewToken(
                id=new_id(now),
                token_hash=KEYS.hash_token(token),
                party_id=party_id,
                name="tests",
                scopes=tuple(scopes),
                created_at=now,
                expires_at=now + timedelta(days=1),
                second_factor=True,
            )

            async def work(tx: Tx) -> None:
                await parties.add_token(tx, row)

            await self.db.transact(work, now=now)
            client.headers["Authorization"] = f"Bearer {token}"
        return Caller(client)


@dataclass
class Browser:
    """Forms carry the token and a fresh `once` unless the test says otherwise."""

    client: httpx.AsyncClient
    csrf: str
    session_id: UUID | None

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    async def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.csrf, "once": new_token(""), **(data or {})}, **more)


@dataclass
class Caller:
    """JSON calls carry a fresh Idempotency-Key unless the test says otherwise."""

    client: httpx.AsyncClient

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    async def send(self, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key or new_token("")}
        return await self.client.request(method, path, json=body if body is not None else {}, headers=headers)

    async def post(self, path: str, body: Any = None, key: str = "") -> httpx.Response:
        return await self.send("POST", path, body, key)
