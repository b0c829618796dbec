"""Listings: the list, a new one, a change (which is a new version), and taking one down or putting it back."""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError, NotFound
from liuhen.catalog.model import DAY, Delivery, ListingState, delivery_of
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import NOTHING, Texts, form, once_from, refill, typed
from liuhen.edge.web.guards import needs_seller
from liuhen.edge.web.kinds import KINDS, kind_words
from liuhen.edge.web.render import render
from liuhen.edge.web.seller.console import Text, address, counts_of, page, say, week_ago
from liuhen.edge.web.seller.differences import differences
from liuhen.edge.web.seller.listing_form import (
    MOST_DAYS,
    ListingForm,
    content_of,
    in_form_words,
    refund_rows,
    revealed_choices,
    typed_new,
    typed_of,
)
from liuhen.edge.web.seller.terms_check import check_of, in_fields, taken, unread
from liuhen.edge.web.view import view_of
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import seller_desk, seller_products
from liuhen.timing.workdays import shanghai_day

_LIST = "/seller/products"
_FORM = "seller/product_form.html"
_SHOWN = {"on": ListingState.ON_SALE, "off": ListingState.OFF_SALE, "banned": ListingState.BANNED}


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@get(_LIST, guards=[needs_seller])
async def products(ctx: Ctx, show: Text = "", q: Text = "", after: Text = "") -> Response[Any]:
    """All listings, newest change first. show: on, off, banned."""
    if show and show not in _SHOWN:
        raise NotFound("no such filter")
    words = " ".join(q.split())[:100]
    async with ctx.db.read() as tx:
        found = await seller_products.listings(
            tx,
            ctx.me,
            today=shanghai_day(ctx.now),
            week_ago=week_ago(ctx.now),
            state=_SHOWN.get(show),
            text=words,
            after=cursors.read(after),
        )
        states = await seller_products.state_counts(tx, ctx.me)
        kept = {"show": show, "q": words}
        return await page(
            ctx,
            tx,
            "seller/products.html",
            lines=[(line, kind_words(line.kind)) for line in found.lines],
            states=states,
            show=show,
            q=words,
            older=address(_LIST, kept, after=cursors.write(*found.next)) if found.next else "",
            newest=address(_LIST, kept) if after else "",
            once=ctx.new_once(),
        )


@get("/seller/products/new", guards=[needs_seller])
async def new_page(ctx: Ctx, kind: Text = "") -> Response[Any]:
    """First the kind, which says who delivers; then the form for it."""
    if not kind:
        async with ctx.db.read() as tx:
            kinds = [(words, delivery_of(value) is Delivery.AUTO) for value, words in KINDS.items()]
            return await page(ctx, tx, "seller/product_kind.html", kinds=kinds)
    if kind not in set(GoodsKind):
        raise NotFound("no such kind of goods")
    begin = typed_new(GoodsKind(kind), escrow_days=_least_escrow(ctx))
    return await _form_page(ctx, begin, None)


@post("/seller/products/new", guards=[needs_seller])
async def new_act(ctx: Ctx) -> Response[Any]:
    """Lists it as version 1, on sale at once."""
    try:
        given = await form(ctx.request, ListingForm)
        if (warnings := unread(await typed(ctx.request))) is not None:
            raise warnings
        cmd = PublishListing(
            seller_id=ctx.me,
            content=content_of(given, least_escrow=_least_escrow(ctx)),
            low_stock_at=given.low_stock_at,
        )
        made = await publish_listing(
            ctx.db,
            cmd,
            rulebook=ctx.app.rulebook(ctx.now),
            now=ctx.now,
            once=await once_from(ctx),
        )
    except LiuhenError as error:
        return await _again(ctx, error, None)
    if delivery_of(given.kind) is Delivery.AUTO:
        text = say(ctx, _("已上架。接下来导入卡密，买家才买得到"))
        return go(ctx, f"{_LIST}/{made.product_id}/stock", text)
    return go(ctx, _LIST, say(ctx, _("已上架，买家现在就能买到")))


@get("/seller/products/{product_id:uuid}/edit", guards=[needs_seller])
async def edit_page(ctx: Ctx, product_id: FromPath[UUID]) -> Response[Any]:
    """The newest version as a form."""
    found = await _mine(ctx, product_id)
    return await _form_page(ctx, typed_of(found), found)


@post("/seller/products/{product_id:uuid}/edit", guards=[needs_seller])
async def edit_act(ctx: Ctx, product_id: FromPath[UUID]) -> Response[Any]:
    """Saves a new version over the one that the seller was looking at."""
    found = await _mine(ctx, product_id)
    try:
        given = await form(ctx.request, ListingForm)
        cmd = PublishListing(
            seller_id=ctx.me,
            content=content_of(given, least_escrow=_least_escrow(ctx)),
            product_id=product_id,
            base_version=given.base_version,
            low_stock_at=given.low_stock_at,
        )
        if given.base_version == found.version and (cmd.content, cmd.low_stock_at) == (
            found.content,
            found.low_stock_at,
        ):
            return go(
                ctx, f"{_LIST}/{product_id}/edit", say(ctx, _("没有改动，仍是第 %(n)s 版"), n=found.version), "info"
            )
        if (warnings := unread(await typed(ctx.request))) is not None:
            raise warnings
        made = await publish_listing(
            ctx.db,
            cmd,
            rulebook=ctx.app.rulebook(ctx.now),
            now=ctx.now,
            once=await once_from(ctx),
        )
    except LiuhenError as error:
        return await _again(ctx, error, found)
    text = say(ctx, _("已存为第 %(n)s 版。之前的订单仍按下单时的版本"), n=made.version)
    return go(ctx, f"{_LIST}/{product_id}/versions", text)


@post("/seller/products/preview", guards=[needs_seller])
async def preview(ctx: Ctx, request: Request[Any, Any, Any]) -> Response[Any]:
    """The refund table and the check of the terms for what is typed: alone for htmx, else the whole form again.

    With `take`, after an offered wording was taken. Writes nothing.
    """
    begin = await typed(request)
    if begin.kind not in set(GoodsKind):
        raise NotFound("no such kind of goods")
    product_id = cursors.read_id(begin.product_id)
    found = await _mine(ctx, product_id) if product_id else None
    begin = taken(begin) if begin.take else begin
    if "hx-request" in request.headers:
        async with ctx.db.read() as tx:
            agreed = await seller_desk.silence_agreed(tx, ctx.me)
        check = check_of(begin, view_of(request).lang)
        return render(request, "seller/_preview.html", rows=_rows(ctx, begin, agreed), check=check)
    return await _form_page(ctx, begin, found)


class StateForm(Struct):
    to: Annotated[Literal["on", "off"], Meta(title=_("上架或下架"))]


@post("/seller/products/{product_id:uuid}/state", guards=[needs_seller])
async def set_state(ctx: Ctx, product_id: FromPath[UUID]) -> Response[Any]:
    """Takes a listing down, or puts it back. Orders that exist are not touched."""
    given = await form(ctx.request, StateForm)
    cmd = SetListingState(seller_id=ctx.me, product_id=product_id, state=_SHOWN[given.to])
    await set_listing_state(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    text = _("已下架，买家看不到也买不到了；已有的订单照常处理") if given.to == "off" else _("已重新上架")
    return go(ctx, _LIST, say(ctx, text))


@get("/seller/products/{product_id:uuid}/versions", guards=[needs_seller])
async def versions(ctx: Ctx, product_id: FromPath[UUID]) -> Response[Any]:
    """Every version with what changed in it."""

    def tell(msgid: str, **values: Any) -> str:
        return say(ctx, msgid, **values)

    found = await _mine(ctx, product_id)
    async with ctx.db.read() as tx:
        all_of_them = await seller_products.versions(tx, ctx.me, product_id)
        issuers = {choice.id: choice.name for choice in await seller_products.issuer_choices(tx)}
        before = (*all_of_them[1:], None)
        rows = [
            (version, differences(old.content, version.content, tell, issuers) if old else [])
            for version, old in zip(all_of_them, before, strict=True)
        ]
        return await page(ctx, tx, "seller/versions.html", found=found, rows=rows)


async def _mine(ctx: Context, product_id: UUID) -> seller_products.Listing:
    async with ctx.db.read() as tx:
        found = await seller_products.listing(tx, ctx.me, product_id)
    if found is None:
        raise NotFound("no such listing")
    return found


async def _form_page(ctx: Context, begin: Texts, found: seller_products.Listing | None) -> Response[Any]:
    values = await _values(ctx, begin, found)
    return render(ctx.request, _FORM, typed=begin, errors=NOTHING, once=ctx.new_once(), **values)


async def _again(ctx: Context, error: LiuhenError, found: seller_products.Listing | None) -> Response[Any]:
    """The form with what was typed and what was wrong."""
    begin = await typed(ctx.request)
    if begin.kind not in set(GoodsKind):
        raise error
    values = await _values(ctx, begin, found)
    stale = bool(found and begin.base_version and begin.base_version != str(found.version))
    return await refill(ctx, _FORM, in_form_words(in_fields(error)), **{**values, "stale": stale})


async def _values(ctx: Context, begin: Texts, found: seller_products.Listing | None) -> dict[str, Any]:
    kind = GoodsKind(begin.kind)

    def tell(msgid: str, **values: Any) -> str:
        return say(ctx, msgid, **values)

    async with ctx.db.read() as tx:
        agreed = await seller_desk.silence_agreed(tx, ctx.me)
        issuers = await seller_products.issuer_choices(tx)
        counts = await counts_of(ctx, tx)
    return {
        "found": found,
        "words": kind_words(kind),
        "auto": delivery_of(kind) is Delivery.AUTO,
        "issuers": issuers,
        "rows": _rows(ctx, begin, agreed),
        "check": check_of(begin, view_of(ctx.request).lang),
        "least_escrow": _least_escrow(ctx),
        "most_days": MOST_DAYS,
        "revealed": _revealed(ctx, kind, begin, tell),
        "stale": False,
        "counts": counts,
    }


def _rows(ctx: Context, begin: Texts, agreed: bool) -> Any:
    return refund_rows(begin, silence_agreed=agreed, rulebook=ctx.app.rulebook(ctx.now), lang=view_of(ctx.request).lang)


def _revealed(ctx: Context, kind: GoodsKind, begin: Texts, tell: Callable[..., str]) -> list[tuple[str, str]]:
    if delivery_of(kind) is not Delivery.AUTO:
        return []
    return revealed_choices(kind, begin.revealed_hours, ctx.app.rulebook(ctx.now), tell)


def _least_escrow(ctx: Context) -> int:
    """Days of escrow that the rulebook asks for at least; a listing may say more."""
    return -(-ctx.app.rulebook(ctx.now).value("escrow_release") // DAY)


routes = [products, new_page, new_act, edit_page, edit_act, preview, set_state, versions]
