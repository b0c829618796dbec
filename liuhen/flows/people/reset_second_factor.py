"""Somebody lost his second factor: an admin, or the operator at the machine, takes it off. All sessions and tokens
end; the password stays, and staff must set up a new one before they can act."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, NotFound, StateConflict
from liuhen.base.ids import new_id
from liuhen.factors import store as factors
from liuhen.notices import store as notices
from liuhen.parties import model, store
from liuhen.steps.check_factor import LINK

OPERATOR = UUID(int=0)
"""Stands in the record of staff acts for who worked at the machine itself."""


class ResetSecondFactor(Struct, frozen=True, kw_only=True):
    """For a party by id (admin) or by login (operator). staff_id: the admin, None for the operator."""

    party_id: UUID | None = None
    login: str = ""
    staff_id: UUID | None = None
    reason: str


class SecondFactorReset(Struct, frozen=True):
    party_id: UUID


async def reset_second_factor(
    db: Database, cmd: ResetSecondFactor, *, now: datetime, once: Once | None = None
) -> SecondFactorReset:
    """Parameters: now, UTC. Raises Forbidden (not an admin, or himself), NotFound, StateConflict (there is none),
    InvalidInput (reason)."""
    reason = model.check_text(cmd.reason, "reason", model.REASON_LENGTH)

    async def work(tx: Tx) -> SecondFactorReset:
        if cmd.staff_id is not None and (
            cmd.staff_id not in await store.lock_admins(tx) or cmd.staff_id == cmd.party_id
        ):
            raise Forbidden()
        party_id = await _party(tx, cmd)
        had = await factors.ways(tx, party_id)
        if not had:
            raise StateConflict("there is no second factor")
        await factors.drop_all(tx, party_id)
        await store.end_sessions(tx, party_id, now)
        await store.end_half_sessions(tx, party_id)
        await store.end_tokens(tx, party_id, now)
        data = {"had": [str(way) for way in had]}
        staff = cmd.staff_id or OPERATOR
        await store.add_staff_act(tx, party_id, new_id(now), staff, "RESET_SECOND_FACTOR", reason, data, now)
        await notices.send(tx, party_id, "SECOND_FACTOR_RESET", {"reason": reason}, LINK, now=now)
        return SecondFactorReset(party_id)

    return await db.transact(work, now=now, once=once, result=SecondFactorReset)


async def _party(tx: Tx, cmd: ResetSecondFactor) -> UUID:
    if cmd.party_id is not None:
        return (await store.find(tx, cmd.party_id)).book_id
    known = await store.find_sign_in(tx, model.fold_login(cmd.login))
    if known is None:
        raise NotFound(f"there is no login {cmd.login}")
    return known.party_id
