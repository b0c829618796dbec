"""The step before an order exists: see, correct, confirm, then order (电商法 50(2)). Nothing is kept between two sights
of the page: all lines travel in the form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from liuhen.base.db import Tx
from liuhen.base.errors import InvalidInput, LiuhenError, NotFound, OutOfStock, PriceChanged
from liuhen.edge.context import Ctx
from liuhen.edge.once import once_from
from liuhen.edge.problems import status_of
from liuhen.edge.web import cursors
from liuhen.edge.web.flash import go
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.mistakes import sentence
from liuhen.edge.web.nav import LINKS
from liuhen.edge.web.offers import Ticket, shown
from liuhen.edge.web.render import render
from liuhen.edge.web.terms_rows import Row, rows_of
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.trade.place_order import LineAsk, PlaceOrder, place_order
from liuhen.orders.model import MAX_LINES
from liuhen.reads import market, product_page
from liuhen.timing.workdays import shanghai_day

EXCLUSION = "no_reason_exclusion"
_MOST_PIECES = 500
_OTHERS = 6


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Ask:
    """One line as it was typed. version: what the buyer was looking at."""

    product_id: UUID
    version: int
    pieces: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the page shows it. price_before: fen, None if the listing is as the buyer saw it; rows: its terms."""

    ask: Ask
    goods: product_page.Goods
    rows: tuple[Row, ...]
    price_before: int | None
    changed: bool
    pieces_error: str = ""
    target_error: str = ""

    @property
    def total_fen(self) -> int:
        return self.goods.content.price_fen * self.ask.pieces


@get("/checkout", guards=[needs_party])
async def begin(
    ctx: Ctx,
    product: Annotated[str, QueryParameter(max_length=40)] = "",
    version: Annotated[int, QueryParameter(ge=1, le=1_000_000)] = 1,
    pieces: Annotated[int, QueryParameter(ge=1, le=_MOST_PIECES)] = 1,
) -> Response[Any]:
    """From a product's page; without one, to the market. Raises NotFound."""
    product_id = cursors.read_id(product)
    if product_id is None:
        return Redirect(LINKS["market"], status_code=303)
    return await _page(ctx, [Ask(product_id, version, pieces)])


@post("/checkout", guards=[needs_party])
async def act(ctx: Ctx) -> Response[Any]:
    """Corrects the lines (recount, drop, add), or orders them. An order goes on to its pay page."""
    sent = await ctx.request.form()
    texts = {name: value for name, value in sent.multi_items() if isinstance(value, str)}
    asks = _asks(sent.getall("line", []), texts)
    verb, _colon, value = texts.get("act", "").partition(":")
    if verb == "drop":
        asks = [ask for ask in asks if str(ask.product_id) != value]
    elif verb == "add":
        asks = _with(asks, value)
    if verb != "place":
        return await _page(ctx, asks)
    agreed = texts.get("no_reason") == "1"
    try:
        placed = await _place(ctx, asks, agreed)
    except (InvalidInput, OutOfStock, PriceChanged) as error:
        return await _page(ctx, asks, error)
    return go(ctx, f"/orders/{placed}/pay")


async def _place(ctx: Ctx, asks: Sequence[Ask], agreed: bool) -> str:
    """Orders all lines; the flow checks everything again. Returns the order's number."""
    if not asks:
        raise InvalidInput("nothing to order", reason="missing")
    async with ctx.db.read() as tx:
        first = await product_page.goods(tx, asks[0].product_id, today=shanghai_day(ctx.now))
    if first is None:
        raise NotFound("no such product")
    lines = [
        LineAsk(
            product_id=ask.product_id,
            version=ask.version,
            pieces=ask.pieces,
            target=ask.target,
            no_reason_confirmed=agreed,
        )
        for ask in asks
    ]
    placed = await place_order(
        ctx.db,
        PlaceOrder(buyer_id=ctx.me, book_id=first.book_id, lines=lines),
        exclusion_version=ctx.app.agreements.current(EXCLUSION, ctx.now).version,
        rules=ctx.app.rules,
        now=ctx.now,
        once=await once_from(ctx),
    )
    return placed.order_no


def _asks(ids: Sequence[Any], texts: dict[str, str]) -> list[Ask]:
    """The lines of the form, each product once. Raises NotFound for what our page never sends."""
    asks: dict[UUID, Ask] = {}
    for text in ids[:MAX_LINES]:
        product_id = cursors.read_id(str(text))
        version = texts.get(f"version-{text}", "")
        if product_id is None or not (version.isascii() and version.isdigit()) or len(version) > 7:
            raise NotFound("no such product")
        asks[product_id] = Ask(
            product_id,
            int(version),
            _pieces(texts.get(f"pieces-{text}", "")),
            "".join(char for char in texts.get(f"target-{text}", "") if char.isprintable()).strip()[:200],
        )
    return list(asks.values())


def _pieces(text: str) -> int:
    """A count as typed; what is no count becomes 0, which no listing sells."""
    plain = text.strip()
    return min(int(plain), 9_999) if plain.isascii() and plain.isdigit() and len(plain) < 9 else 0


def _with(asks: list[Ask], product: str) -> list[Ask]:
    """One more line in its newest version (0: not seen yet)."""
    product_id = cursors.read_id(product)
    if product_id is None or product_id in {ask.product_id for ask in asks} or len(asks) >= MAX_LINES:
        return asks
    return [*asks, Ask(product_id, 0, 0)]


async def _page(ctx: Ctx, asks: Sequence[Ask], error: LiuhenError | None = None) -> Response[Any]:
    """The page in its newest state; what was typed is kept, the confirmation never is."""
    lang = view_of(ctx.request).lang
    today = shanghai_day(ctx.now)
    async with ctx.db.read() as tx:
        lines = [await _line(ctx, tx, ask, error, lang) for ask in asks]
        others: tuple[Ticket, ...] = ()
        if lines:
            search = market.Search(shop_id=lines[0].goods.book_id)
            page = await market.offers(tx, search, today=today, limit=_OTHERS + len(lines))
            inside = {line.goods.product_id for line in lines}
            found = [offer for offer in page.offers if offer.product_id not in inside and offer.in_stock]
            others = shown(found[:_OTHERS])
    if len({line.goods.book_id for line in lines}) > 1:
        raise NotFound("an order has goods of one shop")
    return render(
        ctx.request,
        "buyer/checkout.html",
        status_code=status_of(error) if error else 200,
        lines=lines,
        total_fen=sum(line.total_fen for line in lines),
        excluded=[line for line in lines if line.goods.content.excludes_no_reason],
        exclusion=ctx.app.agreements.current(EXCLUSION, ctx.now),
        rulebook=ctx.app.rulebook(ctx.now),
        others=others,
        own=any(line.goods.book_id == ctx.visitor.party_id for line in lines),
        errors=_errors(lines, error, lang),
        once=ctx.new_once(),
    )


async def _line(ctx: Ctx, tx: Tx, ask: Ask, error: LiuhenError | None, lang: str) -> Line:
    """A line in the newest version of its listing, with what is wrong with it. Raises NotFound."""
    today = shanghai_day(ctx.now)
    goods = await product_page.goods(tx, ask.product_id, today=today)
    if goods is None:
        raise NotFound("no such product")
    content, before = goods.content, None
    if ask.version == 0:
        ask = replace(ask, version=goods.version, pieces=content.min_pieces)
    changed = ask.version != goods.version
    if changed:
        seen = await product_page.goods(tx, ask.product_id, today=today, version=ask.version)
        before = seen.content.price_fen if seen and seen.content.price_fen != content.price_fen else None
        ask = replace(ask, version=goods.version)
    problem = target = ""
    if not content.min_pieces <= ask.pieces <= content.max_pieces:
        values = {"least": content.min_pieces, "most": content.max_pieces}
        problem = translate(lang, _("一次可买 %(least)s 到 %(most)s 件"), **values)
    elif isinstance(error, OutOfStock) and error.data.get("product_id") == str(ask.product_id):
        problem = translate(lang, _("只剩 %(left)s 件了，请改少一些"), left=error.data["left"])
    if error is not None and content.target_label and not ask.target:
        target = translate(lang, _("请填写%(what)s"), what=content.target_label)
    rows = rows_of(goods, ctx.app.rulebook(ctx.now), lang)
    return Line(ask, goods, rows, before, changed, problem, target)


def _errors(lines: Sequence[Line], error: LiuhenError | None, lang: str) -> dict[str, str]:
    """Sentences for the top of the page, by the field that each leads to."""
    found: dict[str, str] = {}
    for line in lines:
        if line.pieces_error:
            found[f"pieces-{line.goods.product_id}"] = line.pieces_error
        if line.target_error:
            found[f"target-{line.goods.product_id}"] = line.target_error
    if error is None:
        return found
    if "no_reason" in error.data.get("fields", {}):
        found["no_reason"] = translate(lang, _("请先看过并勾选“不支持无理由退货”的确认，或者去掉这件商品"))
    if isinstance(error, PriceChanged):
        found[""] = translate(lang, _("商品刚刚改过，没有下单。请看过新的内容和价格再提交"))
    return found or {"": sentence(error, lang)}


routes = [begin, act]
