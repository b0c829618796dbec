"""An authenticator app or a passkey is taken away; with the last one the backup codes go."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import NotFound
from liuhen.factors import store as factors
from liuhen.factors.model import Way
from liuhen.notices import store as notices
from liuhen.parties import store
from liuhen.steps.check_factor import LINK
from liuhen.steps.need_proof import need_proof


class RemoveFactor(Struct, frozen=True, kw_only=True):
    """passkey_id: which passkey; None for the authenticator app."""

    party_id: UUID
    session_id: UUID
    passkey_id: UUID | None = None


class FactorRemoved(Struct, frozen=True):
    """last: the party has no second factor any more."""

    last: bool


async def remove_factor(db: Database, cmd: RemoveFactor, *, now: datetime, once: Once | None = None) -> FactorRemoved:
    """Parameters: now, UTC. All other sessions end. Raises NotFound, SecondFactorNeeded (not proven lately)."""

    async def work(tx: Tx) -> FactorRemoved:
        await need_proof(tx, cmd.party_id, cmd.session_id, now=now)
        if cmd.passkey_id is None:
            way, gone = Way.TOTP, await factors.drop_totp(tx, cmd.party_id)
        else:
            way, gone = Way.PASSKEY, await factors.drop_passkey(tx, cmd.party_id, cmd.passkey_id)
        if not gone:
            raise NotFound()
        last = not await factors.ways(tx, cmd.party_id)
        if last:
            await factors.drop_all(tx, cmd.party_id)
            await store.unprove(tx, cmd.party_id)
        await store.end_sessions(tx, cmd.party_id, now, keep=cmd.session_id)
        await store.end_half_sessions(tx, cmd.party_id)
        await notices.send(tx, cmd.party_id, "SECOND_FACTOR_REMOVED", {"way": str(way)}, LINK, now=now)
        return FactorRemoved(last)

    return await db.transact(work, now=now, once=once, result=FactorRemoved)
