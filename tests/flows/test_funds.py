"""Money on its way back over a channel: approved, sent, arrived, and every way in which that goes wrong."""

import asyncio
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import NotFound
from liuhen.flows.funds.close_payment import close_payment
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.pay_refund import pay_refund
from liuhen.flows.funds.settle_refund import Settled, settle_refund
from liuhen.flows.funds.top_up import TopUp, top_up
from liuhen.flows.outbox.claim_due import DueKind, claim_due
from liuhen.flows.trade.confirm_payment import Outcome, confirm_payment
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.money.accounts import AccountKind
from liuhen.payments.model import SendState
from liuhen.payments.port import (
    AnswerState,
    PaymentCaptured,
    PaymentState,
    PaymentStatus,
    RefundAnswer,
    RefundArrived,
    RefundFailed,
    RefundState,
    RefundStatus,
)
from tests.conftest import NOW
from tests.flows.world import World, rules


class Scripted:
    """A channel that answers what the test says and remembers what it was asked."""

    name: ClassVar[str] = "sandbox"

    def __init__(self) -> None:
        self.asked: list[UUID] = []
        self.answer = RefundAnswer(state=AnswerState.ACCEPTED, channel_refund_no="R1")
        self.status = RefundStatus(state=RefundState.PENDING)
        self.payment = PaymentStatus(state=PaymentState.NOT_FOUND)

    async def refund(
        self, *, refund_id: UUID, trade_no: str, amount_fen: int, reason: str, now: datetime
    ) -> RefundAnswer:
        self.asked.append(refund_id)
        return self.answer

    async def query_refund(self, *, refund_id: UUID, now: datetime) -> RefundStatus:
        return self.status

    async def query_payment(self, *, payment_id: UUID, now: datetime) -> PaymentStatus:
        return self.payment


@pytest.fixture
def world(db: Database, now: datetime) -> World:
    return World(db, now)


@pytest.fixture
def channel() -> Scripted:
    return Scripted()


async def _payout(world: World) -> tuple[UUID, UUID]:
    buyer = await world.party("林")
    await world.fund(buyer, 5000)
    await pay_out(world.db, PayOut(party_id=buyer, amount_fen=5000), now=world.now)
    (due,) = [item for item in await claim_due(world.db, world.now, 10) if item.kind is DueKind.SEND_REFUND]
    return buyer, due.id


async def _send(world: World, channel: Scripted, buyer: UUID, refund: UUID) -> SendState | None:
    sent = await pay_refund(world.db, buyer, refund, channels={"sandbox": channel}, now=world.now)  # type: ignore[dict-item]
    return sent.state


def _arrived(refund: UUID, fen: int = 5000, event: str = "A1") -> RefundArrived:
    return RefundArrived(event_id=event, refund_id=refund, trade_no="T", channel_refund_no="R1", amount_fen=fen, at=NOW)


async def _settle(world: World, event: RefundArrived | RefundFailed) -> Settled:
    return (await settle_refund(world.db, "sandbox", event, body=b"{}", now=world.now)).outcome


async def test_approved_sent_arrived(world: World, channel: Scripted) -> None:
    buyer, refund = await _payout(world)
    assert await world.balance(buyer, AccountKind.REFUND_DUE) == 5000
    assert await _send(world, channel, buyer, refund) is SendState.SENT
    assert await _send(world, channel, buyer, refund) is None  # nothing is due a moment later
    assert await _settle(world, _arrived(refund)) is Settled.ARRIVED
    assert await _settle(world, _arrived(refund)) is Settled.DUPLICATE
    assert await _settle(world, _arrived(refund, event="A2")) is Settled.IGNORED
    assert await world.balance(buyer, AccountKind.REFUND_DUE) == 0
    assert await world.balance(buyer, AccountKind.CHANNEL_CLEARING) == 0
    assert channel.asked == [refund]
    await world.check()


async def test_callback_faster_than_the_answer(world: World, channel: Scripted) -> None:
    buyer, refund = await _payout(world)
    assert await _settle(world, _arrived(refund)) is Settled.ARRIVED
    assert await _send(world, channel, buyer, refund) is None
    assert channel.asked == []


async def test_no_answer_is_asked_again_under_the_same_id(world: World, channel: Scripted) -> None:
    buyer, refund = await _payout(world)
    channel.answer = RefundAnswer(state=AnswerState.UNKNOWN, detail="timeout")
    assert await _send(world, channel, buyer, refund) is SendState.APPROVED
    assert await _send(world, channel, buyer, refund) is None  # rests first
    channel.answer = RefundAnswer(state=AnswerState.ACCEPTED, channel_refund_no="R1")
    world.later(seconds=6)
    assert await _send(world, channel, buyer, refund) is SendState.SENT
    assert channel.asked == [refund, refund]


async def test_two_workers_at_once_call_once(world: World, channel: Scripted) -> None:
    buyer, refund = await _payout(world)
    states = await asyncio.gather(*(_send(world, channel, buyer, refund) for _ in range(4)))
    assert sorted(str(state) for state in states) == ["None", "None", "None", "SENT"]
    assert channel.asked == [refund]


async def test_lost_callback_is_found_by_asking(world: World, channel: Scripted) -> None:
    buyer, refund = await _payout(world)
    await _send(world, channel, buyer, refund)
    channel.status = RefundStatus(state=RefundState.ARRIVED, channel_refund_no="R1", amount_fen=5000)
    world.later(minutes=10)
    assert await _send(world, channel, buyer, refund) is SendState.ARRIVED
    await world.check()


async def test_channel_that_never_heard_of_it_gets_it_again(world: World, channel: Scripted) -> None:
    buyer, refund = await _payout(world)
    await _send(world, channel, buyer, refund)
    channel.status = RefundStatus(state=RefundState.NOT_FOUND)
    world.later(minutes=10)
    assert await _send(world, channel, buyer, refund) is SendState.APPROVED
    assert await _send(world, channel, buyer, refund) is SendState.SENT
    assert channel.asked == [refund, refund]


async def test_payout_that_bounces_is_back_in_the_balance(world: World, channel: Scripted) -> None:
    buyer, refund = await _payout(world)
    await _send(world, channel, buyer, refund)
    failed = RefundFailed(
        event_id="F1",
        refund_id=refund,
        trade_no="T",
        channel_refund_no="R1",
        amount_fen=5000,
        at=NOW,
        detail="X",
    )
    assert await _settle(world, failed) is Settled.FAILED
    assert await world.balance(buyer) == 5000
    again = await pay_out(world.db, PayOut(party_id=buyer, amount_fen=5000), now=world.later(minutes=1))
    assert again.parts[0].amount_fen == 5000
    await world.check()


async def test_lost_payment_callback_is_found_before_the_request_is_closed(world: World, channel: Scripted) -> None:
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed = await world.order(buyer, seller, product, pay=None)
    started = await start_payment(
        world.db,
        StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox"),
        now=world.now,
    )
    channel.payment = PaymentStatus(state=PaymentState.PAID, trade_no="T7", amount_fen=9800, at=world.now)
    world.later(minutes=17)
    due = [item for item in await claim_due(world.db, world.now, 10) if item.kind is DueKind.CLOSE_PAYMENT]
    assert [item.id for item in due] == [started.payment_id]
    looked = await close_payment(
        world.db,
        seller,
        started.payment_id,
        channels={"sandbox": channel},
        now=world.now,  # type: ignore[dict-item]
    )
    assert looked.found is not None
    done = await confirm_payment(world.db, "sandbox", looked.found, body=b"", rules=rules(), now=world.now)
    assert done.outcome is Outcome.PAID
    # The callback comes after all, with its own event number but the same trade.
    assert await world.paid(started.payment_id, 9800, trade="T7", event="late") is Outcome.DUPLICATE
    assert await world.key_states(product) == {"SEALED": 1}
    await world.check()


async def test_unpaid_request_is_closed_and_a_silent_channel_asked_later(world: World, channel: Scripted) -> None:
    buyer = await world.party("林")
    seller = await world.seller()
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed = await world.order(buyer, seller, product, pay=None)
    started = await start_payment(
        world.db,
        StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox"),
        now=world.now,
    )
    world.later(minutes=17)

    async def look() -> bool:
        done = await close_payment(
            world.db,
            seller,
            started.payment_id,
            channels={"sandbox": channel},
            now=world.now,  # type: ignore[dict-item]
        )
        return done.closed

    channel.payment = PaymentStatus(state=PaymentState.UNKNOWN)
    assert not await look()
    due = [item.kind for item in await claim_due(world.db, world.now + timedelta(minutes=5), 10)]
    assert DueKind.CLOSE_PAYMENT not in due
    channel.payment = PaymentStatus(state=PaymentState.WAITING)
    assert await look()
    assert not await look()


async def test_a_callback_that_comes_while_the_channel_is_asked_is_not_closed_away(world: World) -> None:
    """The channel said that nobody has paid; before that was written down, the payment is confirmed."""
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 1)
    placed = await world.order(buyer, seller, product, pay=None)
    begin = StartPayment(buyer_id=buyer, book_id=seller, order_id=placed.order_id, channel="sandbox")
    started = await start_payment(world.db, begin, now=world.now)
    world.later(minutes=17)

    class Late(Scripted):
        async def query_payment(self, *, payment_id: UUID, now: datetime) -> PaymentStatus:
            assert await world.paid(payment_id, 9800) is Outcome.PAID
            return PaymentStatus(state=PaymentState.WAITING)

    await close_payment(world.db, seller, started.payment_id, channels={"sandbox": Late()}, now=world.now)
    async with world.db.read() as tx:
        assert await tx.fetchval("select state from payment where id = $1", started.payment_id) == "CAPTURED"
    assert await world.key_states(product) == {"SEALED": 1}
    await world.check()


async def test_a_channel_speaks_of_its_own_payments_alone(world: World, channel: Scripted) -> None:
    """Another channel's word, however well it is signed: nothing happens, and the right one's still counts."""
    buyer, refund = await _payout(world)
    await _send(world, channel, buyer, refund)
    started = await top_up(world.db, TopUp(party_id=buyer, amount_fen=700, channel="sandbox"), now=world.now)
    money = PaymentCaptured(event_id="E1", payment_id=started.payment_id, trade_no="T1", amount_fen=700, at=NOW)
    with pytest.raises(NotFound):
        await settle_refund(world.db, "other", _arrived(refund), body=b"{}", now=world.now)
    with pytest.raises(NotFound):
        await confirm_payment(world.db, "other", money, body=b"{}", rules=rules(), now=world.now)
    assert await world.balance(buyer, AccountKind.REFUND_DUE) == 5000 and await world.balance(buyer) == 0
    assert await _settle(world, _arrived(refund)) is Settled.ARRIVED
    done = await confirm_payment(world.db, "sandbox", money, body=b"{}", rules=rules(), now=world.now)
    assert done.outcome is Outcome.TOPPED_UP
    await world.check()
