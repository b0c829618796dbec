"""Versions of the rules as the operator sees them: where each stands, and what people said about it."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter

from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.guards import needs_admin
from liuhen.edge.web.render import render
from liuhen.edge.web.rule_stages import STAGES
from liuhen.policy.rulebook_line import stage_of
from liuhen.reads import rule_comments

Short = Annotated[str, QueryParameter(max_length=80)]


@get("/admin/rules", guards=[needs_admin])
async def rules(ctx: Ctx, version: Short = "", after: Short = "") -> Response[Any]:
    """All versions, planned ones too; of the chosen one the comments, oldest first."""
    line = ctx.app.rulebooks
    stages = {book.version: stage_of(book, line, ctx.now) for book in line}
    chosen = version if version in stages else line[-1].version
    async with ctx.db.read() as tx:
        counts = await rule_comments.counts(tx)
        page = await rule_comments.all_of(tx, chosen, after=cursors.read_id(after))
    here = f"/admin/rules?version={chosen}"
    return render(
        ctx.request,
        "admin/rules.html",
        books=tuple(reversed(line)),
        stages=stages,
        stage_words=STAGES,
        counts_of=counts,
        chosen=chosen,
        comments=page.comments,
        older=f"{here}&after={page.next}" if page.next else "",
        newest=here if after else "",
    )


routes = [rules]
