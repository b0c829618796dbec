"""One order: what happened, what comes next, every piece as a thing, and what its buyer may do with it."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError, NotFound
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import events as told
from liuhen.edge.web import ranges
from liuhen.edge.web.buyer import order_words as words
from liuhen.edge.web.buyer.seal_table import Row, rows_of
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.aftersale.choose_to_wait import ChooseToWait, choose_to_wait
from liuhen.flows.aftersale.compare_seal import CompareSeal, compare_seal
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.close_order import CloseOrder, close_order
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.show_many import MAX_SHOWN, ShowMany, show_many
from liuhen.reads import evidence, numbers, order_page, unit_use
from liuhen.reads.order_page import OrderView, UnitView

FEW = 6
"""Up to so many pieces each has a card of its own; more become a list with boxes."""
PAGE = 100
EVENTS = 40
"""Newest events on the order's page; all of them are on the page of the record."""
Page = Annotated[int, QueryParameter(ge=1, le=1000)]
Units = Annotated[str, QueryParameter(max_length=2000)]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class PickForm(Struct):
    """Boxes of the list. u: numbers or ranges; everything: all pieces in this state; step: of the refund page."""

    act: Literal["seal", "refund", "show"]
    u: list[str] = []
    everything: Literal["", "SEALED", "REVEALED", "ALL"] = ""
    step: bool = False


class UnitsForm(Struct):
    units: Annotated[str, Meta(max_length=2000)]


class WaitForm(Struct):
    """days: how much longer, counted from the later of now and the end of the grace."""

    units: Annotated[str, Meta(max_length=2000)]
    days: Literal[1, 3, 7, 14]


@get("/orders/{order_no:str}", guards=[needs_party])
async def order(ctx: Ctx, order_no: FromPath[str], page: Page = 1) -> Response[Any]:
    """The order's page for its buyer; its seller is led to his own page of it. Raises NotFound."""
    try:
        return await _order_page(ctx, order_no, page)
    except NotFound:
        async with ctx.db.read() as tx:
            path = await numbers.path_of(tx, order_no, ctx.me)
        if path is None or not path.startswith("/seller/"):
            raise
        return Redirect(path, status_code=303)


@post("/orders/{order_no:str}/pick", guards=[needs_party])
async def pick(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """What is ticked in the list of a large order, on to the page that acts on it."""
    given = await form(ctx.request, PickForm)
    found = await find(ctx, order_no)
    numbers = _picked(found, given)
    if not numbers:
        back = f"/orders/{order_no}/refund" if given.step else f"/orders/{order_no}"
        return go(ctx, back, say(ctx, _("先勾选要处理的件")), "info")
    if given.act == "show":
        return await _show(ctx, found, numbers)
    return Redirect(f"/orders/{order_no}/{given.act}?units={ranges.write(numbers)}", status_code=303)


@get("/orders/{order_no:str}/seal", guards=[needs_party])
async def ask_seal(ctx: Ctx, order_no: FromPath[str], units: Units = "") -> Response[Any]:
    """What breaking these seals changes, before it is done."""
    found = await find(ctx, order_no)
    whole = [unit for no in ranges.read([units]) if (unit := found.unit(no)).state == "SEALED" and not unit.case_open]
    if not whole:
        return Redirect(f"/orders/{order_no}", status_code=303)
    return blank(
        ctx,
        "buyer/seal.html",
        order=found,
        units=whole[:MAX_SHOWN],
        left_out=len(whole) - len(whole[:MAX_SHOWN]),
        ranges_text=ranges.write(unit.no for unit in whole[:MAX_SHOWN]),
        words_of=ranges.words((unit.no for unit in whole[:MAX_SHOWN]), lang_of(ctx)),
        rows=await seal_rows(ctx, found, whole[0]),
    )


@post("/orders/{order_no:str}/seal", guards=[needs_party])
async def seal(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Breaks the seals of the named pieces."""
    given = await form(ctx.request, UnitsForm)
    found = await find(ctx, order_no)
    ids = found.ids(ranges.read([given.units]))
    cmd = BreakSeal(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_ids=ids)
    broken = await break_seal(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    text = say(ctx, _("%(n)s 件已拆封，时间已写进记录。点“显示”看卡密。"), n=len(broken.unit_ids))
    return go(ctx, f"/orders/{order_no}", text)


@get("/orders/{order_no:str}/keys", guards=[needs_party])
async def keys_again(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """The page of shown keys is not kept: coming back leads to the order."""
    return Redirect(f"/orders/{order_no}", status_code=303)


@post("/orders/{order_no:str}/keys", guards=[needs_party])
async def keys(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Many revealed keys in full, on this answer alone; every look is on record."""
    given = await form(ctx.request, UnitsForm)
    return await _show(ctx, await find(ctx, order_no), ranges.read([given.units]))


@post("/orders/{order_no:str}/confirm", guards=[needs_party])
async def confirm(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Confirms receipt: the money goes to the seller at once."""
    found = await find(ctx, order_no)
    cmd = ConfirmReceipt(buyer_id=ctx.me, book_id=found.book_id, order_id=found.id)
    done = await confirm_receipt(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    text = say(ctx, _("已确认收货，%(n)s 件的货款已付给卖家。之后发现问题，仍可申请退款。"), n=done.released)
    return go(ctx, f"/orders/{order_no}", text)


@post("/orders/{order_no:str}/cancel", guards=[needs_party])
async def cancel(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Cancels an order that is not paid."""
    found = await find(ctx, order_no)
    cmd = CloseOrder(book_id=found.book_id, order_id=found.id, buyer_id=ctx.me)
    await close_order(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, f"/orders/{order_no}", say(ctx, _("订单已取消，没有扣款。")))


@post("/orders/{order_no:str}/wait", guards=[needs_party])
async def wait(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Goes on waiting for a delivery until a day; until then nothing is refunded by itself."""
    given = await form(ctx.request, WaitForm)
    found = await find(ctx, order_no)
    units = [found.unit(no) for no in ranges.read([given.units])]
    if not units:
        raise InvalidInput("name the pieces", reason="missing", field="units")
    base = max([ctx.now, *(unit.late_act_at for unit in units if unit.late_act_at)])
    until = base + timedelta(days=given.days)
    cmd = ChooseToWait(
        buyer_id=ctx.me, book_id=found.book_id, order_id=found.id, unit_ids=[u.id for u in units], until=until
    )
    await choose_to_wait(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, f"/orders/{order_no}", say(ctx, _("好的，继续等。到时还没送达，自动全额退。")))


routes = [order, pick, ask_seal, seal, keys_again, keys, confirm, cancel, wait]


async def find(ctx: Context, order_no: str) -> OrderView:
    """The visitor's own order. Raises NotFound."""
    async with ctx.db.read() as tx:
        return await order_page.order_of(tx, order_no, ctx.me)


def lang_of(ctx: Context) -> str:
    return view_of(ctx.request).lang


def say(ctx: Context, msgid: str, **values: Any) -> str:
    """A sentence in the visitor's language."""
    return translate(lang_of(ctx), msgid, **values)


async def seal_rows(ctx: Context, order: OrderView, unit: UnitView) -> tuple[Row, ...]:
    """Now and after, asked of policy; empty if the seal is no longer whole."""
    cmd = CompareSeal(buyer_id=ctx.me, book_id=order.book_id, order_id=order.id, unit_id=unit.id)
    try:
        both = await compare_seal(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now)
    except LiuhenError:
        return ()
    return rows_of(both, lang_of(ctx))


def _picked(order: OrderView, given: PickForm) -> list[int]:
    """Pieces that the act can be done with, of those ticked."""
    fits = {"seal": ("SEALED",), "show": ("REVEALED",), "refund": _REFUNDABLE}[given.act]
    wanted = set(ranges.read(given.u))
    if given.everything:
        wanted |= {unit.no for unit in order.units if given.everything in (unit.state, "ALL")}
    return [unit.no for unit in order.units if unit.no in wanted and unit.state in fits and not unit.case_open]


_REFUNDABLE = ("SEALED", "REVEALED", "TO_DELIVER", "HANDED_OVER")


async def _order_page(ctx: Context, order_no: str, page: int) -> Response[Any]:
    wordy = words.Wordy(lang_of(ctx), ctx.now)
    async with ctx.db.read() as tx:
        found = await order_page.order_of(tx, order_no, ctx.me)
        shown = found.units if len(found.units) <= FEW else found.units[(page - 1) * PAGE : page * PAGE]
        said = await unit_use.sayings(tx, found.book_id, [unit.id for unit in shown])
        record = await evidence.events(tx, found.book_id, found.id)
    reader = told.Reader(wordy.lang, ctx.now, "buyer", {str(unit.id): unit.no for unit in found.units})
    counts = words.count(found)
    instant = ctx.app.rulebook(found.created_at).value("instant_window")
    first = first_sealed(found) if len(found.units) <= FEW else {}
    return blank(
        ctx,
        "buyer/order.html",
        order=found,
        units=shown,
        face=words.face(found, counts, wordy),
        counts=counts,
        claims={unit.no: words.claims(unit, said.get(unit.id, {}), wordy) for unit in shown},
        use={unit.no: words.standing(said.get(unit.id, {}), wordy) for unit in shown},
        rows={line_no: await seal_rows(ctx, found, unit) for line_no, unit in first.items()},
        events=words.coming(found, instant, wordy)
        + [told.entry(event, reader) for event in record[: -EVENTS - 1 : -1]],
        erased=told.erasure(record),
        older_events=max(0, len(record) - EVENTS),
        instant_end=_instant_end(found, instant, ctx.now),
        instant=timedelta(seconds=instant),
        few=len(found.units) <= FEW,
        refundable=_REFUNDABLE,
        page=page,
        pages=-(-len(found.units) // PAGE),
        waiting=[unit for unit in found.units if unit.state == "TO_DELIVER" and not unit.case_open],
        ranges=ranges,
    )


def first_sealed(order: OrderView) -> dict[int, UnitView]:
    """The first piece of each line whose seal is whole and which is in no case."""
    found: dict[int, UnitView] = {}
    for unit in order.units:
        if unit.state == "SEALED" and not unit.case_open:
            found.setdefault(unit.line_no, unit)
    return found


def _instant_end(order: OrderView, instant: int, now: datetime) -> tuple[datetime, datetime] | None:
    """(start, end) of the window for instant refunds that ends first, while one is open."""
    starts = [u.delivered_at for u in order.units if u.state == "SEALED" and not u.case_open and u.delivered_at]
    ends = [(at, at + timedelta(seconds=instant)) for at in starts if at + timedelta(seconds=instant) > now]
    return min(ends, default=None)


async def _show(ctx: Context, order: OrderView, numbers: list[int]) -> Response[Any]:
    cmd = ShowMany(buyer_id=ctx.me, book_id=order.book_id, order_id=order.id, unit_ids=order.ids(numbers[:MAX_SHOWN]))
    many = await show_many(ctx.db, cmd, keys=ctx.app.keys, now=ctx.now)
    by_id = {unit.id: unit for unit in order.units}
    return blank(
        ctx,
        "buyer/keys.html",
        order=order,
        shown=[(by_id[one.unit_id], one) for one in many.units],
        left_out=max(0, len(numbers) - MAX_SHOWN),
    )
