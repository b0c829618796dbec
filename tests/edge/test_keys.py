"""Master keys that come and go under a market that goes on selling: nothing readable is lost."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from liuhen.base.crypto import KeyRing, parse_key_file
from liuhen.base.db import Database, UniqueViolation, connect_owner
from liuhen.base.errors import KeyMissing, OutOfStock, StateConflict
from liuhen.base.keyfile import KeyFileError, open_key_ring
from liuhen.base.sealed import Progress, by_version, progress
from liuhen.edge.cli.main import main
from liuhen.flows.outbox.reseal import reseal
from liuhen.flows.outbox.retire_key import retire_key
from liuhen.policy.facts.claim import ReasonCode
from liuhen.timing.clock import SystemClock
from tests.edge.test_backup import Shop

Say = pytest.CaptureFixture[str]
PIECES = 12


@pytest.fixture
async def shop(
    fresh_dsn: Callable[[], Awaitable[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Shop]:
    """An installation with 1,200 keys on the shelf, of which 6 are sold and seen. It lives now: commands and workers
    that are started here read the real clock."""
    dsn, now = await fresh_dsn(), SystemClock().now()
    monkeypatch.setenv("LIUHEN_DATABASE_URL", dsn)
    monkeypatch.setenv("LIUHEN_DATA_DIR", str(tmp_path))
    db = await Database.open(dsn, size=8)
    made = Shop(db, now, keys=await open_key_ring(db, tmp_path / "master.keys", now), folder=tmp_path)
    await made.bought(pieces=6)
    await made.fund(made.buyer_id, 10_000 * 100)
    await made.shelve(made.seller_id, made.product, 1200)
    yield made
    await db.close()


async def run(*words: object) -> int:
    return await asyncio.to_thread(main, [str(word) for word in words])


async def all_resealed(shop: Shop, keys: KeyRing | None = None) -> int:
    rounds = 0
    while (await reseal(shop.db, keys=keys or shop.keys, now=shop.now)).place:
        rounds += 1
    return rounds


async def needed(shop: Shop) -> set[int]:
    async with shop.db.read() as tx:
        return {version for found in (await by_version(tx)).values() for version in found}


async def test_selling_goes_on_while_everything_is_sealed_anew(shop: Shop, capsys: Say) -> None:
    first = await shop.order(shop.buyer_id, shop.seller_id, shop.product, 2)
    await shop.reveal(first)
    await shop.by_hand()
    before = await shop.shows(first)
    other = await open_key_ring(shop.db, shop.folder / "master.keys", shop.now)  # another process
    assert await run("keys", "rotate") == 0
    assert (shop.keys.newest, other.newest) == (2, 2)  # without a restart

    sold, seen = [], []

    async def sell() -> None:
        for _ in range(PIECES):
            placed = await shop.order(shop.buyer_id, shop.seller_id, shop.product)
            await shop.reveal(placed)
            sold.append(placed)
            seen.extend(await shop.shows(placed))

    async def work() -> None:
        for _ in range(2):  # two workers; one of them is killed in the middle of a batch
            killed = asyncio.create_task(all_resealed(shop, other))
            await asyncio.sleep(0.02)
            killed.cancel()
            with suppress(asyncio.CancelledError):
                await killed
        await asyncio.gather(all_resealed(shop), all_resealed(shop, other))

    await asyncio.gather(sell(), sell(), work())
    assert await all_resealed(shop) == 0 and await needed(shop) == {2}
    assert len(set(seen)) == 2 * PIECES and all(text.startswith("KEY-") for text in seen)
    assert await shop.shows(first) == before
    async with shop.db.read() as tx:
        done = {item.place: item for item in await progress(tx)}
    assert done["stock_key.sealed"].resealed >= 1200 and done["hand_delivery.text_sealed"].resealed == 1
    assert all(item.done_at and not item.unreadable for item in done.values())
    await shop.check()


async def test_a_key_is_retired_when_nothing_needs_it_and_lookups_stay(shop: Shop, capsys: Say) -> None:
    placed = await shop.order(shop.buyer_id, shop.seller_id, shop.product)
    await shop.reveal(placed)
    token = shop.keys.hash_token("lh_t_example")
    path = shop.folder / "master.keys"
    old = path.read_text()
    assert await run("keys", "retire", 1) == 2  # the newest
    assert await run("keys", "rotate") == 0
    assert await run("keys", "retire", 1) == 2
    assert "younger than an hour" in capsys.readouterr().err
    owner = await connect_owner(os.environ["LIUHEN_DATABASE_URL"])
    await owner.execute("update key_version set made_at = made_at - interval '2 hours'")
    await owner.close()
    assert await run("keys", "retire", 1) == 2
    assert "rows of stock_key.sealed" in capsys.readouterr().err
    await all_resealed(shop)
    assert await run("keys", "retire", 1) == 0
    assert await run("keys", "status") == 0
    told = capsys.readouterr().out
    assert "version 1 " in told and "retired  needed by: nothing" in told and "version 2 " in told
    assert not [line for line in path.read_text().splitlines() if line.startswith("1:")]

    again = await open_key_ring(shop.db, path, shop.now)
    assert again.held == (2,) and again.hash_token("lh_t_example") == token
    with pytest.raises(UniqueViolation):  # a key that was imported before is still recognised
        shop.made = 0
        await replace(shop, keys=again).shelve(shop.seller_id, shop.product, 1)
    assert await replace(shop, keys=again).shows(placed) == await shop.shows(placed)

    path.write_text(old)  # somebody puts the copy of the first day back
    with pytest.raises(KeyFileError, match=r"lacks version 2, .* older copy"):
        await open_key_ring(shop.db, path, shop.now)
    assert await run("check") == 1
    assert "lacks version 2" in capsys.readouterr().out


async def test_what_began_before_the_rotation_is_waited_for(shop: Shop) -> None:
    assert await run("keys", "rotate") == 0
    file = parse_key_file((shop.folder / "master.keys").read_text())
    late = KeyRing({1: file.keys[1]}, file.lookups)  # of a process that sealed just before
    await all_resealed(shop)
    stale = replace(shop, keys=late)
    stale.made = 5000
    await stale.shelve(shop.seller_id, shop.product, 1)
    later = SystemClock().now() + timedelta(hours=2)
    with pytest.raises(StateConflict, match=r"1 rows of stock_key\.sealed"):
        await retire_key(shop.db, 1, keys=shop.keys, now=later)
    await all_resealed(shop)  # the refusal made the worker look once more
    await retire_key(shop.db, 1, keys=shop.keys, now=later)


async def test_a_lost_key_is_given_up_and_the_market_opens_again(shop: Shop, capsys: Say) -> None:
    seen = await shop.order(shop.buyer_id, shop.seller_id, shop.product)
    await shop.reveal(seen)
    unopened = await shop.order(shop.buyer_id, shop.seller_id, shop.product)
    path = shop.folder / "master.keys"
    assert await run("keys", "give-up", 1) == 2
    assert "it is not lost" in capsys.readouterr().err
    path.unlink()
    assert await run("keys", "give-up", 1) == 0
    assert "unsold card keys are off the shelf" in capsys.readouterr().out
    new = replace(shop, keys=await open_key_ring(shop.db, path, shop.now))
    assert new.keys.held == (2,)
    with pytest.raises(OutOfStock):
        await new.order(new.buyer_id, new.seller_id, new.product)
    with pytest.raises(KeyMissing):
        await new.shows(seen)
    await new.ask(unopened, ReasonCode.CHANGE_OF_MIND)  # refunded; its key goes back to the shelf and is not sold
    with pytest.raises(OutOfStock):
        await new.order(new.buyer_id, new.seller_id, new.product)
    new.made = 9000
    await new.shelve(new.seller_id, new.product, 1)
    fresh = await new.order(new.buyer_id, new.seller_id, new.product)
    await new.reveal(fresh)
    assert await new.shows(fresh) == ["KEY-009000-TEST"]
    assert await run("check") in (0, 1)
    assert "fits this database" in capsys.readouterr().out
    await new.check()


async def test_the_last_key_is_waited_for_while_it_is_sealed_anew(shop: Shop) -> None:
    """Held for a moment is not sold: nobody is told that the shelf is empty."""
    product = await shop.listing(shop.seller_id)
    await shop.shelve(shop.seller_id, product, 1)
    owner = await connect_owner(os.environ["LIUHEN_DATABASE_URL"])
    try:
        async with owner.transaction():
            await owner.execute("update stock_key set sealed = sealed where product_id = $1", product)
            buying = asyncio.create_task(shop.order(shop.buyer_id, shop.seller_id, product))
            await asyncio.sleep(0.2)
            assert not buying.done()
        assert (await buying).order_no
    finally:
        await owner.close()


class _Worker:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "liuhen.edge.cli.main", "worker"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.kill, self.terminate = self._process.kill, self._process.terminate

    async def wait(self) -> int:
        return await asyncio.to_thread(self._process.wait, 60)


async def _until(shop: Shop, enough: Callable[[list[Progress]], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            async with shop.db.read() as tx:
                found = await progress(tx)
            if enough(found):
                return
            await asyncio.sleep(0.01)


async def test_a_worker_killed_in_the_middle_and_the_next_one_goes_on(shop: Shop) -> None:
    """The real process, ended with -9 between two batches."""
    await shop.shelve(shop.seller_id, shop.product, 8000)
    assert await run("keys", "rotate") == 0
    owner = await connect_owner(os.environ["LIUHEN_DATABASE_URL"])
    try:
        async with owner.transaction():
            # Somebody holds the last one: it cannot come to its end.
            await owner.execute("select from stock_key order by id desc limit 1 for update")
            first = _Worker()
            try:
                await _until(shop, lambda done: any(item.resealed for item in done))
            finally:
                first.kill()
                await first.wait()
    finally:
        await owner.close()
    assert await needed(shop) == {1, 2}, "it was ended in the middle"
    second = _Worker()
    try:
        await _until(shop, lambda done: all(item.done_at for item in done))
    finally:
        second.terminate()
        assert await second.wait() == 0
    assert await needed(shop) == {2}
    placed = await shop.order(shop.buyer_id, shop.seller_id, shop.product)
    await shop.reveal(placed)
    assert (await shop.shows(placed))[0].startswith("KEY-")
