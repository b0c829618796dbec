"""An admin lets a frozen party go on, with a reason on record; the party is told."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, StateConflict
from liuhen.base.ids import new_id
from liuhen.notices import store as notices
from liuhen.parties import model, store


class UnfreezeParty(Struct, frozen=True):
    staff_id: UUID
    party_id: UUID
    reason: str


class PartyUnfrozen(Struct, frozen=True):
    party_id: UUID


async def unfreeze_party(db: Database, cmd: UnfreezeParty, *, now: datetime, once: Once | None = None) -> PartyUnfrozen:
    """Parameters: now, UTC. Raises Forbidden, NotFound, StateConflict (not frozen), InvalidInput (reason)."""
    reason = model.check_text(cmd.reason, "reason", model.REASON_LENGTH)

    async def work(tx: Tx) -> PartyUnfrozen:
        if cmd.staff_id not in await store.lock_admins(tx):
            raise Forbidden()
        party = await store.lock(tx, cmd.party_id)
        if party.frozen_at is None:
            raise StateConflict()
        await store.set_frozen(tx, cmd.party_id, None, None)
        await store.add_staff_act(tx, cmd.party_id, new_id(now), cmd.staff_id, "UNFREEZE", reason, {}, now)
        await notices.send(tx, cmd.party_id, "PARTY_UNFROZEN", {"reason": reason}, "/settings", now=now)
        return PartyUnfrozen(cmd.party_id)

    return await db.transact(work, now=now, once=once, result=PartyUnfrozen)
