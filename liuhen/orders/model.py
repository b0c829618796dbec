"""Orders and their units: states, and the lines between them."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from liuhen.base.states import Transitions
from liuhen.money.transfers import Standing

MAX_LINES = 20


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
    work_begun_at: datetime | None = None

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


class OrderAct(StrEnum):
    """What a buyer may do with his order; the same names in pages and API."""

    PAY = "pay"
    CANCEL = "cancel"
    CONFIRM_RECEIPT = "confirm_receipt"


class UnitAct(StrEnum):
    """What a buyer may do with one unit of a paid order; the same names in pages and API."""

    REVEAL = "reveal"
    SHOW = "show"
    REQUEST_REFUND = "request_refund"
    WAIT = "wait"
    STATE_USE = "state_use"


class Piece(Protocol):
    """As much of a unit as decides what may be done with it."""

    @property
    def state(self) -> str: ...
    @property
    def escrow(self) -> str: ...
    @property
    def case_open(self) -> bool: ...
    @property
    def left_fen(self) -> int: ...


DELIVERED = frozenset({UnitState.SEALED, UnitState.REVEALED, UnitState.HANDED_OVER})


def order_acts(state: str, pay_due_at: datetime | None, pieces: Iterable[Piece], now: datetime) -> frozenset[OrderAct]:
    """Parameters: pay_due_at and now, UTC. The flows look again under their locks."""
    found: set[OrderAct] = set()
    if state == OrderState.AWAITING_PAYMENT:
        found.add(OrderAct.CANCEL)
        if pay_due_at is not None and now <= pay_due_at:
            found.add(OrderAct.PAY)
    held = (piece for piece in pieces if piece.escrow == Escrow.HELD and not piece.case_open)
    if state == OrderState.PAID and any(piece.state in DELIVERED for piece in held):
        found.add(OrderAct.CONFIRM_RECEIPT)
    return frozenset(found)


def unit_acts(order_state: str, piece: Piece) -> frozenset[UnitAct]:
    """What may be done with a unit; whether a refund is due is policy's matter, that one may ask is this."""
    if order_state != OrderState.PAID:
        return frozenset()
    found: set[UnitAct] = set()
    if piece.state in (UnitState.REVEALED, UnitState.HANDED_OVER):
        found.add(UnitAct.SHOW)
    if piece.state in DELIVERED or piece.state == UnitState.REFUNDED:
        found.add(UnitAct.STATE_USE)
    if piece.case_open or piece.state == UnitState.REFUNDED or piece.left_fen == 0:
        return frozenset(found)
    found.add(UnitAct.REQUEST_REFUND)
    found |= {UnitAct.REVEAL} if piece.state == UnitState.SEALED else set()
    found |= {UnitAct.WAIT} if piece.state == UnitState.TO_DELIVER else set()
    return frozenset(found)
