"""The shop itself: its name and words, its fee, and which agreements were accepted when."""

from typing import Annotated, Any

from litestar import Response, get, post
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import NOTHING, form, once_from, prefilled, refill
from liuhen.edge.web.guards import needs_seller
from liuhen.edge.web.render import render
from liuhen.edge.web.seller.console import counts_of, say
from liuhen.flows.trade.edit_shop import MAX_INTRO, EditShop, edit_shop
from liuhen.parties.model import Agreement
from liuhen.reads import people, seller_shop

_PAGE = "seller/shop.html"


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class ShopForm(Struct):
    shop_name: Annotated[str, Meta(title=_("店名"), min_length=2, max_length=60)]
    intro: Annotated[str, Meta(title=_("店铺介绍"), max_length=MAX_INTRO)] = ""


@get("/seller/shop", guards=[needs_seller])
async def shop_page(ctx: Ctx) -> Response[Any]:
    """Name and words as a form, with what the shop has agreed to."""
    values = await _values(ctx)
    begin = prefilled(shop_name=values["card"].name, intro=values["card"].intro)
    return render(ctx.request, _PAGE, typed=begin, errors=NOTHING, once=ctx.new_once(), **values)


@post("/seller/shop", guards=[needs_seller])
async def shop_act(ctx: Ctx) -> Response[Any]:
    """Changes name and words."""
    try:
        given = await form(ctx.request, ShopForm)
        cmd = EditShop(seller_id=ctx.me, name=given.shop_name, intro=given.intro)
        await edit_shop(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx))
    return go(ctx, "/seller/shop", say(ctx, _("已保存，买家现在就能看到")))


async def _values(ctx: Context) -> dict[str, Any]:
    current = ctx.app.agreements.current(Agreement.SELLER_AGREEMENT, ctx.now)
    async with ctx.db.read() as tx:
        card = await seller_shop.own_shop(tx, ctx.me)
        accepted = await people.acceptances(tx, ctx.me)
        return {
            "card": card,
            "accepted": accepted,
            "agreement": current,
            "max_intro": MAX_INTRO,
            "counts": await counts_of(ctx, tx),
        }


routes = [shop_page, shop_act]
