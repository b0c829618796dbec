"""The one place where a login and a password are weighed: counted first, in the same time for known and unknown.

In three parts, so that no connection and no counter's row is held while Argon2 works: `ask` in a transaction that is
committed whatever follows, `weigh` in none, `passed` in the transaction of what the password opens.
"""

import asyncio
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Tx
from liuhen.base.errors import NotFound
from liuhen.base.passwords import hash_password, needs_rehash, verify_password
from liuhen.parties import limits, model, store
from liuhen.parties.limits import Tries


class Asked(Struct, frozen=True):
    """known: None for an unknown login; wait_seconds > 0: too many tries."""

    tries: Tries
    known: model.SignIn | None = None
    wait_seconds: int = 0


class Weighed(Struct, frozen=True):
    """The password fits what was kept at the time. fresh_hash: the same under today's parameters, "" where it is."""

    asked: Asked
    party_id: UUID
    password_hash: str
    fresh_hash: str = ""


async def ask(tx: Tx, login: str, ip: str, *, now: datetime) -> Asked:
    """Parameters: ip, of the caller, counted by network. Never raises: the count of a try must be committed."""
    folded = model.fold_login(login)
    tries = ((limits.SIGN_IN_IP, limits.network(ip)), (limits.SIGN_IN_LOGIN, folded))
    wait = await limits.count(tx, tries, now)
    return Asked(tries, wait_seconds=wait) if wait else Asked(tries, await store.find_sign_in(tx, folded))


async def weigh(asked: Asked, password: str) -> Weighed | None:
    """None for an unknown login and a wrong password alike."""
    known = asked.known
    fits = await asyncio.to_thread(verify_password, known.password_hash if known else None, password)
    if not fits or known is None:
        return None
    old = needs_rehash(known.password_hash)
    fresh = await asyncio.to_thread(hash_password, password) if old else ""
    return Weighed(asked, known.party_id, known.password_hash, fresh)


async def passed(tx: Tx, weighed: Weighed, *, now: datetime) -> bool:
    """The try is not held against anybody. False where the password was changed while it was weighed."""
    try:
        known = await store.sign_in_of(tx, weighed.party_id)
    except NotFound:
        return False
    if known.password_hash != weighed.password_hash:
        return False
    await limits.forgive(tx, weighed.asked.tries, now)
    if weighed.fresh_hash:
        await store.rehash(tx, weighed.party_id, weighed.fresh_hash)
    return True
