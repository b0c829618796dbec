"""The one place where a login and a password are weighed: counted first, in the same time for known and unknown."""

import asyncio
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Tx
from liuhen.base.passwords import hash_password, needs_rehash, verify_password
from liuhen.parties import limits, model, store


class Weighed(Struct, frozen=True):
    """party_id is None for an unknown login and a wrong password alike; wait_seconds > 0: too many tries."""

    party_id: UUID | None = None
    wait_seconds: int = 0


async def check_password(tx: Tx, login: str, password: str, ip: str, *, now: datetime) -> Weighed:
    """Parameters: ip, of the caller, counted by network. Never raises: the count of a failed try must be committed."""
    folded = model.fold_login(login)
    tries = ((limits.SIGN_IN_IP, limits.network(ip)), (limits.SIGN_IN_LOGIN, folded))
    wait = await limits.count(tx, tries, now)
    if wait:
        return Weighed(wait_seconds=wait)
    known = await store.find_sign_in(tx, folded)
    encoded = known.password_hash if known else None
    if not await asyncio.to_thread(verify_password, encoded, password) or known is None:
        return Weighed()
    await limits.forgive(tx, tries, now)
    if needs_rehash(known.password_hash):
        await store.rehash(tx, known.party_id, await asyncio.to_thread(hash_password, password))
    return Weighed(known.party_id)
