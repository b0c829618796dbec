"""What a seller does for goods that he delivers by hand: saying that the work has begun, and delivering."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import NotFound, StateConflict
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Given, shape
from liuhen.edge.context import Context, Ctx
from liuhen.flows.trade.begin_work import BeginWork, begin_work
from liuhen.flows.trade.deliver_by_hand import MAX_TEXT, DeliverByHand, deliver_by_hand
from liuhen.reads import api_orders


class NewDelivery(Given, frozen=True, kw_only=True):
    """All pieces of the line that still wait. text: for the buyer alone; receipt_no: proof, seen by both."""

    line_no: Annotated[int, Meta(ge=1, le=20)]
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
    receipt_no: Annotated[str, Meta(max_length=120)] = ""


class Delivered(Answer, frozen=True, kw_only=True):
    """The money stays with the platform for the product's period."""

    delivery_id: UUID
    pieces: int


class LineBegun(Given, frozen=True, kw_only=True):
    """All pieces of the line that still wait and are in no refund case."""

    line_no: Annotated[int, Meta(ge=1, le=20)]


class WorkBegun(Answer, frozen=True, kw_only=True):
    """pieces: of which it was said now, 0 where it had been said. begun_at: the first time."""

    pieces: int
    begun_at: datetime


@op("POST", "/seller/orders/{order_no:str}/deliveries", "sell", "Deliver by hand", StateConflict, status=201)
async def deliver(ctx: Ctx, order_no: FromPath[str], given: Take[NewDelivery], once: Take[Once]) -> Delivered:
    """What the platform has refunded for lateness is not accepted any more."""
    cmd = DeliverByHand(
        seller_id=ctx.me,
        order_id=await _sold(ctx, order_no),
        line_no=given.line_no,
        text=given.text,
        receipt_no=given.receipt_no,
    )
    done = await deliver_by_hand(ctx.db, cmd, keys=ctx.app.keys, rules=ctx.app.rules, now=ctx.now, once=once)
    return shape(done, Delivered)


@op("POST", "/seller/orders/{order_no:str}/begin-work", "sell", "Say that the work has begun", StateConflict)
async def begin(ctx: Ctx, order_no: FromPath[str], given: Take[LineBegun], once: Take[Once]) -> WorkBegun:
    """Of what is delivered by hand. On record as the seller's word; from then on a cancellation is for a person."""
    cmd = BeginWork(seller_id=ctx.me, order_id=await _sold(ctx, order_no), line_no=given.line_no)
    return shape(await begin_work(ctx.db, cmd, now=ctx.now, once=once), WorkBegun)


async def _sold(ctx: Context, order_no: str) -> UUID:
    """An order of the caller's own shop. Raises NotFound."""
    async with ctx.db.read() as tx:
        place = await api_orders.where(tx, order_no, ctx.me)
    if place.book_id != ctx.me:
        raise NotFound("no such order")
    return place.id


routes = [begin, deliver]
