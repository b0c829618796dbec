"""Shops: what the platform takes, and listings that the platform bans or lets back."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError
from liuhen.catalog.model import ListingState
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.admin.overview import ReasonForm
from liuhen.edge.web.admin.words import LISTING, act_text, lang_of, say
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, prefilled, refill
from liuhen.edge.web.guards import needs_admin
from liuhen.edge.web.kinds import kind_words
from liuhen.edge.web.wording import percent
from liuhen.flows.people.set_fee import FEE_LIMITS, SetFee, set_fee
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import admin_acts, admin_shops

_PAGE = "admin/shop.html"
Words = Annotated[str, QueryParameter(max_length=100)]
Short = Annotated[str, QueryParameter(max_length=80)]
_PERCENT = r"^[0-9]{1,2}(\.[0-9]{1,2})?$"


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class FeeForm(Struct):
    """fee: in per cent as typed, up to two decimals."""

    fee: Annotated[str, Meta(title=_("费率"), pattern=_PERCENT)]
    reason: Annotated[str, Meta(title=_("理由"), min_length=2, max_length=500)]


@get("/admin/shops", guards=[needs_admin])
async def shops(ctx: Ctx, q: Words = "", after: Short = "") -> Response[Any]:
    """All shops, newest first."""
    async with ctx.db.read() as tx:
        found = await admin_shops.shops(tx, words=q, after=cursors.read_id(after))
    return blank(ctx, "admin/shops.html", found=found, query=q)


@get("/admin/shops/{book_id:uuid}", guards=[needs_admin])
async def shop(ctx: Ctx, book_id: FromPath[UUID]) -> Response[Any]:
    """One shop. Raises NotFound."""
    found = await _values(ctx, book_id)
    return blank(ctx, _PAGE, typed=prefilled(fee=percent(found["shop"].fee_basis_points).rstrip("%")), **found)


@post("/admin/shops/{book_id:uuid}/fee", guards=[needs_admin])
async def fee(ctx: Ctx, book_id: FromPath[UUID]) -> Response[Any]:
    """What the platform takes from now on; orders that exist keep theirs."""
    try:
        given = await form(ctx.request, FeeForm)
        points = _basis_points(given.fee)
        cmd = SetFee(admin_id=ctx.me, book_id=book_id, fee_basis_points=points, reason=given.reason)
        done = await set_fee(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, book_id))
    text = say(ctx, _("费率改为 %(fee)s，卖家收到了消息"), fee=percent(done.after))
    return go(ctx, f"/admin/shops/{book_id}", text)


@post("/admin/shops/{book_id:uuid}/products/{product_id:uuid}/ban", guards=[needs_admin])
async def ban(ctx: Ctx, book_id: FromPath[UUID], product_id: FromPath[UUID]) -> Response[Any]:
    """Nobody can buy it any more, and its seller cannot put it back. Orders that exist go on."""
    return await _set_state(ctx, book_id, product_id, ListingState.BANNED, _("已禁售，卖家收到了理由"))


@post("/admin/shops/{book_id:uuid}/products/{product_id:uuid}/unban", guards=[needs_admin])
async def unban(ctx: Ctx, book_id: FromPath[UUID], product_id: FromPath[UUID]) -> Response[Any]:
    """Its seller decides again; it stays off sale until he puts it back."""
    return await _set_state(ctx, book_id, product_id, ListingState.OFF_SALE, _("已解除禁售，由卖家决定何时再上架"))


routes = [shops, shop, fee, ban, unban]


async def _set_state(ctx: Context, book_id: UUID, product_id: UUID, state: ListingState, done: str) -> Response[Any]:
    try:
        given = await form(ctx.request, ReasonForm)
        cmd = SetListingState(
            seller_id=book_id, product_id=product_id, state=state, staff_id=ctx.me, reason=given.reason
        )
        await set_listing_state(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, book_id))
    return go(ctx, f"/admin/shops/{book_id}", say(ctx, done))


async def _values(ctx: Context, book_id: UUID) -> dict[str, Any]:
    async with ctx.db.read() as tx:
        found = await admin_shops.shop(tx, book_id)
        products = await admin_shops.products(tx, book_id)
        acts = await admin_acts.acts(tx, about=book_id, limit=20)
    return {
        "shop": found,
        "products": [(say(ctx, kind_words(GoodsKind(one.kind)).label), one) for one in products],
        "states": LISTING,
        "acts": [(*act_text(act, lang_of(ctx)), act) for act in acts.acts],
        "most_fee": percent(FEE_LIMITS[1]),
    }


def _basis_points(text: str) -> int:
    """2.5 (per cent) -> 250 basis points, without a float in between. Raises InvalidInput outside the limits."""
    whole, _dot, part = text.partition(".")
    points = int(whole) * 100 + int(part.ljust(2, "0") or "0")
    least, most = FEE_LIMITS
    if not least <= points <= most:  # the flow would name the limits in basis points
        raise InvalidInput("a fee outside the limits", field="fee", reason="between", least="0", most=percent(most))
    return points
