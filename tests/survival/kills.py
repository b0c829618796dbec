"""Processes die by kill -9 at random moments while people trade; then everything must be as if nothing had been.

The plan (who, when) comes from a seed alone, so that a bad run can be tried again.
"""

import asyncio
import os
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from liuhen.base.db import Database
from liuhen.base.errors import Unavailable
from liuhen.edge import boot
from liuhen.timing.clock import SystemClock
from tests.flows.world import World
from tests.survival import judge
from tests.survival.installation import Installation
from tests.survival.load import Load, Record
from tests.survival.market import Market, open_market

SEED = int(os.environ.get("SURVIVAL_SEED", "20261122"))
VICTIMS = ("web", "worker", "sandbox", "postmaster")
WEBS = ("web1", "web2")
BUYERS = 6
SETTLED_SECONDS = 60
_CALLS_BETWEEN, _MORE_SECONDS = 10, 4
_BETWEEN = (0.5, 5.5)  # seconds: a killed web process is back after one or two


@dataclass(frozen=True)
class Moment:
    """After so many seconds, these die together."""

    pause: float
    victims: tuple[str, ...]


def plan(seed: int, kills: int) -> list[Moment]:
    """Each kind of victim equally often, one to four at a time."""
    rng = random.Random(seed)
    deck: list[str] = []
    while len(deck) < kills:
        deck += [rng.choice(WEBS) if kind == "web" else kind for kind in rng.sample(VICTIMS, len(VICTIMS))]
    left, moments = deck[:kills], []
    while left:
        together, victims = rng.choice((1, 2, 3, 4, 4)), [left.pop(0)]
        while left and len(victims) < together and left[0] not in victims:
            victims.append(left.pop(0))
        moments.append(Moment(rng.uniform(*_BETWEEN), tuple(victims)))
    return moments


async def survive(folder: Path, *, seed: int, kills: int, proven_within: int = SETTLED_SECONDS) -> str:
    """Plays it and judges it. Returns one line of what happened; raises AssertionError with what is wrong.

    Parameters: proven_within, seconds after the last kill in which the operator's own commands have said that all is
    well; more for a longer run, since they prove everything.
    """
    began = time.monotonic()
    moments = plan(seed, kills)
    place = Installation(folder)
    async with AsyncExitStack() as closing:
        server = await place.prepare()
        closing.callback(server.stop)
        market = await _seeded(place, keys=50 * kills, spread=len(moments) * sum(_BETWEEN) / 2)
        closing.callback(place.stop)
        place.start(*place.names)
        await place.ready(*place.names)
        opened, load, stop, done = time.monotonic(), Load(place, market, seed), asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(place.supervise(done))
            trading = group.create_task(load.run(stop))
            await _kill(place, moments, load.record)
            # The last blow is a power cut.
            for name in (*place.names, "postmaster"):
                place.kill(name)
            last = time.monotonic()
            stop.set()
            await trading
            drained = time.monotonic() - last
            await _judged(place, server.dsn, load.record, market, SETTLED_SECONDS - drained)
            judged = time.monotonic() - last
            assert judged < proven_within, f"only proven {judged:.0f} s after the last kill"
            done.set()
    return (
        f"{kills} kills and a power cut in {last - opened:.0f} s (seed {seed}), {len(load.record.answered)} calls took"
        f" effect, {dict(load.record.seen)}; starts {place.starts}; all calls answered {drained:.1f} s after the last"
        f" kill, all proven after {judged:.1f} s; {time.monotonic() - began:.0f} s in all"
    )


async def _kill(place: Installation, moments: list[Moment], record: Record) -> None:
    """A slow machine gets a little more time between two blows: who never trades cannot lose anything."""
    for moment in moments:
        before, latest = len(record.answered), time.monotonic() + moment.pause + _MORE_SECONDS
        await asyncio.sleep(moment.pause)
        while len(record.answered) - before < _CALLS_BETWEEN and time.monotonic() < latest:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        for victim in moment.victims:
            await place.killed(victim)


async def _seeded(place: Installation, *, keys: int, spread: float) -> Market:
    """People, goods, and what will fall due, made by the flows themselves."""
    app = await boot.open_app(place.settings)
    try:
        world = World(app.db, SystemClock().now(), keys=app.keys)
        return await open_market(world, buyers=BUYERS, keys=keys, soon=15, spread=spread)
    finally:
        await boot.close_app(app)


async def _judged(place: Installation, dsn: str, record: Record, market: Market, seconds: float) -> None:
    """All of it within `seconds` from now."""
    give_up = time.monotonic() + seconds
    db = await _opened(dsn, give_up)
    try:
        while True:
            found = await _found(place, db, record, market)
            if not found:
                break
            assert time.monotonic() < give_up, "\n".join([*found, *record.broken, place.last_words()])
            await asyncio.sleep(0.5)
    finally:
        await db.close()
    assert record.broken == [], record.broken
    assert len(record.answered) > BUYERS * 10, "nobody traded: this proves nothing"
    proofs = (("books", "check"), ("evidence", "verify", "--all"))
    for said in await asyncio.gather(*(asyncio.to_thread(place.command, *words) for words in proofs)):
        assert said.returncode == 0, said.stdout + said.stderr


async def _opened(dsn: str, give_up: float) -> Database:
    """Where no call was under way when the power went, nobody has waited for the database to be back."""
    while True:
        try:
            return await Database.open(dsn, size=2)
        except Unavailable:
            assert time.monotonic() < give_up, "the database is not back"
            await asyncio.sleep(0.2)


async def _found(place: Installation, db: Database, record: Record, market: Market) -> list[str]:
    now = SystemClock().now()
    async with db.read() as tx:
        late = await judge.overdue(tx, now)
        faults = await judge.faults(tx, now)
        ours = await judge.lost_or_doubled(tx, record, market)
        theirs = await judge.channel_disagrees(tx, place.folder / "sandbox" / "journal.jsonl")
    return [*late, *faults, *ours, *theirs]
