"""An order past the time that its record must be kept: the words and pictures of people go, what happened and the
money stay. The chain keeps commitments whose salts are gone, and says itself that they were erased, when and by which
rule (电商法 31: three years at least; 个人信息保护法 19, 47: no longer than needed)."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.evidence import store as evidence
from liuhen.orders import store as orders
from liuhen.reads.retention import aged_one
from liuhen.redemption import store as redemption
from liuhen.refunds import store as refunds
from liuhen.steps.record import PLATFORM, record
from liuhen.stock import store as stock


class OrderErased(msgspec.Struct, frozen=True, kw_only=True):
    """erased: False when it is not (any more) to be erased. words: how many of each kind went."""

    erased: bool
    words: dict[str, int] = {}


async def erase_order(db: Database, book_id: UUID, order_id: UUID, *, days: int, now: datetime) -> OrderErased:
    """Parameters: days, how long records are kept after the trade ended. Looks again under the order's lock."""

    async def work(tx: Tx) -> OrderErased:
        head = await orders.lock(tx, book_id, order_id)
        found = await aged_one(tx, head.book_id, head.id)
        if found is None or not found.over(now - timedelta(days=days)):
            return OrderErased(erased=False)
        units = [unit.id for unit in await orders.lock_units(tx, head.book_id, head.id)]
        words = await stock.erase_words(tx, head.book_id, units)
        words |= await orders.erase_words(tx, head.book_id, head.id)
        words |= await redemption.erase_words(tx, head.book_id, units)
        words |= await refunds.erase_words(tx, head.book_id, head.id)
        pictures, objects = await evidence.erase_pictures(tx, head.book_id, head.id)
        words = {kind: count for kind, count in (words | pictures).items() if count}
        rule = f"kept for {days} days after the trade ended"
        told = msgspec.json.encode({"days": days, **words}).decode()
        await evidence.insert_erasure(tx, head.book_id, head.id, rule=rule, erased=told, objects=objects, now=now)
        await record(tx, head.book_id, head.id, PLATFORM, "ERASED", {"days": days, "erased": words}, now=now)
        return OrderErased(erased=True, words=words)

    return await db.transact(work, now=now)
