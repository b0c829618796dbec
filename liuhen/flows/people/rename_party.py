"""A party changes the name that others see."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.parties import model, store


class RenameParty(Struct, frozen=True):
    party_id: UUID
    display_name: str


class PartyRenamed(Struct, frozen=True):
    display_name: str


async def rename_party(db: Database, cmd: RenameParty, *, now: datetime, once: Once | None = None) -> PartyRenamed:
    """Parameters: now, UTC. Raises InvalidInput, NotFound."""
    name = model.check_text(cmd.display_name, "display_name", model.NAME_LENGTH)

    async def work(tx: Tx) -> PartyRenamed:
        await store.lock(tx, cmd.party_id)
        await store.rename(tx, cmd.party_id, name)
        return PartyRenamed(name)

    return await db.transact(work, now=now, once=once, result=PartyRenamed)
