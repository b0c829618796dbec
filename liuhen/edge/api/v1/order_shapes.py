"""How an order looks from outside."""

from datetime import date, datetime
from uuid import UUID

from liuhen.catalog.model import Delivery
from liuhen.edge.api.shapes import Answer, CaseNo, Fen, Hash, OrderNo, shape
from liuhen.orders.model import Escrow, OrderAct, OrderState, PaidFrom, UnitAct, UnitState, order_acts, unit_acts
from liuhen.payments.model import RefundKind, SendState
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.order_page import OrderView
from liuhen.reads.unit_use import Saying
from liuhen.redemption.model import FactSource, UseState
from liuhen.refunds.model import CaseState, Route


class Said(Answer, frozen=True, kw_only=True):
    """One side's newest word on the use of a unit. Sides stand next to each other, none above another.

    times: how often it has said something. issuer: its name, where an issuer speaks.
    """

    source: FactSource
    state: UseState
    event: str
    value_fen: Fen | None
    remaining_fen: Fen | None
    note: str | None
    issuer: str | None
    occurred_at: datetime | None
    recorded_at: datetime
    times: int


class Line(Answer, frozen=True, kw_only=True):
    """One line with what its version promised. Lengths in seconds."""

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
    no_reason_confirmed_at: datetime | None
    snapshot_sha256: Hash
    face_value_fen: Fen | None
    region: str | None
    valid_until: date | None
    promised_delivery_seconds: int
    escrow_seconds: int
    sealed_window_seconds: int
    revealed_window_seconds: int | None
    issuer_can_void: bool
    activation_hint: str | None


class Unit(Answer, frozen=True, kw_only=True):
    """One piece. no: its number within the order. mask: of its key, null while sealed. looks: times shown in full.

    deliver_due_at: promised; late_act_at: when the platform refunds an undelivered piece by itself. work_begun_at: when
    the seller said that he has begun the work; from then on a cancellation is for a person.
    """

    id: UUID
    no: int
    line_no: int
    piece_no: int
    state: UnitState
    escrow: Escrow
    price_fen: Fen
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
    refunded_at: datetime | None
    mask: str | None
    valid_until: date | None
    receipt_no: str | None
    looks: int
    use: list[Said]
    actions: list[UnitAct]


class MoneyBack(Answer, frozen=True, kw_only=True):
    """Money that goes back: approved, sent and arrived are three facts."""

    refund_no: str
    kind: RefundKind
    route: Route
    amount_fen: Fen
    state: SendState
    case_no: CaseNo | None
    approved_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    channel_refund_no: str | None


class CaseOfOrder(Answer, frozen=True, kw_only=True):
    """A case of this order in a few words."""

    case_no: CaseNo
    state: CaseState
    reason: ReasonCode
    asked_fen: Fen
    approved_fen: Fen | None
    due_at: datetime | None
    opened_at: datetime


class Order(Answer, frozen=True, kw_only=True):
    """An order as its buyer sees it."""

    order_no: OrderNo
    shop_id: UUID
    shop_name: str
    state: OrderState
    total_fen: Fen
    pay_due_at: datetime | None
    paid_at: datetime | None
    paid_from: PaidFrom | None
    channel: str | None
    closed_at: datetime | None
    confirmed_at: datetime | None
    created_at: datetime
    lines: list[Line]
    units: list[Unit]
    refunds: list[MoneyBack]
    cases: list[CaseOfOrder]
    actions: list[OrderAct]


class OrderInList(Answer, frozen=True, kw_only=True):
    """An order in a list. Counts are pieces. money_out: refunds that have not arrived yet."""

    order_no: OrderNo
    state: OrderState
    total_fen: Fen
    pay_due_at: datetime | None
    created_at: datetime
    confirmed_at: datetime | None
    shop_name: str
    title: str
    lines: int
    pieces: int
    waiting: int
    deliver_due_at: datetime | None
    sealed: int
    revealed: int
    handed: int
    in_case: int
    case_due_at: datetime | None
    refunded: int
    refunded_fen: Fen
    released: int
    money_out: int


class Orders(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[OrderInList]
    next: str | None


def order_of(view: OrderView, said: dict[UUID, dict[str, Saying]], now: datetime) -> Order:
    """The whole order with what may be done with it now (UTC)."""
    return shape(
        view,
        Order,
        shop_id=view.book_id,
        lines=[shape(line, Line) for line in view.lines],
        units=[
            shape(
                unit,
                Unit,
                use=[shape(word, Said) for word in said.get(unit.id, {}).values()],
                actions=sorted(unit_acts(view.state, unit)),
            )
            for unit in view.units
        ],
        refunds=[shape(refund, MoneyBack) for refund in view.refunds],
        cases=[shape(case, CaseOfOrder) for case in view.cases],
        actions=sorted(order_acts(view.state, view.pay_due_at, view.units, now)),
    )
