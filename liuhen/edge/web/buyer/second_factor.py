"""One's own second factor: authenticator app, passkeys, backup codes; and proving oneself before any of it changes."""

from typing import Annotated, Any
from uuid import UUID

import segno
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from markupsafe import Markup
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import shown_once
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, refill
from liuhen.edge.web.guards import needs_party, needs_proof, safe_next
from liuhen.edge.web.proofs import ProofForm, ask, proof_of
from liuhen.edge.web.session import let_in
from liuhen.edge.web.translate import translate
from liuhen.edge.web.view import view_of
from liuhen.factors import totp
from liuhen.factors.model import ANSWER_MOST, Proof, is_fresh
from liuhen.flows.people.add_passkey import AddPasskey, add_passkey
from liuhen.flows.people.ask_passkey import AskPasskey
from liuhen.flows.people.begin_totp import BeginTotp, begin_totp
from liuhen.flows.people.confirm_totp import ConfirmTotp, confirm_totp
from liuhen.flows.people.prove_session import ProveSession, prove_session
from liuhen.flows.people.remove_factor import RemoveFactor, remove_factor
from liuhen.flows.people.renew_backup_codes import RenewBackupCodes, renew_backup_codes
from liuhen.reads import second_factor
from liuhen.reads.second_factor import Pending

_HOME = "/settings/second-factor"
_PAGE = "buyer/second_factor.html"
_CONFIRM = "buyer/confirm.html"
_APP = "buyer/authenticator.html"


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class ConfirmForm(ProofForm):
    """With a second factor a code or answer counts, without one the password."""

    password: Annotated[str, Meta(title=_("密码"), max_length=256)] = ""


class CodeForm(Struct):
    code: Annotated[str, Meta(title=_("动态码"), max_length=20)]


class KeyForm(Struct):
    answer: Annotated[str, Meta(title=_("通行密钥"), max_length=ANSWER_MOST)]
    name: Annotated[str, Meta(title=_("名称"), max_length=60)]


@get("/confirm", guards=[needs_party])
async def confirm_page(ctx: Ctx, next: FromQuery[str] = "") -> Response[Any]:
    """Asks who is signed in to prove himself, or goes on if he did so lately."""
    back, values = safe_next(next, "/settings"), await _proofs(ctx)
    if is_fresh(ctx.visitor.proved_at, ctx.now) and not (ctx.visitor.locked and values["ways"]):
        return Redirect(_HOME if ctx.visitor.locked else back, status_code=303)
    return blank(ctx, _CONFIRM, next=back, **values)


@post("/confirm", guards=[needs_party])
async def confirm_act(ctx: Ctx) -> Response[Any]:
    """The session gets a new secret; for ten minutes its owner may change how he signs in."""
    back, values = safe_next(str((await ctx.request.form()).get("next") or ""), "/settings"), await _proofs(ctx)
    try:
        given = await form(ctx.request, ConfirmForm)
        cmd = ProveSession(
            party_id=ctx.me,
            session_id=_session(ctx),
            password=given.password,
            proof=proof_of(given) if values["ways"] else Proof(),
            ip=ctx.ip,
        )
        proved = await prove_session(ctx.db, cmd, now=ctx.now, keys=ctx.app.keys, place=ctx.app.place)
    except LiuhenError as error:
        return await refill(ctx, _CONFIRM, error, next=back, **values)
    answer = Redirect(_HOME if ctx.visitor.locked and not values["ways"] else back, status_code=303)
    let_in(ctx.app, answer, proved.token)
    return answer


@post("/confirm/passkey", guards=[needs_party], status_code=200)
async def confirm_ask(ctx: Ctx) -> Response[Any]:
    """What passkey.js asks the browser's passkeys."""
    return await ask(ctx, AskPasskey(party_id=ctx.me, session_id=_session(ctx)))


@get(_HOME, guards=[needs_proof])
async def home(ctx: Ctx) -> Response[Any]:
    """What one has, and what can be added."""
    return blank(ctx, _PAGE, **await _values(ctx))


@post(f"{_HOME}/app", guards=[needs_proof])
async def begin_app(ctx: Ctx) -> Response[Any]:
    """A new secret; one that was shown before and not confirmed is void."""
    await begin_totp(ctx.db, BeginTotp(ctx.me, ctx.visitor.session_id), now=ctx.now, keys=ctx.app.keys)
    return Redirect(f"{_HOME}/app", status_code=303)


@get(f"{_HOME}/app", guards=[needs_proof])
async def app_page(ctx: Ctx) -> Response[Any]:
    """The QR code and the secret, until the first code confirms them."""
    pending = await _pending(ctx)
    return Redirect(_HOME, status_code=303) if pending is None else blank(ctx, _APP, **_drawn(ctx, pending))


@post(f"{_HOME}/app/confirm", guards=[needs_proof])
async def confirm_app(ctx: Ctx) -> Response[Any]:
    """The first code; all other devices are signed out."""
    try:
        given = await form(ctx.request, CodeForm)
        cmd = ConfirmTotp(party_id=ctx.me, session_id=_session(ctx), code=given.code, ip=ctx.ip)
        added = await confirm_totp(ctx.db, cmd, now=ctx.now, keys=ctx.app.keys)
    except LiuhenError as error:
        pending = await _pending(ctx)
        return (
            Redirect(_HOME, status_code=303)
            if pending is None
            else await refill(ctx, _APP, error, **_drawn(ctx, pending))
        )
    return _added(ctx, added.token, added.backup_codes, _("认证器已启用，其他设备都已退出"))


@post(f"{_HOME}/app/remove", guards=[needs_proof])
async def remove_app(ctx: Ctx) -> Response[Any]:
    """Codes of the app count no more; all other devices are signed out."""
    cmd = RemoveFactor(party_id=ctx.me, session_id=_session(ctx))
    await remove_factor(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, _HOME, _say(ctx, _("认证器已停用，其他设备都已退出")))


@post(f"{_HOME}/passkeys/ask", guards=[needs_proof], status_code=200)
async def ask_key(ctx: Ctx) -> Response[Any]:
    """What passkey.js asks the browser in order to make a new passkey."""
    return await ask(ctx, AskPasskey(party_id=ctx.me, session_id=_session(ctx), to_add=True))


@post(f"{_HOME}/passkeys", guards=[needs_proof])
async def add_key(ctx: Ctx) -> Response[Any]:
    """A new passkey under a name; all other devices are signed out."""
    try:
        given = await form(ctx.request, KeyForm)
        cmd = AddPasskey(party_id=ctx.me, session_id=_session(ctx), name=given.name, answer=given.answer)
        added = await add_passkey(ctx.db, cmd, now=ctx.now, keys=ctx.app.keys, place=ctx.app.place)
    except LiuhenError as error:
        return await refill(ctx, _PAGE, error, **await _values(ctx))
    return _added(ctx, added.token, added.backup_codes, _("通行密钥已添加，其他设备都已退出"))


@post(f"{_HOME}/passkeys/{{passkey_id:uuid}}/remove", guards=[needs_proof])
async def remove_key(ctx: Ctx, passkey_id: FromPath[UUID]) -> Response[Any]:
    """The passkey counts no more; all other devices are signed out."""
    cmd = RemoveFactor(party_id=ctx.me, session_id=_session(ctx), passkey_id=passkey_id)
    await remove_factor(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, _HOME, _say(ctx, _("通行密钥已删除，其他设备都已退出")))


@post(f"{_HOME}/backup-codes", guards=[needs_proof])
async def renew_codes(ctx: Ctx) -> Response[Any]:
    """Ten fresh ones, shown once."""
    cmd = RenewBackupCodes(ctx.me, _session(ctx))
    made = await renew_backup_codes(ctx.db, cmd, now=ctx.now, keys=ctx.app.keys)
    return shown_once.show(ctx, shown_once.Secret("backup", "\n".join(made.codes), _HOME))


routes = [
    confirm_page,
    confirm_act,
    confirm_ask,
    home,
    begin_app,
    app_page,
    confirm_app,
    remove_app,
    ask_key,
    add_key,
    remove_key,
    renew_codes,
]


async def _proofs(ctx: Context) -> dict[str, Any]:
    async with ctx.db.read() as tx:
        found = await second_factor.factors(tx, ctx.me)
    return {"ways": found.ways, "takes_passkeys": ctx.app.place.takes_passkeys}


async def _values(ctx: Context) -> dict[str, Any]:
    async with ctx.db.read() as tx:
        found = await second_factor.factors(tx, ctx.me)
    return {"factors": found, "locked": ctx.visitor.locked, "takes_passkeys": ctx.app.place.takes_passkeys}


async def _pending(ctx: Context) -> Pending | None:
    async with ctx.db.read() as tx:
        return await second_factor.pending_totp(tx, ctx.me, ctx.app.keys)


def _drawn(ctx: Context, pending: Pending) -> dict[str, Any]:
    """The secret as a QR code (drawn here, nothing is sent elsewhere) and in groups of four for typing."""
    address = totp.address(pending.secret, pending.login, ctx.app.settings.site_name)
    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    groups = [pending.secret[at : at + 4] for at in range(0, len(pending.secret), 4)]
    return {"qr": Markup(svg), "secret": " ".join(groups), "address": address}


def _added(ctx: Context, token: str, codes: tuple[str, ...], msgid: str) -> Response[Any]:
    """On with the session's new secret; with the first factor by way of its backup codes."""
    if codes:
        answer = shown_once.show(ctx, shown_once.Secret("backup", "\n".join(codes), _HOME))
    else:
        answer = go(ctx, _HOME, _say(ctx, msgid))
    let_in(ctx.app, answer, token)
    return answer


def _session(ctx: Context) -> UUID:
    """The session that acts; guards let nobody come here without one."""
    if ctx.visitor.session_id is None:
        raise LookupError("a party on a page has a session")
    return ctx.visitor.session_id


def _say(ctx: Context, msgid: str) -> str:
    return translate(view_of(ctx.request).lang, msgid)
