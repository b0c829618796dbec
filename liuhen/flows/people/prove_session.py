"""Somebody who is signed in proves himself again before he changes how he signs in: by his second factor, or, without
one, by his password. The session gets a new secret."""

import asyncio
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Database, Tx
from liuhen.base.errors import BadCode, InvalidInput, RateLimited
from liuhen.base.passwords import verify_password
from liuhen.factors import store as factors
from liuhen.factors.model import Place, Proof
from liuhen.parties import limits, store
from liuhen.steps.check_factor import Shown, Weighed, check_factor


class ProveSession(Struct, frozen=True, kw_only=True):
    """password counts only for who has no second factor, proof only for who has one."""

    party_id: UUID
    session_id: UUID
    password: str = ""
    proof: Proof = Proof()
    ip: str = ""


class SessionProved(Struct, frozen=True):
    """token: the cookie's value from now on, kept nowhere."""

    token: str


class _Outcome(Struct, frozen=True):
    token: str = ""
    by_password: bool = False
    wait_seconds: int = 0


async def prove_session(
    db: Database, cmd: ProveSession, *, now: datetime, keys: KeyRing, place: Place
) -> SessionProved:
    """Parameters: now, UTC. Raises BadCode, InvalidInput (password), RateLimited, NotFound (session)."""

    async def work(tx: Tx) -> _Outcome:
        by_password = not await factors.ways(tx, cmd.party_id)
        if by_password:
            fits, weighed = await _by_password(tx, cmd, now)
        else:
            shown = Shown(party_id=cmd.party_id, proof=cmd.proof, holder_id=cmd.session_id, ip=cmd.ip)
            weighed = await check_factor(tx, shown, keys=keys, place=place, now=now)
            fits = weighed.way is not None
        if not fits:
            return _Outcome(by_password=by_password, wait_seconds=weighed.wait_seconds)
        token = new_token("lh_s_")
        await store.prove_session(tx, cmd.party_id, cmd.session_id, keys.hash_token(token), weighed.way, now)
        return _Outcome(token=token)

    outcome = await db.transact(work, now=now)
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if not outcome.token and outcome.by_password:
        raise InvalidInput("the password is wrong", field="password", reason="password_wrong")
    if not outcome.token:
        raise BadCode(field="code", reason="code_wrong")
    return SessionProved(outcome.token)


async def _by_password(tx: Tx, cmd: ProveSession, now: datetime) -> tuple[bool, Weighed]:
    tries = ((limits.PASSWORD_PARTY, str(cmd.party_id)),)
    wait = await limits.count(tx, tries, now)
    if wait:
        return False, Weighed(wait_seconds=wait)
    known = await store.sign_in_of(tx, cmd.party_id)
    fits = await asyncio.to_thread(verify_password, known.password_hash, cmd.password)
    if fits:
        await limits.forgive(tx, tries, now)
    return fits, Weighed()
