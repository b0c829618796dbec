"""Payments in, refunds and payouts out."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base.states import Transitions


class Purpose(StrEnum):
    ORDER = "ORDER"
    TOP_UP = "TOP_UP"


class PayState(StrEnum):
    """CLOSED: no longer expected; money that comes all the same is captured and dealt with."""

    PENDING = "PENDING"
    CAPTURED = "CAPTURED"
    CLOSED = "CLOSED"


PAY_STEPS = Transitions(
    {
        PayState.PENDING: frozenset({PayState.CAPTURED, PayState.CLOSED}),
        PayState.CLOSED: frozenset({PayState.CAPTURED}),
        PayState.CAPTURED: frozenset(),
    }
)


class RefundKind(StrEnum):
    CASE = "CASE"
    LATE_PAYMENT = "LATE_PAYMENT"
    PAYOUT = "PAYOUT"


class SendState(StrEnum):
    """Approved, sent and arrived are three facts. FAILED: the channel can't pay it; a human looks."""

    APPROVED = "APPROVED"
    SENT = "SENT"
    ARRIVED = "ARRIVED"
    FAILED = "FAILED"


SEND_STEPS = Transitions(
    {
        # No answer yet: it rests and is asked again under the same id.
        SendState.APPROVED: frozenset({SendState.APPROVED, SendState.SENT, SendState.ARRIVED, SendState.FAILED}),
        SendState.SENT: frozenset({SendState.ARRIVED, SendState.FAILED, SendState.APPROVED}),
        SendState.FAILED: frozenset({SendState.APPROVED, SendState.ARRIVED}),
        SendState.ARRIVED: frozenset(),
    }
)


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment. Amounts fen, times UTC."""

    book_id: UUID
    id: UUID
    purpose: Purpose
    order_id: UUID | None
    party_id: UUID
    method: str
    channel: str | None
    amount_fen: int
    state: PayState
    trade_no: str | None
    refunded_fen: int
    expires_at: datetime | None
    captured_at: datetime | None
    created_at: datetime


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way to a buyer. Amounts fen, times UTC."""

    book_id: UUID
    id: UUID
    refund_no: str
    kind: RefundKind
    case_id: UUID | None = None
    order_id: UUID | None = None
    party_id: UUID
    route: str
    payment_book_id: UUID | None = None
    payment_id: UUID | None = None
    funding_id: UUID | None = None
    amount_fen: int
    state: SendState
    due_at: datetime | None = None
    attempts: int = 0
    last_error: str | None = None
    channel_refund_no: str | None = None
    approved_at: datetime
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
