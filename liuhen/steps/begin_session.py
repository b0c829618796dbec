"""A browser is let in: a session with a new secret, whatever the browser held until now ends."""

import secrets as random
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Tx
from liuhen.base.ids import new_id
from liuhen.factors.model import Way
from liuhen.parties import store
from liuhen.parties.model import SESSION_LIFE


class Browser(Struct, frozen=True, kw_only=True):
    """ip and user_agent are shown in the list of sessions. old_session: the browser's session until now; it ends."""

    ip: str = ""
    user_agent: str = ""
    old_session: UUID | None = None


class Begun(Struct, frozen=True):
    """token: the cookie's value, kept nowhere. expires_at: UTC."""

    session_id: UUID
    token: str
    expires_at: datetime


async def begin_session(
    tx: Tx, party_id: UUID, browser: Browser, way: Way | None, *, keys: KeyRing, now: datetime
) -> Begun:
    """Parameters: way, the second factor that was shown, None for the password alone; now, UTC.

    Every session begins with a new secret, so that a cookie planted before sign-in opens nothing.
    """
    if browser.old_session is not None:
        await store.end_any_session(tx, browser.old_session, now)
    token = new_token("lh_s_")
    new = store.NewSession(
        id=new_id(now),
        token_hash=keys.hash_token(token),
        party_id=party_id,
        csrf=random.token_urlsafe(32),
        user_agent=browser.user_agent[:300],
        ip=browser.ip,
        created_at=now,
        expires_at=now + SESSION_LIFE,
        second_factor=way,
    )
    await store.add_session(tx, new)
    return Begun(new.id, token, new.expires_at)
