"""Opening a shop: the seller agreement in full, its 24-hour clause in view, then name and consent."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import Agreed, blank, form, once_from, refill
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.people.open_shop import FEE_BASIS_POINTS, OpenShop, open_shop
from liuhen.parties.model import Agreement


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


_PAGE = "seller/open.html"


class ShopForm(Struct):
    shop_name: Annotated[str, Meta(title=_("店名"), min_length=2, max_length=60)]
    agree_silence: Annotated[Agreed, Meta(title=_("24 小时内答复的约定"))]
    agree: Annotated[Agreed, Meta(title=_("卖家入驻协议"))]
    agreement_version: str
    intro: Annotated[str, Meta(title=_("店铺介绍"), max_length=2000)] = ""


@get("/seller/open", guards=[needs_party])
async def open_page(ctx: Ctx) -> Response[Any]:
    """The agreement and the form; whoever has a shop goes to it."""
    if ctx.visitor.is_seller:
        return Redirect("/seller", status_code=303)
    return blank(ctx, _PAGE, **_values(ctx))


@post("/seller/open", guards=[needs_party])
async def open_act(ctx: Ctx) -> Response[Any]:
    """Opens the shop; version, hash and time of what was accepted are kept."""
    try:
        given = await form(ctx.request, ShopForm)
        cmd = OpenShop(
            party_id=ctx.me, name=given.shop_name, intro=given.intro, agreement_version=given.agreement_version
        )
        await open_shop(ctx.db, cmd, now=ctx.now, once=await once_from(ctx), agreements=ctx.app.agreements)
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **_values(ctx))
    text = translate(view_of(ctx.request).lang, _("店已开好。接下来上架第一件商品"))
    return go(ctx, "/seller", text)


routes = [open_page, open_act]


def _values(ctx: Context) -> dict[str, Any]:
    return {"text": ctx.app.agreements.current(Agreement.SELLER_AGREEMENT, ctx.now), "fee": FEE_BASIS_POINTS}
