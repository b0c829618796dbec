"""The buyer looks at what is his: a revealed key, or what was handed over. Every look is written down first."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.db import Database, Tx
from liuhen.base.errors import NotFound, StateConflict
from liuhen.orders import store as orders
from liuhen.orders.model import Unit, UnitState
from liuhen.steps.record import buyer, record
from liuhen.stock import store as stock
from liuhen.stock.vault import open_seal


class ShowGoods(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID
    unit_id: UUID


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer reads. labels name the fields (stock.seal.Label); for hand delivery one field TEXT."""

    unit_id: UUID
    labels: list[str]
    fields: list[str]


async def show_goods(db: Database, cmd: ShowGoods, *, keys: KeyRing, now: datetime) -> Goods:
    """Takes no idempotency key: its answer must not be stored. Raises NotFound; StateConflict if still sealed
    or refunded."""

    async def work(tx: Tx) -> Goods:
        head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        (unit,) = await orders.lock_units(tx, head.book_id, head.id, [cmd.unit_id])
        goods = await _open(tx, unit, keys)
        await stock.log_look(tx, head.book_id, unit.id, viewer_id=cmd.buyer_id, role="BUYER", reason="", now=now)
        await record(tx, head.book_id, head.id, buyer(cmd.buyer_id), "GOODS_SHOWN", {"unit": unit.id}, now=now)
        return goods

    return await db.transact(work, now=now)


async def _open(tx: Tx, unit: Unit, keys: KeyRing) -> Goods:
    if unit.state is UnitState.REVEALED:
        row = await stock.key_of_unit(tx, unit.book_id, unit.id)
        if row is None:
            raise NotFound("this unit has no key")
        content = open_seal(keys, unit.book_id, row["id"], row["sealed"])
        return Goods(unit_id=unit.id, labels=[str(label) for label in content.labels], fields=list(content.fields))
    if unit.state is UnitState.HANDED_OVER and unit.hand_delivery_id is not None:
        sealed = await orders.hand_delivery_text(tx, unit.book_id, unit.hand_delivery_id)
        place = orders.handover_place(unit.book_id, unit.hand_delivery_id)
        text = keys.decrypt(Purpose.HANDOVER, place, sealed).decode()
        return Goods(unit_id=unit.id, labels=["TEXT"], fields=[text])
    raise StateConflict("there is nothing to look at in this state", state=str(unit.state))
