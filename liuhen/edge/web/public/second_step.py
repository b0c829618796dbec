"""The second step of signing in: the password was right, now a code or a passkey."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from liuhen.base.errors import LiuhenError, Unauthenticated
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import half
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, refill
from liuhen.edge.web.guards import safe_next
from liuhen.edge.web.proofs import ProofForm, ask, proof_of
from liuhen.edge.web.session import device, let_in
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.people.ask_passkey import AskPasskey
from liuhen.flows.people.finish_sign_in import FinishSignIn, finish_sign_in
from liuhen.reads import second_factor

_PAGE = "public/second_step.html"


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@get("/sign-in/code")
async def code_page(ctx: Ctx, next: FromQuery[str] = "") -> Response[Any]:
    """The form, for a browser whose password was right within the last five minutes."""
    values = await _values(ctx)
    back = safe_next(next)
    return _anew(ctx) if values is None else blank(ctx, _PAGE, next=back, **values)


@post("/sign-in/code")
async def code_act(ctx: Ctx) -> Response[Any]:
    """A code or a passkey's answer; then a session with a new secret."""
    back = safe_next(str((await ctx.request.form()).get("next") or ""))
    user_agent, ip = device(ctx.request)
    try:
        given = await form(ctx.request, ProofForm)
        cmd = FinishSignIn(
            token=half.token_of(ctx.app, ctx.request),
            proof=proof_of(given),
            ip=ip,
            user_agent=user_agent,
            old_session=ctx.visitor.session_id,
        )
        begun = await finish_sign_in(ctx.db, cmd, now=ctx.now, keys=ctx.app.keys, place=ctx.app.place)
    except LiuhenError as error:
        values = await _values(ctx)
        return _anew(ctx) if values is None else await refill(ctx, _PAGE, error, next=back, **values)
    answer = Redirect(back, status_code=303)
    let_in(ctx.app, answer, begun.token)
    half.take(ctx.app, answer)
    return answer


@post("/sign-in/code/passkey", status_code=200)
async def code_ask(ctx: Ctx) -> Response[Any]:
    """What passkey.js asks the browser's passkeys. Raises Unauthenticated without a half session."""
    token = half.token_of(ctx.app, ctx.request)
    if not token:
        raise Unauthenticated()
    return await ask(ctx, AskPasskey(half_token=token))


routes = [code_page, code_act, code_ask]


async def _values(ctx: Context) -> dict[str, Any] | None:
    """None where there is no half session (any more)."""
    token = half.token_of(ctx.app, ctx.request)
    if not token:
        return None
    async with ctx.db.read() as tx:
        found = await second_factor.half_session(tx, ctx.app.keys.hash_token(token), ctx.now)
    if found is None or not found.ways:
        return None
    return {"ways": found.ways, "until": found.expires_at, "takes_passkeys": ctx.app.place.takes_passkeys}


def _anew(ctx: Context) -> Response[Any]:
    answer = go(ctx, "/sign-in", translate(view_of(ctx.request).lang, _("请重新输入密码")), "info")
    half.take(ctx.app, answer)
    return answer
