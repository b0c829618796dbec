"""The market: search, kinds, offers as tickets, and what needs a signed-in buyer first."""

import re
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Redirect

from liuhen.base.errors import NotFound
from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.kinds import KINDS
from liuhen.edge.web.offers import shown
from liuhen.edge.web.render import render
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import buyer_first, market, numbers
from liuhen.timing.workdays import shanghai_day

_NUMBER = re.compile(r"[A-Za-z]{2}\d{6}-[0-9A-Za-z]{6,10}")
Text = Annotated[str, QueryParameter(max_length=200)]


@get("/")
async def home(ctx: Ctx, q: Text = "", kind: Text = "", sealed: Text = "", after: Text = "") -> Response[Any]:
    """Everybody's first page; with `q` a search. A number of one's own order or case leads straight to it."""
    words = " ".join("".join(char if char.isprintable() else " " for char in q).split())[:100]
    if kind and kind not in set(GoodsKind):
        raise NotFound("no such kind of goods")
    search = market.Search(text=words, kind=GoodsKind(kind) if kind else None, sealed_only=sealed == "1")
    place = cursors.read(after)
    rulebook = ctx.app.rulebook(ctx.now)
    is_number = bool(_NUMBER.fullmatch(words))
    async with ctx.db.read() as tx:
        if is_number and ctx.visitor.party_id is not None:
            path = await numbers.path_of(tx, words, ctx.me)
            if path is not None:
                return Redirect(path, status_code=303)
        page = await market.offers(
            tx, search, today=shanghai_day(ctx.now), after=market.Place(*place) if place else None
        )
        shops = await market.shops_named(tx, words) if words and not is_number else ()
        first = None
        if ctx.visitor.party_id is not None and not place and not words:
            first = await buyer_first.first(tx, ctx.me, instant=ctx.app.windows("instant_window"), now=ctx.now)
    return render(
        ctx.request,
        "public/market.html",
        offers=shown(page.offers),
        shops=shops,
        first=first,
        kinds=tuple(KINDS.values()),
        search=search,
        is_number=is_number,
        instant=rulebook.value("instant_window"),
        later=bool(place),
        links_to=_Links(search),
        next=cursors.write(page.next.at, page.next.id) if page.next else "",
    )


class _Links:
    """Addresses that keep the search and change one thing of it."""

    def __init__(self, search: market.Search) -> None:
        self._now = {
            "q": search.text,
            "kind": str(search.kind or ""),
            "sealed": "1" if search.sealed_only else "",
        }

    def __call__(self, **changes: str) -> str:
        kept = {name: value for name, value in (self._now | changes).items() if value}
        return f"/?{urlencode(kept)}" if kept else "/"


routes = [home]
