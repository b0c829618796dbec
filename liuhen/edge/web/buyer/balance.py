"""The balance: top up at a channel, pay back out the way it came, read what moved."""

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect
from msgspec import Meta

from liuhen.base.errors import Frozen, InsufficientBalance, InvalidInput, LiuhenError
from liuhen.edge.context import Context, Ctx
from liuhen.edge.problems import status_of
from liuhen.edge.web import channel_words, cursors
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import NOTHING, Texts, Yuan, form, once_from, prefilled, typed
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.mistakes import mistakes_of
from liuhen.edge.web.render import render
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.edge.web.wording import money_text
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.top_up import HIGH_FEN, LOW_FEN, TopUp, top_up
from liuhen.money.amount import parse
from liuhen.reads import buyer_first, wallet
from liuhen.reads.windows import NO_WINDOW

_RECENT = timedelta(days=7)
Text = Annotated[str, QueryParameter(max_length=100)]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class TopUpForm(msgspec.Struct):
    """amount: yuan. channel: a channel's name."""

    amount: Annotated[Yuan, Meta(title=_("充值金额"))]
    channel: str = ""


class PayOutForm(msgspec.Struct):
    """out_amount: yuan."""

    out_amount: Annotated[Yuan, Meta(title=_("转回金额"))]


@get("/balance", guards=[needs_party])
async def balance(ctx: Ctx, before: Text = "", amount: Text = "") -> Response[Any]:
    """The balance and its movements; `amount` fills the top-up form."""
    return await _page(ctx, before, filled=prefilled(amount=amount) if amount else NOTHING)


@post("/balance/top-up", guards=[needs_party])
async def add(ctx: Ctx) -> Response[Any]:
    """On to the channel's page; the balance grows when the channel confirms."""
    try:
        given = await form(ctx.request, TopUpForm)
        names = sorted(ctx.app.channels)
        name = given.channel or (names[0] if names else "")
        if name not in ctx.app.channels:
            raise InvalidInput(field="channel", reason="choice")
        if not LOW_FEN <= given.amount <= HIGH_FEN:
            raise InvalidInput(field="amount", reason="between", least=money_text(LOW_FEN), most=money_text(HIGH_FEN))
        cmd = TopUp(party_id=ctx.me, amount_fen=given.amount, channel=name)
        started = await top_up(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except (InvalidInput, Frozen) as error:
        return await _page(ctx, "", error=error, filled=await typed(ctx.request))
    url = ctx.app.channels[name].pay_url(
        payment_id=started.payment_id,
        amount_fen=started.amount_fen,
        subject=channel_words.subject(ctx, _said(ctx, _("余额充值")), str(started.payment_id)[-8:]),
        notify_url=channel_words.notify_url(ctx, name),
        return_url=channel_words.return_url(ctx, "/balance"),
        expires_at=started.expires_at,
    )
    return Redirect(url, status_code=303)


@get("/balance/pay-out", guards=[needs_party])
async def ask_out(ctx: Ctx, out_amount: Text = "") -> Response[Any]:
    """How an amount would go back, part by part, before anything happens."""
    try:
        fen = parse(out_amount)
    except InvalidInput:
        error = InvalidInput(field="out_amount", reason="money")
        return await _page(ctx, "", error=error, filled=prefilled(out_amount=out_amount))
    async with ctx.db.read() as tx:
        held = await wallet.wallet(tx, ctx.me)
        sources = await wallet.fundings(tx, ctx.me)
    if not 1 <= fen <= held.returnable_fen:
        most = money_text(held.returnable_fen)
        error = InvalidInput(field="out_amount", reason="between", least=money_text(1), most=most)
        return await _page(ctx, "", error=error, filled=prefilled(out_amount=out_amount))
    parts = [(part, channel_words.label(part.channel)) for part in wallet.parts_of(sources, fen)]
    return render(
        ctx.request, "buyer/pay_out.html", fen=fen, held=held, parts=parts, amount=out_amount, once=ctx.new_once()
    )


@post("/balance/pay-out", guards=[needs_party])
async def send_out(ctx: Ctx) -> Response[Any]:
    """Sends it; the worker carries it out within seconds."""
    try:
        given = await form(ctx.request, PayOutForm)
        cmd = PayOut(party_id=ctx.me, amount_fen=given.out_amount)
        done = await pay_out(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except (InvalidInput, InsufficientBalance) as error:
        return await _page(ctx, "", error=error, filled=await typed(ctx.request))
    total = money_text(sum(part.amount_fen for part in done.parts))
    return go(ctx, "/balance", _said(ctx, _("%(total)s 正在原路转回，共 %(n)s 笔。"), total=total, n=len(done.parts)))


async def _page(ctx: Context, before: str, *, error: LiuhenError | None = None, filled: Texts) -> Response[Any]:
    """The balance page. Parameters: error, shown beside its field; filled, what was typed."""
    place = cursors.read_id(before)
    async with ctx.db.read() as tx:
        held = await wallet.wallet(tx, ctx.me)
        lines, following = await wallet.movements(tx, ctx.me, before=place)
        out = await wallet.outgoing(tx, ctx.me, arrived_after=ctx.now - _RECENT) if place is None else ()
        waiting = await wallet.open_top_ups(tx, ctx.me) if place is None else ()
        first = await buyer_first.first(tx, ctx.me, instant=NO_WINDOW, now=ctx.now) if place is None else None
    found = mistakes_of(error, view_of(ctx.request).lang) if error else ()
    return render(
        ctx.request,
        "buyer/balance.html",
        status_code=status_of(error) if error else 200,
        held=held,
        lines=lines,
        words=KINDS,
        following=following.hex if following else "",
        later=place is not None,
        outgoing=out,
        waiting=waiting,
        to_pay=first if first is not None and first.kind is buyer_first.FirstKind.PAY else None,
        channels=[(name, channel_words.label(name)) for name in sorted(ctx.app.channels)],
        low=LOW_FEN,
        high=HIGH_FEN,
        typed=filled,
        errors=Texts({item.field: [item.text] for item in found}),
        once=ctx.new_once(),
    )


def _said(ctx: Context, msgid: str, **values: Any) -> str:
    return translate(view_of(ctx.request).lang, msgid, **values)


KINDS: dict[str, str] = {
    "TOP_UP": _("充值到账"),
    "PAY": _("付款，由平台担保"),
    "REFUND_IN": _("退款到余额"),
    "PAY_OUT": _("原路转回"),
    "BOUNCED": _("渠道退回，转回没有成功"),
    "EARN": _("货款转入余额"),
}
"""What a movement of the balance was, by the kind of its transfer (money.transfers)."""

routes = [balance, add, ask_out, send_out]
