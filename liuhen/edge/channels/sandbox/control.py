"""The control desk: how the channel is to behave, what it knows, send again. JSON, for tests.

The same for people is control_page.py.

Only for the machine it runs on: the guard wants a loopback caller, a loopback host name (so that no other
site's name can be made to point here) and, for acts, no other site as the caller's page.
"""

from ipaddress import ip_address
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, Router, get, post, put
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from msgspec import Meta, Struct

from .desk import Desk, Refused
from .state import Event, Payment, Refund

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")
LIMIT = 200
"""The newest so many of each kind are shown."""


class _Copies(Struct, forbid_unknown_fields=True):
    copies: Annotated[int, Meta(ge=1, le=50)] = 1


class _Order(Struct, forbid_unknown_fields=True):
    order: Literal["made", "reversed"] = "made"


class _Outcome(Struct, forbid_unknown_fields=True):
    outcome: Literal["ARRIVED", "FAILED"] = "ARRIVED"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def only_here(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard of everything below /control. Raises Refused."""
    caller = connection.client.host if connection.client else ""
    named = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
    if not _is_loopback(caller) or not _is_loopback(named):
        raise Refused("NOT_HERE", "控制台只对本机开放。", 403)
    if connection.scope.get("method") in {"GET", "HEAD"}:
        return
    site = connection.headers.get("sec-fetch-site", "same-origin")
    origin = connection.headers.get("origin")
    from_here = origin is None or urlsplit(origin).netloc == connection.headers.get("host")
    if site not in {"same-origin", "none"} or not from_here:
        raise Refused("OTHER_SITE", "别的网站不能操作这里。", 403)


def _payment_view(payment: Payment) -> dict[str, Any]:
    opened = payment.opened
    return {
        "payment_id": opened.payment_id,
        "subject": opened.subject,
        "amount_fen": opened.amount_fen,
        "expires_at": opened.expires_at,
        "opened_at": opened.at,
        "trade_no": payment.trade_no,
        "paid_at": payment.paid_at,
        "state": "PAID" if payment.paid_at else "WAITING",
    }


def _refund_view(refund: Refund) -> dict[str, Any]:
    return {
        "refund_id": refund.taken.refund_id,
        "channel_refund_no": refund.taken.channel_refund_no,
        "payment_id": refund.taken.payment_id,
        "trade_no": refund.trade_no,
        "amount_fen": refund.taken.amount_fen,
        "reason": refund.taken.reason,
        "state": refund.state,
        "due_at": refund.taken.due_at,
        "done_at": refund.done_at,
    }


def _event_view(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.made.event_id,
        "type": event.made.type,
        "about": event.made.about,
        "made_at": event.made.at,
        "state": event.state,
        "due_at": event.due_at,
        "tries": event.tries,
        "answers": event.answers,
        "body": event.made.body,
    }


def _newest(views: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return views[::-1][:LIMIT]


def everything(desk: Desk) -> dict[str, Any]:
    """The newest of all that the channel knows, newest first."""
    state = desk.state
    return {
        "manner": msgspec.to_builtins(state.manner()),
        "payment_manners": {key: value for key, value in state.manners.items() if key and value},
        "payments": _newest([_payment_view(payment) for payment in state.payments.values()]),
        "refunds": _newest([_refund_view(refund) for refund in state.refunds.values()]),
        "events": _newest([_event_view(event) for event in state.events.values()]),
    }


def _json(content: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(content), media_type="application/json", status_code=200)


async def _body(request: AnyRequest, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise Refused("MALFORMED", str(error), 400) from None


@get("/state")
async def show_state(request: AnyRequest) -> Response[bytes]:
    """Payments, refunds, callbacks and manners."""
    return _json(everything(request.app.state.desk))


@put("/manner")
async def set_manner(request: AnyRequest) -> Response[bytes]:
    """How all payments are treated; what the body does not name is as by default. `{}` is good behaviour."""
    desk: Desk = request.app.state.desk
    return _json(desk.set_manner("", await _body(request, dict[str, Any])))


@put("/payments/{payment_id:str}/manner")
async def set_payment_manner(request: AnyRequest, payment_id: FromPath[str]) -> Response[bytes]:
    """How this payment differs from all; may be set before its page is opened."""
    desk: Desk = request.app.state.desk
    return _json(desk.set_manner(payment_id, await _body(request, dict[str, Any])))


@post("/events/{event_id:str}/resend")
async def resend(request: AnyRequest, event_id: FromPath[str]) -> Response[bytes]:
    """Send a callback now, `copies` times at once."""
    desk: Desk = request.app.state.desk
    asked = await _body(request, _Copies)
    return _json(_event_view(desk.resend(event_id, asked.copies)))


@post("/release")
async def release(request: AnyRequest) -> Response[bytes]:
    """Let the held callbacks go, in the order made or reversed."""
    desk: Desk = request.app.state.desk
    asked = await _body(request, _Order)
    return _json({"released": desk.release(asked.order)})


@post("/refunds/{refund_id:str}/finish")
async def finish(request: AnyRequest, refund_id: FromPath[str]) -> Response[bytes]:
    """Let a pending refund arrive or fail now."""
    desk: Desk = request.app.state.desk
    asked = await _body(request, _Outcome)
    if refund_id not in desk.state.refunds:
        raise Refused("REFUND_NOT_FOUND", "没有这笔退款。", 404)
    return _json(_refund_view(desk.finish_refund(refund_id, asked.outcome)))


def _refused_json(_: AnyRequest, error: Refused) -> Response[dict[str, str]]:
    return Response({"error": error.code, "detail": error.sentence}, status_code=error.status)


control_router = Router(
    path="/control/api",
    guards=[only_here],
    route_handlers=[show_state, set_manner, set_payment_manner, resend, release, finish],
    exception_handlers={Refused: _refused_json},
)
