"""What staff did, with reasons, looks at keys included. Nothing here can be changed."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.params import QueryParameter

from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors
from liuhen.edge.web.admin.words import ACTS, act_text, lang_of, say
from liuhen.edge.web.forms import blank
from liuhen.edge.web.guards import needs_admin
from liuhen.reads import admin_acts

Short = Annotated[str, QueryParameter(max_length=80)]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@get("/admin/acts", guards=[needs_admin])
async def acts(ctx: Ctx, kind: Short = "", by: Short = "", after: Short = "") -> Response[Any]:
    """One page, newest first. by: of one of the staff."""
    who = cursors.read_id(by)
    only = f"&by={who}" if who else ""
    here = kind if kind in ACTS else ""
    async with ctx.db.read() as tx:
        found = await admin_acts.acts(tx, act=here, by=who, after=cursors.read_id(after))
    tabs = [(say(ctx, _("全部")), f"/admin/acts?{only}", not here, None)]
    tabs += [(say(ctx, text), f"/admin/acts?kind={name}{only}", name == here, None) for name, text in ACTS.items()]
    return blank(
        ctx,
        "admin/acts.html",
        rows=[(*act_text(act, lang_of(ctx)), act) for act in found.acts],
        older=f"/admin/acts?kind={here}{only}&after={found.next}" if found.next else "",
        newer=f"/admin/acts?kind={here}{only}" if after else "",
        tabs=tabs,
    )


routes = [acts]
