"""The seller's desk: what to do first, what lies on the shelves, where the money is."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from liuhen.base.errors import NotFound
from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import once_from
from liuhen.edge.web.guards import needs_seller
from liuhen.edge.web.seller.console import Text, address, page, say, week_ago
from liuhen.edge.web.seller.todo import days_left, heading, tasks
from liuhen.edge.web.view import view_of
from liuhen.flows.aftersale.finish_todo import FinishTodo, finish_todo
from liuhen.reads import seller_desk, seller_money, seller_products, shop_card
from liuhen.timing.workdays import shanghai_day

_GROUPS = ("refund", "deliver", "other")
_ROWS = 50
_SHELF_ROWS = 6
_PAGE = 50


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@get("/seller", guards=[needs_seller])
async def desk(ctx: Ctx, show: Text = "") -> Response[Any]:
    """To-dos by deadline (`show`: refund, deliver, other), shelves, money, and when escrow becomes free."""
    if show and show not in _GROUPS:
        raise NotFound("no such filter")
    today, since = shanghai_day(ctx.now), week_ago(ctx.now)
    until = today + timedelta(days=seller_money.SOON_DAYS - 1)
    lang = view_of(ctx.request).lang

    def tell(msgid: str, **values: Any) -> str:
        return say(ctx, msgid, **values)

    async with ctx.db.read() as tx:
        found = await seller_desk.todos(tx, ctx.me, today=today, week_ago=since)
        rows = tasks(found, tell, ctx.now, lang)
        chosen = [row for row in rows if not show or row.group == show]
        shelves = await seller_products.busiest(tx, ctx.me, today=today, week_ago=since, limit=_SHELF_ROWS)
        states = await seller_products.state_counts(tx, ctx.me)
        card = await shop_card.shop_card(tx, ctx.me)
        return await page(
            ctx,
            tx,
            "seller/desk.html",
            heading=heading(rows, tell, ctx.now, lang),
            rows=chosen[:_ROWS],
            more=max(0, len(chosen) - _ROWS),
            groups=[("", len(rows)), *((group, sum(row.group == group for row in rows)) for group in _GROUPS)],
            show=show,
            shelves=[(line, days_left(line.sellable, line.week, tell)) for line in shelves],
            listings=sum(states.values()),
            purse=await seller_money.purse(tx, ctx.me),
            releases=await seller_money.releases(tx, ctx.me, today=today, until=until),
            today=today,
            until=until,
            card=card,
            answer_span=_span(card),
        )


@get("/seller/voids", guards=[needs_seller])
async def voids(ctx: Ctx, show: Text = "", after: Text = "") -> Response[Any]:
    """Keys that were shown and refunded: open ones, or (`show=done`) those the seller said are voided."""
    if show not in ("", "done"):
        raise NotFound("no such filter")
    async with ctx.db.read() as tx:
        found = await seller_desk.keys_to_void(
            tx, ctx.me, open_only=not show, before=cursors.read_id(after), limit=_PAGE + 1
        )
        older = (
            address("/seller/voids", {"show": show}, after=str(found[_PAGE - 1].todo_id)) if len(found) > _PAGE else ""
        )
        return await page(ctx, tx, "seller/voids.html", keys=found[:_PAGE], show=show, older=older, once=ctx.new_once())


@post("/seller/todos/{todo_id:uuid}/done", guards=[needs_seller])
async def todo_done(ctx: Ctx, todo_id: FromPath[UUID]) -> Response[Any]:
    """The seller says that he voided the key at its issuer. His word is recorded as his word."""
    cmd = FinishTodo(seller_id=ctx.me, todo_id=todo_id)
    await finish_todo(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, "/seller/voids", say(ctx, _("已记下：你说这张卡密已在发行方作废")))


def _span(card: shop_card.ShopCard | None) -> timedelta | None:
    if card is None or card.first_answer_seconds is None:
        return None
    return timedelta(seconds=card.first_answer_seconds)


routes = [desk, voids, todo_done]
