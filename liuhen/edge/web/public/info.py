"""What everybody may read: how to complain, what we keep about people, where help is."""

from typing import Any

from litestar import Response, get

from liuhen.edge.context import Ctx
from liuhen.edge.web.render import render


@get("/complaint")
async def complaint(ctx: Ctx) -> Response[Any]:
    """Where to complain, inside and outside (电商法 59; 市场监督管理投诉信息处理办法)."""
    return render(ctx.request, "public/complaint.html")


@get("/privacy")
async def privacy(ctx: Ctx) -> Response[Any]:
    """What is kept about whom, why and how long (个保法 17)."""
    return render(ctx.request, "public/privacy.html")


@get("/help")
async def help_page(ctx: Ctx) -> Response[Any]:
    """A person to talk to, and the questions that come up most."""
    rulebook = ctx.app.rulebook(ctx.now)
    return render(
        ctx.request,
        "public/help.html",
        instant=rulebook.value("instant_window"),
        answer=rulebook.value("seller_answer"),
        days=rulebook.value("review_days"),
        reservation=rulebook.value("reservation"),
    )


routes = [complaint, privacy, help_page]
