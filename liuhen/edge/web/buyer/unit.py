"""One piece of an order: its card, the key in full on one answer, and what its buyer says about its use."""

from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web.buyer import order_words as words
from liuhen.edge.web.buyer.order import find, lang_of, say, seal_rows
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import Yuan, blank, form, once_from, refill
from liuhen.edge.web.guards import needs_party
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.record_redemption import RecordRedemption, record_redemption
from liuhen.flows.trade.show_goods import Goods, ShowGoods, show_goods
from liuhen.reads import order_page, unit_use
from liuhen.reads.order_page import OrderView, UnitView
from liuhen.redemption.model import UseState


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


LABELS = {
    "KEY": _("卡密"),
    "CARD_NUMBER": _("卡号"),
    "PASSWORD": _("密码"),
    "LOGIN": _("账号"),
    "MAIL": _("邮箱"),
    "MAIL_PASSWORD": _("邮箱密码"),
    "TEXT": _("交付内容"),
}
SECONDS_SHOWN = 30


class ActForm(Struct):
    """break: break the seal and show what is in it. show: show what is the buyer's already."""

    act: Literal["break", "show"]


class UseForm(Struct):
    state: Annotated[UseState, Meta(title=_("用没用过"))]
    remaining: Annotated[Yuan | None, Meta(title=_("还剩多少"))] = None
    note: Annotated[str, Meta(title=_("说明"), max_length=1000)] = ""


@get("/orders/{order_no:str}/units/{no:int}", guards=[needs_party])
async def unit(ctx: Ctx, order_no: FromPath[str], no: FromPath[int]) -> Response[Any]:
    """The piece with its key masked. Raises NotFound."""
    return blank(ctx, "buyer/unit.html", **await _values(ctx, order_no, no))


@post("/orders/{order_no:str}/units/{no:int}", guards=[needs_party])
async def act(ctx: Ctx, order_no: FromPath[str], no: FromPath[int]) -> Response[Any]:
    """Shows the key in full on this answer alone; the look is on record before it is shown."""
    given = await form(ctx.request, ActForm)
    found = await find(ctx, order_no)
    piece = found.unit(no)
    if given.act == "break":
        cmd = BreakSeal(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_ids=[piece.id])
        await break_seal(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    look = ShowGoods(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_id=piece.id)
    goods = await show_goods(ctx.db, look, keys=ctx.app.keys, now=ctx.now)
    values = await _values(ctx, order_no, no)
    return blank(ctx, "buyer/unit.html", **{**values, "goods": _shown(ctx, goods)})


@post("/orders/{order_no:str}/units/{no:int}/use", guards=[needs_party])
async def use(ctx: Ctx, order_no: FromPath[str], no: FromPath[int]) -> Response[Any]:
    """The buyer's own word about the use of a piece; it stands beside what others say."""
    try:
        given = await form(ctx.request, UseForm)
        found = await find(ctx, order_no)
        cmd = RecordRedemption(
            by=ctx.me,
            book_id=found.book_id,
            order_id=found.id,
            unit_id=found.unit(no).id,
            state=given.state,
            note=given.note,
            remaining_fen=given.remaining if given.state is UseState.PARTLY_USED else None,
        )
        await record_redemption(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, "buyer/unit.html", error, **await _values(ctx, order_no, no))
    return go(ctx, f"/orders/{order_no}/units/{no}", say(ctx, _("你的说明已记下，和其他来源并排，不改写它们。")))


routes = [unit, act, use]


async def _values(ctx: Context, order_no: str, no: int) -> dict[str, Any]:
    wordy = words.Wordy(lang_of(ctx), ctx.now)
    async with ctx.db.read() as tx:
        found = await order_page.order_of(tx, order_no, ctx.me)
        piece = found.unit(no)
        said = await unit_use.sayings(tx, found.book_id, [piece.id])
    mine = said.get(piece.id, {})
    return {
        "order": found,
        "unit": piece,
        "line": found.line(piece.line_no),
        "claims": words.claims(piece, mine, wordy),
        "use": words.standing(mine, wordy),
        "rows": await _rows(ctx, found, piece),
        "goods": None,
        "seconds": SECONDS_SHOWN,
    }


async def _rows(ctx: Context, order: OrderView, piece: UnitView) -> Any:
    return await seal_rows(ctx, order, piece) if piece.state == "SEALED" and not piece.case_open else ()


def _shown(ctx: Context, goods: Goods) -> list[tuple[str, str]]:
    """(name of the field, its text) of what is shown."""
    return [(say(ctx, LABELS.get(label, label)), text) for label, text in zip(goods.labels, goods.fields, strict=True)]
