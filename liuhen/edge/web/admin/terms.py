"""Void terms in what is on sale: listings from before the lint of terms stay public until somebody looks."""

import asyncio
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter

from liuhen.catalog.model import for_lint
from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.admin.words import lang_of
from liuhen.edge.web.guards import needs_admin
from liuhen.edge.web.render import render
from liuhen.policy.lint.lint import blocks, lint
from liuhen.policy.words.lint import cites, title
from liuhen.reads import admin_terms

Short = Annotated[str, QueryParameter(max_length=80)]
_SHOWN = 60  # characters of a quotation


@get("/admin/terms", guards=[needs_admin])
async def terms(ctx: Ctx, after: Short = "") -> Response[Any]:
    """A hundred listings on sale, oldest first; those with void terms are shown. Writes nothing."""
    async with ctx.db.read() as tx:
        page = await admin_terms.on_sale(tx, after=cursors.read_id(after))
    found = await asyncio.to_thread(_read, page.listings, lang_of(ctx))  # seconds, if all were as long as allowed
    return render(ctx.request, "admin/terms.html", found=found, looked=len(page.listings), next=page.next)


def _read(listings: tuple[admin_terms.OnSale, ...], lang: str) -> list[tuple[admin_terms.OnSale, list[Any]]]:
    """Listings with (title, quotation, articles) of each void term."""
    found = []
    for one in listings:
        void = blocks(lint(for_lint(one.content)))
        if void:
            rows = [(title(item.code, lang), item.text[:_SHOWN], cites(item, lang)) for item in void]
            found.append((one, rows))
    return found


routes = [terms]
