"""An admin freezes a party: nothing new begins, refunds and answers go on. The party is told why (平台规则办法 19).

All its devices are signed out and its tokens stop: whoever else has got in is out, the owner signs in again.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, StateConflict
from liuhen.base.ids import new_id
from liuhen.notices import store as notices
from liuhen.parties import model, store
from liuhen.parties.model import LastAdmin


class FreezeParty(Struct, frozen=True):
    staff_id: UUID
    party_id: UUID
    reason: str


class PartyFrozen(Struct, frozen=True):
    party_id: UUID
    frozen_at: datetime


async def freeze_party(db: Database, cmd: FreezeParty, *, now: datetime, once: Once | None = None) -> PartyFrozen:
    """Parameters: now, UTC. Raises Forbidden, NotFound, LastAdmin, StateConflict (frozen already), InvalidInput."""
    reason = model.check_text(cmd.reason, "reason", model.REASON_LENGTH)

    async def work(tx: Tx) -> PartyFrozen:
        admins = await store.lock_admins(tx)
        if cmd.staff_id not in admins:
            raise Forbidden()
        party = await store.lock(tx, cmd.party_id)
        if admins == [cmd.party_id]:
            raise LastAdmin()
        if party.frozen_at is not None:
            raise StateConflict()
        await store.set_frozen(tx, cmd.party_id, now, reason)
        await store.end_sessions(tx, cmd.party_id, now)
        await store.end_tokens(tx, cmd.party_id, now)
        await store.add_staff_act(tx, cmd.party_id, new_id(now), cmd.staff_id, "FREEZE", reason, {}, now)
        await notices.send(tx, cmd.party_id, "PARTY_FROZEN", {"reason": reason}, "/settings", now=now)
        return PartyFrozen(cmd.party_id, now)

    return await db.transact(work, now=now, once=once, result=PartyFrozen)
