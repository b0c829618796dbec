"""Four workers at once over one pile of due work: nothing is lost, nothing is done twice, nobody waits for a lock."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from liuhen.base.db import Database, Tx
from liuhen.edge import worker
from liuhen.edge.worker import TOGETHER, bundles, poller
from liuhen.flows.outbox.claim_due import Due
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.money.accounts import AccountKind
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads.due import DueKind
from liuhen.reads.evidence import verify
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.refunds import Bought

WORKERS, ORDERS = 4, 12
NEAR, FAR = UUID(int=1), UUID(int=2)


@pytest.fixture
def world(doors: Doors, now: datetime) -> Bought:
    return Bought(doors.db, now)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several bundles of each book."""
    monkeypatch.setattr(worker, "TOGETHER", 3)


async def _trade(world: Bought, sellers: int, orders: int) -> list[PlacedOrder]:
    """Paid orders of several shops, one piece each."""
    world.buyer_id = await world.party("林")
    await world.fund(world.buyer_id, 9800 * sellers * orders)
    placed = []
    for _ in range(sellers):
        world.seller_id = await world.seller()
        world.product = await world.listing(world.seller_id)
        await world.shelve(world.seller_id, world.product, orders)
        placed += [await world.order(world.buyer_id, world.seller_id, world.product) for _ in range(orders)]
    return placed


async def _at_once(house: House, dsn: str, *kinds: DueKind) -> None:
    """As many workers, each with connections of its own, until none of them finds anything."""
    dbs = [await Database.open(dsn, size=4) for _ in range(WORKERS)]

    async def work(db: Database) -> None:
        mine = poller(replace(house.doors.app, db=db), kinds)
        idle = 0
        while idle < 3:  # what another holds just now is found again, or is done
            idle = 0 if await mine.tick() else idle + 1

    await asyncio.gather(*(work(db) for db in dbs))
    for db in dbs:
        await db.close()


async def _count(world: Bought, sql: str, *args: Any) -> int:
    async with world.db.read() as tx:
        found: int = await tx.fetchval(sql, *args)
        return found


@pytest.mark.usefixtures("small")
async def test_escrow_is_released_once_whoever_comes_first(doors: Doors, world: Bought, dsn: str) -> None:
    placed = await _trade(world, 2, ORDERS)
    world.later(days=30)
    await _at_once(House(doors, world), dsn, DueKind.RELEASE_ESCROW)
    assert await _count(world, "select count(*) from order_unit where escrow = 'RELEASED'") == 2 * ORDERS
    assert await _count(world, "select count(*) from notice where kind = 'ESCROW_RELEASED'") == 2 * ORDERS
    for order in placed:
        assert (await world.events(order)).count("ESCROW_RELEASED") == 1
    assert await world.balance(world.seller_id, AccountKind.ESCROW) == 0
    assert await world.balance(world.seller_id, AccountKind.SELLER_PAYABLE) == (9800 - 196) * ORDERS
    await world.check()


@pytest.mark.usefixtures("small")
async def test_silence_lapses_once_whoever_comes_first(doors: Doors, world: Bought, dsn: str) -> None:
    placed = await _trade(world, 2, ORDERS)
    for order in placed:
        world.seller_id = order.book_id
        await world.reveal(order)
        await world.ask_one(order, ReasonCode.INVALID_KEY)
    world.later(hours=24, microseconds=1)
    await _at_once(House(doors, world), dsn, DueKind.LAPSE_ANSWER)
    assert await _count(world, "select count(*) from refund_case where decided_by = 'SILENCE'") == 2 * ORDERS
    assert await _count(world, "select count(*) from refund where state = 'ARRIVED'") == 2 * ORDERS
    assert await world.balance(world.buyer_id) == 9800 * 2 * ORDERS
    for order in placed:
        assert (await world.events(order)).count("CASE_DECIDED") == 1
        async with world.db.read() as tx:
            assert (await verify(tx, order.book_id, order.order_id)).first_broken is None
    await world.check()


async def test_one_that_cannot_be_done_holds_up_none_of_its_bundle(
    doors: Doors, world: Bought, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = await _trade(world, 1, 5)
    bad = placed[2].order_id
    real = worker.release_escrow

    async def release(db: Database, book_id: Any, order_ids: Any, **more: Any) -> Any:
        if bad in order_ids:
            raise RuntimeError
        return await real(db, book_id, order_ids, **more)

    monkeypatch.setattr(worker, "release_escrow", release)
    world.later(days=30)
    work = poller(House(doors, world).doors.app, [DueKind.RELEASE_ESCROW])
    assert await work.tick() == 5
    assert await _count(world, "select count(*) from order_unit where escrow = 'RELEASED'") == 4
    assert await work.tick() == 0  # it rests


async def test_an_order_in_other_hands_is_left_alone(doors: Doors, world: Bought) -> None:
    first, second = await _trade(world, 1, 2)
    world.later(days=30)
    work = poller(House(doors, world).doors.app, [DueKind.RELEASE_ESCROW])

    async def meanwhile(tx: Tx) -> int:
        await tx.fetch("select from orders where id = $1 for update", first.order_id)
        return await work.tick()

    assert await world.db.transact(meanwhile, now=world.now) == 1
    (unit,) = await world.units(first)
    assert unit["escrow"] == "HELD"
    assert (await world.units(second))[0]["escrow"] == "RELEASED"
    assert await work.tick() == 1


def test_a_bundle_is_of_one_kind_and_one_book(now: datetime) -> None:
    from_two = [
        Due(kind, book, book, now)
        for book in (NEAR, FAR)
        for kind in (DueKind.RELEASE_ESCROW, DueKind.LAPSE_ANSWER, DueKind.ESCALATE_REVIEW)
        for _ in range(TOGETHER + 1)
    ]
    made = bundles(from_two)
    assert sorted(map(len, made)) == [1] * (2 * (TOGETHER + 1) + 4) + [TOGETHER] * 4
    assert all(len({(due.kind, due.book_id) for due in bundle}) == 1 for bundle in made)
