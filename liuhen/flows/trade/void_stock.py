"""A seller takes unsold keys off the shelf for good. What is reserved or sold is not his to take any more."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, NotFound
from liuhen.reads import shelf
from liuhen.stock import store as stock

MAX_NAMED = 1000


class VoidStock(msgspec.Struct, frozen=True, kw_only=True):
    """Either key_ids (1 to 1,000), or one import, or with neither everything unsold of the product."""

    seller_id: UUID
    product_id: UUID
    key_ids: list[UUID] | None = None
    import_id: UUID | None = None


class VoidedStock(msgspec.Struct, frozen=True, kw_only=True):
    """kept: keys that were named but are not there to be voided: sold, reserved, voided before, or not his."""

    voided: int
    kept: int


async def void_stock(db: Database, cmd: VoidStock, *, now: datetime, once: Once | None = None) -> VoidedStock:
    """A voided key stays known: it is not taken for new if it is uploaded again. Raises NotFound, InvalidInput."""
    named = None if cmd.key_ids is None else list(dict.fromkeys(cmd.key_ids))
    if named is not None and (cmd.import_id is not None or not 1 <= len(named) <= MAX_NAMED):
        raise InvalidInput("name 1 to 1,000 keys, or one upload", fields={"key_ids": ("length", 1, MAX_NAMED)})

    async def work(tx: Tx) -> VoidedStock:
        if await shelf.goods(tx, cmd.seller_id, cmd.product_id) is None:
            raise NotFound("no such listing")
        found = await stock.lock_unsold(tx, cmd.seller_id, cmd.product_id, key_ids=named, import_id=cmd.import_id)
        await stock.void(tx, cmd.seller_id, found, actor="SELLER", now=now)
        return VoidedStock(voided=len(found), kept=len(named) - len(found) if named is not None else 0)

    return await db.transact(work, now=now, once=once, result=VoidedStock)
