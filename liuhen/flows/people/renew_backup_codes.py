"""Ten fresh backup codes; those until now open nothing any more."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import StateConflict
from liuhen.factors import store as factors
from liuhen.factors.model import new_backup_codes
from liuhen.steps.need_proof import need_proof


class RenewBackupCodes(Struct, frozen=True):
    party_id: UUID
    session_id: UUID


class BackupCodesRenewed(Struct, frozen=True):
    """Shown once."""

    codes: tuple[str, ...]


async def renew_backup_codes(
    db: Database, cmd: RenewBackupCodes, *, now: datetime, keys: KeyRing
) -> BackupCodesRenewed:
    """Parameters: now, UTC. Raises SecondFactorNeeded (not proven lately), StateConflict (no second factor)."""

    async def work(tx: Tx) -> BackupCodesRenewed:
        await need_proof(tx, cmd.party_id, cmd.session_id, now=now)
        if not await factors.ways(tx, cmd.party_id):
            raise StateConflict()
        codes = new_backup_codes()
        hashes = [factors.hash_backup_code(keys, cmd.party_id, code) for code in codes]
        await factors.put_backup_codes(tx, cmd.party_id, hashes, now)
        return BackupCodesRenewed(tuple(codes))

    return await db.transact(work, now=now)
