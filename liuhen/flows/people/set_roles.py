"""An admin gives or takes staff roles, with a reason on record. At least one admin stays."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden
from liuhen.base.ids import new_id
from liuhen.parties import model, store
from liuhen.parties.model import LastAdmin, Role


class SetRoles(Struct, frozen=True, kw_only=True):
    """roles: all that the party has from now on."""

    staff_id: UUID
    party_id: UUID
    roles: frozenset[Role]
    reason: str


class RolesSet(Struct, frozen=True):
    party_id: UUID
    roles: frozenset[Role]


async def set_roles(db: Database, cmd: SetRoles, *, now: datetime, once: Once | None = None) -> RolesSet:
    """Parameters: now, UTC. Raises Forbidden (not an admin), NotFound, LastAdmin, InvalidInput (reason)."""
    reason = model.check_text(cmd.reason, "reason", model.REASON_LENGTH)

    async def work(tx: Tx) -> RolesSet:
        admins = await store.lock_admins(tx)
        if cmd.staff_id not in admins:
            raise Forbidden()
        party = await store.lock(tx, cmd.party_id)
        if Role.ADMIN not in cmd.roles and admins == [cmd.party_id]:
            raise LastAdmin()
        await store.set_roles(tx, cmd.party_id, cmd.roles)
        data = {"before": sorted(party.roles), "after": sorted(cmd.roles)}
        await store.add_staff_act(tx, cmd.party_id, new_id(now), cmd.staff_id, "SET_ROLES", reason, data, now)
        return RolesSet(cmd.party_id, cmd.roles)

    return await db.transact(work, now=now, once=once, result=RolesSet)
