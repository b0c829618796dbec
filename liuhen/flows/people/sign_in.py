"""Login and password open a session. An unknown login and a wrong password get the same answer in the same time."""

import secrets as random
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Database, Tx
from liuhen.base.errors import BadCredentials, RateLimited
from liuhen.base.ids import new_id
from liuhen.parties import store
from liuhen.parties.model import SESSION_LIFE
from liuhen.steps.check_password import check_password


class SignIn(Struct, frozen=True, kw_only=True):
    """ip and user_agent are shown in the list of sessions. old_session: the browser's session until now; it ends."""

    login: str
    password: str
    ip: str = ""
    user_agent: str = ""
    old_session: UUID | None = None


class SignedIn(Struct, frozen=True, kw_only=True):
    """token: the cookie's value, kept nowhere. expires_at: UTC."""

    party_id: UUID
    session_id: UUID
    token: str
    expires_at: datetime


class _Outcome(Struct, frozen=True):
    signed_in: SignedIn | None = None
    wait_seconds: int = 0


async def sign_in(db: Database, cmd: SignIn, *, now: datetime, keys: KeyRing) -> SignedIn:
    """Parameters: now, UTC. Raises BadCredentials, RateLimited (per login and per address).

    Every session begins with a new secret, so that a cookie planted before sign-in opens nothing.
    """

    async def work(tx: Tx) -> _Outcome:
        weighed = await check_password(tx, cmd.login, cmd.password, cmd.ip, now=now)
        if weighed.party_id is None:
            return _Outcome(wait_seconds=weighed.wait_seconds)
        return _Outcome(await _begin(tx, cmd, weighed.party_id, keys, now))

    outcome = await db.transact(work, now=now)
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if outcome.signed_in is None:
        raise BadCredentials()
    return outcome.signed_in


async def _begin(tx: Tx, cmd: SignIn, party_id: UUID, keys: KeyRing, now: datetime) -> SignedIn:
    if cmd.old_session is not None:
        await store.end_any_session(tx, cmd.old_session, now)
    token = new_token("lh_s_")
    new = store.NewSession(
        id=new_id(now),
        token_hash=keys.hash_token(token),
        party_id=party_id,
        csrf=random.token_urlsafe(32),
        user_agent=cmd.user_agent[:300],
        ip=cmd.ip,
        created_at=now,
        expires_at=now + SESSION_LIFE,
    )
    await store.add_session(tx, new)
    return SignedIn(party_id=party_id, session_id=new.id, token=token, expires_at=new.expires_at)
