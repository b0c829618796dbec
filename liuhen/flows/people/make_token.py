"""A key for programs: a bearer token with scopes and an end, shown once and stored hashed."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, Tx
from liuhen.factors import store as factors
from liuhen.parties import secrets
from liuhen.parties.model import Scope
from liuhen.steps.grant_token import Granted, Standing, check_wish, grant_token
from liuhen.steps.need_proof import need_proof


class MakeToken(Struct, frozen=True, kw_only=True):
    """days: how long it lives, 1 to 365. session_id: on which it is made."""

    party_id: UUID
    session_id: UUID | None = None
    name: str
    scopes: frozenset[Scope]
    days: int = 90


class TokenMade(Struct, frozen=True, kw_only=True):
    token_id: UUID
    token: str
    expires_at: datetime


async def make_token(
    db: Database,
    cmd: MakeToken,
    *,
    now: datetime,
    once: Once | None = None,
    keys: KeyRing,
    staff_need_factor: bool = True,
) -> TokenMade:
    """Parameters: staff_need_factor, the setting; now, UTC. On a session one must have proven oneself lately: by the
    second factor, or without one by the password.

    Raises InvalidInput (name, scopes, days, too many), Forbidden (beyond the party), SecondFactorNeeded.
    """
    wish = check_wish(cmd.name, cmd.scopes, cmd.days)

    async def work(tx: Tx) -> Granted:
        proven = bool(await factors.ways(tx, cmd.party_id))
        if proven or cmd.session_id is not None:
            await need_proof(tx, cmd.party_id, cmd.session_id, now=now)
        standing = Standing(proven, staff_need_factor)
        return await grant_token(tx, cmd.party_id, wish, standing, keys=keys, now=now)

    made = await db.transact(work, now=now, once=once, result=Granted)
    token = secrets.unseal(keys, made.sealed_token)
    return TokenMade(token_id=made.token_id, token=token, expires_at=made.expires_at)
