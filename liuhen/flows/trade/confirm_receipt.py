"""The buyer confirms receipt: what was delivered and is not in a case is paid to the seller at once."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import StateConflict
from liuhen.orders import store as orders
from liuhen.orders.model import Escrow, OrderState, UnitState
from liuhen.steps.record import buyer, record
from liuhen.steps.release import owed, release_units

_DELIVERED = (UnitState.SEALED, UnitState.REVEALED, UnitState.HANDED_OVER)


class ConfirmReceipt(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID


class ReceiptConfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """released: pieces paid out now; a confirmation never takes away a right to a refund."""

    released: int


async def confirm_receipt(
    db: Database, cmd: ConfirmReceipt, *, now: datetime, once: Once | None = None
) -> ReceiptConfirmed:
    """Raises NotFound; StateConflict if nothing is delivered and held."""

    async def work(tx: Tx) -> ReceiptConfirmed:
        head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        units = await orders.lock_units(tx, head.book_id, head.id)
        ready = [u for u in units if u.escrow is Escrow.HELD and u.state in _DELIVERED and not u.case_open]
        if head.state is not OrderState.PAID or not ready:
            raise StateConflict("there is nothing to confirm")
        actor = buyer(cmd.buyer_id)
        await orders.mark_confirmed(tx, head, now=now)
        await record(tx, head.book_id, head.id, actor, "RECEIPT_CONFIRMED", {"units": [u.id for u in ready]}, now=now)
        debts = await owed(tx, [head])
        await release_units(tx, head, ready, actor, "CONFIRMED", debts=debts, now=now)
        return ReceiptConfirmed(released=len(ready))

    return await db.transact(work, now=now, once=once, result=ReceiptConfirmed)
