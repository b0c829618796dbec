"""What cannot be done holds up nothing else, however much of it there is."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from liuhen.base.db import Database
from liuhen.base.jobs import Poller
from liuhen.edge.worker import LANES
from liuhen.flows.outbox.claim_due import DueKind, claim_due
from tests.conftest import NOW
from tests.flows.world import World


@pytest.fixture
def world(db: Database, now: datetime) -> World:
    return World(db, now)


class Item(NamedTuple):
    id: int
    due_at: datetime


class Bench:
    """A poller over invented items; those in `poison` fail and come back with a later due_at, as refunds do."""

    def __init__(self, count: int, poison: set[int]) -> None:
        self.now = NOW
        self.waiting = dict.fromkeys(range(count), NOW)
        self.poison = poison
        self.done: list[int] = []
        self.poller = Poller(self.find, self.act, lambda item, error: None, lambda: self.now, key=lambda item: item.id)

    async def find(self, now: datetime, resting: Collection[int]) -> Sequence[Item]:
        ready = [Item(id, due) for id, due in self.waiting.items() if due <= now and id not in resting]
        return sorted(ready, key=lambda item: item.due_at)[:2]

    async def act(self, items: Sequence[Item], now: datetime) -> int:
        (item,) = items
        if item.id in self.poison:
            self.waiting[item.id] = now + timedelta(seconds=1)
            raise RuntimeError
        del self.waiting[item.id]
        self.done.append(item.id)
        return 1


async def test_what_fails_leaves_its_place_to_others() -> None:
    bench = Bench(5, poison={0, 1})
    for _ in range(4):
        await bench.poller.tick()
    assert bench.done == [2, 3, 4]


async def test_what_fails_rests_longer_each_time_also_when_its_moment_moves() -> None:
    bench, tries = Bench(1, poison={0}), 0
    for _ in range(60 * 10):
        tries += await bench.poller.tick()
        bench.now += timedelta(seconds=1)
    assert tries == 4  # at once, then after 5, 30 and 120 seconds; the next would be after 600


async def test_what_is_resting_is_not_claimed_and_gives_way_to_the_next(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 30)
    await world.fund(buyer, 300_000)
    for pieces in (20, 1):
        await world.order(buyer, seller, product, pieces)
        world.later(seconds=1)
    world.later(days=30)
    (first,) = await claim_due(world.db, world.now, 10)
    assert first.kind is DueKind.RELEASE_ESCROW
    (second,) = await claim_due(world.db, world.now, 10, resting={first.key})
    assert (second.kind, second.id != first.id) == (DueKind.RELEASE_ESCROW, True)
    assert await claim_due(world.db, world.now, 10, resting={first.key, second.key}) == []
    assert await claim_due(world.db, world.now, 10, kinds=[DueKind.SEND_REFUND]) == []


def test_what_takes_long_or_calls_out_has_a_lane_to_itself() -> None:
    assert sorted(kind for lane in LANES for kind in lane) == sorted(DueKind)
    assert [lane for lane in LANES if len(lane) == 1] == [
        (DueKind.IMPORT_STOCK,),
        (DueKind.SEND_REFUND,),
        (DueKind.CLOSE_PAYMENT,),
    ]
