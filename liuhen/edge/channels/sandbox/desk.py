"""What the channel does when it is asked: take a payment, take a refund, write a callback. No network here.

Every act is one synchronous step that checks and writes the journal, so two requests never interleave.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from .journal import Journal
from .state import (
    Event,
    EventFreed,
    EventMade,
    EventState,
    EventTried,
    Manner,
    MannerSet,
    Payment,
    PaymentOpened,
    PaymentPaid,
    Refund,
    RefundDone,
    RefundState,
    RefundTaken,
)

FAILURE = "PAYER_CARD_CLOSED"
"""Why a refund fails here, if it fails."""


class Refused(Exception):
    """The channel says no. code is stable and goes over the wire; sentence is for the page."""

    def __init__(self, code: str, sentence: str, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.status = status


@dataclass(frozen=True)
class RefundRequest:
    """A merchant's refund request; amount_fen in fen."""

    refund_id: str
    trade_no: str
    amount_fen: int
    reason: str


class Desk:
    """All acts. on_event and on_refund are told of work that has a due time."""

    def __init__(self, journal: Journal, merchant: str, wall: Callable[[], datetime]) -> None:
        self.state = journal.state
        self.wall = wall
        self.on_event: Callable[[Event], None] = lambda event: None
        self.on_refund: Callable[[Refund], None] = lambda refund: None
        self._journal = journal
        self._merchant = merchant

    def open_payment(self, opened: PaymentOpened) -> Payment:
        """Remember a payment whose page was opened. The same id must come with the same terms."""
        known = self.state.payments.get(opened.payment_id)
        if known is None:
            self._journal.write(opened)
        elif _terms(known.opened) != _terms(opened):
            raise Refused("PAYMENT_ID_REUSED", "同一笔支付号带来了不同的金额或内容，已拒绝。")
        return self.state.payments[opened.payment_id]

    def pay(self, payment_id: str) -> Payment:
        """Capture; pressing twice pays once. Raises Refused after expiry, unless the manner allows it."""
        payment = self.state.payments[payment_id]
        if payment.paid_at is not None:
            return payment
        now = self.wall()
        manner = self.state.manner(payment_id)
        if self.expired(payment) and not manner.pay_after_expiry:
            raise Refused("EXPIRED", "这笔支付已过期，没有付款。请回到商家页面重新下单。")
        trade_no = f"SB{now:%Y%m%d}{secrets.randbelow(10**12):012d}"
        amount_fen = max(1, payment.opened.amount_fen + manner.amount_shift_fen)
        body = {"payment_id": payment_id, "trade_no": trade_no, "amount_fen": amount_fen}
        made = self._event("payment.captured", payment, now, body)
        self._journal.write(PaymentPaid(at=now, payment_id=payment_id, trade_no=trade_no), made)
        self.on_event(self.state.events[made.event_id])
        return self.state.payments[payment_id]

    def expired(self, payment: Payment) -> bool:
        """Whether the page's time is over (paying may still be allowed by the manner)."""
        return self.wall().timestamp() >= payment.opened.expires_at

    def refund(self, request: RefundRequest) -> Refund:
        """Accept a refund, once per refund_id. Raises Refused; then nothing was booked."""
        known = self.state.refunds.get(request.refund_id)
        if known is not None:
            same = RefundRequest(request.refund_id, known.trade_no, known.taken.amount_fen, known.taken.reason)
            if same != request:
                raise Refused("REFUND_ID_REUSED", "同一退款号带来了不同内容。")
            return known
        payment_id = self.state.trades.get(request.trade_no)
        if payment_id is None:
            raise Refused("TRADE_NOT_FOUND", "没有这笔交易。")
        left = self.state.payments[payment_id].opened.amount_fen - self.state.refunded_fen(payment_id)
        if request.amount_fen > left:
            raise Refused("AMOUNT_EXCEEDS", "退款总额会超过实付金额。")
        now = self.wall()
        manner = self.state.manner(payment_id)
        taken = RefundTaken(
            at=now,
            refund_id=request.refund_id,
            channel_refund_no=f"SBR{now:%Y%m%d}{secrets.randbelow(10**12):012d}",
            payment_id=payment_id,
            amount_fen=request.amount_fen,
            reason=request.reason,
            due_at=now + timedelta(seconds=manner.refund_delay_s),
            outcome=manner.refund_outcome,
        )
        self._journal.write(taken)
        refund = self.state.refunds[request.refund_id]
        self.on_refund(refund)
        return refund

    def finish_refund(self, refund_id: str, outcome: str = "") -> Refund:
        """Carry a refund out now, as planned or with the outcome given; a finished one stays as it is."""
        refund = self.state.refunds[refund_id]
        if refund.state is not RefundState.PENDING:
            return refund
        now = self.wall()
        outcome = outcome or refund.taken.outcome
        body = {
            "refund_id": refund_id,
            "trade_no": refund.trade_no,
            "channel_refund_no": refund.taken.channel_refund_no,
            "amount_fen": refund.taken.amount_fen,
        }
        if outcome == RefundState.FAILED:
            body["detail"] = FAILURE
        kind = "refund.arrived" if outcome == RefundState.ARRIVED else "refund.failed"
        made = self._event(kind, self.state.payments[refund.taken.payment_id], now, body)
        self._journal.write(RefundDone(at=now, refund_id=refund_id, outcome=outcome), made)
        self.on_event(self.state.events[made.event_id])
        return self.state.refunds[refund_id]

    def set_manner(self, payment_id: str, manner: dict[str, Any]) -> Manner:
        """Set how a payment ("" = all) is treated; only what differs. Raises Refused for unknown settings."""
        try:
            msgspec.convert(manner, Manner)
        except msgspec.ValidationError as error:
            raise Refused("BAD_MANNER", str(error), 400) from None
        self._journal.write(MannerSet(at=self.wall(), payment_id=payment_id, manner=manner))
        return self.state.manner(payment_id)

    def resend(self, event_id: str, copies: int = 1) -> Event:
        """Send a callback (again) now, whatever became of it."""
        if event_id not in self.state.events:
            raise Refused("EVENT_NOT_FOUND", "没有这条回调。", 404)
        now = self.wall()
        self._journal.write(EventFreed(at=now, event_id=event_id, due_at=now, copies=copies))
        event = self.state.events[event_id]
        self.on_event(event)
        return event

    def release(self, order: Literal["made", "reversed"], gap_ms: int = 300) -> list[str]:
        """Let the held callbacks go, gap_ms apart so that the order is real. Answers their ids in order."""
        held = [key for key, event in self.state.events.items() if event.state is EventState.HELD]
        if order == "reversed":
            held.reverse()
        now = self.wall()
        for position, event_id in enumerate(held):
            due_at = now + timedelta(milliseconds=gap_ms * position)
            copies = self.state.events[event_id].copies
            self._journal.write(EventFreed(at=now, event_id=event_id, due_at=due_at, copies=copies))
            self.on_event(self.state.events[event_id])
        return held

    def record_try(self, event_id: str, answers: list[str], state: EventState, wait_s: int) -> Event:
        """Write down what came back for a callback, and when it is tried next (wait_s, seconds)."""
        now = self.wall()
        next_at = now + timedelta(seconds=wait_s)
        self._journal.write(EventTried(at=now, event_id=event_id, answers=answers, state=state, next_at=next_at))
        return self.state.events[event_id]

    def _event(self, kind: str, payment: Payment, now: datetime, body: dict[str, Any]) -> EventMade:
        manner = self.state.manner(payment.opened.payment_id)
        event_id = f"evt_{secrets.token_hex(12)}"
        whole = {"event_id": event_id, "type": kind, "merchant": self._merchant} | body | {"at": now}
        state = EventState.HELD if manner.hold else EventState.QUEUED
        return EventMade(
            at=now,
            event_id=event_id,
            type=kind,
            about=body.get("refund_id", payment.opened.payment_id),
            url=payment.opened.notify_url,
            body=msgspec.json.encode(whole).decode(),
            due_at=now + timedelta(seconds=manner.callback_delay_s),
            copies=manner.copies,
            break_signature=manner.break_signature,
            state=EventState.DROPPED if manner.drop else state,
        )


def _terms(opened: PaymentOpened) -> tuple[object, ...]:
    """What must not change between two visits; where the browser goes back to may."""
    return opened.amount_fen, opened.subject, opened.notify_url, opened.expires_at
