"""A clock that jumps or runs ahead releases no money early: the worker stands still until it is right again."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from liuhen.base.config import Settings, as_environment
from liuhen.base.db import Database
from liuhen.edge.clock_guard import ClockGuard, ClockOff
from liuhen.edge.worker import LANES, poller
from liuhen.timing.clock import Steady, SystemClock
from tests.conftest import NOW
from tests.edge.doors import Doors
from tests.flows.world import World

HOUR = timedelta(hours=1)
ROOT = Path(__file__).resolve().parents[2]
# A worker whose machine is an hour ahead (or not at all) of the database's.
_WORKER = """
import asyncio, sys
from datetime import timedelta
from liuhen.base.config import read_settings
from liuhen.edge import boot, worker
from liuhen.timing.clock import SystemClock
class Ahead(SystemClock):
    def now(self):
        return super().now() + timedelta(seconds=int(sys.argv[1]))
boot.SystemClock = Ahead
import os
asyncio.run(worker.run(read_settings(os.environ)))
"""


@dataclass
class Wall:
    """A clock that somebody sets, and the time that really passes."""

    at: datetime = NOW
    passed: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.at

    def goes(self, **delta: float) -> None:
        self.at += timedelta(**delta)
        self.passed += timedelta(**delta)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_jump_is_noticed_at_once_and_forgiven_when_undone(jump: timedelta) -> None:
    wall = Wall()
    guard = ClockGuard(wall, Steady(wall, lambda: wall.passed))
    wall.goes(days=30)
    wall.at += timedelta(seconds=3)  # a time server's small step
    assert guard.now() == wall.at
    wall.at += jump
    with pytest.raises(ClockOff, match="has jumped by"):
        guard.now()
    wall.goes(hours=2)
    with pytest.raises(ClockOff):
        guard.now()
    wall.at -= jump
    assert guard.now() == wall.at


async def test_who_disagrees_with_the_database_does_nothing(doors: Doors, db: Database) -> None:
    wall = Wall(at=SystemClock().now() + HOUR)
    guard = ClockGuard(wall, Steady(wall, lambda: wall.passed))
    await guard.compare(db)
    with pytest.raises(ClockOff, match="ahead of the database"):
        await poller(replace(doors.app, clock=guard)).tick()
    wall.at -= HOUR
    guard = ClockGuard(wall, Steady(wall, lambda: wall.passed))
    await guard.compare(db)
    assert await poller(replace(doors.app, clock=guard)).tick() == 0


async def test_worker_an_hour_ahead_releases_nothing(fresh_dsn: Callable[[], Awaitable[str]], tmp_path: Path) -> None:
    """The money is due in half an hour. A worker with the wrong time stands still; one with the right time works."""
    dsn = await fresh_dsn()
    db = await Database.open(dsn, size=2)
    try:
        world = World(db, SystemClock().now() - timedelta(days=8))
        seller, buyer = await world.seller(), await world.party("林")
        product = await world.listing(seller)
        await world.shelve(seller, product, 2)
        await world.fund(buyer, 20_000)
        early = await world.order(buyer, seller, product)
        world.now = SystemClock().now() - timedelta(days=7) + HOUR / 2
        late = await world.order(buyer, seller, product)
        said = await _works(dsn, tmp_path, 3600, _every_lane_has_failed)
        assert "ClockOff" in said and "ahead of the database's" in said
        assert await _state(world, early, late) == ("HELD", "HELD", 0)

        async def at_work(_: str) -> bool:
            escrow, _late, beats = await _state(world, early, late)
            return escrow == "RELEASED" and beats > 0

        await _works(dsn, tmp_path, 0, at_work)
        assert await _state(world, early, late) == ("RELEASED", "HELD", 1)
    finally:
        await db.close()


async def _every_lane_has_failed(said: str) -> bool:
    return said.count("the round failed") >= len(LANES)


async def _state(world: World, early: Any, late: Any) -> tuple[str, str, int]:
    async with world.db.read() as tx:
        beats = await tx.fetchval("select count(*) from heartbeat")
    return (await world.units(early))[0]["escrow"], (await world.units(late))[0]["escrow"], beats


async def _works(dsn: str, folder: Path, ahead_seconds: int, enough: Callable[[str], Awaitable[bool]]) -> str:
    """Runs a worker until `enough` of what it said, or did; returns its words."""
    settings = Settings(data_dir=str(folder), database_url=dsn, pool_size=4)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _WORKER,
        str(ahead_seconds),
        cwd=ROOT,
        env={**as_environment(settings), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    said = b""
    try:
        async with asyncio.timeout(60):
            while not await enough(said.decode()):
                with suppress(TimeoutError):
                    said += await asyncio.wait_for(process.stdout.readline(), 0.05)
                assert process.returncode is None, said.decode()
    finally:
        if process.returncode is None:
            process.terminate()
        rest, _ = await process.communicate()
    return (said + rest).decode()
