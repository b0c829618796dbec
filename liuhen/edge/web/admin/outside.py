"""Who speaks to us from outside: payment channels and issuers."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import shown_once
from liuhen.edge.web.admin.words import CALLBACKS, PURPOSES, say
from liuhen.edge.web.channel_words import label as channel_label
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import Agreed, blank, form, refill
from liuhen.edge.web.guards import needs_admin
from liuhen.flows.trade.add_issuer import AddIssuer, add_issuer
from liuhen.flows.trade.disable_issuer import disable_issuer
from liuhen.reads import admin_channels
from liuhen.reads.issuers import issuers as read_issuers

_ISSUERS = "admin/issuers.html"


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class IssuerForm(Struct):
    name: Annotated[str, Meta(title=_("名称"), min_length=2, max_length=60)]


class DisableForm(Struct):
    sure: Annotated[Agreed, Meta(title=_("停用"))]


@get("/admin/channels", guards=[needs_admin])
async def channels(ctx: Ctx) -> Response[Any]:
    """What came in, and what has not come."""
    async with ctx.db.read() as tx:
        sums = await admin_channels.sums(tx)
        events = await admin_channels.events(tx)
        pending = await admin_channels.pending(tx)
    named = {one.channel for one in sums}
    return blank(
        ctx,
        "admin/channels.html",
        sums=[(say(ctx, channel_label(one.channel)), one.channel in ctx.app.channels, one) for one in sums],
        silent=[say(ctx, channel_label(name)) for name in sorted(set(ctx.app.channels) - named)],
        events=[
            (say(ctx, channel_label(one.channel)), say(ctx, CALLBACKS.get(one.kind, one.kind)), one) for one in events
        ],
        pending=[(say(ctx, channel_label(one.channel)), say(ctx, PURPOSES[one.purpose]), one) for one in pending],
    )


@get("/admin/issuers", guards=[needs_admin])
async def issuers(ctx: Ctx) -> Response[Any]:
    """Who may say that a key was redeemed."""
    return blank(ctx, _ISSUERS, **await _values(ctx))


@post("/admin/issuers", guards=[needs_admin])
async def add(ctx: Ctx) -> Response[Any]:
    """Makes an issuer known; his secret is shown once."""
    try:
        given = await form(ctx.request, IssuerForm)
        made = await add_issuer(ctx.db, AddIssuer(admin_id=ctx.me, name=given.name), keys=ctx.app.keys, now=ctx.now)
    except LiuhenError as error:
        return await refill(ctx, _ISSUERS, error, **await _values(ctx))
    return shown_once.show(ctx, shown_once.Secret("issuer", made.secret, "/admin/issuers"))


@post("/admin/issuers/{issuer_id:uuid}/disable", guards=[needs_admin])
async def disable(ctx: Ctx, issuer_id: FromPath[UUID]) -> Response[Any]:
    """What he said stays; what he says from now on is refused."""
    try:
        await form(ctx.request, DisableForm)
    except LiuhenError as error:
        return await refill(ctx, _ISSUERS, error, **await _values(ctx))
    await disable_issuer(ctx.db, ctx.me, issuer_id, now=ctx.now)
    return go(ctx, "/admin/issuers", say(ctx, _("已停用，之前的记录都保留")))


routes = [channels, issuers, add, disable]


async def _values(ctx: Context) -> dict[str, Any]:
    async with ctx.db.read() as tx:
        found = await read_issuers(tx)
        said = await admin_channels.said_by_issuers(tx)
    return {
        "issuers": [(one, said.get(str(one.id))) for one in found],
        "callback": f"{ctx.app.settings.address}/callbacks/issuers/",
    }
