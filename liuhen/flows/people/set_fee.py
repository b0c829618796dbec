"""An admin sets what the platform takes of a shop's sales from now on; the seller is told, old orders keep theirs."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, InvalidInput, NotFound
from liuhen.base.ids import new_id
from liuhen.notices import store as notices
from liuhen.parties import model, store
from liuhen.parties.model import Role
from liuhen.sellers import store as sellers

FEE_LIMITS = (0, 3000)
"""Basis points (1/10,000 of the price); the table's check holds the same."""


class SetFee(Struct, frozen=True, kw_only=True):
    """book_id: the shop's. fee_basis_points: 1/10,000 of the price."""

    admin_id: UUID
    book_id: UUID
    fee_basis_points: int
    reason: str


class FeeSet(Struct, frozen=True, kw_only=True):
    before: int
    after: int


async def set_fee(db: Database, cmd: SetFee, *, now: datetime, once: Once | None = None) -> FeeSet:
    """Parameters: now, UTC. Raises Forbidden, NotFound (no shop), InvalidInput (fee, reason)."""
    reason = model.check_text(cmd.reason, "reason", model.REASON_LENGTH)
    least, most = FEE_LIMITS
    if not least <= cmd.fee_basis_points <= most:
        raise InvalidInput("a fee outside the limits", fields={"fee": ("range", least, most)})

    async def work(tx: Tx) -> FeeSet:
        if Role.ADMIN not in (await store.find(tx, cmd.admin_id)).roles:
            raise Forbidden("admins alone")
        await store.lock(tx, cmd.book_id)
        shop = await sellers.find_shop(tx, cmd.book_id)
        if shop is None:
            raise NotFound("no such shop")
        await sellers.set_fee(tx, cmd.book_id, cmd.fee_basis_points)
        data = {"before": shop["fee_basis_points"], "after": cmd.fee_basis_points}
        await store.add_staff_act(tx, cmd.book_id, new_id(now), cmd.admin_id, "SET_FEE", reason, data, now)
        await notices.send(tx, cmd.book_id, "FEE_CHANGED", {**data, "reason": reason}, "/seller/money", now=now)
        return FeeSet(before=data["before"], after=data["after"])

    return await db.transact(work, now=now, once=once, result=FeeSet)
