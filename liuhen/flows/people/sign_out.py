"""A session ends: this one, or another device's. Doing it twice is no mistake."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Tx
from liuhen.parties import store


class SignOut(Struct, frozen=True):
    party_id: UUID
    session_id: UUID


class SignedOut(Struct, frozen=True):
    """ended: False if it had ended before."""

    ended: bool


async def sign_out(db: Database, cmd: SignOut, *, now: datetime) -> SignedOut:
    """Parameters: now, UTC."""

    async def work(tx: Tx) -> SignedOut:
        return SignedOut(await store.end_session(tx, cmd.party_id, cmd.session_id, now))

    return await db.transact(work, now=now)
