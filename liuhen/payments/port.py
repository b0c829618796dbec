"""What Liuhen asks of a payment channel. Flows know this page and no channel.

Pure typing: no network, no database, no clock. Clients live in edge/channels; boot hands them to the flows.

A channel is never called inside a transaction (house rules): record the intent, call, record the answer.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from msgspec import Struct

from liuhen.base.errors import InvalidInput, Unauthenticated


class BadSignature(Unauthenticated):
    """The message is not signed by a key that we share with its sender."""

    code = "bad_signature"


class Stale(Unauthenticated):
    """The message is signed, but its time is too far from ours; it may be a replay."""

    code = "stale_message"


class Malformed(InvalidInput):
    """The message is not in the agreed form."""

    code = "malformed_message"


class AnswerState(StrEnum):
    """What the channel said to a refund request."""

    ACCEPTED = "ACCEPTED"
    """It will be carried out; a callback follows. Not yet arrived."""
    REJECTED = "REJECTED"
    """Nothing was booked over there and nothing will be. `detail` has the channel's stable code."""
    UNKNOWN = "UNKNOWN"
    """No answer that can be trusted. It may or may not have been accepted: ask again with the same id."""


class RefundState(StrEnum):
    """Where a refund is on the channel's side."""

    PENDING = "PENDING"
    ARRIVED = "ARRIVED"
    FAILED = "FAILED"
    NOT_FOUND = "NOT_FOUND"
    """The channel has never heard of this id: it may be sent (again)."""
    UNKNOWN = "UNKNOWN"
    """The channel could not be asked."""


class PaymentState(StrEnum):
    """Where a payment is on the channel's side."""

    WAITING = "WAITING"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    NOT_FOUND = "NOT_FOUND"
    """The pay page was never opened."""
    UNKNOWN = "UNKNOWN"
    """The channel could not be asked."""


class RefundAnswer(Struct, frozen=True, kw_only=True):
    """The channel's word on a refund request. `detail`: a stable code, never personal data."""

    state: AnswerState
    channel_refund_no: str = ""
    detail: str = ""


class RefundStatus(Struct, frozen=True, kw_only=True):
    """Answer of a refund query. amount_fen in fen; at: when it arrived or failed, UTC."""

    state: RefundState
    channel_refund_no: str = ""
    amount_fen: int = 0
    at: datetime | None = None
    detail: str = ""


class PaymentStatus(Struct, frozen=True, kw_only=True):
    """Answer of a payment query. amount_fen: what was really paid, in fen; at: when, UTC."""

    state: PaymentState
    trade_no: str = ""
    amount_fen: int = 0
    at: datetime | None = None
    detail: str = ""


class PaymentCaptured(Struct, frozen=True, kw_only=True):
    """The payer's money is with the channel. Compare amount_fen (fen) before you act on it."""

    event_id: str
    payment_id: UUID
    trade_no: str
    amount_fen: int
    at: datetime


class RefundArrived(Struct, frozen=True, kw_only=True):
    """The money is back where it came from. amount_fen in fen, at in UTC."""

    event_id: str
    refund_id: UUID
    trade_no: str
    channel_refund_no: str
    amount_fen: int
    at: datetime


class RefundFailed(Struct, frozen=True, kw_only=True):
    """An accepted refund was not carried out; its money stayed with the channel. detail: stable code."""

    event_id: str
    refund_id: UUID
    trade_no: str
    channel_refund_no: str
    amount_fen: int
    at: datetime
    detail: str


ChannelEvent = PaymentCaptured | RefundArrived | RefundFailed


class Channel(Protocol):
    """One payment channel. `now` (aware, UTC) dates the signature and is no business time."""

    name: ClassVar[str]
    """The name under which payments remember their channel, such as "sandbox"."""

    def pay_url(
        self,
        *,
        payment_id: UUID,
        amount_fen: int,
        subject: str,
        notify_url: str,
        return_url: str,
        expires_at: datetime,
    ) -> str:
        """The address of the channel's pay page, all parameters signed. No network.

        Parameters: amount_fen, fen, > 0; subject, what the payer reads, up to 120 characters on one line;
        notify_url, where signed callbacks go; return_url, where the browser goes back to (its arrival
        proves nothing); expires_at, UTC, whole seconds. Raises InvalidInput if a limit is broken.
        """
        ...

    async def refund(
        self, *, refund_id: UUID, trade_no: str, amount_fen: int, reason: str, now: datetime
    ) -> RefundAnswer:
        """Ask for a refund; refund_id is the request number, so asking twice refunds once.

        Parameters: amount_fen, fen, > 0; reason, shown by the channel, up to 80 characters.
        Never raises for the network or a strange answer: that is UNKNOWN.
        """
        ...

    async def query_refund(self, *, refund_id: UUID, now: datetime) -> RefundStatus:
        """Where this refund is. Never raises for the network: that is UNKNOWN."""
        ...

    async def query_payment(self, *, payment_id: UUID, now: datetime) -> PaymentStatus:
        """Where this payment is. Never raises for the network: that is UNKNOWN."""
        ...

    def parse_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> ChannelEvent:
        """Verify a callback and read it. The caller inserts event_id before acting: replays come.

        Raises BadSignature, Stale (more than 5 minutes off), Malformed.
        """
        ...
