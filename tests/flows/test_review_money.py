"""What a hard look at the money paths found, told as stories."""

from datetime import datetime
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import InsufficientBalance, NotFound
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.settle_refund import Settled, settle_refund
from liuhen.flows.trade.confirm_payment import Outcome
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.money.accounts import AccountKind
from liuhen.payments.port import RefundArrived, RefundFailed, RefundState, RefundStatus
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds.model import Route
from tests.flows.refunds import Bought
from tests.flows.test_funds import Scripted, _payout, _send
from tests.flows.world import World


@pytest.fixture
def world(db: Database, now: datetime) -> World:
    return World(db, now)


@pytest.fixture
def story(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


def _failed(world: World, refund: UUID, fen: int = 5000) -> RefundFailed:
    return RefundFailed(
        event_id="F1", refund_id=refund, trade_no="T", channel_refund_no="R", amount_fen=fen, at=world.now, detail="X"
    )


def _arrived(world: World, refund: UUID, fen: int = 5000) -> RefundArrived:
    return RefundArrived(
        event_id="A1", refund_id=refund, trade_no="T", channel_refund_no="R", amount_fen=fen, at=world.now
    )


async def test_a_bounced_payout_that_arrives_after_all_is_taken_from_the_balance_again(world: World) -> None:
    buyer, refund = await _payout(world)
    await _send(world, Scripted(), buyer, refund)
    assert (await settle_refund(world.db, "sandbox", _failed(world, refund), body=b"", now=world.now)).outcome is (
        Settled.FAILED
    )
    assert await world.balance(buyer) == 5000
    await settle_refund(world.db, "sandbox", _arrived(world, refund), body=b"", now=world.now)
    assert await world.balance(buyer) == 0
    assert await world.balance(buyer, AccountKind.CHANNEL_CLEARING) == 0
    assert await world.balance(buyer, AccountKind.REFUND_DUE) == 0
    await world.check()


async def test_the_second_payment_of_one_request_is_sent_back_once(world: World) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed = await world.order(buyer, seller, product, pay=None)
    ask = StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox")
    payment = (await start_payment(world.db, ask, now=world.now)).payment_id
    assert await world.paid(payment, 9800, trade="T1") is Outcome.PAID
    assert await world.paid(payment, 9800, trade="T2") is Outcome.SENT_BACK
    assert await world.paid(payment, 9800, trade="T2", event="again") is Outcome.DUPLICATE
    await world.check()


async def test_a_channel_speaks_of_its_own_refunds_alone(world: World) -> None:
    _, refund = await _payout(world)
    with pytest.raises(NotFound):
        await settle_refund(world.db, "other", _arrived(world, refund), body=b"", now=world.now)


async def test_what_was_spent_meanwhile_stands_as_debt(world: World) -> None:
    buyer, refund = await _payout(world)
    await _send(world, Scripted(), buyer, refund)
    await settle_refund(world.db, "sandbox", _failed(world, refund), body=b"", now=world.now)
    seller = await world.seller()
    product = await world.listing(seller, price=3000)
    await world.shelve(seller, product, 1)
    await world.order(buyer, seller, product)
    await settle_refund(world.db, "sandbox", _arrived(world, refund), body=b"", now=world.now)
    assert await world.balance(buyer) == 0
    assert await world.balance(buyer, AccountKind.SELLER_DEBT) == -3000
    await world.check()


async def test_an_order_refunded_to_the_balance_and_paid_out_leaves_the_channel_once(story: Bought) -> None:
    placed = await story.bought(pay="channel")
    await story.ask(placed, ReasonCode.CHANGE_OF_MIND, route=Route.BALANCE)
    have = await story.balance(story.buyer_id)
    await pay_out(story.db, PayOut(party_id=story.buyer_id, amount_fen=have), now=story.now)
    for fen in (1, have):
        with pytest.raises(InsufficientBalance):
            await pay_out(story.db, PayOut(party_id=story.buyer_id, amount_fen=fen), now=story.now)
    async with story.db.read() as tx:
        rows = await tx.fetch(
            "select p.amount_fen, sum(r.amount_fen) filter (where r.route = 'ORIGINAL') as out from payment p"
            " join refund r on r.payment_book_id = p.book_id and r.payment_id = p.id group by p.book_id, p.id"
        )
    assert [row["out"] for row in rows] == [row["amount_fen"] for row in rows]
    await story.check()


async def test_what_does_not_fit_changes_nothing_and_is_written_down(world: World) -> None:
    buyer, refund = await _payout(world)

    async def said() -> str | None:
        async with world.db.read() as tx:
            row = await tx.one("select state || ': ' || coalesce(last_error, '') as said from refund")
        return str(row["said"])

    channel = Scripted()
    await _send(world, channel, buyer, refund)
    odd = _arrived(world, refund, fen=4000)
    assert (await settle_refund(world.db, "sandbox", odd, body=b"", now=world.now)).outcome is Settled.IGNORED
    assert await said() == "SENT: the channel speaks of 4000 fen"
    channel.status = RefundStatus(state=RefundState.ARRIVED, amount_fen=4001)
    world.later(minutes=10)
    await _send(world, channel, buyer, refund)
    assert await said() == "SENT: the channel speaks of 4001 fen"
    channel.status = RefundStatus(state=RefundState.ARRIVED, amount_fen=5000)
    world.later(minutes=10)
    await _send(world, channel, buyer, refund)
    assert await said() == "ARRIVED: "
    await settle_refund(world.db, "sandbox", _failed(world, refund), body=b"", now=world.now)
    assert await said() == "ARRIVED: the channel says failed after it said arrived: X"
    await world.check()
