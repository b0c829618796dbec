"""A buyer of a batch looks at many of his revealed keys in one go. Every look is written down first."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.orders import store as orders
from liuhen.orders.model import Unit, UnitState
from liuhen.steps.record import buyer, record
from liuhen.stock import store as stock
from liuhen.stock.vault import open_seal

MAX_SHOWN = 500


class ShowMany(msgspec.Struct, frozen=True, kw_only=True):
    buyer_id: UUID
    book_id: UUID
    order_id: UUID
    unit_ids: list[UUID]


class OneShown(msgspec.Struct, frozen=True):
    """One key in full. labels name the fields (stock.seal.Label)."""

    unit_id: UUID
    labels: list[str]
    fields: list[str]


class ManyShown(msgspec.Struct, frozen=True, kw_only=True):
    """In (line, piece) order."""

    units: list[OneShown]


async def show_many(db: Database, cmd: ShowMany, *, keys: KeyRing, now: datetime) -> ManyShown:
    """Takes no idempotency key: its answer must not be stored. Raises InvalidInput, NotFound; StateConflict if one of
    them is sealed, refunded or not a key."""
    wanted = set(cmd.unit_ids)
    if not 1 <= len(wanted) <= MAX_SHOWN:
        raise InvalidInput("name 1 to 500 units", units=len(wanted))

    async def work(tx: Tx) -> ManyShown:
        head = await orders.lock_owned(tx, cmd.book_id, cmd.order_id, cmd.buyer_id)
        units = await orders.lock_units(tx, head.book_id, head.id, list(wanted))
        shown = [await _open(tx, unit, keys) for unit in units]
        for unit in units:
            await stock.log_look(tx, head.book_id, unit.id, viewer_id=cmd.buyer_id, role="BUYER", reason="", now=now)
        data = {"units": [unit.id for unit in units]}
        await record(tx, head.book_id, head.id, buyer(cmd.buyer_id), "GOODS_SHOWN", data, now=now)
        return ManyShown(units=shown)

    return await db.transact(work, now=now)


async def _open(tx: Tx, unit: Unit, keys: KeyRing) -> OneShown:
    row = await stock.key_of_unit(tx, unit.book_id, unit.id) if unit.state is UnitState.REVEALED else None
    if row is None:
        raise StateConflict("only keys that are unsealed and yours can be shown", state=str(unit.state))
    content = open_seal(keys, unit.book_id, row["id"], row["sealed"])
    return OneShown(unit.id, [str(label) for label in content.labels], list(content.fields))
