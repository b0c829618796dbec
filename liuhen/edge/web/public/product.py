"""A product's page: what it is, what the rules give back in which situation, and who sells it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from liuhen.base.errors import NotFound
from liuhen.edge.context import Ctx
from liuhen.edge.web.kinds import kind_words
from liuhen.edge.web.offers import face_text, shown
from liuhen.edge.web.render import render
from liuhen.edge.web.terms_rows import Row, rows_of
from liuhen.edge.web.view import view_of
from liuhen.reads import market, product_page, shop_card
from liuhen.signals.price import too_cheap
from liuhen.timing.workdays import shanghai_day

_OTHERS = 4
Version = Annotated[int | None, QueryParameter(ge=1, le=1_000_000)]


@get("/p/{product_id:uuid}")
async def product(ctx: Ctx, product_id: FromPath[UUID], version: Version = None) -> Response[Any]:
    """The listing as it is now; with `version` as it was. Raises NotFound."""
    today = shanghai_day(ctx.now)
    async with ctx.db.read() as tx:
        goods = await product_page.goods(tx, product_id, today=today, version=version)
        if goods is None:
            raise NotFound("no such product")
        card = await shop_card.shop_card(tx, goods.book_id)
        search = market.Search(shop_id=goods.book_id)
        page = await market.offers(tx, search, today=today, limit=_OTHERS + 1)
    others = [offer for offer in page.offers if offer.product_id != product_id][:_OTHERS]
    rulebook = ctx.app.rulebook(ctx.now)
    rows: tuple[Row, ...] = rows_of(goods, rulebook, view_of(ctx.request).lang)
    return render(
        ctx.request,
        "public/product.html",
        goods=goods,
        content=goods.content,
        words=kind_words(goods.content.kind),
        face=face_text(goods.content.face_value_fen),
        rows=rows,
        card=card,
        others=shown(others),
        rulebook=rulebook,
        too_cheap=too_cheap(goods.content.price_fen, goods.content.face_value_fen),
        own=ctx.visitor.party_id == goods.book_id,
        stock_shown=product_page.STOCK_SHOWN,
    )


routes = [product]
