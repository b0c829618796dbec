"""Buying, from the shelf to a sealed delivery, and everything that money can do wrong on the way."""

import asyncio
from datetime import datetime

import pytest
from msgspec.structs import replace

from liuhen.base.db import Database, Once
from liuhen.base.errors import (
    IdempotencyMismatch,
    InsufficientBalance,
    InvalidInput,
    LiuhenError,
    OutOfStock,
    OwnGoods,
    PriceChanged,
    StateConflict,
)
from liuhen.catalog.model import Content
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.release_escrow import release_escrow
from liuhen.flows.funds.withdraw_earnings import WithdrawEarnings, withdraw_earnings
from liuhen.flows.outbox.claim_due import DueKind, claim_due
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.close_order import CloseOrder, close_order
from liuhen.flows.trade.confirm_payment import Outcome
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.pay_order import PayOrder, pay_order
from liuhen.flows.trade.place_order import LineAsk, PlacedOrder, PlaceOrder, place_order
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.flows.trade.show_goods import ShowGoods, show_goods
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.money.accounts import AccountKind
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.rulebook import in_force
from liuhen.steps.judge import Rules
from tests.conftest import NOW
from tests.flows.world import GRACE, World, rules


@pytest.fixture
def world(db: Database, now: datetime) -> World:
    return World(db, now)


async def test_balance_buys_a_sealed_key(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    keys = await world.shelve(seller, product, 3)
    await world.fund(buyer, 20_000)
    placed = await world.order(buyer, seller, product, 2)
    assert await world.key_states(product) == {"AVAILABLE": 1, "SEALED": 2}
    assert await world.balance(buyer) == 400
    assert await world.balance(seller, AccountKind.ESCROW) == 19_600
    assert await world.events(placed) == ["ORDER_PLACED", "PAID", "DELIVERED_SEALED"]
    first = (await world.units(placed))[0]
    with pytest.raises(StateConflict):
        await show_goods(
            world.db,
            ShowGoods(buyer_id=buyer, book_id=seller, order_id=placed.order_id, unit_id=first["id"]),
            keys=world.keys,
            now=world.now,
        )
    await break_seal(
        world.db,
        BreakSeal(buyer_id=buyer, book_id=seller, order_id=placed.order_id, unit_ids=[first["id"]]),
        now=world.later(minutes=5),
    )
    goods = await show_goods(
        world.db,
        ShowGoods(buyer_id=buyer, book_id=seller, order_id=placed.order_id, unit_id=first["id"]),
        keys=world.keys,
        now=world.now,
    )
    assert goods.fields[0] in keys
    assert await world.key_states(product) == {"AVAILABLE": 1, "SEALED": 1, "REVEALED": 1}
    assert (await world.events(placed))[3:] == ["SEAL_BROKEN", "GOODS_SHOWN"]
    await world.check()


async def test_what_is_not_there_cannot_be_reserved(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    with pytest.raises(OutOfStock) as refused:
        await world.order(buyer, seller, product, 2, pay=None)
    assert refused.value.data["left"] == 1
    assert await world.key_states(product) == {"AVAILABLE": 1}


async def test_too_small_a_balance_leaves_nothing_behind(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    await world.fund(buyer, 9_799)
    with pytest.raises(InsufficientBalance):
        await world.order(buyer, seller, product)
    assert await world.key_states(product) == {"AVAILABLE": 1}
    assert await world.balance(buyer) == 9_799
    await world.check()


async def test_refusals_before_an_order(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller, max_pieces=5)
    await world.shelve(seller, product, 6)
    with pytest.raises(OwnGoods):
        await world.order(seller, seller, product, pay=None)
    with pytest.raises(InvalidInput):
        await world.order(buyer, seller, product, 6, pay=None)
    ask = LineAsk(product_id=product, version=1, pieces=1, no_reason_confirmed=False)
    with pytest.raises(InvalidInput) as unticked:
        await place_order(
            world.db,
            PlaceOrder(buyer_id=buyer, book_id=seller, lines=[ask]),
            exclusion_version="x",
            rules=rules(),
            now=world.now,
        )
    assert unticked.value.data["fields"] == {"no_reason": ("confirm", 0, 0)}
    await publish_listing(
        world.db,
        PublishListing(
            seller_id=seller,
            product_id=product,
            base_version=1,
            content=Content(kind=GoodsKind.CARD_KEY, title="木棉", price_fen=1),
        ),
        now=world.now,
    )
    with pytest.raises(InvalidInput) as short:
        hasty = Content(kind=GoodsKind.CARD_KEY, title="木棉", price_fen=1, escrow_seconds=86_400)
        await publish_listing(world.db, PublishListing(seller_id=seller, content=hasty), now=world.now)
    assert set(short.value.data["fields"]) == {"escrow_seconds"}
    with pytest.raises(PriceChanged):
        stale = LineAsk(product_id=product, version=1, pieces=1, no_reason_confirmed=True)
        await place_order(
            world.db,
            PlaceOrder(buyer_id=buyer, book_id=seller, lines=[stale]),
            exclusion_version="x",
            rules=rules(),
            now=world.now,
        )


async def test_reservation_is_given_back_after_15_minutes(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed = await world.order(buyer, seller, product, pay=None)
    at_the_minute = world.later(minutes=15)
    assert await claim_due(world.db, at_the_minute, 10) == []
    over = world.later(microseconds=1)
    assert [due.kind for due in await claim_due(world.db, over, 10)] == [DueKind.EXPIRE_ORDER]
    cmd = CloseOrder(book_id=seller, order_id=placed.order_id)
    assert (await close_order(world.db, cmd, now=over)).closed
    assert not (await close_order(world.db, cmd, now=over)).closed
    assert await world.key_states(product) == {"AVAILABLE": 1}
    assert await world.events(placed) == ["ORDER_PLACED", "ORDER_EXPIRED"]


async def test_one_callback_twenty_times_at_once_is_one_delivery(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 5)
    placed = await world.order(buyer, seller, product, pay=None)
    started = await start_payment(
        world.db,
        StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox"),
        now=world.now,
    )
    outcomes = await asyncio.gather(*(world.paid(started.payment_id, 9800) for _ in range(20)))
    assert sorted(outcomes) == [Outcome.DUPLICATE] * 19 + [Outcome.PAID]
    assert await world.key_states(product) == {"AVAILABLE": 4, "SEALED": 1}
    assert await world.balance(seller, AccountKind.ESCROW) == 9800
    await world.check()


async def test_late_money_delivers_if_stock_allows(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed, payment = await _expired(world, buyer, seller, product)
    assert await world.paid(payment, 9800) is Outcome.PAID
    assert await world.key_states(product) == {"SEALED": 1}
    assert "DELIVERED_SEALED" in await world.events(placed)
    await world.check()


async def test_late_money_without_stock_goes_back_by_itself(world: World) -> None:
    seller, buyer, other = await world.seller(), await world.party("林"), await world.party("陈")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed, payment = await _expired(world, buyer, seller, product)
    await world.fund(other, 9800)
    await world.order(other, seller, product)
    assert await world.paid(payment, 9800) is Outcome.SENT_BACK
    assert (await world.events(placed))[-2:] == ["MONEY_NOT_USED", "REFUND_APPROVED"]
    assert await world.balance(seller, AccountKind.REFUND_DUE) == 9800
    due = [item.kind for item in await claim_due(world.db, world.now, 10)]
    assert due == [DueKind.SEND_REFUND]
    await world.check()


def _with(**values: int) -> Rules:
    """The rules as shipped, with other values."""
    book = in_force(rules().rulebooks, NOW)
    params = {name: replace(book.params[name], value=value) for name, value in values.items()}
    return Rules((replace(book, params=book.params | params),), rules().calendar)


async def test_what_the_rulebook_publishes_is_what_runs(world: World) -> None:
    world.rules = _with(reservation=60, late_payment_delivers=0)
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed, payment = await _expired(world, buyer, seller, product)
    assert placed.pay_due_at is not None
    assert (placed.pay_due_at - NOW).total_seconds() == 60
    assert await world.paid(payment, 9800) is Outcome.SENT_BACK
    assert await world.key_states(product) == {"AVAILABLE": 1}
    await world.check()


async def test_wrong_amount_and_second_payment_go_back(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 2)
    placed = await world.order(buyer, seller, product, pay=None)
    started = await start_payment(
        world.db,
        StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox"),
        now=world.now,
    )
    assert await world.paid(started.payment_id, 9799) is Outcome.SENT_BACK
    assert await world.key_states(product) == {"AVAILABLE": 1, "RESERVED": 1}
    again = await start_payment(
        world.db,
        StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox"),
        now=world.now,
    )
    assert again.payment_id != started.payment_id
    assert await world.paid(again.payment_id, 9800) is Outcome.PAID
    assert await world.paid(again.payment_id, 9800, trade="T-second") is Outcome.SENT_BACK
    assert await world.balance(seller, AccountKind.REFUND_DUE) == 9799 + 9800
    await world.check()


async def test_same_key_same_order_other_body_refused(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 5)
    ask = LineAsk(product_id=product, version=1, pieces=1, no_reason_confirmed=True)
    cmd = PlaceOrder(buyer_id=buyer, book_id=seller, lines=[ask])

    async def place(body: bytes) -> PlacedOrder:
        return await place_order(
            world.db,
            cmd,
            exclusion_version="x",
            rules=rules(),
            now=world.now,
            once=Once(buyer, "abc", body),
        )

    both = await asyncio.gather(place(b"1"), place(b"1"))
    assert both[0] == both[1]
    assert await world.key_states(product) == {"AVAILABLE": 4, "RESERVED": 1}
    with pytest.raises(IdempotencyMismatch):
        await place(b"2")


async def test_hand_delivery_under_the_same_escrow(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller, kind=GoodsKind.DIRECT_TOP_UP, price=19_760, target_label="手机号")
    await world.fund(buyer, 20_000)
    placed = await world.order(buyer, seller, product, target="13800000319")
    (unit,) = await world.units(placed)
    assert unit["state"] == "TO_DELIVER"
    assert (unit["late_act_at"] - unit["deliver_due_at"]).total_seconds() == GRACE
    cmd = DeliverByHand(seller_id=seller, order_id=placed.order_id, line_no=1, text="已充值", receipt_no="CMCC-1")
    await deliver_by_hand(world.db, cmd, keys=world.keys, rules=world.rules, now=world.later(minutes=3))
    with pytest.raises(StateConflict):
        await deliver_by_hand(world.db, cmd, keys=world.keys, rules=world.rules, now=world.now)
    show = ShowGoods(buyer_id=buyer, book_id=seller, order_id=placed.order_id, unit_id=unit["id"])
    assert (await show_goods(world.db, show, keys=world.keys, now=world.now)).fields == ["已充值"]
    with pytest.raises(LiuhenError):
        await show_goods(
            world.db,
            ShowGoods(buyer_id=seller, book_id=seller, order_id=placed.order_id, unit_id=unit["id"]),
            keys=world.keys,
            now=world.now,
        )


async def test_escrow_releases_by_itself_and_only_once(world: World) -> None:
    seller, buyer = await world.seller(fee=200), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 2)
    await world.fund(buyer, 9800)
    placed = await world.order(buyer, seller, product)
    assert (await release_escrow(world.db, seller, [placed.order_id], now=world.later(days=6))).pieces == 0
    due = await claim_due(world.db, world.later(days=1), 10)
    assert [item.kind for item in due] == [DueKind.RELEASE_ESCROW]
    done = await release_escrow(world.db, seller, [placed.order_id], now=world.now)
    assert (done.pieces, done.net_fen) == (1, 9604)
    assert (await release_escrow(world.db, seller, [placed.order_id], now=world.now)).pieces == 0
    assert await world.balance(seller, AccountKind.PLATFORM_FEE) == 196
    left = await withdraw_earnings(world.db, WithdrawEarnings(seller_id=seller, amount_fen=9000), now=world.now)
    assert left.payable_fen == 604
    await world.check()


async def test_confirming_receipt_releases_at_once(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 3)
    await world.fund(buyer, 30_000)
    placed = await world.order(buyer, seller, product, 3)
    cmd = ConfirmReceipt(buyer_id=buyer, book_id=seller, order_id=placed.order_id)
    assert (await confirm_receipt(world.db, cmd, now=world.now)).released == 3
    with pytest.raises(StateConflict):
        await confirm_receipt(world.db, cmd, now=world.now)
    assert await world.balance(seller, AccountKind.ESCROW) == 0
    await world.check()


async def test_balance_goes_back_the_way_it_came(world: World) -> None:
    buyer = await world.party("林")
    await world.fund(buyer, 5000)
    world.later(minutes=1)
    await world.fund(buyer, 3000)
    done = await pay_out(world.db, PayOut(party_id=buyer, amount_fen=6000), now=world.now)
    assert [part.amount_fen for part in done.parts] == [3000, 3000]
    assert await world.balance(buyer) == 2000
    with pytest.raises(InsufficientBalance):
        await pay_out(world.db, PayOut(party_id=buyer, amount_fen=2001), now=world.now)
    await world.check()


async def test_two_payments_from_one_balance_at_once(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 2)
    await world.fund(buyer, 9800)
    placed = [await world.order(buyer, seller, product, pay=None) for _ in range(2)]
    results = await asyncio.gather(
        *(
            pay_order(
                world.db,
                PayOrder(buyer_id=buyer, book_id=seller, order_id=p.order_id),
                rules=rules(),
                now=world.now,
            )
            for p in placed
        ),
        return_exceptions=True,
    )
    assert sorted(type(item).__name__ for item in results) == ["InsufficientBalance", "OrderPaid"]
    assert await world.balance(buyer) == 0
    await world.check()


async def _expired(world: World, buyer: object, seller: object, product: object) -> tuple[PlacedOrder, object]:
    placed = await world.order(buyer, seller, product, pay=None)  # type: ignore[arg-type]
    started = await start_payment(
        world.db,
        StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox"),  # type: ignore[arg-type]
        now=world.now,
    )
    await close_order(world.db, CloseOrder(book_id=seller, order_id=placed.order_id), now=world.later(minutes=16))  # type: ignore[arg-type]
    return placed, started.payment_id
