"""A seller's day: orders, what has to be done, cases, and the shop's name."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import Forbidden
from liuhen.catalog.model import Delivery
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, CaseNo, Fen, Given, Hash, OrderNo, Words, shape
from liuhen.edge.api.v1.case_shapes import CaseInList, Cases
from liuhen.edge.api.v1.order_shapes import CaseOfOrder, Said
from liuhen.edge.context import Ctx
from liuhen.flows.aftersale.finish_todo import FinishTodo, finish_todo
from liuhen.flows.trade.edit_shop import EditShop, edit_shop
from liuhen.orders.model import DELIVERED, Escrow, OrderState, PaidFrom, UnitState
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import seller_cases, seller_desk, seller_orders, unit_use
from liuhen.timing.workdays import shanghai_day


class SellerActs(StrEnum):
    """What a seller may do with a unit of an order."""

    DELIVER = "deliver"
    BEGIN_WORK = "begin_work"
    STATE_USE = "state_use"


class SoldInList(Answer, frozen=True, kw_only=True):
    """An order in the list. Counts are pieces."""

    order_no: OrderNo
    state: OrderState
    total_fen: Fen
    created_at: datetime
    paid_at: datetime | None
    title: str
    lines: int
    pieces: int
    waiting: int
    deliver_due_at: datetime | None
    sealed: int
    revealed: int
    handed: int
    in_case: int
    held: int
    released: int
    refunded: int
    refunded_fen: Fen
    release_due_at: datetime | None


class Sold(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[SoldInList]
    next: str | None


class WhichSold(Asked, frozen=True, kw_only=True):
    """q: part of a number or a title."""

    shelf: seller_orders.Shelf = seller_orders.Shelf.ALL
    q: Words = ""


class SoldLine(Answer, frozen=True, kw_only=True):
    """One line. target: what the buyer named, such as a phone number."""

    line_no: int
    product_id: UUID
    version: int
    kind: GoodsKind
    delivery: Delivery
    title: str
    pieces: int
    unit_price_fen: Fen
    total_fen: Fen
    target: str | None
    snapshot_sha256: Hash
    no_reason_confirmed_at: datetime | None
    escrow_seconds: int


class SoldUnit(Answer, frozen=True, kw_only=True):
    """One piece. mask: of its key. key_upload and key_line: where the key came from."""

    id: UUID
    no: int
    line_no: int
    state: UnitState
    escrow: Escrow
    price_fen: Fen
    fee_fen: Fen
    refunded_fen: Fen
    case_open: bool
    case_no: CaseNo | None
    deliver_due_at: datetime | None
    late_act_at: datetime | None
    wait_until: datetime | None
    work_begun_at: datetime | None
    delivered_at: datetime | None
    revealed_at: datetime | None
    release_due_at: datetime | None
    released_at: datetime | None
    mask: str | None
    key_upload: UUID | None
    key_line: int | None
    valid_until: date | None
    use: list[Said]
    actions: list[SellerActs]


class HandDelivery(Answer, frozen=True, kw_only=True):
    """A delivery by hand. Its text is the buyer's alone."""

    id: UUID
    line_no: int
    receipt_no: str | None
    at: datetime


class SoldOrder(Answer, frozen=True, kw_only=True):
    """An order as its seller sees it."""

    order_no: OrderNo
    buyer_name: str
    state: OrderState
    total_fen: Fen
    pay_due_at: datetime | None
    paid_at: datetime | None
    paid_from: PaidFrom | None
    closed_at: datetime | None
    confirmed_at: datetime | None
    created_at: datetime
    lines: list[SoldLine]
    units: list[SoldUnit]
    deliveries: list[HandDelivery]
    cases: list[CaseOfOrder]


class WhichSellerCases(Asked, frozen=True, kw_only=True):
    """answer: those that wait for the seller, by deadline, all at once."""

    shelf: seller_cases.CaseShelf = seller_cases.CaseShelf.ALL


class AnswerDue(Answer, frozen=True, kw_only=True):
    """A refund request that waits for an answer."""

    case_no: CaseNo
    reason: ReasonCode
    title: str
    pieces: int
    asked_fen: Fen
    asked_at: datetime
    due_at: datetime


class DeliveryDue(Answer, frozen=True, kw_only=True):
    """A line that waits for the seller's hand. due_at: when the platform refunds it by itself."""

    order_no: OrderNo
    line_no: int
    title: str
    target: str | None
    pieces: int
    fen: Fen
    paid_at: datetime
    promised_at: datetime
    due_at: datetime
    waits: bool


class RestockDue(Answer, frozen=True, kw_only=True):
    """A listing on sale whose shelf is low."""

    product_id: UUID
    title: str
    left: int
    low_stock_at: int
    week: int


class VoidDue(Answer, frozen=True, kw_only=True):
    """A key that was shown to a buyer and refunded, to be voided at its issuer. unit_no: within the order."""

    todo_id: UUID
    order_no: OrderNo
    unit_no: int
    product_id: UUID
    title: str
    mask: str
    refunded_fen: Fen
    created_at: datetime
    done_at: datetime | None


class Todos(Answer, frozen=True, kw_only=True):
    """By deadline, at most 200 of each. silence_agreed: no answer in time means yes. voids: newest first."""

    answers: list[AnswerDue]
    deliveries: list[DeliveryDue]
    voids: list[VoidDue]
    restocks: list[RestockDue]
    silence_agreed: bool


class Voids(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[VoidDue]
    next: str | None


class WhichVoids(Asked, frozen=True, kw_only=True):
    """done: those the seller said he has voided."""

    done: bool = False


class TodoDone(Answer, frozen=True, kw_only=True):
    """The seller says that he voided the key; it is on record as his word."""

    todo_id: UUID
    unit_id: UUID


class ShopText(Given, frozen=True, kw_only=True):
    """Name and introduction, both at once."""

    name: Annotated[str, Meta(min_length=2, max_length=60)]
    intro: Annotated[str, Meta(max_length=2000)] = ""


class ShopTextNow(Answer, frozen=True, kw_only=True):
    """As buyers see it now."""

    name: str
    intro: str | None


@op("GET", "/seller/orders", "sell", "Orders of my shop")
async def list_sold(ctx: Ctx, asked: Take[WhichSold]) -> Sold:
    """Newest first."""
    after = cursors.read(ctx, "sold", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await seller_orders.orders(tx, ctx.me, shelf=asked.shelf, text=asked.q, after=after, limit=asked.limit)
    items = [shape(order, SoldInList) for order in page.orders]
    return Sold(items=items, next=cursors.write(ctx, "sold", page.next))


@op("GET", "/seller/orders/{order_no:str}", "sell", "One order of my shop")
async def get_sold(ctx: Ctx, order_no: FromPath[str]) -> SoldOrder:
    """Keys are masked: they are their buyer's."""
    async with ctx.db.read() as tx:
        found = await seller_orders.order_of(tx, order_no, ctx.me)
        said = await unit_use.sayings(tx, found.book_id, [unit.id for unit in found.units])
    return shape(
        found,
        SoldOrder,
        lines=[shape(line, SoldLine) for line in found.lines],
        units=[
            shape(
                unit,
                SoldUnit,
                key_upload=unit.key_import,
                use=[shape(word, Said) for word in said.get(unit.id, {}).values()],
                actions=_acts(unit),
            )
            for unit in found.units
        ],
        deliveries=[shape(item, HandDelivery) for item in found.handed],
        cases=[shape(case, CaseOfOrder) for case in found.cases],
    )


@op("GET", "/seller/cases", "sell", "Refund cases of my shop")
async def list_seller_cases(ctx: Ctx, asked: Take[WhichSellerCases]) -> Cases:
    """answer: what waits for me; review: with the reviewers; decided; all."""
    after = cursors.read(ctx, "seller_cases", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await seller_cases.cases(tx, ctx.me, shelf=asked.shelf, after=after, limit=asked.limit)
    items = [shape(case, CaseInList) for case in page.cases]
    return Cases(items=items, next=cursors.write(ctx, "seller_cases", page.next))


@op("GET", "/seller/todos", "sell", "What I have to do")
async def get_todos(ctx: Ctx) -> Todos:
    """Refunds to answer, goods to deliver, keys to void, shelves to fill."""
    today, week_ago = shanghai_day(ctx.now), ctx.now - timedelta(days=7)
    async with ctx.db.read() as tx:
        found = await seller_desk.todos(tx, ctx.me, today=today, week_ago=week_ago)
        voids = await seller_desk.keys_to_void(tx, ctx.me, limit=200)
    return Todos(
        answers=[shape(item, AnswerDue) for item in found.answers],
        deliveries=[shape(item, DeliveryDue) for item in found.deliveries],
        voids=[shape(item, VoidDue) for item in voids],
        restocks=[shape(item, RestockDue) for item in found.restocks],
        silence_agreed=found.silence_agreed,
    )


@op("GET", "/seller/voids", "sell", "Keys to void at their issuers")
async def list_voids(ctx: Ctx, asked: Take[WhichVoids]) -> Voids:
    """Keys that were shown to a buyer and refunded, one by one."""
    name = f"voids:{asked.done}"
    before = cursors.read(ctx, name, asked.cursor, UUID)
    async with ctx.db.read() as tx:
        found = await seller_desk.keys_to_void(
            tx, ctx.me, open_only=not asked.done, before=before, limit=asked.limit + 1
        )
    shown = found[: asked.limit]
    place = shown[-1].todo_id if len(found) > asked.limit else None
    return Voids(items=[shape(item, VoidDue) for item in shown], next=cursors.write(ctx, name, place))


@op("POST", "/seller/todos/{todo_id:uuid}/finish", "sell", "I have voided the key at its issuer")
async def finish(ctx: Ctx, todo_id: FromPath[UUID], once: Take[Once]) -> TodoDone:
    """Not found if it is not mine or done already."""
    done = await finish_todo(ctx.db, FinishTodo(seller_id=ctx.me, todo_id=todo_id), now=ctx.now, once=once)
    return TodoDone(todo_id=done.todo_id, unit_id=done.unit_id)


@op("PUT", "/seller/shop", "sell", "Name and introduction of my shop", Forbidden)
async def set_shop(ctx: Ctx, given: Take[ShopText], once: Take[Once]) -> ShopTextNow:
    """What buyers see. GET /shops/{shop_id} has it with the shop's record."""
    cmd = EditShop(seller_id=ctx.me, name=given.name, intro=given.intro)
    return shape(await edit_shop(ctx.db, cmd, now=ctx.now, once=once), ShopTextNow)


def _acts(unit: seller_orders.UnitView) -> list[SellerActs]:
    waits = unit.state == UnitState.TO_DELIVER
    said = unit.state in DELIVERED or unit.state == UnitState.REFUNDED
    begins = waits and unit.work_begun_at is None and not unit.case_open
    return [SellerActs.BEGIN_WORK] * begins + [SellerActs.DELIVER] * waits + [SellerActs.STATE_USE] * said


routes = [
    list_sold,
    get_sold,
    list_seller_cases,
    get_todos,
    list_voids,
    finish,
    set_shop,
]
