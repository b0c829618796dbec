"""Joining, signing in and out, and getting back in."""

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError
from liuhen.edge.context import Ctx
from liuhen.edge.web import half, shown_once
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import Agreed, blank, form, once_from, prefilled, refill
from liuhen.edge.web.guards import safe_next
from liuhen.edge.web.session import device, let_in, let_out
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.people.register_party import RegisterParty, register_party
from liuhen.flows.people.reset_password import ResetPassword, reset_password
from liuhen.flows.people.sign_in import SignIn, sign_in
from liuhen.flows.people.sign_out import SignOut, sign_out
from liuhen.flows.people.wish_reset import WishReset, wish_reset
from liuhen.parties.model import Agreement


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


_Login = Annotated[str, Meta(title=_("登录名"), max_length=64)]
_Password = Annotated[str, Meta(title=_("密码"), max_length=256)]


class SignInForm(Struct):
    login: _Login
    password: _Password
    next: str = ""


class RegisterForm(Struct):
    login: _Login
    password: _Password
    again_password: Annotated[str, Meta(title=_("再输一次密码"), max_length=256)]
    agree: Annotated[Agreed, Meta(title=_("用户协议"))]
    terms_version: str
    display_name: Annotated[str, Meta(title=_("称呼"), max_length=60)] = ""
    sell: bool = False
    next: str = ""


class RecoverForm(Struct):
    login: _Login
    recovery_code: Annotated[str, Meta(title=_("恢复码"), max_length=60)]
    new_password: Annotated[str, Meta(title=_("新密码"), max_length=256)]
    again_password: Annotated[str, Meta(title=_("再输一次密码"), max_length=256)]


class LinkForm(Struct):
    new_password: Annotated[str, Meta(title=_("新密码"), max_length=256)]
    again_password: Annotated[str, Meta(title=_("再输一次密码"), max_length=256)]


class WishForm(Struct):
    login: _Login


@get("/sign-in")
async def sign_in_page(ctx: Ctx, next: FromQuery[str] = "") -> Response[Any]:
    """The form, or straight on for whoever is in already."""
    back = safe_next(next)
    if ctx.visitor.party_id is not None:
        return Redirect(back, status_code=303)
    return blank(ctx, "public/sign_in.html", next=back)


@post("/sign-in")
async def sign_in_act(ctx: Ctx) -> Response[Any]:
    """One answer for an unknown login and a wrong password; a new session secret every time. Who has a second factor
    is asked for it next; staff without one is sent to set it up."""
    back = safe_next(str((await ctx.request.form()).get("next") or ""))
    try:
        given = await form(ctx.request, SignInForm)
        user_agent, ip = device(ctx.request)
        cmd = SignIn(
            login=given.login,
            password=given.password,
            ip=ip,
            user_agent=user_agent,
            old_session=ctx.visitor.session_id,
        )
        opened = await sign_in(ctx.db, cmd, now=ctx.now, keys=ctx.app.keys)
    except LiuhenError as error:
        return await refill(ctx, "public/sign_in.html", error, next=back)
    if opened.half:
        answer = Redirect("/sign-in/code" if back == "/" else f"/sign-in/code?next={quote(back)}", status_code=303)
        half.put(ctx.app, answer, opened.token)
        return answer
    unready = opened.is_staff and ctx.app.settings.staff_need_factor
    answer = Redirect("/settings/second-factor" if unready else back, status_code=303)
    let_in(ctx.app, answer, opened.token)
    return answer


@post("/sign-out")
async def sign_out_act(ctx: Ctx) -> Response[Any]:
    """Ends this session; for whoever has none, nothing happens."""
    if ctx.visitor.party_id is not None and ctx.visitor.session_id is not None:
        await sign_out(ctx.db, SignOut(ctx.me, ctx.visitor.session_id), now=ctx.now)
    answer = go(ctx, "/", _say(ctx, _("已退出登录")), "info")
    let_out(ctx.app, answer)
    return answer


@get("/register")
async def register_page(ctx: Ctx, next: FromQuery[str] = "", sell: FromQuery[str] = "") -> Response[Any]:
    """The form, with the terms that are in force."""
    if ctx.visitor.party_id is not None:
        return Redirect(safe_next(next, "/seller/open" if sell else "/"), status_code=303)
    typed = prefilled(sell="1") if sell else prefilled()
    return blank(ctx, "public/register.html", next=safe_next(next), terms=_terms(ctx), typed=typed)


@post("/register")
async def register_act(ctx: Ctx) -> Response[Any]:
    """Makes the party, signs it in, and shows its recovery code."""
    back = safe_next(str((await ctx.request.form()).get("next") or ""))
    try:
        given = await form(ctx.request, RegisterForm)
        _same(given.password, given.again_password)
        user_agent, ip = device(ctx.request)
        cmd = RegisterParty(
            login=given.login,
            password=given.password,
            display_name=given.display_name,
            terms_version=given.terms_version,
            ip=ip,
        )
        made = await register_party(
            ctx.db, cmd, now=ctx.now, once=await once_from(ctx), keys=ctx.app.keys, agreements=ctx.app.agreements
        )
    except LiuhenError as error:
        return await refill(ctx, "public/register.html", error, next=back, terms=_terms(ctx))
    entered = SignIn(login=made.login, password=given.password, ip=ip, user_agent=user_agent)
    opened = await sign_in(ctx.db, entered, now=ctx.now, keys=ctx.app.keys)
    after = "/seller/open" if given.sell else back
    answer = shown_once.show(ctx, shown_once.Secret("recovery", made.recovery_code, after))
    let_in(ctx.app, answer, opened.token)
    return answer


@get(shown_once.PATH)
async def shown_once_page(ctx: Ctx) -> Response[Any]:
    """A recovery code, a token or a link, for ten minutes and for this browser alone."""
    secret = shown_once.read(ctx.app, ctx.request)
    if secret is None:
        return Redirect("/settings", status_code=303)
    return blank(ctx, "public/shown_once.html", secret=secret)


@post(shown_once.PATH)
async def shown_once_act(ctx: Ctx) -> Response[Any]:
    """Its reader has kept it."""
    secret = shown_once.read(ctx.app, ctx.request)
    answer = Redirect(safe_next(secret.next) if secret else "/settings", status_code=303)
    shown_once.forget(ctx.app, answer)
    return answer


@get("/reset")
async def reset_page(ctx: Ctx) -> Response[Any]:
    """With the recovery code; without it, ask a human."""
    return blank(ctx, "public/reset.html")


@post("/reset")
async def reset_act(ctx: Ctx) -> Response[Any]:
    """Sets a new password by login and recovery code; all devices and tokens are signed out."""
    try:
        given = await form(ctx.request, RecoverForm)
        _same(given.new_password, given.again_password)
        cmd = ResetPassword(
            new_password=given.new_password, login=given.login, recovery_code=given.recovery_code, ip=ctx.ip
        )
        done = await reset_password(ctx.db, cmd, now=ctx.now, once=await once_from(ctx), keys=ctx.app.keys)
    except LiuhenError as error:
        return await refill(ctx, "public/reset.html", error)
    return shown_once.show(ctx, shown_once.Secret("recovery", done.recovery_code, "/sign-in"))


@post("/reset/ask")
async def reset_ask(ctx: Ctx) -> Response[Any]:
    """Tells an admin. The page says the same whether or not the login exists."""
    try:
        given = await form(ctx.request, WishForm)
        await wish_reset(ctx.db, WishReset(given.login, ctx.ip), now=ctx.now)
    except LiuhenError as error:
        return await refill(ctx, "public/reset.html", error)
    text = _say(ctx, _("已记下。如果这个登录名存在，管理员核实后会给你一个重设链接"))
    return go(ctx, "/sign-in", text, "info")


@get("/reset/{token:str}")
async def link_page(ctx: Ctx, token: FromPath[str]) -> Response[Any]:
    """Where a link leads. Whether it still works is found out by using it."""
    return blank(ctx, "public/reset_link.html", token=token)


@post("/reset/{token:str}")
async def link_act(ctx: Ctx, token: FromPath[str]) -> Response[Any]:
    """Sets a new password by a link; all devices and tokens are signed out."""
    try:
        given = await form(ctx.request, LinkForm)
        _same(given.new_password, given.again_password)
        cmd = ResetPassword(new_password=given.new_password, token=token[:200], ip=ctx.ip)
        done = await reset_password(ctx.db, cmd, now=ctx.now, once=await once_from(ctx), keys=ctx.app.keys)
    except LiuhenError as error:
        return await refill(ctx, "public/reset_link.html", error, token=token)
    return shown_once.show(ctx, shown_once.Secret("recovery", done.recovery_code, "/sign-in"))


routes = [
    sign_in_page,
    sign_in_act,
    sign_out_act,
    register_page,
    register_act,
    shown_once_page,
    shown_once_act,
    reset_page,
    reset_act,
    reset_ask,
    link_page,
    link_act,
]


def _same(password: str, again: str) -> None:
    if password != again:
        raise InvalidInput("the two passwords differ", field="again_password", reason="password_repeat")


def _terms(ctx: Ctx) -> Any:
    return ctx.app.agreements.current(Agreement.USER_TERMS, ctx.now)


def _say(ctx: Ctx, msgid: str) -> str:
    return translate(view_of(ctx.request).lang, msgid)
