"""A program gets its first token for login and password, and a code where the party has a second factor.

Unknown login and wrong password: one answer, one time.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import BadCode, BadCredentials, RateLimited, SecondFactorNeeded
from liuhen.base.faults import point
from liuhen.factors import store as factors
from liuhen.factors.model import Place, Proof
from liuhen.parties import secrets
from liuhen.parties.model import Scope
from liuhen.steps.check_factor import Shown, check_factor
from liuhen.steps.check_password import ask, passed, weigh
from liuhen.steps.grant_token import Granted, Standing, check_wish, grant_token


class TokenForPassword(Struct, frozen=True, kw_only=True):
    """code: of the authenticator app, or a backup code; "" for none. days: how long the token lives, 1 to 365. ip:
    counted against the limit of sign-ins."""

    login: str
    password: str
    name: str
    scopes: frozenset[Scope]
    code: str = ""
    days: int = 90
    ip: str = ""


class TokenIssued(Struct, frozen=True, kw_only=True):
    """token: shown once. expires_at: UTC."""

    party_id: UUID
    token_id: UUID
    token: str
    expires_at: datetime


class _Outcome(Struct, frozen=True):
    """party_id: whose password was right. ways: what he could show and has not, or not rightly."""

    party_id: UUID | None = None
    granted: Granted | None = None
    ways: tuple[str, ...] = ()
    wait_seconds: int = 0


async def token_for_password(
    db: Database,
    cmd: TokenForPassword,
    *,
    now: datetime,
    once: Once | None = None,
    keys: KeyRing,
    place: Place,
    staff_need_factor: bool = True,
) -> TokenIssued:
    """Parameters: place, of passkeys; staff_need_factor, the setting; now, UTC.

    Raises BadCredentials, RateLimited (counted together with sign-ins; codes by themselves), SecondFactorNeeded,
    BadCode, InvalidInput, Forbidden (scopes beyond the party).
    """
    wish = check_wish(cmd.name, cmd.scopes, cmd.days)
    asked = await db.transact(lambda tx: ask(tx, cmd.login, cmd.ip, now=now), now=now)
    if asked.wait_seconds:
        raise RateLimited(retry_after_seconds=asked.wait_seconds)
    weighed = await weigh(asked, cmd.password)
    if weighed is None:
        raise BadCredentials()
    point("token_for_password.try_and_token")

    async def work(tx: Tx) -> _Outcome:
        if not await passed(tx, weighed, now=now):
            return _Outcome()
        ways = await factors.ways(tx, weighed.party_id)
        if ways:
            refused = await _refused(tx, cmd, weighed.party_id, tuple(map(str, ways)), keys, place, now)
            if refused is not None:
                return refused
        standing = Standing(bool(ways), staff_need_factor)
        return _Outcome(weighed.party_id, await grant_token(tx, weighed.party_id, wish, standing, keys=keys, now=now))

    outcome = await db.transact(work, now=now, once=once, result=_Outcome)
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if outcome.party_id is None:
        raise BadCredentials()
    if outcome.granted is None:
        raise BadCode() if cmd.code else SecondFactorNeeded("send a code too", ways=list(outcome.ways))
    token = secrets.unseal(keys, outcome.granted.sealed_token)
    return TokenIssued(
        party_id=outcome.party_id, token_id=outcome.granted.token_id, token=token, expires_at=outcome.granted.expires_at
    )


async def _refused(
    tx: Tx, cmd: TokenForPassword, party_id: UUID, ways: tuple[str, ...], keys: KeyRing, place: Place, now: datetime
) -> _Outcome | None:
    """None where the code fits; else what to commit: the try counts."""
    if not cmd.code:
        return _Outcome(party_id, ways=ways)
    shown = Shown(party_id=party_id, proof=Proof(code=cmd.code), ip=cmd.ip)
    weighed = await check_factor(tx, shown, keys=keys, place=place, now=now)
    if weighed.way is not None:
        return None
    return _Outcome(party_id, ways=ways, wait_seconds=weighed.wait_seconds)
