"""The merchant's side: refunds and queries. Requests and answers are signed; see docs/sandbox-channel.md."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from .config import Config
from .desk import FAILURE, Desk, RefundRequest, Refused
from .signing import SignatureRefused, check_request, signed_headers
from .state import RefundAnswer, RefundState

AnyRequest = Request[Any, Any, Any]
_Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]


class RefundBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of POST /api/refunds; amount_fen in fen."""

    refund_id: _Id
    trade_no: _Id
    amount_fen: Annotated[int, Meta(ge=1, le=10**12)]
    reason: Annotated[str, Meta(max_length=80)]


def _path(request: AnyRequest) -> str:
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii", "replace")


async def _checked(request: AnyRequest) -> tuple[str, bytes]:
    """The nonce and body of a well signed request. Raises SignatureRefused."""
    config: Config = request.app.state.config
    desk: Desk = request.app.state.desk
    body = await request.body()
    nonce = check_request(
        config.keys,
        method=request.method,
        path=_path(request),
        headers=request.headers,
        body=body,
        now=desk.wall(),
    )
    return nonce, body


def _answer(request: AnyRequest, nonce: str, content: dict[str, Any], status: int = 200) -> Response[bytes]:
    config: Config = request.app.state.config
    desk: Desk = request.app.state.desk
    body = msgspec.json.encode(content)
    headers = signed_headers(
        config.key_id,
        config.keys[config.key_id],
        method="ANSWER",
        path=_path(request),
        body=body,
        now=desk.wall(),
        nonce=nonce,
    )
    return Response(body, status_code=status, headers=headers, media_type="application/json")


@post("/refunds")
async def take_refund(request: AnyRequest) -> Response[bytes]:
    """Accept or reject a refund; the same refund_id again gets the same answer."""
    nonce, body = await _checked(request)
    desk: Desk = request.app.state.desk
    try:
        asked = msgspec.json.decode(body, type=RefundBody)
    except msgspec.DecodeError:
        return _answer(request, nonce, {"state": "REJECTED", "detail": "MALFORMED"}, 400)
    manner = desk.state.manner(desk.state.trades.get(asked.trade_no, ""))
    if manner.refund_answer is RefundAnswer.LOSE:
        return await _silence(request)
    try:
        refund = desk.refund(RefundRequest(asked.refund_id, asked.trade_no, asked.amount_fen, asked.reason))
    except Refused as refused:
        content = {"refund_id": asked.refund_id, "state": "REJECTED", "detail": refused.code}
        return _answer(request, nonce, content)
    if manner.refund_answer is RefundAnswer.HANG:
        return await _silence(request)
    content = {
        "refund_id": asked.refund_id,
        "state": "ACCEPTED",
        "channel_refund_no": refund.taken.channel_refund_no,
    }
    return _answer(request, nonce, content)


async def _silence(request: AnyRequest) -> Response[bytes]:
    """Let the caller wait longer than it will; what it gets in the end is no answer."""
    config: Config = request.app.state.config
    await asyncio.sleep(config.hang_s)
    return Response(b"", status_code=504)


@get("/refunds/{refund_id:str}")
async def show_refund(request: AnyRequest, refund_id: FromPath[str]) -> Response[bytes]:
    """Where a refund is."""
    nonce, _ = await _checked(request)
    desk: Desk = request.app.state.desk
    refund = desk.state.refunds.get(refund_id)
    if refund is None:
        return _answer(request, nonce, {"refund_id": refund_id, "state": "NOT_FOUND"})
    content = {
        "refund_id": refund_id,
        "state": refund.state,
        "channel_refund_no": refund.taken.channel_refund_no,
        "amount_fen": refund.taken.amount_fen,
        "at": refund.done_at,
        "detail": FAILURE if refund.state is RefundState.FAILED else "",
    }
    return _answer(request, nonce, content)


@get("/payments/{payment_id:str}")
async def show_payment(request: AnyRequest, payment_id: FromPath[str]) -> Response[bytes]:
    """Where a payment is. The amount is the true one, whatever a callback said."""
    nonce, _ = await _checked(request)
    desk: Desk = request.app.state.desk
    payment = desk.state.payments.get(payment_id)
    content: dict[str, Any] = {"payment_id": payment_id, "state": "NOT_FOUND"}
    if payment is not None and payment.paid_at is not None:
        content |= {
            "state": "PAID",
            "trade_no": payment.trade_no,
            "amount_fen": payment.opened.amount_fen,
            "at": payment.paid_at,
        }
    elif payment is not None:
        content["state"] = "EXPIRED" if desk.expired(payment) else "WAITING"
    return _answer(request, nonce, content)


def _refuse_signature(_: AnyRequest, error: SignatureRefused) -> Response[dict[str, str]]:
    return Response({"error": str(error)}, status_code=401)


api_router = Router(
    path="/api",
    route_handlers=[take_refund, show_refund, show_payment],
    exception_handlers={SignatureRefused: _refuse_signature},
)
