"""Login and password open a session, or, for who has a second factor, a half session that opens nothing yet.

An unknown login and a wrong password get the same answer in the same time.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Database, Tx
from liuhen.base.errors import BadCredentials, RateLimited
from liuhen.base.faults import point
from liuhen.base.ids import new_id
from liuhen.factors import store as factors
from liuhen.parties import store
from liuhen.parties.model import HALF_SESSION_LIFE
from liuhen.steps.begin_session import Browser, begin_session
from liuhen.steps.check_password import ask, passed, weigh


class SignIn(Struct, frozen=True, kw_only=True):
    """ip and user_agent are shown in the list of sessions. old_session: the browser's session until now; it ends."""

    login: str
    password: str
    ip: str = ""
    user_agent: str = ""
    old_session: UUID | None = None


class SignedIn(Struct, frozen=True, kw_only=True):
    """token: the cookie's value, kept nowhere. expires_at: UTC. half: the second factor is still to be shown
    (finish_sign_in); session_id and token are then those of the half session. is_staff: has a staff role."""

    party_id: UUID
    session_id: UUID
    token: str
    expires_at: datetime
    half: bool = False
    is_staff: bool = False


async def sign_in(db: Database, cmd: SignIn, *, now: datetime, keys: KeyRing) -> SignedIn:
    """Parameters: now, UTC. Raises BadCredentials, RateLimited (per login and per address)."""
    asked = await db.transact(lambda tx: ask(tx, cmd.login, cmd.ip, now=now), now=now)
    if asked.wait_seconds:
        raise RateLimited(retry_after_seconds=asked.wait_seconds)
    weighed = await weigh(asked, cmd.password)
    if weighed is None:
        raise BadCredentials()
    point("sign_in.try_and_session")

    async def work(tx: Tx) -> SignedIn | None:
        if not await passed(tx, weighed, now=now):
            return None
        if await factors.ways(tx, weighed.party_id):
            return await _begin_half(tx, weighed.party_id, keys, now)
        return await _begin(tx, cmd, weighed.party_id, keys, now)

    signed_in = await db.transact(work, now=now)
    if signed_in is None:
        raise BadCredentials()
    return signed_in


async def _begin(tx: Tx, cmd: SignIn, party_id: UUID, keys: KeyRing, now: datetime) -> SignedIn:
    browser = Browser(ip=cmd.ip, user_agent=cmd.user_agent, old_session=cmd.old_session)
    begun = await begin_session(tx, party_id, browser, None, keys=keys, now=now)
    party = await store.find(tx, party_id)
    return SignedIn(
        party_id=party_id,
        session_id=begun.session_id,
        token=begun.token,
        expires_at=begun.expires_at,
        is_staff=bool(party.roles),
    )


async def _begin_half(tx: Tx, party_id: UUID, keys: KeyRing, now: datetime) -> SignedIn:
    token = new_token("lh_h_")
    half = store.HalfSession(new_id(now), keys.hash_token(token), party_id, now, now + HALF_SESSION_LIFE)
    await store.add_half_session(tx, half)
    return SignedIn(party_id=party_id, session_id=half.id, token=token, expires_at=half.expires_at, half=True)
