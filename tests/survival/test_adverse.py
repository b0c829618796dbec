"""The database restarts, freezes, hangs on a lock, has no connection or no room left; a web process is told to stop.

Each has one defined answer: 503 with a time to come back, soon; nothing half done; and all is well again by itself.
"""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from liuhen.base.db import Database, Tx, connect_owner
from liuhen.base.errors import Unavailable
from liuhen.base.objects import ObjectStore
from liuhen.edge import boot
from liuhen.timing.clock import SystemClock
from tests.flows.world import World
from tests.ports import free_port
from tests.survival.installation import Installation
from tests.survival.market import token_for
from tests.survival.places import data_folder

AS_ROOT = os.geteuid() == 0
_ROOM = "256m"
_SOON = 60  # seconds in which everything must be well again, also on a slow machine
_AT_ONCE = 10  # and in which there is an answer, long before a client gives up


@dataclass
class House:
    """A running installation with one web process, and a buyer at its door."""

    place: Installation
    dsn: str
    token: str
    product: str
    http: httpx.AsyncClient
    bought: list[str] = field(default_factory=list)

    async def buys(self, key: str, web: str = "web1") -> httpx.Response:
        line = {"product_id": self.product, "version": 1, "no_reason_confirmed": True}
        answer = await self.http.post(
            f"{self.place.address(web)}/api/v1/orders",
            json={"lines": [line], "pay": "balance"},
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": f"adverse-{key}"},
        )
        if answer.status_code == 201:
            self.bought.append(answer.json()["order_no"])
        return answer

    async def well_again(self, key: str) -> float:
        """The same call until it takes effect; whatever comes before is a 503. Returns the seconds it took."""
        began = time.monotonic()
        while (answer := await self.buys(key)).status_code != 201:
            refused(answer)
            assert time.monotonic() - began < _SOON, "it does not get well again"
            await asyncio.sleep(0.1)
        return time.monotonic() - began

    async def another_server(self, *, than: int | None) -> None:
        """Waits until that one is gone, for ever or for another one."""
        async with asyncio.timeout(_SOON):
            while self.place.alive("postmaster") == than:  # noqa: ASYNC110 (another process, which signals nothing)
                await asyncio.sleep(0.05)

    async def whole(self) -> None:
        """Each order that was acknowledged is there, no other is, and the books balance."""
        owner = await connect_owner(self.dsn)
        try:
            there = await owner.fetch("select order_no from orders")
        finally:
            await owner.close()
        assert sorted(row["order_no"] for row in there) == sorted(set(self.bought))
        said = await asyncio.to_thread(self.place.command, "books", "check")
        assert said.returncode == 0, said.stderr

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Somebody sits on the table of orders: whoever wants to add one has to wait."""
        owner = await connect_owner(self.dsn)
        try:
            async with owner.transaction():
                await owner.execute("lock table orders in share row exclusive mode")
                yield
        finally:
            await owner.close()

    async def somebody_waits(self) -> None:
        """Until a request stands before that lock."""
        owner = await connect_owner(self.dsn)
        try:
            async with asyncio.timeout(_SOON):
                while not await owner.fetchval("select true from pg_locks where not granted limit 1"):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        finally:
            await owner.close()

    async def takes_nobody_in(self, web: str) -> None:
        """Until a web process has closed its door."""
        async with asyncio.timeout(_SOON):
            with suppress(ConnectionRefusedError):
                while True:
                    _, line = await asyncio.open_connection("127.0.0.1", self.place.places[web])
                    line.close()
                    await asyncio.sleep(0.02)


def refused(answer: httpx.Response) -> dict[str, Any]:
    """A 503 that a program understands: its code, and when to come back."""
    assert answer.status_code == 503, answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 5
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == "unavailable"
    return problem


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own where we may make one (root alone); else the folder as it is."""
    folder.mkdir(parents=True)
    if not AS_ROOT:
        yield
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not one byte is free."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    with data_folder() as folder, small_disk(folder, _ROOM):
        place = Installation(folder, webs=1, pool_size=2)
        server = await place.prepare()
        app = await boot.open_app(place.settings)
        world = World(app.db, SystemClock().now(), keys=app.keys)
        seller, buyer = await world.seller(), await world.party("林")
        product = await world.listing(seller, price=100)
        await world.shelve(seller, product, 600)
        await world.fund(buyer, 100_000)
        token = await token_for(world, buyer, "read", "buy")
        await boot.close_app(app)
        place.start("web1", "worker")
        try:
            await place.ready("web1")
            async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
                yield House(place, server.dsn, token, str(product), http)
        finally:
            place.stop()
            server.stop()


async def test_lock_that_is_not_let_go(house: House) -> None:
    async with house.locked():
        began = time.monotonic()
        assert refused(await house.buys("lock"))
        assert time.monotonic() - began < _AT_ONCE
    assert (await house.buys("lock")).status_code == 201


async def test_no_connection_is_free(house: House) -> None:
    """Two connections, fourteen who want one: nobody hangs, and who finds none free is told so."""
    async with house.locked():
        began = time.monotonic()
        answers = await asyncio.gather(*(house.buys(f"pool-{number}") for number in range(14)))
        assert time.monotonic() - began < _AT_ONCE
    assert "no connection to the database is free" in {refused(answer)["detail"] for answer in answers}
    assert [(await house.buys(f"pool-{number}")).status_code for number in range(14)] == [201] * 14


async def test_frozen_database(house: House) -> None:
    """Stopped as it stands, it answers nothing, not even that it is slow: our own deadline counts."""
    house.place.signal_database(signal.SIGSTOP)
    try:
        began = time.monotonic()
        refused(await house.buys("frozen"))
        assert time.monotonic() - began < _AT_ONCE
    finally:
        house.place.signal_database(signal.SIGCONT)
    await house.well_again("frozen")


async def test_database_restarts(house: House) -> None:
    """Nobody starts anything by hand: server, pool and worker come back by themselves."""
    before = {name: process.pid for name, process in house.place.running.items()}
    postmaster = house.place.alive("postmaster")
    assert postmaster is not None
    os.kill(postmaster, signal.SIGINT)
    await house.another_server(than=postmaster)
    await house.well_again("restart")
    assert house.place.alive("postmaster") not in (None, postmaster)
    await house.place.ready("web1", seconds=_SOON)
    assert {name: process.pid for name, process in house.place.running.items() if process.poll() is None} == before


async def test_one_server_process_is_killed(house: House) -> None:
    """As by a system that runs out of memory: PostgreSQL throws everybody out, recovers, and goes on."""
    postmaster = house.place.alive("postmaster")
    assert house.place.alive("backend") is not None
    house.place.kill("backend")
    for number in count():  # until it has been noticed
        if (await house.buys(f"backend-{number}")).status_code != 201:
            break
    await house.well_again(f"backend-{number}")
    assert house.place.alive("postmaster") == postmaster


async def test_web_process_finishes_what_it_has_begun(house: House) -> None:
    """SIGTERM in the middle of a purchase: it is answered, then the process ends in order."""
    place, usual = house.place, house.place.settings
    place.places["web2"] = free_port()
    place.settings = msgspec.structs.replace(usual, database_seconds=120)  # one that waits for the lock, however long
    place.start("web2")
    place.settings = usual
    await place.ready("web2")
    web = place.running.pop("web2")
    async with house.locked():
        buying = asyncio.create_task(house.buys("sigterm", "web2"))
        await house.somebody_waits()
        web.terminate()
        await house.takes_nobody_in("web2")
        assert not buying.done()
    assert (await buying).status_code == 201
    assert await asyncio.to_thread(web.wait, _SOON) in (0, -signal.SIGTERM)


if AS_ROOT:  # nobody else can make a small disk; bin/test says so

    async def test_disk_is_full(house: House) -> None:
        """First a table cannot grow, then the log cannot: the server stops. With room again all goes on by itself."""
        postmaster = house.place.alive("postmaster")
        with filled(house.place.folder):
            answers = [await house.buys(f"full-{number}") for number in range(60)]
            assert 503 in {answer.status_code for answer in answers}, "the disk was not full"
            for answer in answers:
                assert answer.status_code == 201 or refused(answer)
            await _next_log_file(house)
            refused(await house.buys("full-again"))
            await house.another_server(than=postmaster)
        await house.well_again("full-again")
        for number in range(60):
            assert (await house.buys(f"full-{number}")).status_code == 201

    async def _next_log_file(house: House) -> None:
        """Has the server begin a new file of its log, sixteen megabytes that are not there."""
        db = await Database.open(house.dsn, role="liuhen", size=1, patience=5)

        async def work(tx: Tx) -> None:
            for _ in range(100):  # files that it has made beforehand come first
                await tx.execute("select pg_logical_emit_message(false, 'survival', 'one more')")
                await tx.execute("select pg_switch_wal()")

        with pytest.raises(Unavailable):
            await db.transact(work, now=SystemClock().now())
        await db.close()

    async def test_object_store_is_full(tmp_path: Path) -> None:
        with small_disk(tmp_path / "objects", "1m"):
            store = ObjectStore.open(tmp_path / "objects")
            with filled(tmp_path / "objects"):
                with pytest.raises(Unavailable, match="could not be kept"):
                    await store.put("pictures/a", b"x" * 20_000)
            assert [path.name for path in (tmp_path / "objects").rglob("*.part")] == [], "half a file was left"
            await store.put("pictures/a", b"x" * 20_000)
            assert await store.get("pictures/a") == b"x" * 20_000


async def test_nothing_was_lost_or_half_done(house: House) -> None:
    """After all of the above."""
    await house.whole()
