"""A shop's orders: the list, one order with masks only, delivery by hand, and the seller's own word about use."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError, NotFound
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.events import USE, Reader, entry, erasure
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import NOTHING, Yuan, form, once_from, refill
from liuhen.edge.web.guards import needs_seller
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.render import render
from liuhen.edge.web.seller import order_words as words
from liuhen.edge.web.seller.console import Text, address, counts_of, page, say
from liuhen.edge.web.seller.proofs import keep_proofs
from liuhen.edge.web.uploads import PICTURES_BODY
from liuhen.edge.web.view import view_of
from liuhen.edge.web.wording import ZONE
from liuhen.evidence.model import MAX_PER_CASE
from liuhen.flows.trade.begin_work import BeginWork, begin_work
from liuhen.flows.trade.deliver_by_hand import MAX_TEXT, DeliverByHand, deliver_by_hand
from liuhen.flows.trade.record_redemption import RecordRedemption, record_redemption
from liuhen.reads import evidence, proofs, seller_orders, unit_use
from liuhen.reads.seller_orders import OrderView, Shelf
from liuhen.redemption.model import UseState

_PAGE = "seller/order.html"
_LIST = "/seller/orders"
UNITS_SHOWN = 50
Start = Annotated[int, QueryParameter(ge=1, le=100_000)]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@get(_LIST, guards=[needs_seller])
async def orders(ctx: Ctx, show: Text = "", q: Text = "", after: Text = "") -> Response[Any]:
    """All orders, newest first. show: one of the shelves; q: part of a number or of a title."""
    if show and show not in set(Shelf):
        raise NotFound("no such filter")
    text, shelf = " ".join(q.split())[:100], Shelf(show or Shelf.ALL)
    kept = {"show": "" if shelf is Shelf.ALL else str(shelf), "q": text}

    def tell(msgid: str, **values: Any) -> str:
        return say(ctx, msgid, **values)

    async with ctx.db.read() as tx:
        found = await seller_orders.orders(tx, ctx.me, shelf=shelf, text=text, after=cursors.read_id(after))
        return await page(
            ctx,
            tx,
            "seller/orders.html",
            rows=[(line, *words.line_state(line, tell)) for line in found.orders],
            counts_by_shelf=await seller_orders.counts(tx, ctx.me),
            shelf=shelf,
            q=text,
            older=address(_LIST, kept, after=str(found.next)) if found.next else "",
            newest=address(_LIST, kept) if after else "",
        )


@get("/seller/orders/{order_no:str}", guards=[needs_seller])
async def order(ctx: Ctx, order_no: FromPath[str], start: Start = 1) -> Response[Any]:
    """One order of one's own book. Raises NotFound for everybody else's."""
    values = await _values(ctx, order_no, start)
    return render(ctx.request, _PAGE, typed=NOTHING, errors=NOTHING, once=ctx.new_once(), **values)


class DeliverForm(Struct):
    line_no: Annotated[int, Meta(ge=1, le=100)]
    text: Annotated[str, Meta(title=_("交付内容"), min_length=1, max_length=MAX_TEXT)]
    receipt_no: Annotated[str, Meta(title=_("凭证号"), max_length=120)] = ""
    pictures: Annotated[list[UploadFile], Meta(title=_("图片"))] = []


@post("/seller/orders/{order_no:str}/deliver", guards=[needs_seller], request_max_body_size=PICTURES_BODY)
async def deliver(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Delivers all pieces of a line that wait for the seller's hand; its pictures follow, each by itself."""
    found = await _mine(ctx, order_no)
    try:
        given = await form(ctx.request, DeliverForm)
        cmd = DeliverByHand(
            seller_id=ctx.me,
            order_id=found.id,
            line_no=given.line_no,
            text=given.text,
            receipt_no=given.receipt_no,
        )
        done = await deliver_by_hand(
            ctx.db, cmd, keys=ctx.app.keys, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx)
        )
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, order_no, 1))
    text = say(ctx, _("已交付 %(n)s 件，买家已收到通知。担保期满后货款付给你"), n=done.pieces)
    _kept, refused = await keep_proofs(ctx, found.id, done.delivery_id, given.pictures) if given.pictures else (0, "")
    return go(ctx, f"{_LIST}/{order_no}", text + refused, "no" if refused else "done")


class BeginForm(Struct):
    line_no: Annotated[int, Meta(ge=1, le=100)]


@post("/seller/orders/{order_no:str}/begin", guards=[needs_seller])
async def begin(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """The seller's word that he has begun the work on a line."""
    found = await _mine(ctx, order_no)
    try:
        given = await form(ctx.request, BeginForm)
        cmd = BeginWork(seller_id=ctx.me, order_id=found.id, line_no=given.line_no)
        await begin_work(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, order_no, 1))
    return go(ctx, f"{_LIST}/{order_no}", say(ctx, _("已记下：开工了。买家已收到通知")))


class UseForm(Struct):
    """occurred_at: as a browser sends a local time, 2026-11-22T10:00; Shanghai's."""

    unit: Annotated[int, Meta(title=_("哪一件"), ge=1, le=10_000)]
    state: Annotated[UseState, Meta(title=_("使用情况"))]
    note: Annotated[str, Meta(title=_("怎么知道的"), max_length=1000)] = ""
    remaining: Annotated[Yuan | None, Meta(title=_("还剩多少"))] = None
    occurred_at: Annotated[str, Meta(title=_("什么时候"), max_length=40)] = ""


@post("/seller/orders/{order_no:str}/use", guards=[needs_seller])
async def use(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """The seller's own word about a piece; it stands beside what others say."""
    found = await _mine(ctx, order_no)
    try:
        given = await form(ctx.request, UseForm)
        cmd = RecordRedemption(
            by=ctx.me,
            book_id=ctx.me,
            order_id=found.id,
            unit_id=found.unit(given.unit).id,
            state=given.state,
            note=given.note,
            remaining_fen=given.remaining,
            occurred_at=_from_shanghai(given.occurred_at),
        )
        await record_redemption(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except NotFound:
        raise
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx, order_no, 1))
    return go(ctx, f"{_LIST}/{order_no}", say(ctx, _("已记下你的说法，和别人的并列，谁也不覆盖谁")))


def _from_shanghai(typed: str) -> datetime | None:
    """UTC, None for nothing typed. A time without a zone is Shanghai's. Raises InvalidInput."""
    if not typed:
        return None
    try:
        at = datetime.fromisoformat(typed)
    except ValueError as error:
        raise InvalidInput("not a time", reason="date_time", field="occurred_at") from error
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(UTC)


async def _mine(ctx: Context, order_no: str) -> OrderView:
    async with ctx.db.read() as tx:
        return await seller_orders.order_of(tx, order_no, ctx.me)


async def _values(ctx: Context, order_no: str, start: int) -> dict[str, Any]:
    lang = view_of(ctx.request).lang

    def tell(msgid: str, **values: Any) -> str:
        return say(ctx, msgid, **values)

    async with ctx.db.read() as tx:
        found = await seller_orders.order_of(tx, order_no, ctx.me)
        shown = found.units[start - 1 : start - 1 + UNITS_SHOWN]
        said = await unit_use.sayings(tx, found.book_id, [unit.id for unit in shown])
        proven = await proofs.by_delivery(tx, found.book_id, found.id)
        told = await evidence.events(tx, found.book_id, found.id)
        counts = await counts_of(ctx, tx)
    reader = Reader(lang=lang, now=ctx.now, viewer="seller", numbers={str(u.id): u.no for u in found.units})
    waits = {line.line_no: found.waiting(line.line_no) for line in found.lines}
    return {
        "order": found,
        "state": words.order_state(found, tell, ctx.now, lang),
        "buyer": words.buyer(found.buyer_name),
        "waits": waits,
        "targets": {line.line_no: words.target(line.target, bool(waits[line.line_no])) for line in found.lines},
        "units": [(unit, _about(unit, said.get(unit.id, {}), tell, ctx.now, lang)) for unit in shown],
        "more": {"start": start, "size": UNITS_SHOWN, "total": len(found.units)},
        "use_units": [unit.no for unit in found.units if unit.delivered],
        "use_states": list(USE.items()),
        "trace": [*_next(found, tell), *(entry(event, reader) for event in reversed(told))],
        "erased": erasure(told),
        "words": words,
        "reasons": {case.reason: label_of(case.reason) for case in found.cases},
        "proven": proven,
        "room": {handed.id: MAX_PER_CASE - len(proven.get(handed.id, ())) for handed in found.handed},
        "max_text": MAX_TEXT,
        "counts": counts,
    }


def _about(unit: seller_orders.UnitView, said: dict[str, Any], tell: Any, now: datetime, lang: str) -> list[str]:
    """Every side's newest word about a piece, the platform's own record of the seal first."""
    sealed = words.seal(unit, tell, now, lang)
    order_of_sides = [said[side] for side in ("ISSUER", "BUYER", "SELLER") if side in said]
    return [*([sealed] if sealed else []), *(words.saying(one, tell, now, lang) for one in order_of_sides)]


def _next(found: OrderView, tell: Any) -> list[dict[str, Any]]:
    """What comes next by itself, as the first entries of the line of time."""
    due = min((u.late_act_at for u in found.units if u.state == "TO_DELIVER" and u.late_act_at), default=None)
    if due is not None:
        return [{"kind": "next", "at": due, "text": tell(_("没有交付就自动全额退给买家"))}]
    held = [u.release_due_at for u in found.units if u.escrow == "HELD" and not u.case_open and u.release_due_at]
    return [{"kind": "rest", "at": min(held), "text": tell(_("货款付给你"))}] if held else []


routes = [orders, order, deliver, begin, use]
