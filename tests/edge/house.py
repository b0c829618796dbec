"""The real site over the run's database: its own clock, signed-in browsers, no process and no network."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from liuhen.base.config import Settings
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.ids import new_id
from liuhen.edge.boot import load_agreements, load_calendar, load_rulebooks
from liuhen.edge.channels.sandbox_client import SandboxChannel, SandboxConfig
from liuhen.edge.context import App
from liuhen.edge.site import build_site
from liuhen.parties import store
from liuhen.parties.model import SESSION_LIFE
from tests.flows.world import World

CHANNEL = "http://127.0.0.1:9"


@dataclass
class MovingClock:
    """The world's time, wherever the story has moved it."""

    world: World

    def now(self) -> datetime:
        return self.world.now


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        seen = dict(attrs)
        if tag == "input" and seen.get("type") == "hidden" and seen.get("name"):
            self.found[str(seen["name"])] = seen.get("value") or ""


def hidden(page: str) -> dict[str, str]:
    """All hidden fields of a page by name; the last form's `once` wins, which is as good as any."""
    parser = _Fields()
    parser.feed(page)
    return parser.found


@dataclass
class Browser:
    """One person's browser. It keeps cookies and never follows redirects by itself."""

    client: httpx.AsyncClient
    me: UUID | None = None
    csrf: str = ""

    async def get(self, path: str, status: int = 200, **kwargs: Any) -> str:
        """The page's text. Fails unless the answer has `status`."""
        answer = await self.client.get(path, follow_redirects=False, **kwargs)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        return answer.text

    async def where(self, path: str) -> str:
        """Where a GET of this address is sent on to."""
        answer = await self.client.get(path, follow_redirects=False)
        assert answer.status_code in (302, 303, 307), (path, answer.status_code)
        return str(answer.headers["location"])

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, status: int = 303) -> Any:
        """Sends a form with this session's token and a fresh `once` unless one is given."""
        sent = {"csrf": self.csrf, "once": secrets.token_urlsafe(12), **(fields or {})}
        answer = await self.client.post(path, data=sent, follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-3000:])
        return answer


@dataclass
class House:
    """The site and the world that it shows."""

    app: App
    world: World
    site: Litestar

    @asynccontextmanager
    async def browser(self, party_id: UUID | None = None) -> AsyncIterator[Browser]:
        """A browser, signed in as `party_id` if given."""
        transport = httpx.ASGITransport(app=self.site)  # in this loop: the database's pool belongs to it
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local") as client:
            if party_id is None:
                yield Browser(client)
                return
            token, csrf = await self.session(party_id)
            client.cookies.set("liuhen", token)
            yield Browser(client, party_id, csrf)

    async def session(self, party_id: UUID) -> tuple[str, str]:
        """(cookie, form token) of a new session, without the cost of a password."""
        token, csrf = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        now = self.world.now
        new = store.NewSession(
            id=new_id(now),
            token_hash=self.app.keys.hash_token(token),
            party_id=party_id,
            csrf=csrf,
            user_agent="test",
            ip="test",
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )

        async def work(tx: Tx) -> None:
            await store.add_session(tx, new)

        await self.app.db.transact(work, now=now)
        return token, csrf


def open_house(db: Database, now: datetime, **settings: Any) -> House:
    """A house over the given database whose clock is its world's."""
    world = World(db, now)
    channel = SandboxChannel(
        SandboxConfig(page_url=CHANNEL, api_url=CHANNEL, merchant="liuhen-test", keys={"k1": bytes(32)}, key_id="k1")
    )
    app = App(
        settings=Settings(data_dir=str(Path(".cache") / "edge-tests"), base_url="http://testserver.local", **settings),
        db=db,
        clock=MovingClock(world),
        keys=KeyRing({1: bytes(range(32))}),
        rulebooks=load_rulebooks(),
        calendar=load_calendar(),
        agreements=load_agreements(),
        channels={SandboxChannel.name: channel},
    )

    async def start() -> App:
        return app

    async def stop(_: App) -> None:
        return None  # the database is the run's

    site = build_site(start, stop, secure=False, form_targets=(CHANNEL,))
    site.state["house"] = app
    return House(app, world, site)
