"""What all pages of the seller's console share: the numbers beside its navigation, and its list of filters."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.params import QueryParameter

from liuhen.base.db import Tx
from liuhen.edge.context import Context
from liuhen.edge.web.render import render
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.reads import seller_desk
from liuhen.timing.workdays import shanghai_day

Text = Annotated[str, QueryParameter(max_length=200)]
WEEK = timedelta(days=7)


def week_ago(now: datetime) -> datetime:
    """Where "the last seven days" begin, UTC."""
    return now - WEEK


async def counts_of(ctx: Context, tx: Tx) -> dict[str, int]:
    """The badges, under the names that the side navigation asks for."""
    badges = await seller_desk.badges(tx, ctx.me, today=shanghai_day(ctx.now))
    return {"seller.todo": badges.todo, "seller.cases": badges.cases, "seller.orders": badges.deliver}


async def page(ctx: Context, tx: Tx, template: str, **values: Any) -> Response[str]:
    """A page of the console with its badges; `tx` is the read that the page already holds."""
    return render(ctx.request, template, **{"counts": await counts_of(ctx, tx), **values})


def say(ctx: Context, msgid: str, **values: Any) -> str:
    """A sentence in the visitor's language."""
    return translate(view_of(ctx.request).lang, msgid, **values)


def address(path: str, kept: Mapping[str, str], **changes: str) -> str:
    """An address that keeps the filters and changes some; empty ones are left out."""
    found = {name: value for name, value in {**kept, **changes}.items() if value}
    return f"{path}?{urlencode(found)}" if found else path
