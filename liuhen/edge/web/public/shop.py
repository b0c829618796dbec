"""A shop's page: its record and what it sells."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from liuhen.base.errors import NotFound
from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.kinds import KINDS
from liuhen.edge.web.offers import shown
from liuhen.edge.web.render import render
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import market, shop_card
from liuhen.timing.workdays import shanghai_day

Text = Annotated[str, QueryParameter(max_length=100)]


@get("/shops/{book_id:uuid}")
async def shop(ctx: Ctx, book_id: FromPath[UUID], kind: Text = "", after: Text = "") -> Response[Any]:
    """Raises NotFound for a shop that never was, is closed, or whose owner is frozen."""
    if kind and kind not in set(GoodsKind):
        raise NotFound("no such kind of goods")
    place = cursors.read(after)
    search = market.Search(shop_id=book_id, kind=GoodsKind(kind) if kind else None)
    async with ctx.db.read() as tx:
        card = await shop_card.shop_card(tx, book_id)
        if card is None:
            raise NotFound("no such shop")
        counts = await market.kind_counts(tx, book_id)
        page = await market.offers(
            tx, search, today=shanghai_day(ctx.now), after=market.Place(*place) if place else None
        )
    here = f"/shops/{book_id}"
    narrowed = {"kind": kind} if kind else {}
    following = {**narrowed, "after": cursors.write(page.next.at, page.next.id)} if page.next else None
    return render(
        ctx.request,
        "public/shop.html",
        card=card,
        kinds=[(words, counts[kind_]) for kind_, words in KINDS.items() if kind_ in counts],
        kind=kind,
        offers=shown(page.offers),
        instant=ctx.app.rulebook(ctx.now).value("instant_window"),
        here=here,
        first_page=f"{here}?{urlencode(narrowed)}" if place else "",
        next_page=f"{here}?{urlencode(following)}" if following else "",
        own=ctx.visitor.party_id == book_id,
    )


routes = [shop]
