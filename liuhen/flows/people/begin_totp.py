"""An authenticator app is about to be set up: a new secret, which counts from its first code on."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import StateConflict
from liuhen.factors import store as factors
from liuhen.factors import totp
from liuhen.steps.need_proof import need_proof


class BeginTotp(Struct, frozen=True):
    party_id: UUID
    session_id: UUID | None


class TotpBegun(Struct, frozen=True):
    """The secret is read by the page that shows it (reads/second_factor)."""

    party_id: UUID


async def begin_totp(db: Database, cmd: BeginTotp, *, now: datetime, keys: KeyRing) -> TotpBegun:
    """Parameters: now, UTC. An earlier secret without its first code is void.

    Raises SecondFactorNeeded (not proven lately), StateConflict (an app is in use: remove it first).
    """

    async def work(tx: Tx) -> TotpBegun:
        await need_proof(tx, cmd.party_id, cmd.session_id, now=now)
        sealed = totp.seal_secret(keys, cmd.party_id, totp.new_secret())
        if not await factors.put_totp(tx, cmd.party_id, sealed, now):
            raise StateConflict()
        return TotpBegun(cmd.party_id)

    return await db.transact(work, now=now)
