"""One's own registration: name, password, devices, API tokens, accepted texts, language."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError, SecondFactorNeeded
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import shown_once
from liuhen.edge.web.devices import device_name
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, prefilled, refill
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.proofs import WAYS
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.flows.people.accept_agreement import AcceptAgreement, accept_agreement
from liuhen.flows.people.change_password import ChangePassword, change_password
from liuhen.flows.people.make_token import MakeToken, make_token
from liuhen.flows.people.rename_party import RenameParty, rename_party
from liuhen.flows.people.revoke_session import RevokeSession, revoke_session
from liuhen.flows.people.revoke_token import RevokeToken, revoke_token
from liuhen.parties.model import Agreement, Scope
from liuhen.reads import people


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


_PAGE = "buyer/settings.html"
SCOPE_NAMES = {
    Scope.READ: (_("查看"), _("订单、退款、消息、余额")),
    Scope.BUY: (_("购买与退款"), _("下单、付款、拆封、申请退款")),
    Scope.SELL: (_("出售"), _("商品、库存、送达、答复退款")),
    Scope.REVIEW: (_("审核"), _("认领案件、作出决定")),
    Scope.ADMIN: (_("管理"), _("人员、角色、冻结、费率")),
}


class NameForm(Struct):
    display_name: Annotated[str, Meta(title=_("称呼"), max_length=60)]


class PasswordForm(Struct):
    old_password: Annotated[str, Meta(title=_("现在的密码"), max_length=256)]
    new_password: Annotated[str, Meta(title=_("新密码"), max_length=256)]
    again_password: Annotated[str, Meta(title=_("再输一次密码"), max_length=256)]


class TokenForm(Struct):
    name: Annotated[str, Meta(title=_("用途"), max_length=60)]
    scopes: list[Scope] = []
    days: Literal[7, 30, 90, 365] = 90


@get("/settings", guards=[needs_party])
async def settings(ctx: Ctx) -> Response[Any]:
    """Everything about one's own registration on one page; the second factor has its own."""
    values = await _values(ctx)
    typed = prefilled(display_name=values["profile"].display_name, days=90)
    return blank(ctx, _PAGE, typed=typed, **values)


@post("/settings/name", guards=[needs_party])
async def rename(ctx: Ctx) -> Response[Any]:
    """The name that others see."""
    try:
        given = await form(ctx.request, NameForm)
        cmd = RenameParty(ctx.me, given.display_name)
        await rename_party(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx))
    return go(ctx, "/settings", _say(ctx, _("称呼已改")))


@post("/settings/password", guards=[needs_party])
async def password(ctx: Ctx) -> Response[Any]:
    """A new password; the other devices are signed out, all tokens stop."""
    try:
        given = await form(ctx.request, PasswordForm)
        if given.new_password != given.again_password:
            raise InvalidInput("the two passwords differ", field="again_password", reason="password_repeat")
        cmd = ChangePassword(
            party_id=ctx.me,
            old_password=given.old_password,
            new_password=given.new_password,
            session_id=ctx.visitor.session_id,
        )
        await change_password(
            ctx.db, cmd, now=ctx.now, once=await once_from(ctx), keys=ctx.app.keys, place=ctx.app.place
        )
    except SecondFactorNeeded:
        raise  # the way to proving oneself, and back here
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx))
    return go(ctx, "/settings", _say(ctx, _("密码已改，其他设备都已退出，API 密钥都已停用")))


@post("/settings/sessions/{session_id:uuid}/end", guards=[needs_party])
async def end_session(ctx: Ctx, session_id: FromPath[UUID]) -> Response[Any]:
    """One device signs out."""
    cmd = RevokeSession(party_id=ctx.me, session_id=session_id)
    await revoke_session(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, "/settings#devices", _say(ctx, _("那台设备已退出")))


@post("/settings/sessions/end-others", guards=[needs_party])
async def end_others(ctx: Ctx) -> Response[Any]:
    """All devices but this one sign out."""
    cmd = RevokeSession(party_id=ctx.me, keep=ctx.visitor.session_id)
    await revoke_session(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, "/settings#devices", _say(ctx, _("其他设备都已退出")))


@post("/settings/tokens", guards=[needs_party])
async def new_token(ctx: Ctx) -> Response[Any]:
    """A bearer token for programs, shown once."""
    try:
        given = await form(ctx.request, TokenForm)
        cmd = MakeToken(
            party_id=ctx.me,
            session_id=ctx.visitor.session_id,
            name=given.name,
            scopes=frozenset(given.scopes),
            days=given.days,
        )
        made = await make_token(
            ctx.db,
            cmd,
            now=ctx.now,
            once=await once_from(ctx),
            keys=ctx.app.keys,
            staff_need_factor=ctx.app.settings.staff_need_factor,
        )
    except SecondFactorNeeded:
        raise
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx))
    return shown_once.show(ctx, shown_once.Secret("token", made.token, "/settings#tokens"))


@post("/settings/tokens/{token_id:uuid}/end", guards=[needs_party])
async def end_token(ctx: Ctx, token_id: FromPath[UUID]) -> Response[Any]:
    """A token stops at once."""
    await revoke_token(ctx.db, RevokeToken(ctx.me, token_id), now=ctx.now, once=await once_from(ctx))
    return go(ctx, "/settings#tokens", _say(ctx, _("这个密钥已停用")))


@post("/settings/agreements/{kind:str}", guards=[needs_party])
async def accept(ctx: Ctx, kind: FromPath[Agreement]) -> Response[Any]:
    """Accepts the version in force of a text that has changed since."""
    version = str((await ctx.request.form()).get("version") or "")
    await accept_agreement(
        ctx.db,
        AcceptAgreement(ctx.me, kind, version),
        now=ctx.now,
        once=await once_from(ctx),
        agreements=ctx.app.agreements,
    )
    return go(ctx, "/settings#agreements", _say(ctx, _("已记录你同意的版本和时间")))


routes = [settings, rename, password, end_session, end_others, new_token, end_token, accept]


async def _values(ctx: Context) -> dict[str, Any]:
    """What the page shows besides its forms."""
    async with ctx.db.read() as tx:
        profile = await people.profile(tx, ctx.me)
        sessions = await people.open_sessions(tx, ctx.me, ctx.now)
        tokens = await people.open_tokens(tx, ctx.me, ctx.now)
        accepted = await people.acceptances(tx, ctx.me)
    lang = view_of(ctx.request).lang
    names = {str(scope): translate(lang, name) for scope, (name, _note) in SCOPE_NAMES.items()}
    return {
        "profile": profile,
        "sessions": [(item, device_name(item.user_agent), item.id == ctx.visitor.session_id) for item in sessions],
        "tokens": tokens,
        "scope_names": names,
        "scopes": [
            {"value": str(scope), "text": translate(lang, name), "note": translate(lang, note)}
            for scope, (name, note) in SCOPE_NAMES.items()
            if _may(ctx, scope)
        ],
        "accepted": [(item, ctx.app.agreements.version(item.kind, item.version)) for item in accepted],
        "second_factor": ctx.visitor.second_factor,
        "locked": ctx.visitor.locked,
        "way_words": WAYS,
        "outdated": _outdated(ctx, {(item.kind, item.version) for item in accepted}),
    }


def _outdated(ctx: Context, accepted: set[tuple[str, str]]) -> list[Any]:
    """Texts that concern the party whose version in force it has not accepted yet."""
    kinds = [Agreement.USER_TERMS] + ([Agreement.SELLER_AGREEMENT] if ctx.visitor.is_seller else [])
    current = [ctx.app.agreements.current(kind, ctx.now) for kind in kinds]
    return [text for text in current if (text.kind, text.version) not in accepted]


def _may(ctx: Context, scope: Scope) -> bool:
    visitor = ctx.visitor
    wanted = {Scope.SELL: visitor.is_seller, Scope.REVIEW: visitor.is_reviewer, Scope.ADMIN: visitor.is_admin}
    return wanted.get(scope, True)


def _say(ctx: Context, msgid: str) -> str:
    return translate(view_of(ctx.request).lang, msgid)
