"""Our side of the sandbox channel: signs with `cryptography`, asks over HTTP, believes only signed answers.

The wire is described in docs/sandbox-channel.md. Nothing here is shared with edge/channels/sandbox.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec
from cryptography.hazmat.primitives import constant_time, hashes, hmac
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput
from liuhen.payments.port import (
    AnswerState,
    BadSignature,
    ChannelEvent,
    Malformed,
    PaymentCaptured,
    PaymentState,
    PaymentStatus,
    RefundAnswer,
    RefundArrived,
    RefundFailed,
    RefundState,
    RefundStatus,
    Stale,
)

TOLERANCE = timedelta(minutes=5)
MAX_BODY_BYTES = 16_384
MAX_SUBJECT_CHARACTERS = 120
MAX_REASON_CHARACTERS = 80
MAX_AMOUNT_FEN = 10**12

_Fen = Annotated[int, Meta(ge=1, le=MAX_AMOUNT_FEN)]
_No = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
_Code = Annotated[str, Meta(pattern=r"^[A-Z0-9_]{1,64}\Z")]
_MaybeNo = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,64}\Z")]
_MaybeCode = Annotated[str, Meta(pattern=r"^[A-Z0-9_]{0,64}\Z")]
_Moment = Annotated[datetime, Meta(tz=True)]
_T = TypeVar("_T")


class SandboxConfig(Struct, frozen=True, kw_only=True):
    """Where the channel is and how we sign.

    page_url: base address for the payer's browser; api_url: base address for this process; both without a
    final slash. keys: key id -> secret, all believed; key_id: the one we sign with. Timeouts in milliseconds.
    """

    page_url: str
    api_url: str
    merchant: str
    key_id: str
    keys: Mapping[str, bytes]
    connect_timeout_ms: int = 2_000
    answer_timeout_ms: int = 8_000


class _RefundReply(Struct, frozen=True):
    refund_id: UUID
    state: Literal["ACCEPTED", "REJECTED"]
    channel_refund_no: _MaybeNo = ""
    detail: _MaybeCode = ""


class _RefundView(Struct, frozen=True):
    refund_id: UUID
    state: Literal["PENDING", "ARRIVED", "FAILED", "NOT_FOUND"]
    channel_refund_no: _MaybeNo = ""
    amount_fen: int = 0
    at: _Moment | None = None
    detail: _MaybeCode = ""


class _PaymentView(Struct, frozen=True):
    payment_id: UUID
    state: Literal["WAITING", "PAID", "EXPIRED", "NOT_FOUND"]
    trade_no: _MaybeNo = ""
    amount_fen: int = 0
    at: _Moment | None = None


class _Event(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    event_id: _No
    merchant: str
    trade_no: _No
    amount_fen: _Fen
    at: _Moment


class _Captured(_Event, frozen=True, kw_only=True, tag="payment.captured"):
    payment_id: UUID


class _Arrived(_Event, frozen=True, kw_only=True, tag="refund.arrived"):
    refund_id: UUID
    channel_refund_no: _No


class _Failed(_Event, frozen=True, kw_only=True, tag="refund.failed"):
    refund_id: UUID
    channel_refund_no: _No
    detail: _Code


class _NoAnswer(Exception):
    """There is no answer that can be believed. Never leaves this module; the message becomes `detail`."""


def signature(secret: bytes, *, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Lower case hex HMAC-SHA256 over method, path, timestamp, nonce and body hash, each line ended by LF."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(body)
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(f"{method}\n{path}\n{timestamp}\n{nonce}\n{digest.finalize().hex()}\n".encode())
    return mac.finalize().hex()


class SandboxChannel:
    """liuhen.payments.port.Channel over HTTP. Close it when the process ends."""

    name: ClassVar[str] = "sandbox"

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        timeout = httpx.Timeout(config.answer_timeout_ms / 1000, connect=config.connect_timeout_ms / 1000)
        # No proxy and no redirect: a signed request goes where it was meant to go or nowhere.
        self._http = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

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
        """See port. The fields stand in the fixed order of docs/sandbox-channel.md, the signature last."""
        _check_amount(amount_fen)
        if not 0 < len(subject) <= MAX_SUBJECT_CHARACTERS or not subject.isprintable():
            raise InvalidInput("a subject is one line of 1 to 120 characters")
        config = self._config
        fields = {
            "merchant": config.merchant,
            "payment_id": str(payment_id),
            "amount_fen": str(amount_fen),
            "subject": subject,
            "notify_url": notify_url,
            "return_url": return_url,
            "expires_at": str(int(expires_at.timestamp())),
            "key_id": config.key_id,
        }
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
        signed = signature(
            config.keys[config.key_id],
            method="GET",
            path="/pay",
            timestamp=fields["expires_at"],
            nonce=fields["payment_id"],
            body=query.encode(),
        )
        return f"{config.page_url}/pay?{query}&signature={signed}"

    async def refund(
        self, *, refund_id: UUID, trade_no: str, amount_fen: int, reason: str, now: datetime
    ) -> RefundAnswer:
        """See port. Anything but a signed ACCEPTED or REJECTED is UNKNOWN: ask again with the same id."""
        _check_amount(amount_fen)
        if len(reason) > MAX_REASON_CHARACTERS:
            raise InvalidInput("a refund reason has at most 80 characters")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", trade_no):
            raise InvalidInput("this is not a trade number of the sandbox channel")
        asked = {
            "refund_id": str(refund_id),
            "trade_no": trade_no,
            "amount_fen": amount_fen,
            "reason": reason,
        }
        try:
            body = await self._ask("POST", "/api/refunds", msgspec.json.encode(asked), now)
            reply = _read(body, _RefundReply)
            if reply.refund_id != refund_id:
                raise _NoAnswer("OTHER_ID")
        except _NoAnswer as nothing:
            return RefundAnswer(state=AnswerState.UNKNOWN, detail=str(nothing))
        return RefundAnswer(
            state=AnswerState(reply.state), channel_refund_no=reply.channel_refund_no, detail=reply.detail
        )

    async def query_refund(self, *, refund_id: UUID, now: datetime) -> RefundStatus:
        """See port."""
        try:
            body = await self._ask("GET", f"/api/refunds/{refund_id}", b"", now)
            view = _read(body, _RefundView)
            if view.refund_id != refund_id:
                raise _NoAnswer("OTHER_ID")
        except _NoAnswer as nothing:
            return RefundStatus(state=RefundState.UNKNOWN, detail=str(nothing))
        return RefundStatus(
            state=RefundState(view.state),
            channel_refund_no=view.channel_refund_no,
            amount_fen=view.amount_fen,
            at=_utc(view.at),
            detail=view.detail,
        )

    async def query_payment(self, *, payment_id: UUID, now: datetime) -> PaymentStatus:
        """See port."""
        try:
            body = await self._ask("GET", f"/api/payments/{payment_id}", b"", now)
            view = _read(body, _PaymentView)
            if view.payment_id != payment_id:
                raise _NoAnswer("OTHER_ID")
        except _NoAnswer as nothing:
            return PaymentStatus(state=PaymentState.UNKNOWN, detail=str(nothing))
        return PaymentStatus(
            state=PaymentState(view.state),
            trade_no=view.trade_no,
            amount_fen=view.amount_fen,
            at=_utc(view.at),
        )

    def parse_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> ChannelEvent:
        """See port."""
        if len(body) > MAX_BODY_BYTES:
            raise Malformed("the callback is larger than 16 kB")
        self._verify(headers, method="CALLBACK", path=self._config.merchant, body=body, now=now)
        try:
            event = msgspec.json.decode(body, type=_Captured | _Arrived | _Failed)
        except msgspec.DecodeError as error:
            raise Malformed("the callback does not fit the schema", at=_where(error)) from None
        if event.merchant != self._config.merchant:
            raise Malformed("the callback is for another merchant", at="$.merchant")
        return _event(event)

    async def _ask(self, method: str, path: str, body: bytes, now: datetime) -> bytes:
        """One signed request; the body of a signed answer. Raises _NoAnswer for everything else."""
        config = self._config
        timestamp, nonce = str(int(now.timestamp())), secrets.token_urlsafe(18)
        headers = {
            "content-type": "application/json",
            "sandbox-key-id": config.key_id,
            "sandbox-timestamp": timestamp,
            "sandbox-nonce": nonce,
            "sandbox-signature": "v1="
            + signature(
                config.keys[config.key_id],
                method=method,
                path=path,
                timestamp=timestamp,
                nonce=nonce,
                body=body,
            ),
        }
        try:
            answer = await self._http.request(method, config.api_url + path, content=body, headers=headers)
        except httpx.TimeoutException:
            raise _NoAnswer("TIMEOUT") from None
        except httpx.HTTPError:
            raise _NoAnswer("UNREACHABLE") from None
        if answer.headers.get("sandbox-nonce") != nonce or len(answer.content) > MAX_BODY_BYTES:
            raise _NoAnswer(f"HTTP_{answer.status_code}")
        try:
            self._verify(answer.headers, method="ANSWER", path=path, body=answer.content, now=now)
        except (BadSignature, Stale) as refused:
            raise _NoAnswer(refused.code.upper()) from None
        return answer.content

    def _verify(self, headers: Mapping[str, str], *, method: str, path: str, body: bytes, now: datetime) -> None:
        """Raises BadSignature or Stale."""
        given = {name.lower(): value for name, value in headers.items()}
        secret = self._config.keys.get(given.get("sandbox-key-id", ""))
        if secret is None:
            raise BadSignature("the callback names no key that we share with the channel")
        timestamp, nonce = given.get("sandbox-timestamp", ""), given.get("sandbox-nonce", "")
        expected = "v1=" + signature(secret, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
        if not constant_time.bytes_eq(expected.encode(), given.get("sandbox-signature", "").encode()):
            raise BadSignature("the signature does not fit")
        if not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
            raise BadSignature("the timestamp is not a number")
        if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > TOLERANCE:
            raise Stale("the signature is more than 5 minutes off")


def _check_amount(amount_fen: int) -> None:
    if not 0 < amount_fen <= MAX_AMOUNT_FEN:
        raise InvalidInput("an amount must be positive and at most 10^12 fen", amount_fen=amount_fen)


def _read(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        raise _NoAnswer("MALFORMED_ANSWER") from None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _event(event: _Captured | _Arrived | _Failed) -> ChannelEvent:
    shared: dict[str, Any] = {
        "event_id": event.event_id,
        "trade_no": event.trade_no,
        "amount_fen": event.amount_fen,
        "at": event.at.astimezone(UTC),
    }
    match event:
        case _Captured():
            return PaymentCaptured(payment_id=event.payment_id, **shared)
        case _Arrived():
            return RefundArrived(refund_id=event.refund_id, channel_refund_no=event.channel_refund_no, **shared)
        case _Failed():
            return RefundFailed(
                refund_id=event.refund_id,
                channel_refund_no=event.channel_refund_no,
                detail=event.detail,
                **shared,
            )


def _where(error: msgspec.DecodeError) -> str:
    """The path alone: the library's sentence may quote a value."""
    found = re.search(r" - at `([^`]*)`$", str(error))
    return found.group(1) if found else "$"
