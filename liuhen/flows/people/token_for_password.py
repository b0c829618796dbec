"""A program gets its first token for login and password. Unknown login and wrong password: one answer, one time."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import BadCredentials, RateLimited
from liuhen.parties import secrets
from liuhen.parties.model import Scope
from liuhen.steps.check_password import check_password
from liuhen.steps.grant_token import Granted, check_wish, grant_token


class TokenForPassword(Struct, frozen=True, kw_only=True):
    """days: how long the token lives, 1 to 365. ip: counted against the limit of sign-ins."""

    login: str
    password: str
    name: str
    scopes: frozenset[Scope]
    days: int = 90
    ip: str = ""


class TokenIssued(Struct, frozen=True, kw_only=True):
    """token: shown once. expires_at: UTC."""

    party_id: UUID
    token_id: UUID
    token: str
    expires_at: datetime


class _Outcome(Struct, frozen=True):
    party_id: UUID | None = None
    granted: Granted | None = None
    wait_seconds: int = 0


async def token_for_password(
    db: Database, cmd: TokenForPassword, *, now: datetime, once: Once | None = None, keys: KeyRing
) -> TokenIssued:
    """Parameters: now, UTC. Raises BadCredentials, RateLimited (counted together with sign-ins), InvalidInput,
    Forbidden (scopes beyond the party)."""
    wish = check_wish(cmd.name, cmd.scopes, cmd.days)

    async def work(tx: Tx) -> _Outcome:
        weighed = await check_password(tx, cmd.login, cmd.password, cmd.ip, now=now)
        if weighed.party_id is None:
            return _Outcome(wait_seconds=weighed.wait_seconds)
        return _Outcome(weighed.party_id, await grant_token(tx, weighed.party_id, wish, keys=keys, now=now))

    outcome = await db.transact(work, now=now, once=once, result=_Outcome)
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if outcome.party_id is None or outcome.granted is None:
        raise BadCredentials()
    token = secrets.unseal(keys, outcome.granted.sealed_token)
    return TokenIssued(
        party_id=outcome.party_id, token_id=outcome.granted.token_id, token=token, expires_at=outcome.granted.expires_at
    )
