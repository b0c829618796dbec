"""An admin, or the operator at the machine, hands out a link that lets a party set a new password once."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, NotFound
from liuhen.base.ids import new_id
from liuhen.parties import model, secrets, store
from liuhen.parties.model import RESET_LINK_LIFE


class IssueResetLink(Struct, frozen=True, kw_only=True):
    """For a party by id (admin) or by login (operator). issued_by: the admin, None for the operator."""

    party_id: UUID | None = None
    login: str = ""
    issued_by: UUID | None = None
    reason: str = ""


class ResetLinkIssued(Struct, frozen=True, kw_only=True):
    """token: shown once, the last part of /reset/…; expires_at: UTC, two hours on."""

    party_id: UUID
    token: str
    expires_at: datetime


class _Outcome(Struct, frozen=True):
    party_id: UUID
    sealed_token: bytes


async def issue_reset_link(
    db: Database, cmd: IssueResetLink, *, now: datetime, once: Once | None = None, keys: KeyRing
) -> ResetLinkIssued:
    """Parameters: now, UTC. Earlier links of the party stop working. Raises NotFound; Forbidden (not an admin);
    InvalidInput (no reason)."""
    reason = model.check_text(cmd.reason, "reason", model.REASON_LENGTH) if cmd.issued_by else ""

    async def work(tx: Tx) -> _Outcome:
        if cmd.issued_by is not None and cmd.issued_by not in await store.lock_admins(tx):
            raise Forbidden()
        party_id = await _party(tx, cmd)
        token = new_token("lh_r_")
        await store.add_reset_link(
            tx, new_id(now), keys.hash_token(token), party_id, cmd.issued_by, now, RESET_LINK_LIFE
        )
        await store.close_reset_wishes(tx, party_id, now)
        if cmd.issued_by is not None:
            await store.add_staff_act(tx, party_id, new_id(now), cmd.issued_by, "ISSUE_RESET_LINK", reason, {}, now)
        return _Outcome(party_id, secrets.seal(keys, token))

    made = await db.transact(work, now=now, once=once, result=_Outcome)
    token = secrets.unseal(keys, made.sealed_token)
    return ResetLinkIssued(party_id=made.party_id, token=token, expires_at=now + RESET_LINK_LIFE)


async def _party(tx: Tx, cmd: IssueResetLink) -> UUID:
    if cmd.party_id is not None:
        return (await store.find(tx, cmd.party_id)).book_id
    known = await store.find_sign_in(tx, model.fold_login(cmd.login))
    if known is None:
        raise NotFound(f"there is no login {cmd.login}")
    return known.party_id
