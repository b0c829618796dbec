"""Joining, a first token, getting back in, and the texts that are accepted on the way. Open to all, rate limited."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.agreements import AgreementText
from liuhen.base.db import Once
from liuhen.base.errors import (
    BadCode,
    BadCredentials,
    Forbidden,
    InvalidInput,
    LoginTaken,
    NotFound,
    RateLimited,
    SecondFactorNeeded,
    StateConflict,
)
from liuhen.edge.api.ops import OPEN, Take, op
from liuhen.edge.api.shapes import Answer, Given, Hash
from liuhen.edge.api.v1.me import Code, Password, Version
from liuhen.edge.context import Ctx
from liuhen.flows.people.register_party import RegisterParty, register_party
from liuhen.flows.people.reset_password import ResetPassword, reset_password
from liuhen.flows.people.token_for_password import TokenForPassword, token_for_password
from liuhen.flows.people.wish_reset import WishReset, wish_reset
from liuhen.parties.model import Scope

Login = Annotated[str, Meta(min_length=1, max_length=64, examples=["anna"])]
_REFUSED = (BadCredentials, BadCode, Forbidden, SecondFactorNeeded, RateLimited)
_KINDS = ("user_terms", "seller_agreement", "no_reason_exclusion")


class Join(Given, frozen=True, kw_only=True):
    """A new party. terms_version: of the user terms in force, which this accepts (GET /agreements/user_terms)."""

    login: Login
    password: Password
    display_name: Annotated[str, Meta(max_length=60)] = ""
    terms_version: Version


class Joined(Answer, frozen=True, kw_only=True):
    """recovery_code: shown once; it lets the party set a new password."""

    party_id: UUID
    login: str
    recovery_code: str


class NewToken(Given, frozen=True, kw_only=True):
    """code: of the authenticator app, or a backup code, where the party has a second factor. scopes: no more than the
    party may do itself. days: how long it lives."""

    login: Login
    password: Password
    code: Code = ""
    name: Annotated[str, Meta(min_length=1, max_length=60, description="What it is for.", examples=["stock sync"])]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=5, examples=[["read", "buy"]])]
    days: Annotated[int, Meta(ge=1, le=365)] = 90


class MadeToken(Answer, frozen=True, kw_only=True):
    """token: shown once, stored hashed."""

    token_id: UUID
    token: Annotated[str, Meta(examples=["lh_t_5cW…"])]
    expires_at: datetime


class Reset(Given, frozen=True, kw_only=True):
    """Either login and recovery_code, or the token of a link that an admin gave."""

    new_password: Password
    login: Annotated[str, Meta(max_length=64)] = ""
    recovery_code: Annotated[str, Meta(max_length=64)] = ""
    token: Annotated[str, Meta(max_length=200)] = ""


class ResetDone(Answer, frozen=True, kw_only=True):
    """recovery_code: the new one, shown once. All devices and tokens were signed out."""

    party_id: UUID
    recovery_code: str


class Wish(Given, frozen=True, kw_only=True):
    """Whose login."""

    login: Login


class Noted(Answer, frozen=True, kw_only=True):
    """Says nothing about whether the login exists."""

    noted: bool


class Paragraph(Answer, frozen=True, kw_only=True):
    """strong: shown in bold."""

    no: str
    title_zh: str
    title_en: str
    zh: str
    en: str
    strong: bool


class Text(Answer, frozen=True, kw_only=True):
    """The version in force of a text that people accept. The Chinese one binds. sha256: over the canonical JSON."""

    kind: str
    version: str
    effective_from: datetime
    title_zh: str
    title_en: str
    sha256: Hash
    sections: list[Paragraph]


class Texts(Answer, frozen=True, kw_only=True):
    """Every text in force."""

    items: list[Text]


@op("POST", "/parties", OPEN, "Join", InvalidInput, LoginTaken, RateLimited, StateConflict, status=201)
async def join(ctx: Ctx, given: Take[Join], once: Take[Once]) -> Joined:
    """Makes a party that may buy. To sell, open a shop (POST /me/shop)."""
    cmd = RegisterParty(
        login=given.login,
        password=given.password,
        terms_version=given.terms_version,
        display_name=given.display_name,
        ip=ctx.ip,
    )
    done = await register_party(ctx.db, cmd, now=ctx.now, once=once, keys=ctx.app.keys, agreements=ctx.app.agreements)
    return Joined(party_id=done.party_id, login=done.login, recovery_code=done.recovery_code)


@op("POST", "/tokens", OPEN, "Make a token", *_REFUSED, status=201)
async def make(ctx: Ctx, given: Take[NewToken], once: Take[Once]) -> MadeToken:
    """With login, password and, where the party has one, second factor: no token can make another. Unknown logins and
    wrong passwords get one answer."""
    cmd = TokenForPassword(
        login=given.login,
        password=given.password,
        name=given.name,
        scopes=frozenset(given.scopes),
        days=given.days,
        code=given.code,
        ip=ctx.ip,
    )
    made = await token_for_password(
        ctx.db,
        cmd,
        now=ctx.now,
        once=once,
        keys=ctx.app.keys,
        place=ctx.app.place,
        staff_need_factor=ctx.app.settings.staff_need_factor,
    )
    return MadeToken(token_id=made.token_id, token=made.token, expires_at=made.expires_at)


@op("POST", "/password-resets", OPEN, "Set a new password with the recovery code", InvalidInput, RateLimited)
async def reset(ctx: Ctx, given: Take[Reset], once: Take[Once]) -> ResetDone:
    """Unknown logins and wrong codes get one answer."""
    cmd = ResetPassword(
        new_password=given.new_password,
        token=given.token,
        login=given.login,
        recovery_code=given.recovery_code,
        ip=ctx.ip,
    )
    done = await reset_password(ctx.db, cmd, now=ctx.now, once=once, keys=ctx.app.keys)
    return ResetDone(party_id=done.party_id, recovery_code=done.recovery_code)


@op("POST", "/password-reset-wishes", OPEN, "Ask to be let in again", RateLimited)
async def wish(ctx: Ctx, given: Take[Wish]) -> Noted:
    """For who has no recovery code: an admin is told."""
    done = await wish_reset(ctx.db, WishReset(given.login, ip=ctx.ip), now=ctx.now)
    return Noted(noted=done.noted)


@op("GET", "/agreements", OPEN, "Texts in force")
async def list_texts(ctx: Ctx) -> Texts:
    """What people accept: user terms, seller agreement, exclusion of no-reason returns."""
    return Texts(items=[_text(ctx.app.agreements.current(kind, ctx.now)) for kind in _KINDS])


@op("GET", "/agreements/{kind:str}", OPEN, "One text in force")
async def get_text(ctx: Ctx, kind: FromPath[str]) -> Text:
    """Its version is what accepting it names."""
    if kind not in _KINDS:
        raise NotFound("there is no such agreement")
    return _text(ctx.app.agreements.current(kind, ctx.now))


def _text(text: AgreementText) -> Text:
    return Text(
        kind=text.kind,
        version=text.version,
        effective_from=text.effective_from,
        title_zh=text.title_zh,
        title_en=text.title_en,
        sha256=text.sha256.hex(),
        sections=[
            Paragraph(
                no=part.no,
                title_zh=part.title_zh,
                title_en=part.title_en,
                zh=part.zh,
                en=part.en,
                strong=part.strong,
            )
            for part in text.sections
        ],
    )


routes = [join, make, reset, wish, list_texts, get_text]
