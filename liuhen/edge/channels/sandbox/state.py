"""What the channel knows: records as they happened, and the state they fold into. No I/O, no clock."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

_Seconds = Annotated[int, Meta(ge=0, le=86_400)]


class RefundAnswer(StrEnum):
    """How a refund request is answered. HANG: accepted, then silence. LOSE: not taken, and silence."""

    PROMPT = "PROMPT"
    HANG = "HANG"
    LOSE = "LOSE"


class RefundState(StrEnum):
    """PENDING until it arrives or fails."""

    PENDING = "PENDING"
    ARRIVED = "ARRIVED"
    FAILED = "FAILED"


class EventState(StrEnum):
    """QUEUED will be sent; HELD waits to be released; DROPPED and GIVEN_UP only go by hand."""

    QUEUED = "QUEUED"
    HELD = "HELD"
    DROPPED = "DROPPED"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"


class Manner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the channel behaves: well by default, badly where a test or a demo wants it."""

    callback_delay_s: _Seconds = 0
    copies: Annotated[int, Meta(ge=1, le=50)] = 1
    """How many times a callback is sent at once."""
    hold: bool = False
    """Keep callbacks back until they are released, in order or reversed."""
    drop: bool = False
    amount_shift_fen: Annotated[int, Meta(ge=-(10**9), le=10**9)] = 0
    """Added to the amount that a payment callback names; the books here stay right."""
    break_signature: bool = False
    pay_after_expiry: bool = False
    refund_delay_s: _Seconds = 2
    refund_outcome: Annotated[str, Meta(pattern=r"^(ARRIVED|FAILED)\Z")] = "ARRIVED"
    refund_answer: RefundAnswer = RefundAnswer.PROMPT


class _Record(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    at: datetime


class PaymentOpened(_Record, frozen=True, tag="payment.opened"):
    """Somebody opened the pay page. expires_at in unix seconds."""

    payment_id: str
    amount_fen: int
    subject: str
    notify_url: str
    return_url: str
    expires_at: int


class PaymentPaid(_Record, frozen=True, tag="payment.paid"):
    """The payer pressed 付款."""

    payment_id: str
    trade_no: str


class RefundTaken(_Record, frozen=True, tag="refund.taken"):
    """A refund was accepted; it is carried out at due_at."""

    refund_id: str
    channel_refund_no: str
    payment_id: str
    amount_fen: int
    reason: str
    due_at: datetime
    outcome: str


class RefundDone(_Record, frozen=True, tag="refund.done"):
    """A refund arrived or failed."""

    refund_id: str
    outcome: str


class EventMade(_Record, frozen=True, tag="event.made"):
    """A callback was written. Its body never changes again, however often it is sent."""

    event_id: str
    type: str
    about: str
    url: str
    body: str
    due_at: datetime
    copies: int
    break_signature: bool
    state: EventState


class EventTried(_Record, frozen=True, tag="event.tried"):
    """A callback was sent; answers, one per copy."""

    event_id: str
    answers: list[str]
    state: EventState
    next_at: datetime


class EventFreed(_Record, frozen=True, tag="event.freed"):
    """A callback was released or is to be sent again, by hand."""

    event_id: str
    due_at: datetime
    copies: int


class MannerSet(_Record, frozen=True, tag="manner.set"):
    """payment_id "" is everybody; otherwise `manner` holds only what differs for this payment."""

    payment_id: str
    manner: dict[str, Any]


Record = PaymentOpened | PaymentPaid | RefundTaken | RefundDone | EventMade | EventTried | EventFreed | MannerSet


@dataclass(frozen=True)
class Payment:
    """A payment as the channel sees it."""

    opened: PaymentOpened
    trade_no: str = ""
    paid_at: datetime | None = None


@dataclass(frozen=True)
class Refund:
    """A refund as the channel sees it."""

    taken: RefundTaken
    trade_no: str
    state: RefundState = RefundState.PENDING
    done_at: datetime | None = None


@dataclass(frozen=True)
class Event:
    """A callback and how often it was tried."""

    made: EventMade
    state: EventState
    due_at: datetime
    copies: int
    tries: int = 0
    answers: tuple[str, ...] = ()


@dataclass
class State:
    """Everything, folded from the journal. Dictionaries keep the order in which things happened."""

    payments: dict[str, Payment] = field(default_factory=dict)
    trades: dict[str, str] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    manners: dict[str, dict[str, Any]] = field(default_factory=dict)

    def manner(self, payment_id: str = "") -> Manner:
        """How the channel treats this payment: what is set for all, then what is set for it."""
        merged = self.manners.get("", {}) | self.manners.get(payment_id, {})
        return msgspec.convert(merged, Manner)

    def refunded_fen(self, payment_id: str) -> int:
        """What has been or is being refunded of this payment, in fen; failed refunds do not count."""
        return sum(
            refund.taken.amount_fen
            for refund in self.refunds.values()
            if refund.taken.payment_id == payment_id and refund.state is not RefundState.FAILED
        )

    def apply(self, record: Record) -> None:
        """Fold one record in."""
        match record:
            case PaymentOpened():
                self.payments[record.payment_id] = Payment(record)
            case PaymentPaid():
                paid = replace(self.payments[record.payment_id], trade_no=record.trade_no, paid_at=record.at)
                self.payments[record.payment_id] = paid
                self.trades[record.trade_no] = record.payment_id
            case RefundTaken():
                trade_no = self.payments[record.payment_id].trade_no
                self.refunds[record.refund_id] = Refund(record, trade_no)
            case RefundDone():
                done = replace(self.refunds[record.refund_id], state=RefundState(record.outcome), done_at=record.at)
                self.refunds[record.refund_id] = done
            case MannerSet():
                self.manners[record.payment_id] = record.manner
            case EventMade() | EventTried() | EventFreed():
                self._apply_event(record)

    def _apply_event(self, record: EventMade | EventTried | EventFreed) -> None:
        if isinstance(record, EventMade):
            self.events[record.event_id] = Event(record, record.state, record.due_at, record.copies)
            return
        event = self.events[record.event_id]
        if isinstance(record, EventTried):
            event = replace(
                event,
                state=record.state,
                due_at=record.next_at,
                copies=1,
                tries=event.tries + 1,
                answers=tuple(record.answers),
            )
        else:
            event = replace(event, state=EventState.QUEUED, due_at=record.due_at, copies=record.copies, tries=0)
        self.events[record.event_id] = event
