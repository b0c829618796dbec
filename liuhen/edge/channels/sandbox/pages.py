"""The pay page: own look, no script, fit for a phone. Its address carries everything, signed."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response, Router, get, post
from litestar.response import Redirect

from .config import Config
from .desk import Desk, Refused
from .signing import PAY_FIELDS, SignatureRefused, check_pay_query
from .state import Payment, PaymentOpened

AnyRequest = Request[Any, Any, Any]

HERE = Path(__file__).parent
MAX_AMOUNT_FEN = 10**12
MAX_SUBJECT = 120

_templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)


def yuan(amount_fen: int) -> str:
    """12345 -> ¥123.45, in whole numbers all the way."""
    sign = "-" if amount_fen < 0 else ""
    whole, rest = divmod(abs(amount_fen), 100)
    return f"{sign}¥{whole:,}.{rest:02d}"


_templates.filters["yuan"] = yuan


def page(name: str, *, status: int = 200, leave_to: str = "", **values: Any) -> Response[str]:
    """Render a template under a policy without scripts. leave_to: an origin that a form may redirect to."""
    policy = (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {leave_to}"
    )
    headers = {
        "content-security-policy": policy.strip(),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
    html = _templates.get_template(name).render(**values)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)


def _address(text: str) -> SplitResult:
    """A plain http(s) address without spaces, user or anything that could end a header."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise Refused("MALFORMED", "地址格式不对。", 400) from None
    host = parts.hostname or ""
    plain = all(sign.isascii() and (sign.isalnum() or sign in ".-:") for sign in host)
    if parts.scheme not in {"http", "https"} or not host or not plain or "@" in parts.netloc:
        raise Refused("MALFORMED", "地址格式不对。", 400)
    return parts


def _signed_fields(request: AnyRequest) -> dict[str, str]:
    """The fields of the address, each exactly once. Raises Refused, SignatureRefused."""
    given = list(request.query_params.multi_items())
    fields = {name: str(value) for name, value in given}
    if len(given) != len(fields) or set(fields) != {*PAY_FIELDS, "signature"}:
        raise Refused("MALFORMED", "支付链接不完整。", 400)
    config: Config = request.app.state.config
    check_pay_query(config.keys, fields, fields["signature"])
    if fields["merchant"] != config.merchant:
        raise Refused("MALFORMED", "商户不对。", 400)
    return fields


def _open(request: AnyRequest) -> tuple[Payment, SplitResult, str]:
    """The payment that this address is about; where to go back to (split, whole)."""
    desk: Desk = request.app.state.desk
    fields = _signed_fields(request)
    numbers = (fields["amount_fen"], fields["expires_at"])
    if not all(text.isascii() and text.isdigit() and len(text) <= 13 for text in numbers):
        raise Refused("MALFORMED", "金额或时间格式不对。", 400)
    amount_fen = int(fields["amount_fen"])
    if not 0 < amount_fen <= MAX_AMOUNT_FEN or not 0 < len(fields["subject"]) <= MAX_SUBJECT:
        raise Refused("MALFORMED", "金额或标题超出范围。", 400)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", fields["payment_id"]):
        raise Refused("MALFORMED", "支付号格式不对。", 400)
    _address(fields["notify_url"])
    back = _address(fields["return_url"])
    opened = PaymentOpened(
        at=desk.wall(),
        payment_id=fields["payment_id"],
        amount_fen=amount_fen,
        subject=fields["subject"],
        notify_url=fields["notify_url"],
        return_url=fields["return_url"],
        expires_at=int(fields["expires_at"]),
    )
    return desk.open_payment(opened), back, fields["return_url"]


@get("/pay")
async def show_pay(request: AnyRequest) -> Response[str]:
    """What is to be paid, and the two buttons."""
    desk: Desk = request.app.state.desk
    payment, back, return_url = _open(request)
    late = desk.expired(payment)
    manner = desk.state.manner(payment.opened.payment_id)
    return page(
        "pay.html",
        leave_to=f"{back.scheme}://{back.netloc}",
        payment=payment,
        return_url=return_url,
        late=late,
        payable=payment.paid_at is None and (not late or manner.pay_after_expiry),
    )


@post("/pay", status_code=303)
async def press(request: AnyRequest) -> Redirect:
    """付款 or 放弃; both lead back to the merchant. Giving up keeps the page payable until it expires."""
    payment, _, return_url = _open(request)
    form = await request.form()
    act = form.get("act")
    if act == "pay":
        desk: Desk = request.app.state.desk
        desk.pay(payment.opened.payment_id)
    elif act != "leave":
        raise Refused("MALFORMED", "没有这个按钮。", 400)
    return Redirect(return_url, status_code=303, headers={"cache-control": "no-store"})


def refused_page(_: AnyRequest, error: Refused) -> Response[str]:
    """A refusal as a page."""
    return page("refused.html", status=error.status, sentence=error.sentence, code=error.code)


def _bad_signature_page(_: AnyRequest, error: SignatureRefused) -> Response[str]:
    sentence = "支付链接的签名不对，可能被改动过，没有付款。请回到商家页面重新发起。"
    return page("refused.html", status=403, sentence=sentence, code=str(error))


pages_router = Router(
    path="/",
    route_handlers=[show_pay, press],
    exception_handlers={Refused: refused_page, SignatureRefused: _bad_signature_page},
)
