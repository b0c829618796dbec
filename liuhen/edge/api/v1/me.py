"""One's own registration: who I am, name, password, devices, tokens, accepted texts, opening a shop."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import (
    BadCode,
    Conflict,
    InvalidInput,
    NotFound,
    RateLimited,
    SecondFactorNeeded,
    StateConflict,
)
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Given, Hash, shape
from liuhen.edge.context import Ctx
from liuhen.factors.model import Way
from liuhen.flows.people.accept_agreement import AcceptAgreement, accept_agreement
from liuhen.flows.people.change_password import ChangePassword, change_password
from liuhen.flows.people.open_shop import OpenShop, ShopExists, open_shop
from liuhen.flows.people.rename_party import RenameParty, rename_party
from liuhen.flows.people.revoke_session import RevokeSession, revoke_session
from liuhen.flows.people.revoke_token import RevokeToken, revoke_token
from liuhen.parties.model import Agreement, Scope
from liuhen.reads import people, visitors

Password = Annotated[str, Meta(min_length=1, max_length=256, examples=["a long and own sentence"])]
Code = Annotated[
    str, Meta(max_length=40, description="Of the authenticator app, or a backup code.", examples=["492039"])
]
Version = Annotated[str, Meta(max_length=40, description="Version of the text.", examples=["2026-11-1"])]


class Me(Answer, frozen=True, kw_only=True):
    """The party behind the token. roles: of staff. frozen_reason: why it may start nothing new, null if it may."""

    party_id: UUID
    login: str
    display_name: str
    roles: list[str]
    shop_name: str | None
    frozen_reason: str | None
    unread: int
    token_id: UUID
    scopes: list[Scope]
    created_at: datetime
    password_changed_at: datetime


class NewName(Given, frozen=True, kw_only=True):
    """The name that others see."""

    display_name: Annotated[str, Meta(min_length=1, max_length=60, examples=["安娜"])]


class Name(Answer, frozen=True, kw_only=True):
    """The name that others see from now on."""

    display_name: str


class NewPassword(Given, frozen=True, kw_only=True):
    """Who knows the old one sets a new one. code: where the party has a second factor."""

    old_password: Password
    new_password: Password
    code: Code = ""


class PasswordChange(Answer, frozen=True, kw_only=True):
    """How many devices were signed out. Tokens go on working."""

    sessions_ended: int


class Device(Answer, frozen=True, kw_only=True):
    """A browser that is signed in. second_factor: what was shown besides the password, null for nothing."""

    id: UUID
    user_agent: str
    ip: str
    created_at: datetime
    seen_at: datetime
    second_factor: Way | None


class Devices(Answer, frozen=True, kw_only=True):
    """All of them, last used first."""

    items: list[Device]


class Token(Answer, frozen=True, kw_only=True):
    """A bearer token, without its secret."""

    id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


class Tokens(Answer, frozen=True, kw_only=True):
    """All that still work, newest first."""

    items: list[Token]


class Acceptance(Answer, frozen=True, kw_only=True):
    """A text that was accepted: version, hash and time are kept."""

    kind: Agreement
    version: str
    sha256: Hash
    accepted_at: datetime


class Acceptances(Answer, frozen=True, kw_only=True):
    """Newest first."""

    items: list[Acceptance]


class Accept(Given, frozen=True, kw_only=True):
    """The version that was read; it must be the one in force."""

    version: Version


class Accepted(Answer, frozen=True, kw_only=True):
    """What was accepted."""

    kind: Agreement
    version: str
    sha256: Hash


class NewShop(Given, frozen=True, kw_only=True):
    """Opening a shop accepts the seller agreement: 24 hours to answer a refund request, silence agrees."""

    name: Annotated[str, Meta(min_length=2, max_length=60, examples=["青竹数码"])]
    intro: Annotated[str, Meta(max_length=2000)] = ""
    agreement_version: Version


class Shop(Answer, frozen=True, kw_only=True):
    """A new shop. fee_basis_points: the platform's share of what is sold, in 1/10,000."""

    shop_id: UUID
    fee_basis_points: int


@op("GET", "/me", "read|buy|sell|review|admin", "Who I am")
async def get_me(ctx: Ctx) -> Me:
    """The party behind the token, and what the token may do."""
    async with ctx.db.read() as tx:
        found = await people.profile(tx, ctx.me)
        unread = await visitors.unread(tx, ctx.me)
    visitor = ctx.visitor
    return shape(
        found,
        Me,
        unread=unread,
        token_id=visitor.session_id,
        scopes=sorted(visitor.scopes or ()),
        roles=list(found.roles),
    )


@op("PATCH", "/me", "buy", "Change my name")
async def rename(ctx: Ctx, given: Take[NewName], once: Take[Once]) -> Name:
    """The name that others see."""
    done = await rename_party(ctx.db, RenameParty(ctx.me, given.display_name), now=ctx.now, once=once)
    return Name(display_name=done.display_name)


@op("POST", "/me/password", "buy", "Change my password", BadCode, SecondFactorNeeded, RateLimited)
async def set_password(ctx: Ctx, given: Take[NewPassword], once: Take[Once]) -> PasswordChange:
    """All devices are signed out, and all tokens but this one stop."""
    cmd = ChangePassword(
        party_id=ctx.me,
        old_password=given.old_password,
        new_password=given.new_password,
        token_id=ctx.visitor.session_id,
        code=given.code,
        ip=ctx.ip,
    )
    done = await change_password(ctx.db, cmd, now=ctx.now, once=once, keys=ctx.app.keys, place=ctx.app.place)
    return PasswordChange(sessions_ended=done.sessions_ended)


@op("GET", "/me/sessions", "read", "My devices")
async def list_sessions(ctx: Ctx) -> Devices:
    """Browsers that are signed in."""
    async with ctx.db.read() as tx:
        found = await people.open_sessions(tx, ctx.me, ctx.now)
    return Devices(items=[shape(item, Device) for item in found])


@op("DELETE", "/me/sessions", "buy", "Sign out all devices", status=204)
async def end_sessions(ctx: Ctx) -> None:
    """Tokens go on working."""
    await revoke_session(ctx.db, RevokeSession(party_id=ctx.me), now=ctx.now)


@op("DELETE", "/me/sessions/{session_id:uuid}", "buy", "Sign out one device", status=204)
async def end_session(ctx: Ctx, session_id: FromPath[UUID]) -> None:
    """Not found if it is not mine or has ended."""
    await revoke_session(ctx.db, RevokeSession(party_id=ctx.me, session_id=session_id), now=ctx.now)


@op("GET", "/me/tokens", "read", "My tokens")
async def list_tokens(ctx: Ctx) -> Tokens:
    """Those that still work."""
    async with ctx.db.read() as tx:
        found = await people.open_tokens(tx, ctx.me, ctx.now)
    return Tokens(items=[shape(item, Token, scopes=list(item.scopes)) for item in found])


@op("DELETE", "/me/tokens/{token_id:uuid}", "buy", "Stop one token", status=204)
async def end_token(ctx: Ctx, token_id: FromPath[UUID]) -> None:
    """It stops at once; it may be the one that this call is made with."""
    await revoke_token(ctx.db, RevokeToken(ctx.me, token_id), now=ctx.now)


@op("GET", "/me/agreements", "read", "Texts that I accepted")
async def list_acceptances(ctx: Ctx) -> Acceptances:
    """Every version of every text."""
    async with ctx.db.read() as tx:
        found = await people.acceptances(tx, ctx.me)
    return Acceptances(items=[shape(item, Acceptance) for item in found])


@op("POST", "/me/agreements/{kind:str}", "buy", "Accept a text", StateConflict)
async def accept(ctx: Ctx, kind: FromPath[str], given: Take[Accept], once: Take[Once]) -> Accepted:
    """The version in force; twice keeps the first time."""
    if kind not in set(Agreement):
        raise NotFound("there is no such agreement")
    cmd = AcceptAgreement(ctx.me, Agreement(kind), given.version)
    done = await accept_agreement(ctx.db, cmd, now=ctx.now, once=once, agreements=ctx.app.agreements)
    return shape(done, Accepted)


@op("POST", "/me/shop", "buy", "Open a shop", ShopExists, StateConflict, Conflict, InvalidInput, status=201)
async def begin_to_sell(ctx: Ctx, given: Take[NewShop], once: Take[Once]) -> Shop:
    """One person may buy and sell; nobody buys from his own shop. Tokens made before get no scope `sell` by this."""
    cmd = OpenShop(party_id=ctx.me, name=given.name, intro=given.intro, agreement_version=given.agreement_version)
    done = await open_shop(ctx.db, cmd, now=ctx.now, once=once, agreements=ctx.app.agreements)
    return Shop(shop_id=done.party_id, fee_basis_points=done.fee_basis_points)


routes = [
    get_me,
    rename,
    set_password,
    list_sessions,
    end_sessions,
    end_session,
    list_tokens,
    end_token,
    list_acceptances,
    accept,
    begin_to_sell,
]
