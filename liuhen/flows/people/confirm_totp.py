"""The first code of a new authenticator app: from now on it is asked for at sign-in."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import BadCode, RateLimited, StateConflict
from liuhen.factors import store as factors
from liuhen.factors import totp
from liuhen.factors.model import Way
from liuhen.parties import limits
from liuhen.steps.add_factor import add_factor
from liuhen.steps.need_proof import need_proof


class ConfirmTotp(Struct, frozen=True, kw_only=True):
    party_id: UUID
    session_id: UUID
    code: str
    ip: str = ""


class FactorAdded(Struct, frozen=True):
    """token: the session's new secret. backup_codes: shown once; none where the party has some already."""

    token: str
    backup_codes: tuple[str, ...]


class _Outcome(Struct, frozen=True):
    added: FactorAdded | None = None
    wait_seconds: int = 0


async def confirm_totp(db: Database, cmd: ConfirmTotp, *, now: datetime, keys: KeyRing) -> FactorAdded:
    """Parameters: now, UTC. All other sessions end. Raises BadCode, RateLimited, SecondFactorNeeded, StateConflict
    (nothing was begun, or it is confirmed already)."""
    party = str(cmd.party_id)
    tries = ((limits.CODE_IP, limits.network(cmd.ip)), (limits.CODE_PARTY, party), (limits.CODE_DAY, party))

    async def work(tx: Tx) -> _Outcome:
        await need_proof(tx, cmd.party_id, cmd.session_id, now=now)
        wait = await limits.count(tx, tries, now)
        if wait:
            return _Outcome(wait_seconds=wait)
        known = await factors.lock_totp(tx, cmd.party_id)
        if known is None or known.confirmed:
            raise StateConflict()
        secret = totp.open_secret(keys, cmd.party_id, known.sealed)
        step = totp.fitting_step(secret, "".join(cmd.code.split()), now, known.last_step)
        if step is None:
            return _Outcome()
        await limits.forgive(tx, tries, now)
        await factors.use_totp(tx, cmd.party_id, step, now)
        token, codes = await add_factor(tx, cmd.party_id, cmd.session_id, Way.TOTP, keys=keys, now=now)
        return _Outcome(FactorAdded(token, tuple(codes)))

    outcome = await db.transact(work, now=now)
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if outcome.added is None:
        raise BadCode(field="code", reason="code_wrong")
    return outcome.added
