"""A seller's key files and keys: upload, preview, yes, progress; keys masked; voiding what is unsold."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import InvalidInput, NotFound, StateConflict, TooLarge
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, Fen, Given, shape
from liuhen.edge.context import Context, Ctx
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.stage_stock import StageStock, stage_stock
from liuhen.flows.trade.void_stock import MAX_NAMED, VoidStock, void_stock
from liuhen.keyfiles.model import MAX_FILE_BYTES, ImportState, Report, Shape
from liuhen.reads import shelf
from liuhen.stock.model import KeyState
from liuhen.timing.workdays import shanghai_day

TEXTS = ("text/plain", "text/csv", "text/tab-separated-values", "application/octet-stream")
Seal = Annotated[str, Meta(min_length=64, max_length=64, description="`seal` of the preview, hex.")]


class KeyFile(Given, frozen=True, kw_only=True):
    """filename: as its seller knows it. shape: what a line is, where the preview had it wrong."""

    filename: Annotated[str, Meta(min_length=1, max_length=255, examples=["keys.txt"])]
    shape: Shape | None = None


class StockUpload(Answer, frozen=True, kw_only=True):
    """An upload. report: what was understood and what is refused, by line; no secret is in it. done of total lines.

    seal: what confirming names, so that nobody confirms what he has not seen. due_at: until when it may be confirmed.
    """

    id: UUID
    product_id: UUID
    title: str
    filename: str
    state: ImportState
    seal: str
    report: Report
    total: int
    done: int
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    failure: str | None
    actions: list[str]


class StockUploads(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[StockUpload]
    next: str | None


class WhichUploads(Asked, frozen=True, kw_only=True):
    """Of one product, or of all."""

    product_id: UUID | None = None


class SeenPreview(Given, frozen=True, kw_only=True):
    """Says: I have seen the preview."""

    seal: Seal


class StockCounts(Answer, frozen=True, kw_only=True):
    """Keys by state. short: they expire too soon to be sold."""

    product_id: UUID
    sellable: int
    short: int
    reserved: int
    sealed: int
    revealed: int
    retired: int
    void: int


class StockKey(Answer, frozen=True, kw_only=True):
    """One key, masked. line_no: in the file it came from."""

    id: UUID
    upload_id: UUID
    line_no: int
    state: KeyState
    mask: str
    valid_until: date | None
    face_value_fen: Fen | None
    region: str | None
    unit_id: UUID | None
    created_at: datetime


class StockKeys(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[StockKey]
    next: str | None


class WhichKeys(Asked, frozen=True, kw_only=True):
    """In one state, of one upload, or all."""

    state: KeyState | None = None
    upload_id: UUID | None = None


class VoidKeys(Given, frozen=True, kw_only=True):
    """Exactly one of: key_ids; upload_id; all_unsold true."""

    key_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_NAMED)] | None = None
    upload_id: UUID | None = None
    all_unsold: bool = False


class VoidedKeys(Answer, frozen=True, kw_only=True):
    """kept: keys that were named and are sold, reserved, voided before, or not there."""

    voided: int
    kept: int


@op(
    "POST",
    "/seller/products/{product_id:uuid}/stock/uploads",
    "sell",
    "Upload a key file",
    TooLarge,
    InvalidInput,
    status=201,
    uploads=TEXTS,
    most_bytes=MAX_FILE_BYTES + 1000,
)
async def upload_keys(ctx: Ctx, product_id: FromPath[UUID], asked: Take[KeyFile], once: Take[Once]) -> StockUpload:
    """20 MB, 200,000 lines, 4 KB a line. Kept encrypted for 30 minutes; no key is stored before it is confirmed."""
    cmd = StageStock(
        seller_id=ctx.me,
        product_id=product_id,
        filename=asked.filename,
        data=await ctx.request.body(),
        shape=asked.shape,
    )
    staged = await stage_stock(ctx.db, cmd, keys=ctx.app.keys, now=ctx.now, once=once)
    return await _upload(ctx, staged.import_id)


@op("GET", "/seller/stock/uploads", "sell", "My uploads")
async def list_uploads(ctx: Ctx, asked: Take[WhichUploads]) -> StockUploads:
    """Newest first."""
    before = cursors.read(ctx, "uploads", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        found = await shelf.imports(tx, ctx.me, product_id=asked.product_id, before=before, limit=asked.limit + 1)
    shown = found[: asked.limit]
    place = shown[-1].id if len(found) > asked.limit else None
    return StockUploads(items=[_shaped(ctx, item) for item in shown], next=cursors.write(ctx, "uploads", place))


@op("GET", "/seller/stock/uploads/{upload_id:uuid}", "sell", "One upload")
async def get_upload(ctx: Ctx, upload_id: FromPath[UUID]) -> StockUpload:
    """Preview, then progress, then what became of it."""
    return await _upload(ctx, upload_id)


@op("POST", "/seller/stock/uploads/{upload_id:uuid}/confirm", "sell", "Confirm an upload", StateConflict)
async def confirm_upload(
    ctx: Ctx, upload_id: FromPath[UUID], given: Take[SeenPreview], once: Take[Once]
) -> StockUpload:
    """From here the worker imports: all of it in one go, or nothing."""
    cmd = ConfirmStock(seller_id=ctx.me, import_id=upload_id, seal=given.seal)
    await confirm_stock(ctx.db, cmd, now=ctx.now, once=once)
    return await _upload(ctx, upload_id)


@op("GET", "/seller/products/{product_id:uuid}/stock", "sell", "What lies on a shelf")
async def count_stock(ctx: Ctx, product_id: FromPath[UUID]) -> StockCounts:
    """Keys by state."""
    async with ctx.db.read() as tx:
        goods = await shelf.goods(tx, ctx.me, product_id)
        if goods is None:
            raise NotFound("no such listing")
        day = shanghai_day(ctx.now) + timedelta(days=goods.min_validity_days)
        counts = await shelf.counts(tx, ctx.me, product_id, day)
    return shape(counts, StockCounts)


@op("GET", "/seller/products/{product_id:uuid}/stock/keys", "sell", "Keys of a listing, masked")
async def list_keys(ctx: Ctx, product_id: FromPath[UUID], asked: Take[WhichKeys]) -> StockKeys:
    """Nobody sees a key in full but its buyer, and a reviewer with a reason."""
    name = f"keys:{product_id}"
    before = cursors.read(ctx, name, asked.cursor, UUID)
    async with ctx.db.read() as tx:
        if await shelf.goods(tx, ctx.me, product_id) is None:
            raise NotFound("no such listing")
        found = await shelf.keys(
            tx,
            ctx.me,
            product_id,
            state=asked.state,
            import_id=asked.upload_id,
            before=before,
            limit=asked.limit + 1,
        )
    shown = found[: asked.limit]
    place = shown[-1].id if len(found) > asked.limit else None
    items = [shape(key, StockKey, upload_id=key.import_id) for key in shown]
    return StockKeys(items=items, next=cursors.write(ctx, name, place))


@op("POST", "/seller/products/{product_id:uuid}/stock/void", "sell", "Void unsold keys", InvalidInput)
async def void_keys(ctx: Ctx, product_id: FromPath[UUID], given: Take[VoidKeys], once: Take[Once]) -> VoidedKeys:
    """For good: a voided key is not taken for new if it is uploaded again."""
    chosen = (given.key_ids is not None) + (given.upload_id is not None) + given.all_unsold
    if chosen != 1:
        raise InvalidInput("say which keys: key_ids, upload_id or all_unsold", field="key_ids", reason="choice")
    cmd = VoidStock(seller_id=ctx.me, product_id=product_id, key_ids=given.key_ids, import_id=given.upload_id)
    return shape(await void_stock(ctx.db, cmd, now=ctx.now, once=once), VoidedKeys)


async def _upload(ctx: Context, upload_id: UUID) -> StockUpload:
    async with ctx.db.read() as tx:
        found = await shelf.import_line(tx, ctx.me, upload_id)
    if found is None:
        raise NotFound("no such upload")
    return _shaped(ctx, found)


def _shaped(ctx: Context, line: shelf.ImportLine) -> StockUpload:
    in_time = line.due_at is not None and ctx.now <= line.due_at
    may = line.state is ImportState.STAGED and in_time and line.report.new > 0
    return shape(line, StockUpload, actions=["confirm"] if may else [])


routes = [upload_keys, list_uploads, get_upload, confirm_upload, count_stock, list_keys, void_keys]
