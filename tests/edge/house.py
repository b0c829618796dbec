"""Doors whose clock is the world's and that know a payment channel; browsers that check what they are answered."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from liuhen.base.config import Settings
from liuhen.edge.channels.sandbox_client import SandboxChannel, SandboxConfig
from tests.edge.doors import BASE, Browser, Doors
from tests.flows.world import World

CHANNEL = "http://127.0.0.1:9"


@dataclass
class MovingClock:
    """The world's time, wherever the story has moved it."""

    world: World

    def now(self) -> datetime:
        return self.world.now


@dataclass
class Visit:
    """One person's browser. Every answer must have the status that the test expects."""

    browser: Browser

    async def get(self, path: str, status: int = 200) -> str:
        """The page's text."""
        answer = await self.browser.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        return answer.text

    async def where(self, path: str) -> str:
        """Where a GET of this address is sent on to."""
        answer = await self.browser.get(path)
        assert answer.status_code in (302, 303, 307), (path, answer.status_code)
        return str(answer.headers["location"])

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, status: int = 303) -> httpx.Response:
        """Sends a form."""
        answer = await self.browser.post(path, dict(fields or {}))
        assert answer.status_code == status, (path, answer.status_code, answer.text[-3000:])
        return answer


class House:
    """The site and the world that it shows."""

    def __init__(self, doors: Doors, world: World) -> None:
        config = SandboxConfig(
            page_url=CHANNEL, api_url=CHANNEL, merchant="liuhen-test", keys={"k1": bytes(32)}, key_id="k1"
        )
        self.world, self.doors = world, doors
        doors.app = replace(
            doors.app,
            clock=MovingClock(world),
            channels={SandboxChannel.name: SandboxChannel(config)},
            settings=Settings(data_dir=str(doors.folder), base_url=BASE),
        )
        doors.site.state["house"] = doors.app

    @asynccontextmanager
    async def browser(self, party_id: UUID | None = None) -> AsyncIterator[Visit]:
        """A browser, signed in as `party_id` if given."""
        self.doors.clock.at = self.world.now
        yield Visit(await self.doors.browser(party_id))
