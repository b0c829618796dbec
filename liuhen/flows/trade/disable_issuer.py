"""An admin takes an issuer's word away: what he said stays, what he says from now on is refused."""

from datetime import datetime
from uuid import UUID

from liuhen.base.db import Database, Tx
from liuhen.base.errors import Forbidden, NotFound
from liuhen.base.ids import new_id
from liuhen.catalog import store as catalog
from liuhen.parties import store as parties
from liuhen.parties.model import Role


async def disable_issuer(db: Database, admin_id: UUID, issuer_id: UUID, *, now: datetime) -> None:
    """Raises Forbidden, NotFound."""

    async def work(tx: Tx) -> None:
        if Role.ADMIN not in (await parties.find(tx, admin_id)).roles:
            raise Forbidden("admins alone")
        if not await catalog.disable_issuer(tx, issuer_id, now=now):
            raise NotFound("no such issuer")
        data = {"issuer_id": str(issuer_id)}
        await parties.add_staff_act(tx, admin_id, new_id(now), admin_id, "DISABLE_ISSUER", "", data, now)

    await db.transact(work, now=now)
