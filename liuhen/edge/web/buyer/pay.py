"""Paying an order: from the balance at once, or at a channel's own page."""

import asyncio
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from liuhen.base.db import Once
from liuhen.base.errors import InsufficientBalance, InvalidInput, NotFound, StateConflict
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import channel_words
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, refill
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.trade.pay_order import PayOrder, pay_order
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.orders.model import OrderState
from liuhen.reads import pay_page
from liuhen.reads.pay_page import ToPay

BALANCE = "balance"
LOOKS, LOOK_SECONDS = 8, 0.2


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class PayForm(msgspec.Struct):
    """way: balance, or the name of a channel."""

    way: str


@get("/orders/{order_no:str}/pay", guards=[needs_party])
async def choose(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """How to pay. An order that no longer awaits payment shows itself instead. Raises NotFound."""
    order = await _order(ctx, order_no)
    if order.state is not OrderState.AWAITING_PAYMENT:
        return Redirect(f"/orders/{order_no}", status_code=303)
    return blank(ctx, "buyer/pay.html", **_values(ctx, order))


@post("/orders/{order_no:str}/pay", guards=[needs_party])
async def pay(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Pays from the balance, or goes to the channel's page."""
    order = await _order(ctx, order_no)
    try:
        given = await form(ctx.request, PayForm)
        if given.way == BALANCE:
            return await _from_balance(ctx, order)
        if given.way not in ctx.app.channels:
            raise InvalidInput(field="way", reason="choice")
        return await _over_channel(ctx, order, given.way)
    except StateConflict:
        return go(ctx, f"/orders/{order_no}", _said(ctx, _("这一单已经不在等付款，没有再扣款。")), "wait")
    except (InvalidInput, InsufficientBalance) as error:
        return await refill(ctx, "buyer/pay.html", error, **_values(ctx, await _order(ctx, order_no)))


@get("/orders/{order_no:str}/returned", guards=[needs_party])
async def returned(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Back from a channel's page. Coming back proves nothing: the channel's own word is awaited for a moment, and then
    by a page that looks again by itself. Raises NotFound."""
    for _look in range(LOOKS):
        order = await _order(ctx, order_no)
        if order.state is not OrderState.AWAITING_PAYMENT:
            return Redirect(f"/orders/{order_no}", status_code=303)
        await asyncio.sleep(LOOK_SECONDS)
    return blank(ctx, "buyer/returned.html", **_values(ctx, order))


async def _from_balance(ctx: Context, order: ToPay) -> Response[Any]:
    await pay_order(
        ctx.db,
        PayOrder(buyer_id=ctx.me, book_id=order.book_id, order_id=order.order_id),
        rules=ctx.app.rules,
        now=ctx.now,
        once=await _once(ctx, BALANCE),
    )
    sealed = {line.sealed for line in order.lines}
    words = _("已付款，商品密封送达。") if sealed == {True} else _("已付款，钱由平台担保，等卖家完成。")
    if len(sealed) > 1:
        words = _("已付款，密封的已送达，其余等卖家完成。")
    return go(ctx, f"/orders/{order.order_no}", _said(ctx, words), "done")


async def _over_channel(ctx: Context, order: ToPay, name: str) -> Response[Any]:
    started = await start_payment(
        ctx.db,
        StartPayment(buyer_id=ctx.me, book_id=order.book_id, order_id=order.order_id, channel=name),
        now=ctx.now,
        once=await _once(ctx, name),
    )
    url = ctx.app.channels[name].pay_url(
        payment_id=started.payment_id,
        amount_fen=started.amount_fen,
        subject=channel_words.subject(ctx, _said(ctx, _("订单")), started.order_no),
        notify_url=channel_words.notify_url(ctx, name),
        return_url=channel_words.return_url(ctx, f"/orders/{started.order_no}/returned"),
        expires_at=started.expires_at,
    )
    return Redirect(url, status_code=303)


async def _once(ctx: Context, way: str) -> Once:
    """Once per way: whoever comes back from a channel's page may choose another way on the same form."""
    once = await once_from(ctx)
    return msgspec.structs.replace(once, key=f"{once.key}:{way}")


async def _order(ctx: Context, order_no: str) -> ToPay:
    async with ctx.db.read() as tx:
        order = await pay_page.to_pay(tx, order_no, ctx.me)
    if order is None:
        raise NotFound("no such order")
    return order


def _values(ctx: Context, order: ToPay) -> dict[str, Any]:
    channels = [(name, channel_words.label(name)) for name in sorted(ctx.app.channels)]
    over = order.pay_due_at is None or ctx.now > order.pay_due_at
    return {"order": order, "channels": channels, "over": over, "channel_label": channel_words.label(order.channel)}


def _said(ctx: Context, msgid: str) -> str:
    return translate(view_of(ctx.request).lang, msgid)


routes = [choose, pay, returned]
