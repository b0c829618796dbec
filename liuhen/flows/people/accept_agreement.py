"""A party accepts the version of a text that is in force; its hash and the time are kept."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.agreements import Agreements
from liuhen.base.db import Database, Once, Tx
from liuhen.parties import store
from liuhen.parties.model import Agreement


class AcceptAgreement(Struct, frozen=True):
    party_id: UUID
    kind: Agreement
    version: str


class AgreementAccepted(Struct, frozen=True):
    kind: Agreement
    version: str
    sha256: bytes


async def accept_agreement(
    db: Database, cmd: AcceptAgreement, *, now: datetime, once: Once | None = None, agreements: Agreements
) -> AgreementAccepted:
    """Parameters: now, UTC. Raises StateConflict when another version is in force. Twice keeps the first time."""
    text = agreements.accepting(cmd.kind, cmd.version, now)

    async def work(tx: Tx) -> AgreementAccepted:
        await store.find(tx, cmd.party_id)
        await store.accept(tx, cmd.party_id, cmd.kind, text.version, text.sha256, now)
        return AgreementAccepted(cmd.kind, text.version, text.sha256)

    return await db.transact(work, now=now, once=once, result=AgreementAccepted)
