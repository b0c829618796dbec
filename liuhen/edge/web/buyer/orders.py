"""The order centre: what needs its buyer first, then everything, filtered, searched and paged."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import QueryParameter

from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.buyer import order_words as words
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.render import render
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.reads import buyer_orders
from liuhen.reads.buyer_orders import OrderLine, Shelf

Text = Annotated[str, QueryParameter(max_length=200)]
Wanted = Annotated[Shelf, QueryParameter(name="state")]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


LABELS = {
    Shelf.ALL: _("全部"),
    Shelf.PAY: _("待付款"),
    Shelf.DELIVER: _("待发货"),
    Shelf.SEALED: _("未拆封"),
    Shelf.REFUND: _("退款中"),
    Shelf.DONE: _("已完成"),
    Shelf.CLOSED: _("已关闭"),
}


@get("/orders", guards=[needs_party])
async def orders(ctx: Ctx, shelf: Wanted = Shelf.ALL, q: Text = "", after: Text = "") -> Response[Any]:
    """The visitor's own orders."""
    text = " ".join(q.split())[:100]
    wordy = words.Wordy(view_of(ctx.request).lang, ctx.now)
    windows = ctx.app.windows("instant_window")
    place = cursors.read_id(after)
    start = shelf is Shelf.ALL and not text and place is None
    async with ctx.db.read() as tx:
        page = await buyer_orders.orders(tx, ctx.me, shelf=shelf, text=text, after=place)
        counts = await buyer_orders.counts(tx, ctx.me)
        first = await buyer_orders.needs_buyer(tx, ctx.me, instant=windows, now=ctx.now) if start else ()

    def link(to: Shelf, after: str = "") -> str:
        kept = {"state": str(to) if to is not Shelf.ALL else "", "q": text, "after": after}
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"/orders?{query}" if query else "/orders"

    return render(
        ctx.request,
        "buyer/orders.html",
        orders=[(order, *words.row_state(order, wordy)) for order in page.orders],
        first=[_needed(order, _instant(ctx, order.created_at), wordy) for order in first],
        instant=ctx.app.rulebook(ctx.now).value("instant_window"),
        chips=[(translate(wordy.lang, LABELS[one]), link(one), one is shelf, counts[one]) for one in Shelf],
        state=shelf,
        text=text,
        total=counts[Shelf.ALL],
        on_shelf=counts[shelf],
        newest=link(shelf) if place else "",
        older=link(shelf, page.next.hex) if page.next else "",
    )


routes = [orders]


def _instant(ctx: Context, placed_at: datetime) -> timedelta:
    """How long a sealed key of an order placed then goes back at once."""
    return timedelta(seconds=ctx.app.rulebook(placed_at).value("instant_window"))


def _needed(order: OrderLine, instant: timedelta, w: words.Wordy) -> dict[str, Any]:
    """One thing with a clock that the buyer can use."""
    if order.state == "AWAITING_PAYMENT":
        text = w.say(_("等你付款"))
        return {"order": order, "text": text, "at": order.pay_due_at, "start": order.created_at, "kind": "pay"}
    since = order.sealed_since or order.created_at
    text = w.say(_("%(n)s 件未拆封，可以即时退"), n=order.sealed)
    return {"order": order, "text": text, "at": since + instant, "start": since, "kind": "sealed"}
