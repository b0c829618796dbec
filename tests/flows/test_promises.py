"""What a listing promises beyond the rules is what policy decides on, from the form to the money."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput
from liuhen.base.ids import new_id
from liuhen.catalog.model import DAY, Content, Delivery, delivery_of
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.policy.decision import Order, Outcome
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.rulebook import REVEALED_WINDOW
from liuhen.redemption import store as redemption
from liuhen.redemption.model import FactSource, UseState
from liuhen.refunds.model import Answer, CaseState
from tests.flows.refunds import Bought
from tests.policy.world import BOOK

UNWANTED = ReasonCode.CHANGE_OF_MIND
TWO_DAYS = {"revealed_window_seconds": 2 * DAY, "sealed_window_seconds": 3 * DAY, "excludes_no_reason": False}


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


async def _issuer_says(world: Bought, placed: PlacedOrder, state: UseState) -> None:
    """The issuer's signed word about the first unit."""
    (unit_id, *_) = [row["id"] for row in await world.units(placed)]
    issuer = new_id(world.now)
    fact = redemption.Fact(
        source=FactSource.ISSUER, state=state, event="CHECKED", issuer_id=issuer, issuer_event_id="E1"
    )
    await world.db.transact(
        lambda tx: redemption.add(tx, world.seller_id, unit_id, fact, now=world.now), now=world.now
    )


async def test_looked_at_and_unused_within_the_promise_is_paid_at_once_and_the_key_is_void(world: Bought) -> None:
    placed = await world.bought(**TWO_DAYS)
    await world.reveal(placed)
    await _issuer_says(world, placed, UseState.UNUSED)
    before = await world.balance(world.buyer_id)
    world.later(seconds=2 * DAY)
    assert Order.VOID_KEY in (await world.preview(placed, UNWANTED)).decision.units[0].orders
    case = await world.ask_one(placed, UNWANTED)
    assert (case.state, case.approved_fen, case.ground) == (CaseState.APPROVED, 9800, "promise.revealed_unused")
    assert await world.balance(world.buyer_id) == before + 9800
    assert await world.key_states(world.product) == {"AVAILABLE": 5, "RETIRED": 1}
    async with world.db.read() as tx:
        assert await tx.fetchval("select count(*) from seller_todo where book_id = $1", world.seller_id) == 1
    await world.proven(placed)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1)])
async def test_the_promise_ends_on_its_last_microsecond(world: Bought, late: timedelta) -> None:
    placed = await world.bought(**TWO_DAYS)
    await world.reveal(placed)
    await _issuer_says(world, placed, UseState.UNUSED)
    world.now += timedelta(days=2) + late
    case = await world.ask_one(placed, UNWANTED)
    assert case.ground == ("no_reason.revealed" if late else "promise.revealed_unused")


async def test_with_unknown_use_the_seller_answers(world: Bought) -> None:
    placed = await world.bought(**TWO_DAYS)
    await world.reveal(placed)
    case = await world.ask_one(placed, UNWANTED)
    assert (case.state, case.ground) == (CaseState.AWAITING_SELLER, "promise.revealed_window")
    assert (await world.answer(case, Answer.AGREED, "")).state is CaseState.APPROVED
    assert await world.unit_states(placed) == ["REFUNDED"]
    await world.proven(placed)


async def test_a_used_key_is_not_covered(world: Bought) -> None:
    placed = await world.bought(**TWO_DAYS)
    await world.reveal(placed)
    await world.redeemed((await world.units(placed))[0]["id"])
    case = await world.ask_one(placed, UNWANTED)
    assert (case.state, case.ground) == (CaseState.REJECTED, "no_reason.used")


async def test_without_the_promise_a_look_is_refused(world: Bought) -> None:
    placed = await world.bought(sealed_window_seconds=3 * DAY, excludes_no_reason=False)
    await world.reveal(placed)
    await _issuer_says(world, placed, UseState.UNUSED)
    case = await world.ask_one(placed, UNWANTED)
    assert (case.state, case.ground) == (CaseState.REJECTED, "no_reason.revealed")


async def test_where_the_issuer_can_void_the_seller_is_asked_for_all_of_it(world: Bought) -> None:
    placed = await world.bought(issuer_can_void=True, excludes_no_reason=False)
    await world.reveal(placed)
    (seen,) = (await world.preview(placed, UNWANTED)).decision.units
    assert (seen.outcome, seen.amount_fen) == (Outcome.FULL, 9800)
    case = await world.ask_one(placed, UNWANTED)
    assert (case.state, case.ground) == (CaseState.AWAITING_SELLER, "no_reason.voidable")
    assert (await world.answer(case, Answer.AGREED, "")).state is CaseState.APPROVED
    await world.proven(placed)


async def test_an_order_keeps_the_promise_of_its_own_version(world: Bought) -> None:
    placed = await world.bought(**TWO_DAYS)
    await world.reveal(placed)
    later = Content(kind=GoodsKind.CARD_KEY, title="木棉游戏点卡 100 元", price_fen=9800)
    cmd = PublishListing(seller_id=world.seller_id, content=later, product_id=world.product, base_version=1)
    await publish_listing(world.db, cmd, now=world.now)
    case = await world.ask_one(placed, UNWANTED)
    assert case.ground == "promise.revealed_window"
    async with world.db.read() as tx:
        snapshot = await tx.fetchval("select convert_from(snapshot, 'UTF8') from order_line")
    assert '"revealed_window_seconds":172800' in snapshot and '"issuer_can_void":false' in snapshot


@pytest.mark.parametrize(
    ("promise", "fault"),
    [
        ({"revealed_window_seconds": 0}, {"revealed_window_seconds": ("range", 1, 30 * DAY)}),
        ({"revealed_window_seconds": 30 * DAY + 1}, {"revealed_window_seconds": ("range", 1, 30 * DAY)}),
        ({"revealed_window_seconds": DAY + 1}, {"sealed_window_seconds": ("range", DAY + 1, 90 * DAY)}),
        (
            {"kind": GoodsKind.DIRECT_TOP_UP, "revealed_window_seconds": DAY, "issuer_can_void": True},
            {"revealed_window_seconds": ("no_seal", 0, 0), "issuer_can_void": ("no_seal", 0, 0)},
        ),
    ],
)
async def test_a_promise_that_cannot_be_is_refused(
    world: Bought, promise: dict[str, object], fault: dict[str, object]
) -> None:
    """A whole seal is worth no less than a broken one, and without a seal there is nothing to look at."""
    seller = await world.seller()
    with pytest.raises(InvalidInput) as refused:
        await world.listing(seller, **promise)  # type: ignore[arg-type]
    assert refused.value.data["fields"] == fault


def test_every_sealed_kind_has_its_window_in_the_rulebook() -> None:
    """24 to 72 hours by kind."""
    sealed = {kind for kind in GoodsKind if delivery_of(kind) is Delivery.AUTO}
    assert set(REVEALED_WINDOW) == sealed
    assert all(DAY <= BOOK.value(name) <= 3 * DAY for name in REVEALED_WINDOW.values())


async def test_a_promise_is_no_shorter_than_the_rulebook_says_for_its_kind(world: Bought) -> None:
    seller = await world.seller()
    short = Content(
        kind=GoodsKind.VOUCHER,
        title="礼品卡 100 元",
        price_fen=9_000,
        sealed_window_seconds=3 * DAY,
        revealed_window_seconds=2 * DAY,
    )
    cmd = PublishListing(seller_id=seller, content=short)
    with pytest.raises(InvalidInput) as refused:
        await publish_listing(world.db, cmd, rulebook=BOOK, now=world.now)
    assert refused.value.data["fields"]["revealed_window_seconds"][:2] == ("range", 3 * DAY)
    long = PublishListing(seller_id=seller, content=replace(short, revealed_window_seconds=3 * DAY))
    assert (await publish_listing(world.db, long, rulebook=BOOK, now=world.now)).version == 1
