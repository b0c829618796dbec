"""The inbox: what happened, newest first, each with the way to where one can act."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from liuhen.edge.context import Ctx
from liuhen.edge.web import cursors, notices
from liuhen.edge.web.flash import go
from liuhen.edge.web.guards import needs_party, safe_next
from liuhen.edge.web.render import render
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.outbox.read_notice import ReadNotice, read_notice
from liuhen.reads import inbox as reads

Text = Annotated[str, QueryParameter(max_length=80)]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@get("/inbox", guards=[needs_party])
async def inbox(ctx: Ctx, unread: Text = "", after: Text = "") -> Response[Any]:
    """The visitor's own messages."""
    lang, only = view_of(ctx.request).lang, unread == "1"
    async with ctx.db.read() as tx:
        page = await reads.inbox(tx, ctx.me, unread_only=only, after=cursors.read_id(after))
    base = "/inbox?unread=1" if only else "/inbox"
    joint = "&" if only else "?"
    return render(
        ctx.request,
        "buyer/inbox.html",
        notices=[(item, notices.words(item.kind, item.data, lang=lang, now=ctx.now)) for item in page.notices],
        left=page.unread,
        only=only,
        newest=base if after else "",
        older=f"{base}{joint}after={page.next.hex}" if page.next else "",
    )


@post("/inbox/{notice_id:uuid}", guards=[needs_party])
async def open_notice(ctx: Ctx, notice_id: FromPath[UUID]) -> Response[Any]:
    """Opening a message reads it, and leads to where it points. Raises NotFound."""
    async with ctx.db.read() as tx:
        notice = await reads.notice_of(tx, ctx.me, notice_id)
    await read_notice(ctx.db, ReadNotice(party_id=ctx.me, notice_id=notice.id), now=ctx.now)
    return Redirect(safe_next(notice.link, "/inbox"), status_code=303)


@post("/inbox/read", guards=[needs_party])
async def read_all(ctx: Ctx) -> Response[Any]:
    """All messages are read."""
    done = await read_notice(ctx.db, ReadNotice(party_id=ctx.me), now=ctx.now)
    lang = view_of(ctx.request).lang
    return go(ctx, "/inbox", translate(lang, _("%(n)s 条消息已标为读过。"), n=done.changed))


routes = [inbox, open_notice, read_all]
