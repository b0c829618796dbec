"""One's balance: what is in it, what moved it, topping up over a channel, paying out the way it came."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import InsufficientBalance
from liuhen.edge.api import cursors, paying
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, ChannelName, Fen, Given, OrderNo, SomeFen, shape
from liuhen.edge.api.v1.orders import PaymentPage
from liuhen.edge.context import Ctx
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.top_up import HIGH_FEN, LOW_FEN, TopUp, top_up
from liuhen.reads import wallet


class OpenTopUp(Answer, frozen=True, kw_only=True):
    """A top-up that the channel has not confirmed."""

    amount_fen: Fen
    expires_at: datetime | None


class Funding(Answer, frozen=True, kw_only=True):
    """What came in over one payment and can still go back over it."""

    remaining_fen: Fen
    channel: str
    at: datetime


class Balance(Answer, frozen=True, kw_only=True):
    """returnable_fen: how much can be paid out, the way it came in. top_ups: those the channel has not confirmed.

    fundings: where a payout would go, in this order.
    """

    balance_fen: Fen
    returnable_fen: Fen
    top_ups: list[OpenTopUp]
    fundings: list[Funding]
    actions: list[str]


class Movement(Answer, frozen=True, kw_only=True):
    """One line of the balance; fen is below zero when money left it."""

    id: UUID
    kind: str
    fen: int
    order_no: OrderNo | None
    at: datetime


class Movements(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[Movement]
    next: str | None


class Lines(Asked, frozen=True, kw_only=True):
    """Newest first."""


class NewTopUp(Given, frozen=True, kw_only=True):
    """1 to 50,000 yuan."""

    amount_fen: Annotated[int, Meta(ge=LOW_FEN, le=HIGH_FEN, examples=[10000])]
    channel: ChannelName


class NewPayout(Given, frozen=True, kw_only=True):
    """At most `returnable_fen`."""

    amount_fen: SomeFen


class PayoutPart(Answer, frozen=True, kw_only=True):
    """One refund of what came in over one payment; GET /refunds/{refund_no} says where it is."""

    refund_no: str
    amount_fen: Fen


class PaidOut(Answer, frozen=True, kw_only=True):
    """The parts sum exactly. No fee."""

    parts: list[PayoutPart]


@op("GET", "/balance", "read", "My balance")
async def get_balance(ctx: Ctx) -> Balance:
    """The balance now."""
    async with ctx.db.read() as tx:
        found = await wallet.wallet(tx, ctx.me)
        waiting = await wallet.open_top_ups(tx, ctx.me)
        sources = await wallet.fundings(tx, ctx.me)
    actions = [] if found.frozen or not ctx.app.channels else ["top_up"]
    actions += ["pay_out"] if found.returnable_fen else []
    return shape(
        found,
        Balance,
        top_ups=[shape(item, OpenTopUp) for item in waiting],
        fundings=[shape(item, Funding) for item in sources],
        actions=actions,
    )


@op("GET", "/balance/movements", "read", "What moved my balance")
async def list_movements(ctx: Ctx, asked: Take[Lines]) -> Movements:
    """Every transfer of the ledger that touched it."""
    before = cursors.read(ctx, "movements", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        found, place = await wallet.movements(tx, ctx.me, before=before, limit=asked.limit)
    return Movements(items=[shape(item, Movement) for item in found], next=cursors.write(ctx, "movements", place))


@op("POST", "/balance/top-ups", "buy", "Top up", status=201)
async def begin_top_up(ctx: Ctx, given: Take[NewTopUp], once: Take[Once]) -> PaymentPage:
    """Only the channel's signed callback makes the balance grow."""
    paying.must_have(ctx, given.channel)
    cmd = TopUp(party_id=ctx.me, amount_fen=given.amount_fen, channel=given.channel)
    started = await top_up(ctx.db, cmd, now=ctx.now, once=once)
    url = paying.pay_url(
        ctx,
        given.channel,
        started.payment_id,
        started.amount_fen,
        started.expires_at,
        str(started.payment_id),
        "/balance",
    )
    return PaymentPage(
        payment_id=started.payment_id, amount_fen=started.amount_fen, pay_url=url, expires_at=started.expires_at
    )


@op("POST", "/balance/payouts", "buy", "Pay out", InsufficientBalance, status=201)
async def begin_payout(ctx: Ctx, given: Take[NewPayout], once: Take[Once]) -> PaidOut:
    """The way it came in, newest first, one refund per payment."""
    done = await pay_out(ctx.db, PayOut(party_id=ctx.me, amount_fen=given.amount_fen), now=ctx.now, once=once)
    return PaidOut(parts=[shape(part, PayoutPart) for part in done.parts])


routes = [get_balance, list_movements, begin_top_up, begin_payout]
