"""A key for programs: a bearer token with scopes and an end, shown once and stored hashed."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, Tx
from liuhen.parties import secrets
from liuhen.parties.model import Scope
from liuhen.steps.grant_token import Granted, check_wish, grant_token


class MakeToken(Struct, frozen=True, kw_only=True):
    """days: how long it lives, 1 to 365."""

    party_id: UUID
    name: str
    scopes: frozenset[Scope]
    days: int = 90


class TokenMade(Struct, frozen=True, kw_only=True):
    token_id: UUID
    token: str
    expires_at: datetime


async def make_token(
    db: Database, cmd: MakeToken, *, now: datetime, once: Once | None = None, keys: KeyRing
) -> TokenMade:
    """Parameters: now, UTC. Raises InvalidInput (name, scopes, days, too many), Forbidden (beyond the party)."""
    wish = check_wish(cmd.name, cmd.scopes, cmd.days)

    async def work(tx: Tx) -> Granted:
        return await grant_token(tx, cmd.party_id, wish, keys=keys, now=now)

    made = await db.transact(work, now=now, once=once, result=Granted)
    token = secrets.unseal(keys, made.sealed_token)
    return TokenMade(token_id=made.token_id, token=token, expires_at=made.expires_at)
