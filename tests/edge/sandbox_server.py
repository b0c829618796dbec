"""A running sandbox channel and a listening merchant, on loopback with real HTTP, for the tests of any part.

async with running_sandbox(tmp_path) as sandbox, listening_merchant() as merchant:
    url = sandbox.channel.pay_url(..., notify_url=merchant.url, ...)
    await sandbox.pay(url)
    headers, body = await merchant.next()
    event = sandbox.channel.parse_event(headers, body, now)
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from liuhen.edge.channels.sandbox.app import create_app
from liuhen.edge.channels.sandbox.config import Config
from liuhen.edge.channels.sandbox_client import SandboxChannel, SandboxConfig

SECRET = b"sandbox-test-secret-0123456789abcdef"
MERCHANT = "liuhen-demo"


def utc_now() -> datetime:
    """Wire time: signatures of a real HTTP exchange are dated by the real clock."""
    return datetime.now(UTC)


@dataclass
class Sandbox:
    """url: its base address; channel: our client, wired to it; http: a browser or a test at its control."""

    url: str
    channel: SandboxChannel
    http: httpx.AsyncClient

    async def pay(self, pay_url: str, act: str = "pay") -> httpx.Response:
        """Open the pay page and press 付款 (or `act="leave"`). The redirect is not followed."""
        shown = await self.http.get(pay_url)
        if shown.status_code != 200:
            return shown
        return await self.http.post(pay_url, data={"act": act})

    async def behave(self, payment_id: object = None, **manner: Any) -> None:
        """Set the manner for all payments, or for one (also before its page is opened)."""
        where = "manner" if payment_id is None else f"payments/{payment_id}/manner"
        (await self.http.put(f"{self.url}/control/api/{where}", json=manner)).raise_for_status()

    async def state(self) -> dict[str, Any]:
        """Everything the channel knows."""
        answer = await self.http.get(f"{self.url}/control/api/state")
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def until(self, fits: Callable[[dict[str, Any]], bool], timeout_s: float = 60) -> dict[str, Any]:
        """Ask for the state until it fits. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                state = await self.state()
                if fits(state):
                    return state
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def impatient(self) -> AsyncIterator[SandboxChannel]:
        """Our client once more: one that has not long to wait for an answer that never comes."""
        channel = SandboxChannel(client_config(self.url, answer_timeout_ms=2_000))
        try:
            yield channel
        finally:
            await channel.close()

    async def act(self, path: str, **body: Any) -> dict[str, Any]:
        """POST to the control API, such as `act("release", order="reversed")`."""
        answer = await self.http.post(f"{self.url}/control/api/{path}", json=body)
        done: dict[str, Any] = answer.raise_for_status().json()
        return done


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI app on a free loopback port; answers its base address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="error", access_log=False, ws="none", lifespan="auto", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server did not start")
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def sandbox_config(folder: Path, **changes: Any) -> Config:
    """Settings for tests: retries come at once or after a second."""
    usual: dict[str, Any] = {
        "data": folder,
        "keys": {"k1": SECRET},
        "key_id": "k1",
        "merchant": MERCHANT,
        "retry_seconds": (0, 1),
        "hang_s": 4,
    }
    return Config(**(usual | changes))


def client_config(url: str, **changes: Any) -> SandboxConfig:
    """Settings of our side for a sandbox at `url`; patient, for a slow machine."""
    usual: dict[str, Any] = {
        "page_url": url,
        "api_url": url,
        "merchant": MERCHANT,
        "key_id": "k1",
        "keys": {"k1": SECRET},
        "answer_timeout_ms": 30_000,
    }
    return SandboxConfig(**(usual | changes))


@asynccontextmanager
async def running_sandbox(
    folder: Path, wall: Callable[[], datetime] = utc_now, **changes: Any
) -> AsyncIterator[Sandbox]:
    """A sandbox that keeps its journal in `folder`; `changes` go to its settings."""
    async with served(create_app(sandbox_config(folder, **changes), wall)) as url:
        channel = SandboxChannel(client_config(url))
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            try:
                yield Sandbox(url, channel, http)
            finally:
                await channel.close()


@dataclass
class Merchant:
    """What arrived at the callback address, in order of arrival; `answers` are given first, then SUCCESS."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    arrived: asyncio.Queue[tuple[dict[str, str], bytes]] = field(default_factory=asyncio.Queue)
    times: list[float] = field(default_factory=list)

    async def next(self, timeout_s: float = 60) -> tuple[dict[str, str], bytes]:
        """The next callback. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            return await self.arrived.get()

    async def nothing_for(self, seconds: float) -> bool:
        """Whether nothing arrives for so long."""
        await asyncio.sleep(seconds)
        return self.arrived.empty()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status, text = self.answers.pop(0) if self.answers else (200, b"SUCCESS")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": text})
        self.times.append(asyncio.get_running_loop().time())
        self.arrived.put_nowait((headers, body))


@asynccontextmanager
async def listening_merchant() -> AsyncIterator[Merchant]:
    """A callback address that keeps what it gets."""
    merchant = Merchant()
    async with served(merchant) as url:
        merchant.url = f"{url}/callbacks/sandbox"
        yield merchant
