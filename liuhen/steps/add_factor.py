"""A second factor was added: this session counts as shown with one, all others end, the owner is told. With the first
one come ten backup codes."""

from datetime import datetime
from uuid import UUID

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Tx
from liuhen.factors import store as factors
from liuhen.factors.model import Way, new_backup_codes
from liuhen.notices import store as notices
from liuhen.parties import store
from liuhen.steps.check_factor import LINK


async def add_factor(
    tx: Tx, party_id: UUID, session_id: UUID, way: Way, *, keys: KeyRing, now: datetime
) -> tuple[str, list[str]]:
    """(the session's new secret, backup codes to be shown once; none where the party has some). now in UTC."""
    token = new_token("lh_s_")
    await store.prove_session(tx, party_id, session_id, keys.hash_token(token), way, now)
    await store.end_sessions(tx, party_id, now, keep=session_id)
    await store.end_half_sessions(tx, party_id)
    await notices.send(tx, party_id, "SECOND_FACTOR_ADDED", {"way": str(way)}, LINK, now=now)
    codes = [] if await factors.has_backup_codes(tx, party_id) else new_backup_codes()
    if codes:
        hashes = [factors.hash_backup_code(keys, party_id, code) for code in codes]
        await factors.put_backup_codes(tx, party_id, hashes, now)
    return token, codes
