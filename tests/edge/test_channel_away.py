"""The payment channel gives no answer for an hour: refunds wait with a time for the next try, pages say so, nothing is
given up, and afterwards everything is caught up, each refund once. Time is the test's own."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from liuhen.edge.worker import poller
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.payments.port import AnswerState, PaymentState, PaymentStatus, RefundAnswer, RefundState, RefundStatus
from liuhen.reads import health
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.test_funds import Scripted
from tests.flows.world import World

HOUR = timedelta(hours=1)
LONGEST = timedelta(hours=1)  # between two tries


class Away(Scripted):
    """A channel that can be unreachable, and that remembers when it was asked for what."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.away, self._world = True, world
        self.taken: Counter[UUID] = Counter()
        self.asked_at: list[tuple[UUID, datetime]] = []

    async def refund(
        self, *, refund_id: UUID, trade_no: str, amount_fen: int, reason: str, now: datetime
    ) -> RefundAnswer:
        self.asked_at.append((refund_id, now))
        if self.away:
            return RefundAnswer(state=AnswerState.UNKNOWN, detail="UNREACHABLE")
        self.taken[refund_id] += 1
        return RefundAnswer(state=AnswerState.ACCEPTED, channel_refund_no=f"R{refund_id.hex[:8]}")

    async def query_payment(self, *, payment_id: UUID, now: datetime) -> PaymentStatus:
        return PaymentStatus(state=PaymentState.UNKNOWN) if self.away else self.payment

    async def query_refund(self, *, refund_id: UUID, now: datetime) -> RefundStatus:
        return RefundStatus(state=RefundState.UNKNOWN if self.away else RefundState.PENDING)


@pytest.fixture
async def house(doors: Doors, world: World) -> House:
    return House(doors, world)


async def test_an_hour_without_the_channel(house: House) -> None:
    world = house.world
    channel = Away(world)
    house.doors.app.channels["sandbox"] = channel  # type: ignore[index]
    work = poller(house.doors.app)
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 2)
    await world.fund(buyer, 60_000)
    unpaid = await world.order(buyer, seller, product, pay=None)
    begin = StartPayment(buyer_id=buyer, book_id=seller, order_id=unpaid.order_id, channel="sandbox")
    begun = await start_payment(world.db, begin, now=world.now)
    began, asked = world.now, []
    while world.now < began + HOUR:
        if len(asked) < 6 and world.now >= began + len(asked) * HOUR / 6:  # one every ten minutes
            await pay_out(world.db, PayOut(party_id=buyer, amount_fen=5_000), now=world.now)
            asked.append(world.now)
        await work.tick()
        await _waits_with_a_time(world, len(asked))
        world.later(seconds=30)
    async with house.browser(buyer) as visit:
        page = await visit.get("/balance")
        assert page.count("渠道没有应答") == 6
    async with world.db.read() as tx:
        assert await health.oldest_unsent(tx) == began, "the metric that an alarm looks at"
    assert (await _payment(world, begun.payment_id)) == "PENDING", "what nobody could ask about is not closed"

    # It is back; the payment had been made in time, but the callback was lost.
    channel.away = False
    paid = {"trade_no": "T-late", "amount_fen": begun.amount_fen, "at": began}
    channel.payment = PaymentStatus(state=PaymentState.PAID, **paid)  # type: ignore[arg-type]
    back, due = world.now, await _due(world)
    while world.now <= back + LONGEST:
        await work.tick()
        world.later(seconds=30)
    assert sorted(channel.taken.values()) == [1] * 6, "each refund once"
    first = {refund_id: at for refund_id, at in reversed(channel.asked_at) if at >= back}
    for refund_id, at in due.items():
        assert timedelta(0) <= first[refund_id] - at <= timedelta(seconds=30), "asked when it had said"
    assert await _payment(world, begun.payment_id) == "CAPTURED"
    async with house.browser(buyer) as visit:
        assert "渠道没有应答" not in await visit.get("/balance")
    await world.check()


async def _waits_with_a_time(world: World, count: int) -> None:
    """Every refund that is not with the channel says when the next try is."""
    async with world.db.read() as tx:
        rows = await tx.fetch("select state, due_at, attempts, last_error from refund order by id")
    assert [row["state"] for row in rows] == ["APPROVED"] * count
    for row in rows:
        assert world.now < row["due_at"] <= world.now + LONGEST and row["attempts"] > 0
        assert row["last_error"] == "UNREACHABLE"


async def _due(world: World) -> dict[UUID, datetime]:
    async with world.db.read() as tx:
        return {row["id"]: row["due_at"] for row in await tx.fetch("select id, due_at from refund")}


async def _payment(world: World, payment_id: UUID) -> str:
    async with world.db.read() as tx:
        return str(await tx.fetchval("select state from payment where id = $1", payment_id))
