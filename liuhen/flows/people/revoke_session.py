"""The owner ends a session in his list, or all others at once."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import NotFound
from liuhen.parties import store


class RevokeSession(Struct, frozen=True, kw_only=True):
    """session_id: the one to end; None ends all but `keep`."""

    party_id: UUID
    session_id: UUID | None = None
    keep: UUID | None = None


class SessionsRevoked(Struct, frozen=True):
    count: int


async def revoke_session(
    db: Database, cmd: RevokeSession, *, now: datetime, once: Once | None = None
) -> SessionsRevoked:
    """Parameters: now, UTC. Raises NotFound for a session that is not the party's or has ended."""

    async def work(tx: Tx) -> SessionsRevoked:
        if cmd.session_id is None:
            return SessionsRevoked(await store.end_sessions(tx, cmd.party_id, now, keep=cmd.keep))
        if not await store.end_session(tx, cmd.party_id, cmd.session_id, now):
            raise NotFound()
        return SessionsRevoked(1)

    return await db.transact(work, now=now, once=once, result=SessionsRevoked)
