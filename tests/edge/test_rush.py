"""200 buyers at once for 50 keys, over HTTP, at two web processes: exactly 50 are served, nobody else is charged."""

import asyncio
import http.client
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from liuhen.base.config import Settings
from liuhen.base.crypto import KeyRing, new_token, parse_key_file
from liuhen.base.db import Database, Tx
from liuhen.base.ids import new_id
from liuhen.base.keyfile import open_key_ring
from liuhen.edge.cli.children import Children
from liuhen.money.accounts import AccountKind
from liuhen.parties import store as parties
from liuhen.timing.clock import SystemClock
from tests.flows.world import World
from tests.ports import free_port

BUYERS, KEYS, PRICE, PURSE = 200, 50, 9_800, 20_000
_STARTED_SECONDS, _PATIENCE = 60, 120  # however slow the machine: nobody is sent away but for want of a key


@dataclass(frozen=True)
class Buyer:
    id: UUID
    token: str


async def test_two_hundred_buyers_fifty_keys(fresh_dsn: Callable[[], Awaitable[str]], tmp_path: Path) -> None:
    dsn = await fresh_dsn()
    db = await Database.open(dsn)
    houses = [_settings(dsn, tmp_path / name) for name in ("one", "two")]
    try:
        world = World(db, SystemClock().now(), keys=await _one_key_ring(db, houses))
        seller = await world.seller()
        product = await world.listing(seller, price=PRICE)
        await world.shelve(seller, product, KEYS)
        with ExitStack() as running:
            for house in houses:
                running.enter_context(Children(house, ("serve",))).start_all()
            buyers = [buyer for _ in range(10) for buyer in await _twenty(world)]
            for house in houses:
                await _listens(house)
            answers = await _rush(houses, buyers, product)
        await _judge(world, seller, product, buyers, answers)
    finally:
        await db.close()


async def _judge(world: World, seller: UUID, product: UUID, buyers: list[Buyer], answers: list[httpx.Response]) -> None:
    said = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert said == {(201, None): KEYS, (409, "out_of_stock"): BUYERS - KEYS}
    for buyer, answer in zip(buyers, answers, strict=True):
        paid = PRICE if answer.status_code == 201 else 0
        assert await world.balance(buyer.id) == PURSE - paid
    assert await world.key_states(product) == {"SEALED": KEYS}
    assert await world.balance(seller, AccountKind.ESCROW) == KEYS * PRICE
    async with world.db.read() as tx:
        assert await tx.fetchval("select count(*) from orders") == KEYS
        assert await tx.fetchval("select count(distinct unit_id) from stock_key") == KEYS
    await world.check()


async def _rush(houses: list[Settings], buyers: list[Buyer], product: UUID) -> list[httpx.Response]:
    """Every buyer at the same moment, half of them at each process."""
    body = {"lines": [{"product_id": str(product), "version": 1, "no_reason_confirmed": True}], "pay": "balance"}
    limits = httpx.Limits(max_connections=BUYERS)
    async with httpx.AsyncClient(limits=limits, timeout=_PATIENCE) as client:

        async def one(place: int, buyer: Buyer) -> httpx.Response:
            headers = {"Authorization": f"Bearer {buyer.token}", "Idempotency-Key": f"rush-{place:04d}"}
            address = houses[place % len(houses)].address
            return await client.post(f"{address}/api/v1/orders", json=body, headers=headers)

        return list(await asyncio.gather(*(one(place, buyer) for place, buyer in enumerate(buyers))))


async def _twenty(world: World) -> list[Buyer]:
    """Buyers with money in their balance and a token."""
    return list(await asyncio.gather(*(_buyer(world) for _ in range(BUYERS // 10))))


async def _buyer(world: World) -> Buyer:
    party_id = await world.party("买家")
    await world.fund(party_id, PURSE)
    token = new_token("lh_t_")
    row = parties.NewToken(
        id=new_id(world.now),
        token_hash=world.keys.hash_token(token),
        party_id=party_id,
        name="rush",
        scopes=("buy",),
        created_at=world.now,
        expires_at=world.now + timedelta(hours=1),
    )

    async def work(tx: Tx) -> None:
        await parties.add_token(tx, row)

    await world.db.transact(work, now=world.now)
    return Buyer(party_id, token)


async def _one_key_ring(db: Database, houses: list[Settings]) -> KeyRing:
    """Both processes and the test seal with the same master keys."""
    first = houses[0].master_key_path
    await open_key_ring(db, first, SystemClock().now())
    for other in houses[1:]:
        other.folder.mkdir(parents=True)
        shutil.copy2(first, other.master_key_path)
    return KeyRing(*parse_key_file(first.read_text("utf-8")))


def _settings(dsn: str, folder: Path) -> Settings:
    return Settings(
        data_dir=str(folder), database_url=dsn, port=free_port(), cookie_secure=False, database_seconds=_PATIENCE
    )


async def _listens(house: Settings) -> None:
    give_up = time.monotonic() + _STARTED_SECONDS
    while time.monotonic() < give_up:
        if await asyncio.to_thread(_healthy, house):
            return
        await asyncio.sleep(0.1)
    words = (house.folder / "logs" / "serve.log").read_text("utf-8", errors="replace")
    pytest.fail(f"the web process on port {house.port} did not start:\n{words[-3000:]}")


def _healthy(house: Settings) -> bool:
    connection = http.client.HTTPConnection(house.host, house.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
