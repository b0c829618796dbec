"""Orders and their units: states, and the lines between them."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base.states import Transitions
from liuhen.money.transfers import Standing

RESERVED_FOR = timedelta(minutes=15)
MAX_LINES = 20
MAX_WAIT = timedelta(days=30)


class OrderState(StrEnum):
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


ORDER_STEPS = Transitions(
    {
        OrderState.AWAITING_PAYMENT: frozenset({OrderState.PAID, OrderState.CANCELLED, OrderState.EXPIRED}),
        OrderState.PAID: frozenset(),
        # Money that comes late is delivered if stock allows.
        OrderState.CANCELLED: frozenset({OrderState.PAID}),
        OrderState.EXPIRED: frozenset({OrderState.PAID}),
    }
)


class UnitState(StrEnum):
    """TO_DELIVER: paid, the seller's hand is awaited. HANDED_OVER: delivered by hand."""

    RESERVED = "RESERVED"
    CANCELLED = "CANCELLED"
    TO_DELIVER = "TO_DELIVER"
    SEALED = "SEALED"
    REVEALED = "REVEALED"
    HANDED_OVER = "HANDED_OVER"
    REFUNDED = "REFUNDED"


UNIT_STEPS = Transitions(
    {
        UnitState.RESERVED: frozenset({UnitState.CANCELLED, UnitState.TO_DELIVER, UnitState.SEALED}),
        UnitState.CANCELLED: frozenset({UnitState.RESERVED}),
        UnitState.TO_DELIVER: frozenset({UnitState.HANDED_OVER, UnitState.REFUNDED}),
        UnitState.SEALED: frozenset({UnitState.REVEALED, UnitState.REFUNDED}),
        UnitState.REVEALED: frozenset({UnitState.REFUNDED}),
        UnitState.HANDED_OVER: frozenset({UnitState.REFUNDED}),
        UnitState.REFUNDED: frozenset(),
    }
)


class Escrow(StrEnum):
    NONE = "NONE"
    HELD = "HELD"
    RELEASED = "RELEASED"
    GIVEN_BACK = "GIVEN_BACK"


class PaidFrom(StrEnum):
    BALANCE = "BALANCE"
    CHANNEL = "CHANNEL"


class OrderHead(msgspec.Struct, frozen=True, kw_only=True):
    """An order without its lines. Times UTC, total in fen."""

    book_id: UUID
    id: UUID
    order_no: str
    buyer_id: UUID
    state: OrderState
    total_fen: int
    pay_due_at: datetime | None
    paid_at: datetime | None
    paid_from: PaidFrom | None
    confirmed_at: datetime | None
    created_at: datetime


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of one line. Times UTC, amounts fen."""

    book_id: UUID
    id: UUID
    order_id: UUID
    line_no: int
    piece_no: int
    state: UnitState
    escrow: Escrow
    price_fen: int
    fee_fen: int
    refunded_fen: int
    case_open: bool
    deliver_due_at: datetime | None
    late_act_at: datetime | None
    wait_until: datetime | None
    delivered_at: datetime | None
    revealed_at: datetime | None
    release_due_at: datetime | None
    released_at: datetime | None
    refunded_at: datetime | None
    hand_delivery_id: UUID | None

    @property
    def left_fen(self) -> int:
        """What could still be refunded, in fen."""
        return self.price_fen - self.refunded_fen

    @property
    def standing(self) -> Standing:
        return Standing(self.price_fen, self.fee_fen, self.refunded_fen, self.escrow == Escrow.RELEASED)


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line about to be written. snapshot: canonical bytes of what the buyer was shown; prices fen."""

    line_no: int
    product_id: UUID
    version: int
    kind: str
    delivery: str
    title: str
    pieces: int
    unit_price_fen: int
    target: str
    no_reason_text_version: str | None
    snapshot: bytes
    snapshot_sha256: bytes

    @property
    def total_fen(self) -> int:
        return self.unit_price_fen * self.pieces


def fee_of(price_fen: int, basis_points: int) -> int:
    """The platform's fee on one unit in fen, rounded down: what is not exact stays with the seller."""
    return price_fen * basis_points // 10_000
