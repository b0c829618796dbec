"""Somebody cannot get in and has no recovery code: an admin is told. Known and unknown logins get one answer."""

from datetime import datetime

from msgspec import Struct

from liuhen.base.db import Database, Tx
from liuhen.base.errors import RateLimited
from liuhen.base.ids import new_id
from liuhen.parties import limits, model, store


class WishReset(Struct, frozen=True):
    login: str
    ip: str = ""


class ResetWished(Struct, frozen=True):
    """Says nothing about whether the login exists."""

    noted: bool = True


async def wish_reset(db: Database, cmd: WishReset, *, now: datetime) -> ResetWished:
    """Parameters: now, UTC. Raises RateLimited, for unknown logins as well."""
    folded = model.fold_login(cmd.login)
    tries = ((limits.RESET_IP, limits.network(cmd.ip)), (limits.RESET_LOGIN, folded))

    async def work(tx: Tx) -> int:
        wait = await limits.count(tx, tries, now)
        known = await store.find_sign_in(tx, folded)
        if known is not None and not wait:
            await store.add_reset_wish(tx, new_id(now), known.party_id, now)
        return wait

    wait = await db.transact(work, now=now)
    if wait:
        raise RateLimited(retry_after_seconds=wait)
    return ResetWished()
