"""A new password without the old one: by a link, or by login and recovery code. All sessions, tokens
and other links end, and what strangers guessed at sign-in no longer keeps the owner out."""

import asyncio
import hmac
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, RateLimited
from liuhen.base.passwords import hash_password
from liuhen.parties import limits, model, secrets, store


class ResetPassword(Struct, frozen=True, kw_only=True):
    """Either `token` of a link, or `login` and `recovery_code`."""

    new_password: str
    token: str = ""
    login: str = ""
    recovery_code: str = ""
    ip: str = ""


class PasswordReset(Struct, frozen=True):
    """recovery_code: the new one, shown once; the one used until now opens nothing any more."""

    party_id: UUID
    recovery_code: str


class _Outcome(Struct, frozen=True):
    party_id: UUID | None = None
    sealed_code: bytes = b""
    wait_seconds: int = 0


async def reset_password(
    db: Database, cmd: ResetPassword, *, now: datetime, once: Once | None = None, keys: KeyRing
) -> PasswordReset:
    """Parameters: now, UTC. Raises InvalidInput (weak password; link over; login or code wrong), RateLimited.

    The new password is hashed before anything is looked up: a known login takes no longer than an unknown one.
    """
    folded = model.fold_login(cmd.login)
    model.check_password(cmd.new_password, folded, "new_password")
    fresh = await asyncio.to_thread(hash_password, cmd.new_password)
    tries = ((limits.RESET_IP, limits.network(cmd.ip)), (limits.RESET_LOGIN, folded))

    async def work(tx: Tx) -> _Outcome:
        wait = await limits.count(tx, tries, now)
        if wait:
            return _Outcome(wait_seconds=wait)
        party_id = await _entitled(tx, cmd, folded, keys, now)
        if party_id is None:
            return _Outcome()
        await limits.forgive(tx, tries, now)
        code = secrets.new_recovery_code()
        recovery = secrets.hash_recovery(keys, party_id, code)
        await store.set_password(tx, party_id, fresh, now, recovery_hash=recovery)
        await store.end_sessions(tx, party_id, now)
        await store.end_half_sessions(tx, party_id)
        await store.end_tokens(tx, party_id, now)
        await store.end_reset_links(tx, party_id, now)
        login = (await store.sign_in_of(tx, party_id)).login_folded
        await limits.forgive_all(tx, ((limits.SIGN_IN_LOGIN, login),), now)
        await store.close_reset_wishes(tx, party_id, now)
        return _Outcome(party_id, secrets.seal(keys, code))

    done = await db.transact(work, now=now, once=once, result=_Outcome)
    if done.wait_seconds:
        raise RateLimited(retry_after_seconds=done.wait_seconds)
    if done.party_id is None:
        reason = "link_over" if cmd.token else "recovery_wrong"
        raise InvalidInput("this does not let anybody in", field="" if cmd.token else "recovery_code", reason=reason)
    return PasswordReset(done.party_id, secrets.unseal(keys, done.sealed_code))


async def _entitled(tx: Tx, cmd: ResetPassword, folded: str, keys: KeyRing, now: datetime) -> UUID | None:
    """Whose password may be set. A link is used up by this."""
    if cmd.token:
        party_id = await store.use_reset_link(tx, keys.hash_token(cmd.token), now)
        if party_id is not None:
            own = (await store.sign_in_of(tx, party_id)).login_folded
            model.check_password(cmd.new_password, own, "new_password")
        return party_id
    found = await store.find_sign_in(tx, folded)
    if found is None:
        return None
    known = await store.sign_in_of(tx, found.party_id)
    given = secrets.hash_recovery(keys, known.party_id, cmd.recovery_code)
    fits = hmac.compare_digest(given, known.recovery_hash or "")
    return known.party_id if fits else None
