"""A buyer's orders: place, pay, look, leave, confirm, wait."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import (
    InsufficientBalance,
    InvalidInput,
    NotFound,
    OutOfStock,
    OwnGoods,
    PriceChanged,
    StateConflict,
)
from liuhen.edge.api import cursors, paying
from liuhen.edge.api.auth import must_cover
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, ChannelName, Fen, Given, Hash, OrderNo, Words, shape, utc
from liuhen.edge.api.v1.order_shapes import Order, OrderInList, Orders, order_of
from liuhen.edge.context import Context, Ctx
from liuhen.flows.aftersale.choose_to_wait import ChooseToWait, choose_to_wait
from liuhen.flows.trade.close_order import CloseOrder, close_order
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.pay_order import PayOrder, pay_order
from liuhen.flows.trade.place_order import LineAsk, PlacedOrder, PlaceOrder, place_order
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.reads import api_orders, buyer_orders, order_page, unit_use
from liuhen.reads.buyer_orders import Shelf
from liuhen.refunds.model import Author

UnitIds = Annotated[list[UUID], Meta(min_length=1, max_length=500, description="Ids of units of this order.")]
Way = Annotated[Literal["balance", "channel"], Meta(description="From the balance at once, or over a channel.")]


class NewLine(Given, frozen=True, kw_only=True):
    """version: the listing's version that was looked at; with another one in force the order is refused.

    target: what the listing asks for (a phone number, an account). no_reason_confirmed: needed where the listing has a
    `no_reason_version`; it is the buyer's own confirmation that no-reason returns are excluded.
    """

    product_id: UUID
    version: Annotated[int, Meta(ge=1, le=1_000_000)]
    pieces: Annotated[int, Meta(ge=1, le=500)] = 1
    target: Annotated[str, Meta(max_length=200)] = ""
    no_reason_confirmed: bool = False


class NewOrder(Given, frozen=True, kw_only=True):
    """Goods of one shop. pay: null leaves the order to be paid within 15 minutes; the goods are kept until then."""

    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=20)]
    pay: Way | None = None
    channel: ChannelName | None = None


class OrderPlaced(Answer, frozen=True, kw_only=True):
    """A new order. pay_url: the channel's page, if `channel` was asked for."""

    order_no: OrderNo
    state: str
    total_fen: Fen
    pay_due_at: datetime | None
    pay_url: str | None


class WhichOrders(Asked, frozen=True, kw_only=True):
    """q: part of a number, a title or a shop's name."""

    shelf: Shelf = Shelf.ALL
    q: Words = ""


class ChosenChannel(Given, frozen=True, kw_only=True):
    """Over which channel."""

    channel: ChannelName


class PaymentPage(Answer, frozen=True, kw_only=True):
    """Where the payer goes. Only the channel's signed callback pays the order."""

    payment_id: UUID
    amount_fen: Fen
    pay_url: str
    expires_at: datetime


class Confirmed(Answer, frozen=True, kw_only=True):
    """Pieces whose money went to the seller now. No right to a refund is lost."""

    released: int


class Waiting(Given, frozen=True, kw_only=True):
    """until: RFC 3339 with offset, at most 30 days ahead."""

    unit_ids: UnitIds
    until: Annotated[datetime, Meta(tz=True)]


class WaitingUntil(Answer, frozen=True, kw_only=True):
    """Until then nothing is refunded by itself; a refund may be asked for at any time."""

    unit_ids: list[UUID]
    until: datetime


class Snapshot(Answer, frozen=True, kw_only=True):
    """What the buyer was shown when he ordered. content: canonical JSON, whose SHA-256 is in the order's record."""

    order_no: OrderNo
    line_no: int
    title: str
    content: str
    sha256: Hash
    created_at: datetime
    no_reason_confirmed_at: datetime | None


_PLACING = (NotFound, StateConflict, OwnGoods, PriceChanged, OutOfStock, InsufficientBalance)


@op("POST", "/orders", "buy", "Place an order", *_PLACING, status=201)
async def place(ctx: Ctx, given: Take[NewOrder], once: Take[Once]) -> OrderPlaced:
    """With `pay: "balance"` it is paid and delivered in the same transaction, or nothing is stored at all."""
    if (given.pay == "channel") != (given.channel is not None):
        raise InvalidInput("a channel belongs to pay: channel", field="channel", reason="choice")
    if given.channel is not None:
        paying.must_have(ctx, given.channel)
    placed = await place_order(
        ctx.db,
        PlaceOrder(
            buyer_id=ctx.me,
            lines=[shape(line, LineAsk) for line in given.lines],
            pay_from_balance=given.pay == "balance",
        ),
        exclusion_version=ctx.app.agreements.current("no_reason_exclusion", ctx.now).version,
        rules=ctx.app.rules,
        now=ctx.now,
        once=once,
    )
    return shape(placed, OrderPlaced, state=str(placed.state), pay_url=await _page(ctx, placed, given.channel))


@op("GET", "/orders", "read", "My orders")
async def list_orders(ctx: Ctx, asked: Take[WhichOrders]) -> Orders:
    """shelf: pay, deliver, sealed, refund, done, closed, all."""
    after = cursors.read(ctx, "orders", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await buyer_orders.orders(tx, ctx.me, shelf=asked.shelf, text=asked.q, after=after, limit=asked.limit)
    items = [shape(order, OrderInList) for order in page.orders]
    return Orders(items=items, next=cursors.write(ctx, "orders", page.next))


@op("GET", "/orders/{order_no:str}", "read", "One order")
async def get_order(ctx: Ctx, order_no: FromPath[str]) -> Order:
    """Lines, every piece with what is said about its use, refunds, cases, and what may be done now."""
    return await read_order(ctx, order_no)


@op("POST", "/orders/{order_no:str}/pay", "buy", "Pay from the balance", StateConflict, InsufficientBalance)
async def pay(ctx: Ctx, order_no: FromPath[str], once: Take[Once]) -> Order:
    """Paid and delivered at once."""
    found = await bought(ctx, order_no)
    cmd = PayOrder(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id)
    await pay_order(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=once)
    return await read_order(ctx, order_no)


@op("POST", "/orders/{order_no:str}/payments", "buy", "Pay over a channel", StateConflict, status=201)
async def pay_over(ctx: Ctx, order_no: FromPath[str], given: Take[ChosenChannel], once: Take[Once]) -> PaymentPage:
    """Asked again, gives the request that is open."""
    found = await bought(ctx, order_no)
    paying.must_have(ctx, given.channel)
    return await _start(ctx, found.book_id, found.id, given.channel, once)


@op("POST", "/orders/{order_no:str}/cancel", "buy", "Cancel an unpaid order", StateConflict)
async def cancel(ctx: Ctx, order_no: FromPath[str], once: Take[Once]) -> Order:
    """The goods go back to the shelf. Money that comes all the same is sent back by itself."""
    found = await bought(ctx, order_no)
    cmd = CloseOrder(book_id=found.book_id, order_id=found.id, buyer_id=ctx.me)
    await close_order(ctx.db, cmd, now=ctx.now, once=once)
    return await read_order(ctx, order_no)


@op("POST", "/orders/{order_no:str}/confirm-receipt", "buy", "Confirm receipt", StateConflict)
async def confirm(ctx: Ctx, order_no: FromPath[str], once: Take[Once]) -> Confirmed:
    """What was delivered and is in no case is paid to the seller at once."""
    found = await bought(ctx, order_no)
    cmd = ConfirmReceipt(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id)
    done = await confirm_receipt(ctx.db, cmd, now=ctx.now, once=once)
    return Confirmed(released=done.released)


@op("POST", "/orders/{order_no:str}/wait", "buy", "Go on waiting for a delivery", StateConflict)
async def wait(ctx: Ctx, order_no: FromPath[str], given: Take[Waiting], once: Take[Once]) -> WaitingUntil:
    """Beyond the seller's time and grace; without this the platform refunds a late delivery by itself."""
    found = await bought(ctx, order_no)
    cmd = ChooseToWait(
        buyer_id=ctx.me,
        book_id=found.book_id,
        order_id=found.id,
        unit_ids=given.unit_ids,
        until=utc(given.until),
    )
    done = await choose_to_wait(ctx.db, cmd, now=ctx.now, once=once)
    return WaitingUntil(unit_ids=done.units, until=done.until)


@op("GET", "/orders/{order_no:str}/lines/{line_no:int}/snapshot", "read|sell", "What the buyer was shown")
async def get_snapshot(ctx: Ctx, order_no: FromPath[str], line_no: FromPath[int]) -> Snapshot:
    """For buyer and seller: the listing's text and terms as they were when the order was placed."""
    await stands(ctx, order_no)
    async with ctx.db.read() as tx:
        found = await order_page.snapshot_of(tx, order_no, line_no, ctx.me)
    return shape(found, Snapshot, content=found.content.decode())


async def read_order(ctx: Context, order_no: str) -> Order:
    """The caller's own order as an answer. Raises NotFound."""
    async with ctx.db.read() as tx:
        found = await order_page.order_of(tx, order_no, ctx.me)
        said = await unit_use.sayings(tx, found.book_id, [unit.id for unit in found.units])
    return order_of(found, said, ctx.now)


async def stands(ctx: Context, order_no: str, *, acting: bool = False) -> None:
    """For routes that both sides and staff share: the token is for the side on which the caller stands.

    Raises NotFound for a stranger, MissingScope.
    """
    async with ctx.db.read() as tx:
        side = await api_orders.side_of(tx, order_no, ctx.me)
    is_staff = ctx.visitor.is_reviewer and "review" in (ctx.visitor.scopes or ())
    if side is None and not is_staff:
        raise NotFound("no such order")
    must_cover(ctx.visitor, Author(side) if side else Author.REVIEWER, acting=acting)


async def bought(ctx: Context, order_no: str) -> api_orders.Where:
    """Where the caller's own order lies, bought by him. Raises NotFound."""
    async with ctx.db.glance() as tx:
        found = await api_orders.where(tx, order_no, ctx.me)
    if found.buyer_id != ctx.me:
        raise NotFound("no such order")
    return found


async def _start(ctx: Context, book_id: UUID, order_id: UUID, channel: str, once: Once | None = None) -> PaymentPage:
    cmd = StartPayment(buyer_id=ctx.me, book_id=book_id, order_id=order_id, channel=channel)
    started = await start_payment(ctx.db, cmd, now=ctx.now, once=once)
    url = paying.pay_url(
        ctx,
        channel,
        started.payment_id,
        started.amount_fen,
        started.expires_at,
        started.order_no,
        f"/orders/{started.order_no}",
    )
    return PaymentPage(
        payment_id=started.payment_id, amount_fen=started.amount_fen, pay_url=url, expires_at=started.expires_at
    )


async def _page(ctx: Context, placed: PlacedOrder, channel: str | None) -> str | None:
    """The channel's page; None where none is wanted, and for a repeated call whose order awaits nothing any more."""
    if channel is None:
        return None
    try:
        return (await _start(ctx, placed.book_id, placed.order_id, channel)).pay_url
    except StateConflict:
        return None


routes = [place, list_orders, get_order, pay, pay_over, cancel, confirm, wait, get_snapshot]
