"""The control desk for people: one page, plain forms, no script."""

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from .control import everything, only_here
from .desk import Desk, Refused
from .pages import page, refused_page
from .state import Manner, RefundState

AnyRequest = Request[Any, Any, Any]
_SHANGHAI = timezone(timedelta(hours=8))


def _clock(moment: datetime | None) -> str:
    return moment.astimezone(_SHANGHAI).strftime("%m-%d %H:%M:%S") if moment else "—"


async def _manner_from_form(request: AnyRequest, base: Manner) -> dict[str, Any]:
    """What the form says differently from `base`; an empty tick is a no."""
    form = await request.form()
    try:
        wanted = msgspec.convert(dict(form), Manner, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("BAD_MANNER", f"设置不对：{error}", 400) from None
    usual = msgspec.to_builtins(base)
    return {name: value for name, value in msgspec.to_builtins(wanted).items() if value != usual[name]}


@get("/")
async def show_control(request: AnyRequest) -> Response[str]:
    """Manner, payments, refunds and callbacks."""
    desk: Desk = request.app.state.desk
    return page("control.html", clock=_clock, manner=desk.state.manner(), scope="", **_shown(desk))


@get("/payments/{payment_id:str}")
async def show_payment(request: AnyRequest, payment_id: FromPath[str]) -> Response[str]:
    """The same page, with the manner of one payment."""
    desk: Desk = request.app.state.desk
    manner = desk.state.manner(payment_id)
    return page("control.html", clock=_clock, manner=manner, scope=payment_id, **_shown(desk))


def _shown(desk: Desk) -> dict[str, Any]:
    shown = everything(desk)
    shown.pop("manner")
    return shown | {"held": any(event["state"] == "HELD" for event in shown["events"])}


@post("/manner", status_code=303)
async def set_manner(request: AnyRequest) -> Redirect:
    """For all payments."""
    desk: Desk = request.app.state.desk
    desk.set_manner("", await _manner_from_form(request, Manner()))
    return Redirect("/control/", status_code=303)


@post("/payments/{payment_id:str}/manner", status_code=303)
async def set_payment_manner(request: AnyRequest, payment_id: FromPath[str]) -> Redirect:
    """For one payment."""
    desk: Desk = request.app.state.desk
    desk.set_manner(payment_id, await _manner_from_form(request, desk.state.manner()))
    return Redirect(f"/control/payments/{payment_id}", status_code=303)


@post("/events/{event_id:str}/resend", status_code=303)
async def resend(request: AnyRequest, event_id: FromPath[str]) -> Redirect:
    """One callback again."""
    desk: Desk = request.app.state.desk
    desk.resend(event_id)
    return Redirect("/control/", status_code=303)


@post("/release/{order:str}", status_code=303)
async def release(request: AnyRequest, order: FromPath[str]) -> Redirect:
    """All held callbacks."""
    desk: Desk = request.app.state.desk
    desk.release("reversed" if order == "reversed" else "made")
    return Redirect("/control/", status_code=303)


@post("/refunds/{refund_id:str}/finish/{outcome:str}", status_code=303)
async def finish(request: AnyRequest, refund_id: FromPath[str], outcome: FromPath[str]) -> Redirect:
    """Let a pending refund arrive or fail now."""
    desk: Desk = request.app.state.desk
    if refund_id not in desk.state.refunds or outcome not in {RefundState.ARRIVED, RefundState.FAILED}:
        raise Refused("REFUND_NOT_FOUND", "没有这笔退款。", 404)
    desk.finish_refund(refund_id, outcome)
    return Redirect("/control/", status_code=303)


control_page_router = Router(
    path="/control",
    guards=[only_here],
    route_handlers=[
        show_control,
        show_payment,
        set_manner,
        set_payment_manner,
        resend,
        release,
        finish,
    ],
    exception_handlers={Refused: refused_page},
)
