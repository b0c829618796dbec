"""A session was used: its seven idle days start again."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Tx
from liuhen.parties import store


class TouchSession(Struct, frozen=True):
    session_id: UUID


class SessionTouched(Struct, frozen=True):
    seen_at: datetime


async def touch_session(db: Database, cmd: TouchSession, *, now: datetime) -> SessionTouched:
    """Parameters: now, UTC. Touching a revoked session changes nothing that counts."""

    async def work(tx: Tx) -> SessionTouched:
        await store.touch_session(tx, cmd.session_id, now)
        return SessionTouched(seen_at=now)

    return await db.transact(work, now=now)
