"""Web processes as on a server, a proxy before them that does what nginx does, and buyers who never rest."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx

from liuhen.base.config import Settings, as_environment
from liuhen.base.crypto import new_token
from liuhen.base.db import Database, Tx
from liuhen.base.ids import new_id
from liuhen.base.keyfile import open_key_ring
from liuhen.parties import store as parties
from liuhen.timing.clock import SystemClock
from tests.flows.world import World
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PRICE, PURSE, KEYS = 100, 1_000_000, 5_000
_PATIENCE = 60
_PAUSE = 0.16  # between a buyer's requests


@dataclass(frozen=True)
class Buyer:
    id: UUID
    token: str
    ip: str


@dataclass
class Market:
    """A product with many keys, and buyers with money and a token each. `folder` is the processes' data folder."""

    dsn: str
    folder: Path
    db: Database
    world: World
    product: UUID
    buyers: list[Buyer]


@asynccontextmanager
async def market(dsn: str, folder: Path, buyers: int) -> AsyncIterator[Market]:
    """The market in a migrated database; the master keys lie in the folder, as a first start leaves them."""
    db = await Database.open(dsn, size=4)
    now = SystemClock().now()
    ring = await open_key_ring(db, Settings(data_dir=str(folder)).master_key_path, now)
    world = World(db, now, keys=ring)
    seller = await world.seller()
    product = await world.listing(seller, price=PRICE)
    await world.shelve(seller, product, KEYS)
    people = [await _buyer(world, place) for place in range(buyers)]
    try:
        yield Market(dsn, folder, db, world, product, people)
    finally:
        await db.close()


async def _buyer(world: World, place: int) -> Buyer:
    party_id = await world.party("买家")
    await world.fund(party_id, PURSE)
    token = new_token("lh_t_")
    row = parties.NewToken(
        id=new_id(world.now),
        token_hash=world.keys.hash_token(token),
        party_id=party_id,
        name="load",
        scopes=("buy", "read"),
        created_at=world.now,
        expires_at=world.now + timedelta(hours=1),
    )

    async def work(tx: Tx) -> None:
        await parties.add_token(tx, row)

    await world.db.transact(work, now=world.now)
    return Buyer(party_id, token, f"198.51.100.{place + 1}")


class Process:
    """`liuhen serve` or `liuhen worker` from a source tree, in a session of its own."""

    def __init__(self, kind: str, settings: Settings, log: Path, root: Path = ROOT) -> None:
        self.settings = settings
        self._kind, self._log, self._root = kind, log, root
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("LIUHEN_")}
        environ |= as_environment(self.settings) | {"PYTHONPATH": str(self._root)}
        with self._log.open("ab") as words:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "liuhen.edge.cli.main", self._kind],
                env=environ,
                cwd=self._root,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ready(self) -> None:
        """Waits until it takes requests: its socket file has its name."""
        give_up = time.monotonic() + _PATIENCE
        while not self.listens():
            assert self.process.poll() is None, f"it ended:\n{self.words()[-3000:]}"
            assert time.monotonic() < give_up, f"it never became ready:\n{self.words()[-3000:]}"
            await asyncio.sleep(0.02)

    def listens(self) -> bool:
        return Path(self.settings.socket).exists()

    async def ended(self) -> int:
        """Waits for its end. Returns the exit code; minus the signal's number is how Python ends on a signal."""
        return await asyncio.to_thread(self.process.wait, _PATIENCE)

    async def restart(self) -> None:
        self.signal(signal.SIGTERM)
        assert await self.ended() in (0, -signal.SIGTERM), self.words()[-3000:]
        self.start()
        await self.ready()

    def words(self) -> str:
        return self._log.read_text("utf-8", errors="replace")

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


@asynccontextmanager
async def webs(place: Market, count: int = 2, root: Path = ROOT) -> AsyncIterator[list[Process]]:
    """That many web processes of one installation, ready; killed at the end."""
    made = []
    try:
        for number in range(count):
            settings = Settings(
                data_dir=str(place.folder),
                database_url=place.dsn,
                port=free_port(),
                socket=str(place.folder / f"web-{number}.sock"),
                drain_seconds=1,
                cookie_secure=False,
                pool_size=6,
                api_calls_per_minute=60_000,  # one of two must take them all for a while, however fast they come
            )
            made.append(Process("serve", settings, place.folder / f"web-{number}.log", root))
            made[-1].start()
        for web in made:
            await web.ready()
        yield made
    finally:
        for web in made:
            web.kill()


@dataclass
class Proxy:
    """One request per connection, each to the next of its places in turn.

    As nginx's `proxy_next_upstream error timeout`: the next place is asked when a connection cannot be made; after the
    request was sent, only where a repetition is harmless by HTTP. Then it answers 502.
    """

    places: Sequence[str]
    served: Counter[str] = field(default_factory=Counter)
    turn: int = 0
    port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._one, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:-2])
            body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
            writer.write(await self._answer(head, body))
            await writer.drain()
        finally:
            writer.close()

    async def _answer(self, head: bytes, body: bytes) -> bytes:
        self.turn += 1
        for step in range(len(self.places)):
            place = self.places[(self.turn + step) % len(self.places)]
            try:
                reader, writer = await asyncio.open_unix_connection(place)
            except OSError:
                continue
            try:
                writer.write(head + body)
                answer = await reader.read()
            except OSError:
                answer = b""
            finally:
                writer.close()
            if answer:
                self.served[place] += 1
                return answer
            if not head.startswith((b"GET ", b"HEAD ")):
                break
        return b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@dataclass
class Load:
    """What the buyers did: orders that were made, and every answer that was not what it should be."""

    orders: int = 0
    pages: int = 0
    failures: list[str] = field(default_factory=list)

    async def until(self, enough: Callable[[], bool]) -> None:
        """Waits until they have done enough, however slow the machine, or something failed."""
        async with asyncio.timeout(_PATIENCE):
            while not enough() and not self.failures:  # noqa: ASYNC110 (what they did is counted, nobody signals it)
                await asyncio.sleep(0.02)


@asynccontextmanager
async def load(place: Market, address: str) -> AsyncIterator[Load]:
    """Every buyer orders one unit, reads a page and the list of his orders, over and over, until the block ends."""
    seen, stop = Load(), asyncio.Event()
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE) as client:
        runs = [asyncio.create_task(_shop(client, place, buyer, seen, stop)) for buyer in place.buyers]
        try:
            yield seen
        finally:
            stop.set()
            await asyncio.gather(*runs)


async def _shop(client: httpx.AsyncClient, place: Market, buyer: Buyer, seen: Load, stop: asyncio.Event) -> None:
    body = {"lines": [{"product_id": str(place.product), "version": 1, "no_reason_confirmed": True}], "pay": "balance"}
    ways = {"Connection": "close", "X-Forwarded-For": buyer.ip}
    while not stop.is_set():
        headers = ways | {"Authorization": f"Bearer {buyer.token}", "Idempotency-Key": secrets.token_hex(12)}
        if await _ask(seen, client.post("/api/v1/orders", json=body, headers=headers), 201):
            seen.orders += 1
        for path in (f"/p/{place.product}", "/api/v1/orders"):
            if await _ask(seen, client.get(path, headers=ways | {"Authorization": f"Bearer {buyer.token}"}), 200):
                seen.pages += 1
        await asyncio.sleep(_PAUSE)


async def _ask(seen: Load, request: Awaitable[httpx.Response], status: int) -> bool:
    try:
        answer = await request
    except httpx.HTTPError as error:
        seen.failures.append(repr(error))
        return False
    if answer.status_code != status:
        seen.failures.append(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:200]}"
        )
    return answer.status_code == status
