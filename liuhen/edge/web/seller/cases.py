"""A shop's refund cases as a list; the case itself is one page for all sides."""

from typing import Any

from litestar import Response, get

from liuhen.base.errors import NotFound
from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.guards import needs_seller
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.seller import order_words as words
from liuhen.edge.web.seller.console import Text, address, page
from liuhen.reads import seller_cases, seller_desk
from liuhen.reads.seller_cases import CaseShelf

_LIST = "/seller/cases"


@get(_LIST, guards=[needs_seller])
async def cases(ctx: Ctx, show: Text = "", after: Text = "") -> Response[Any]:
    """What waits for an answer by deadline; else newest first. show: answer, review, decided, all."""
    if show and show not in set(CaseShelf):
        raise NotFound("no such filter")
    async with ctx.db.read() as tx:
        counts = await seller_cases.counts(tx, ctx.me)
        default = CaseShelf.ANSWER if counts[CaseShelf.ANSWER] else CaseShelf.ALL
        shelf = CaseShelf(show) if show else default
        found = await seller_cases.cases(tx, ctx.me, shelf=shelf, after=cursors.read_id(after))
        kept = {"show": str(shelf)}
        return await page(
            ctx,
            tx,
            "seller/cases.html",
            cases=[(case, label_of(case.reason)) for case in found.cases],
            counts_by_shelf=counts,
            shelf=shelf,
            silence_agreed=await seller_desk.silence_agreed(tx, ctx.me),
            words=words,
            older=address(_LIST, kept, after=str(found.next)) if found.next else "",
            newest=address(_LIST, kept) if after else "",
        )


routes = [cases]
