"""Everybody at once, many times over: who comes first wins, the others are refused, everything is in balance."""

import asyncio
import random
from collections.abc import Awaitable
from datetime import datetime
from typing import Any

import pytest

from liuhen.base.db import Database, Row
from liuhen.base.errors import LiuhenError
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.funds.release_escrow import release_escrow
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.close_order import CloseOrder, close_order
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.pay_order import PayOrder, pay_order
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.flows.trade.void_stock import VoidStock, void_stock
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Answer, CaseState
from tests.flows.refunds import Bought, rules
from tests.flows.test_machine import _FAULTS

TIMES = 12
_DICE = random.Random(4)


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


async def _at_once(*acts: Awaitable[Any]) -> list[Any]:
    """The result of each act, or the name of what it was refused with. Anything unforeseen is raised."""
    start = list(enumerate(acts))
    _DICE.shuffle(start)  # who starts first mostly wins
    done = dict(
        zip([i for i, _ in start], await asyncio.gather(*(a for _, a in start), return_exceptions=True), strict=True)
    )
    for item in done.values():
        if isinstance(item, BaseException) and not isinstance(item, LiuhenError):
            raise item
    return [
        item.code if isinstance(item, LiuhenError) else item
        for _, item in sorted(done.items(), key=lambda pair: pair[0])
    ]


async def _sound(world: Bought, placed: PlacedOrder) -> list[Row]:
    await world.proven(placed)
    async with world.db.read() as tx:
        assert [tuple(row) for row in await tx.fetch(_FAULTS, world.seller_id)] == []
    return await world.units(placed)


async def test_seal_refund_release_and_receipt_at_once(world: Bought) -> None:
    placed = await world.bought(2)
    await world.shelve(world.seller_id, world.product, 2 * TIMES)
    seen: set[tuple[str, str]] = set()
    for _ in range(TIMES):
        await world.fund(world.buyer_id, 19_600)
        placed = await world.order(world.buyer_id, world.seller_id, world.product, 2)
        ids = [row["id"] for row in await world.units(placed)]
        who: dict[str, Any] = {"buyer_id": world.buyer_id, "book_id": world.seller_id, "order_id": placed.order_id}
        await _at_once(
            world.ask(placed, ReasonCode.CHANGE_OF_MIND, *ids),
            break_seal(world.db, BreakSeal(**who, unit_ids=ids), now=world.now),
            confirm_receipt(world.db, ConfirmReceipt(**who), now=world.now),
            release_escrow(world.db, world.seller_id, [placed.order_id], now=world.now),
            world.ask(placed, ReasonCode.NOT_AS_DESCRIBED, *ids),
            break_seal(world.db, BreakSeal(**who, unit_ids=ids[:1]), now=world.now),
        )
        for row in await _sound(world, placed):
            seen.add((row["state"], row["escrow"]))
            assert row["refunded_fen"] in (0, row["price_fen"])
    assert seen <= {
        ("REFUNDED", "GIVEN_BACK"),
        ("REFUNDED", "RELEASED"),
        ("REVEALED", "RELEASED"),
        ("REVEALED", "HELD"),
    }


async def test_late_refund_hand_delivery_and_a_buyer_who_waits_at_once(world: Bought) -> None:
    world.seller_id, world.buyer_id = await world.seller(), await world.party("林")
    world.product = await world.listing(world.seller_id, kind=GoodsKind.DIRECT_TOP_UP, target_label="手机号")
    for _ in range(TIMES):
        await world.fund(world.buyer_id, 9800)
        placed = await world.order(world.buyer_id, world.seller_id, world.product, target="13800000319")
        (unit,) = await world.units(placed)
        world.now = unit["late_act_at"]
        assert (await world.late(placed)).cases == []  # at the very moment nothing is late
        world.later(microseconds=1)
        cmd = DeliverByHand(seller_id=world.seller_id, order_id=placed.order_id, line_no=1, text="已充值")
        delivered, *cases = await _at_once(
            deliver_by_hand(world.db, cmd, keys=world.keys, rules=world.rules, now=world.now),
            world.late(placed),
            world.late(placed),
            world.ask(placed, ReasonCode.LATE_DELIVERY),
        )
        (unit,) = await _sound(world, placed)
        paid = sum(len(item.cases) for item in cases[:2])
        assert (unit["state"] == "HANDED_OVER") is (delivered != "state_conflict")
        assert paid + (unit["state"] == "HANDED_OVER") <= 1


async def test_answer_lapse_withdrawal_and_ruling_at_once(world: Bought) -> None:
    reviewer = await world.party("周", Role.REVIEWER)
    for turn in range(TIMES):
        placed, case = await world.invalid()
        world.now = case.due_at or world.now
        world.later(microseconds=turn % 2)  # the last moment for the seller, or the first one after it
        withdraw = WithdrawRequest(buyer_id=world.buyer_id, case_no=case.case_no)
        await _at_once(
            world.answer(case, Answer.AGREED),
            world.answer(case, Answer.REFUSED),
            world.lapse(case),
            world.lapse(case),
            withdraw_request(world.db, withdraw, now=world.now),
        )
        row = await world.case(case)
        if row["state"] == CaseState.UNDER_REVIEW:
            await _at_once(
                world.rule(case, reviewer, Ruling.GRANTED),
                world.rule(case, reviewer, Ruling.REFUSED),
                world.rule(case, reviewer, Ruling.PARTLY, fen=1),
                withdraw_request(world.db, withdraw, now=world.now),
            )
        assert (await world.case(case))["state"] in ("APPROVED", "REJECTED", "WITHDRAWN")
        (unit,) = await _sound(world, placed)
        assert not unit["case_open"]


async def test_paying_twice_in_two_ways_while_the_order_expires(world: Bought) -> None:
    placed = await world.bought()
    await world.shelve(world.seller_id, world.product, TIMES)
    for _ in range(TIMES):
        await world.fund(world.buyer_id, 9800)
        placed = await world.order(world.buyer_id, world.seller_id, world.product, pay=None)
        who: dict[str, Any] = {"buyer_id": world.buyer_id, "book_id": world.seller_id, "order_id": placed.order_id}
        started = await start_payment(world.db, StartPayment(**who, channel="sandbox"), now=world.now)
        over = world.later(minutes=15)
        await _at_once(
            pay_order(world.db, PayOrder(**who), rules=rules(), now=over),
            world.paid(started.payment_id, 9800),
            world.paid(started.payment_id, 9800, trade=f"X{started.payment_id.hex}"),
            world.paid(started.payment_id, 9800, event=f"again{started.payment_id.hex}"),
            close_order(world.db, CloseOrder(book_id=world.seller_id, order_id=placed.order_id), now=over),
            close_order(world.db, CloseOrder(**who), now=over),
        )
        (unit,) = await _sound(world, placed)
        assert unit["state"] == "SEALED"  # money came, and the goods were there


async def test_voiding_the_shelf_while_it_is_sold(world: Bought) -> None:
    placed = await world.bought()
    for _ in range(TIMES):
        await world.shelve(world.seller_id, world.product, 3)
        await world.fund(world.buyer_id, 30_000)
        void = VoidStock(seller_id=world.seller_id, product_id=world.product)
        done = await _at_once(
            *(world.order(world.buyer_id, world.seller_id, world.product) for _ in range(3)),
            void_stock(world.db, void, now=world.now),
        )
        for item in done[:3]:
            if item != "out_of_stock":
                await _sound(world, item)
        async with world.db.read() as tx:
            assert not await tx.fetchval(
                "select count(*) from key_event v join key_event s using (key_id)"
                " where v.kind = 'VOIDED' and s.kind = 'DELIVERED'"
            )
    await world.proven(placed)
