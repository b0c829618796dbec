"""A new password for who knows the old one; every other session ends."""

import asyncio
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, RateLimited
from liuhen.base.passwords import hash_password, verify_password
from liuhen.parties import limits, model, store


class ChangePassword(Struct, frozen=True, kw_only=True):
    """session_id: the session that stays."""

    party_id: UUID
    old_password: str
    new_password: str
    session_id: UUID | None = None


class PasswordChanged(Struct, frozen=True):
    sessions_ended: int


class _Outcome(Struct, frozen=True):
    ended: int | None = None
    wait_seconds: int = 0


async def change_password(
    db: Database, cmd: ChangePassword, *, now: datetime, once: Once | None = None
) -> PasswordChanged:
    """Parameters: now, UTC. Raises InvalidInput (old one wrong, new one too weak), RateLimited, NotFound."""
    tries = ((limits.PASSWORD_PARTY, str(cmd.party_id)),)

    async def work(tx: Tx) -> _Outcome:
        wait = await limits.count(tx, tries, now)
        if wait:
            return _Outcome(wait_seconds=wait)
        known = await store.sign_in_of(tx, cmd.party_id)
        if not await asyncio.to_thread(verify_password, known.password_hash, cmd.old_password):
            return _Outcome()
        model.check_password(cmd.new_password, known.login_folded, "new_password")
        await limits.forgive(tx, tries, now)
        fresh = await asyncio.to_thread(hash_password, cmd.new_password)
        await store.set_password(tx, cmd.party_id, fresh, now)
        return _Outcome(await store.end_sessions(tx, cmd.party_id, now, keep=cmd.session_id))

    outcome = await db.transact(work, now=now, once=once, result=_Outcome)
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if outcome.ended is None:
        raise InvalidInput("the old password is wrong", field="old_password", reason="password_wrong")
    return PasswordChanged(outcome.ended)
