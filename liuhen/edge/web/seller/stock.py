"""Stock: what lies on the shelves, a key file from upload over preview to the shelf, and taking unsold keys off."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError, NotFound
from liuhen.catalog.model import Delivery
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import NOTHING, form, once_from, refill
from liuhen.edge.web.guards import needs_seller
from liuhen.edge.web.render import render
from liuhen.edge.web.seller import stock_words as words
from liuhen.edge.web.seller.console import Text, address, counts_of, page, say, week_ago
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.stage_stock import StageStock, stage_stock
from liuhen.flows.trade.void_stock import MAX_NAMED, VoidStock, void_stock
from liuhen.keyfiles.model import MAX_FILE_BYTES, Shape, shapes_of
from liuhen.reads import seller_products, seller_stock, shelf
from liuhen.stock.model import KeyState
from liuhen.timing.workdays import shanghai_day

BODY_LIMIT = MAX_FILE_BYTES + 1_000_000
"""Bytes: the largest file, and what a form puts around it. The flow itself names the limit of the file."""
_PAGE = "seller/stock.html"
_IMPORT = "seller/import.html"


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@get("/seller/stock", guards=[needs_seller])
async def overview(ctx: Ctx, q: Text = "", after: Text = "") -> Response[Any]:
    """All listings that have a shelf, and the newest uploads."""
    text = " ".join(q.split())[:100]
    async with ctx.db.read() as tx:
        found = await seller_products.listings(
            tx,
            ctx.me,
            today=shanghai_day(ctx.now),
            week_ago=week_ago(ctx.now),
            text=text,
            keys_only=True,
            after=cursors.read(after),
        )
        uploads = await shelf.imports(tx, ctx.me, limit=10)
        older = address("/seller/stock", {"q": text}, after=cursors.write(*found.next)) if found.next else ""
        newest = address("/seller/stock", {"q": text}) if after else ""
        return await page(
            ctx, tx, "seller/shelves.html", lines=found.lines, uploads=uploads, q=text, older=older, newest=newest
        )


@get("/seller/products/{product_id:uuid}/stock", guards=[needs_seller])
async def keys_page(
    ctx: Ctx, product_id: FromPath[UUID], show: Text = "", upload: Text = "", after: Text = ""
) -> Response[Any]:
    """One listing's keys, masked. show: a key state; upload: one import's keys alone."""
    values = await _values(ctx, product_id, show, upload, after)
    return render(ctx.request, _PAGE, typed=NOTHING, errors=NOTHING, once=ctx.new_once(), **values)


class UploadForm(Struct):
    file: Annotated[UploadFile, Meta(title=_("卡密文件"))]
    shape: Annotated[Shape | None, Meta(title=_("每行是什么"))] = None


@post("/seller/products/{product_id:uuid}/stock", guards=[needs_seller], request_max_body_size=BODY_LIMIT)
async def upload_act(ctx: Ctx, product_id: FromPath[UUID]) -> Response[Any]:
    """Reads the file and keeps it encrypted for 30 minutes; no key is stored before the seller has seen the preview."""
    await _goods(ctx, product_id)
    try:
        given = await form(ctx.request, UploadForm)
        once = await once_from(ctx)
        cmd = StageStock(
            seller_id=ctx.me,
            product_id=product_id,
            filename=given.file.filename,
            data=await given.file.read(),
            shape=given.shape,
        )
        staged = await stage_stock(ctx.db, cmd, keys=ctx.app.keys, now=ctx.now, once=once)
    except LiuhenError as error:
        values = await _values(ctx, product_id, "", "", "")
        return await refill(ctx, _PAGE, error, **values)
    return go(ctx, f"/seller/stock/imports/{staged.import_id}")


@get("/seller/stock/imports/{import_id:uuid}", guards=[needs_seller])
async def import_page(ctx: Ctx, import_id: FromPath[UUID]) -> Response[Any]:
    """The preview, then the progress (read again every second), then what became of it."""
    async with ctx.db.read() as tx:
        found = await shelf.import_line(tx, ctx.me, import_id)
        if found is None:
            raise NotFound("no such upload")
        over = found.due_at is not None and found.due_at < ctx.now
        return await page(ctx, tx, _IMPORT, found=found, words=words, over=over, once=ctx.new_once())


class ConfirmForm(Struct):
    seal: Annotated[str, Meta(max_length=64)]


@post("/seller/stock/imports/{import_id:uuid}/confirm", guards=[needs_seller])
async def confirm_act(ctx: Ctx, import_id: FromPath[UUID]) -> Response[Any]:
    """The seller has seen the preview and says yes: from here the worker imports."""
    given = await form(ctx.request, ConfirmForm)
    cmd = ConfirmStock(seller_id=ctx.me, import_id=import_id, seal=given.seal)
    here = f"/seller/stock/imports/{import_id}"
    try:
        await confirm_stock(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        if error.data.get("reason") != "nothing_new":
            raise
        return go(ctx, here, say(ctx, _("这个文件里没有新的卡密，没有导入")), "info")
    return go(ctx, here)


class VoidForm(Struct):
    """what: the keys named by key_id, one import's, or all unsold ones of the listing."""

    what: Annotated[Literal["picked", "import", "all"], Meta(title=_("作废哪些"))]
    key_id: Annotated[list[UUID], Meta(title=_("卡密"), max_length=MAX_NAMED)] = []
    import_id: UUID | None = None


@post("/seller/products/{product_id:uuid}/stock/void", guards=[needs_seller])
async def void_ask(ctx: Ctx, product_id: FromPath[UUID]) -> Response[Any]:
    """What would be voided, to be confirmed. Writes nothing."""
    goods = await _goods(ctx, product_id)
    given = await form(ctx.request, VoidForm)
    here = f"/seller/products/{product_id}/stock"
    if given.what == "picked" and not given.key_id:
        return go(ctx, here, say(ctx, _("还没有选卡密。先勾选要作废的，再按作废")), "info")
    async with ctx.db.read() as tx:
        count = await seller_stock.unsold(tx, ctx.me, product_id, **_which(given))
        if not count:
            return go(ctx, here, say(ctx, _("没有可以作废的：只有没卖出的卡密能作废")), "info")
        return await page(ctx, tx, "seller/void.html", goods=goods, given=given, count=count, once=ctx.new_once())


@post("/seller/products/{product_id:uuid}/stock/void/confirm", guards=[needs_seller])
async def void_act(ctx: Ctx, product_id: FromPath[UUID]) -> Response[Any]:
    """Takes unsold keys off the shelf for good."""
    given = await form(ctx.request, VoidForm)
    if given.what == "picked" and not given.key_id:
        raise InvalidInput("no key was named", reason="missing", field="key_id")
    cmd = VoidStock(seller_id=ctx.me, product_id=product_id, **_which(given))
    done = await void_stock(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    text = say(ctx, _("已作废 %(n)s 张，不会再卖"), n=done.voided)
    if done.kept:
        text += say(ctx, _("；另有 %(n)s 张刚被买走或已作废，没有动"), n=done.kept)
    return go(ctx, f"/seller/products/{product_id}/stock", text)


def _which(given: VoidForm) -> dict[str, Any]:
    if given.what == "picked":
        return {"key_ids": given.key_id}
    if given.what == "import":
        if given.import_id is None:
            raise InvalidInput("no import was named", reason="missing", field="import_id")
        return {"import_id": given.import_id}
    return {}


async def _goods(ctx: Context, product_id: UUID) -> shelf.ShelfGoods:
    async with ctx.db.read() as tx:
        goods = await shelf.goods(tx, ctx.me, product_id)
    if goods is None:
        raise NotFound("no such listing")
    return goods


async def _values(ctx: Context, product_id: UUID, show: str, upload: str, after: str) -> dict[str, Any]:
    if show and show not in set(KeyState):
        raise NotFound("no such state")
    goods = await _goods(ctx, product_id)
    import_id = cursors.read_id(upload)
    here = f"/seller/products/{product_id}/stock"
    async with ctx.db.read() as tx:
        day = shanghai_day(ctx.now) + timedelta(days=goods.min_validity_days)
        found = await seller_stock.keys(
            tx,
            ctx.me,
            product_id,
            state=KeyState(show) if show else None,
            import_id=import_id,
            before=cursors.read_id(after),
        )
        kept = {"show": show, "upload": upload}
        return {
            "goods": goods,
            "auto": goods.delivery is Delivery.AUTO,
            "shapes": [(shape, words.SHAPES[shape]) for shape in shapes_of(goods.kind)],
            "shelf": await shelf.counts(tx, ctx.me, product_id, day),
            "keys": found.keys,
            "uploads": await shelf.imports(tx, ctx.me, product_id=product_id, limit=5),
            "picked": await shelf.import_line(tx, ctx.me, import_id) if import_id else None,
            "show": show,
            "upload": upload,
            "here": here,
            "older": address(here, kept, after=str(found.next)) if found.next else "",
            "newest": address(here, kept) if after else "",
            "words": words,
            "counts": await counts_of(ctx, tx),
        }


routes = [overview, keys_page, upload_act, import_page, confirm_act, void_ask, void_act]
