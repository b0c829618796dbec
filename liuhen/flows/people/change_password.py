"""A new password for who knows the old one and, with a second factor, showed it lately; every other session
and token ends."""

import asyncio
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import BadCode, InvalidInput, RateLimited, SecondFactorNeeded
from liuhen.base.passwords import hash_password, verify_password
from liuhen.factors import store as factors
from liuhen.factors.model import Place, Proof
from liuhen.parties import limits, model, store
from liuhen.steps.check_factor import Shown, check_factor
from liuhen.steps.need_proof import need_proof


class ChangePassword(Struct, frozen=True, kw_only=True):
    """session_id: the session that stays, None over the API; token_id: the token that stays, None on a page. code: of
    the second factor, for who has one and comes without a session."""

    party_id: UUID
    old_password: str
    new_password: str
    session_id: UUID | None = None
    token_id: UUID | None = None
    code: str = ""
    ip: str = ""


class PasswordChanged(Struct, frozen=True):
    sessions_ended: int


class _Outcome(Struct, frozen=True):
    ended: int | None = None
    bad_code: bool = False
    wait_seconds: int = 0


async def change_password(
    db: Database, cmd: ChangePassword, *, now: datetime, once: Once | None = None, keys: KeyRing, place: Place
) -> PasswordChanged:
    """Parameters: place, of passkeys; now, UTC. Raises InvalidInput (old one wrong, new one too weak), RateLimited,
    SecondFactorNeeded, BadCode, NotFound."""
    tries = ((limits.PASSWORD_PARTY, str(cmd.party_id)),)

    async def work(tx: Tx) -> _Outcome:
        wait = await limits.count(tx, tries, now)
        if wait:
            return _Outcome(wait_seconds=wait)
        known = await store.sign_in_of(tx, cmd.party_id)
        if not await asyncio.to_thread(verify_password, known.password_hash, cmd.old_password):
            return _Outcome()
        refused = await _refused(tx, cmd, keys, place, now)
        if refused is not None:
            return refused
        model.check_password(cmd.new_password, known.login_folded, "new_password")
        await limits.forgive(tx, tries, now)
        fresh = await asyncio.to_thread(hash_password, cmd.new_password)
        await store.set_password(tx, cmd.party_id, fresh, now)
        await store.end_half_sessions(tx, cmd.party_id)
        await store.end_tokens(tx, cmd.party_id, now, keep=cmd.token_id)
        await store.end_reset_links(tx, cmd.party_id, now)
        return _Outcome(await store.end_sessions(tx, cmd.party_id, now, keep=cmd.session_id))

    outcome = await db.transact(work, now=now, once=once, result=_Outcome)
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if outcome.bad_code:
        raise BadCode()
    if outcome.ended is None:
        raise InvalidInput("the old password is wrong", field="old_password", reason="password_wrong")
    return PasswordChanged(outcome.ended)


async def _refused(tx: Tx, cmd: ChangePassword, keys: KeyRing, place: Place, now: datetime) -> _Outcome | None:
    """None where nothing more is to be shown; else what to commit: the try counts. Raises SecondFactorNeeded."""
    ways = await factors.ways(tx, cmd.party_id)
    if not ways:
        return None
    if cmd.session_id is not None:
        await need_proof(tx, cmd.party_id, cmd.session_id, now=now)
        return None
    if not cmd.code:
        raise SecondFactorNeeded("send a code too", ways=[str(way) for way in ways])
    shown = Shown(party_id=cmd.party_id, proof=Proof(code=cmd.code), ip=cmd.ip)
    weighed = await check_factor(tx, shown, keys=keys, place=place, now=now)
    return None if weighed.way is not None else _Outcome(bad_code=True, wait_seconds=weighed.wait_seconds)
