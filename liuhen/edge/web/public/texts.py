"""The texts that people accept, every version of them, readable by all; and the language of the pages."""

from typing import Any

from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from liuhen.base.errors import InvalidInput, NotFound
from liuhen.edge.context import Ctx
from liuhen.edge.web.guards import safe_next
from liuhen.edge.web.render import render
from liuhen.edge.web.view import LANGUAGES, lang_cookie

_YEAR_SECONDS = 31_536_000


@get("/agreements/{kind:str}")
async def agreement(ctx: Ctx, kind: FromPath[str], version: FromQuery[str] = "") -> Response[Any]:
    """One text: the version in force, or the one asked for (old ones stay readable, 平台规则办法 15)."""
    texts = ctx.app.agreements
    try:
        shown = texts.version(kind, version) if version else texts.current(kind, ctx.now)
    except InvalidInput as error:
        raise NotFound() from error
    return render(ctx.request, "public/agreement.html", text=shown, versions=texts.versions(kind))


@get("/language")
async def language(ctx: Ctx, to: FromQuery[str] = "", back: FromQuery[str] = "") -> Response[Any]:
    """Keeps the language for this browser and goes back to the page."""
    answer = Redirect(safe_next(back), status_code=303)
    if to in LANGUAGES:
        answer.set_cookie(
            Cookie(
                key=lang_cookie(ctx.app.secure),
                value=to,
                max_age=_YEAR_SECONDS,
                path="/",
                secure=ctx.app.secure,
                httponly=True,
                samesite="lax",
            )
        )
    return answer


routes = [agreement, language]
