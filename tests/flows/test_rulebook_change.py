"""New Year 2027: another version comes into force between two orders of one listing, and each order keeps its own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.policy.decision import Outcome, StepKind
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import buyer_first, buyer_orders
from liuhen.reads.windows import Windows
from tests.flows.refunds import Bought
from tests.flows.world import rules

EVE = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)  # an hour before midnight in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSTANT = Windows(
    tuple(book.effective_from for book in rules().rulebooks),
    tuple(book.value("instant_window") for book in rules().rulebooks),
)


@pytest.fixture
def world(db: Database) -> Bought:
    return Bought(db, EVE)


async def _decided(world: Bought, placed: PlacedOrder) -> tuple[Outcome, StepKind, str]:
    decision = (await world.preview(placed, ReasonCode.CHANGE_OF_MIND)).decision.units[0]
    return decision.outcome, decision.next_step.kind, decision.rulebook_version


async def _again(world: Bought, **more: object) -> PlacedOrder:
    await world.fund(world.buyer_id, 10_000)
    return await world.order(world.buyer_id, world.seller_id, world.product, **more)  # type: ignore[arg-type]


async def test_each_order_keeps_its_version(world: Bought) -> None:
    old = await world.bought()
    world.now = EVE + 2 * HOUR
    new = await _again(world)
    world.now = EVE + 30 * HOUR  # 30 and 28 hours after delivery: past 24, within 48
    assert (await _decided(world, new)) == (Outcome.FULL, StepKind.PAY, "2027-01-1")
    outcome, step, version = await _decided(world, old)
    assert version == "2026-11-1" and (outcome, step) != (Outcome.FULL, StepKind.PAY)
    await world.check()


async def test_money_stays_as_long_as_the_orders_version_says_though_the_listing_is_older(world: Bought) -> None:
    old = await world.bought()
    world.now = EVE + 2 * HOUR
    new = await _again(world)
    held = [(await world.units(placed))[0] for placed in (old, new)]
    assert [unit["release_due_at"] - unit["delivered_at"] for unit in held] == [7 * DAY, 8 * DAY]


async def test_so_it_is_when_the_seller_delivers_by_hand(world: Bought) -> None:
    old = await world.bought(
        kind=GoodsKind.BOOSTING_SERVICE, promised_delivery_seconds=10_800, escrow_seconds=9 * 86_400
    )
    listing = await world.listing(world.seller_id, kind=GoodsKind.BOOSTING_SERVICE, promised_delivery_seconds=10_800)
    world.product = listing
    earlier = await _again(world)
    world.now = EVE + 2 * HOUR
    later = await _again(world)
    lengths = [await _handed(world, placed) for placed in (old, earlier, later)]
    assert lengths == [9 * DAY, 7 * DAY, 8 * DAY]  # a listing may hold it longer, never shorter


async def _handed(world: Bought, placed: PlacedOrder) -> timedelta:
    cmd = DeliverByHand(seller_id=world.seller_id, order_id=placed.order_id, line_no=1, text="已充值")
    await deliver_by_hand(world.db, cmd, keys=world.keys, rules=world.rules, now=world.now)
    (unit,) = await world.units(placed)
    length: timedelta = unit["release_due_at"] - unit["delivered_at"]
    return length


async def _offered(world: Bought) -> tuple[set[UUID], datetime | None, int]:
    """Orders that the buyer's list says can go back at once; and what the front page says: until when, how many."""
    async with world.db.read() as tx:
        lines = await buyer_orders.needs_buyer(tx, world.buyer_id, instant=INSTANT, now=world.now)
        first = await buyer_first.first(tx, world.buyer_id, instant=INSTANT, now=world.now)
    return {line.id for line in lines}, first.at if first else None, first.count if first else 0


async def test_pages_offer_an_instant_refund_as_long_as_the_rules_give_it(world: Bought) -> None:
    old = await world.bought()
    world.now = EVE + 2 * HOUR
    new = await _again(world)
    both = {old.order_id, new.order_id}
    assert await _offered(world) == (both, EVE + 24 * HOUR, 2)
    world.now = EVE + 30 * HOUR
    assert await _offered(world) == ({new.order_id}, EVE + 50 * HOUR, 1)
    world.now = EVE + 50 * HOUR
    assert await _offered(world) == (set(), None, 0)
