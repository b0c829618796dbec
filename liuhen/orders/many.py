"""SQL over many orders of one book at once, for what the worker does by the page."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.orders.model import OrderHead, Unit

_HEAD = ", ".join(OrderHead.__struct_fields__)
_UNIT = ", ".join(Unit.__struct_fields__)


async def lock_free(tx: Tx, book_id: UUID, order_ids: Sequence[UUID]) -> list[OrderHead]:
    """Those of these orders that nobody else holds, locked: it waits for nobody, so their order does not matter."""
    rows = await tx.fetch(
        f"select {_HEAD} from orders where book_id = $1 and id = any($2) for update skip locked",
        book_id,
        list(order_ids),
    )
    return [msgspec.convert(dict(row), OrderHead) for row in rows]


async def lock_due(tx: Tx, book_id: UUID, order_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Unit]]:
    """Units whose escrow is to be released now, by order id, locked; of orders that are locked."""
    rows = await tx.fetch(
        f"select {_UNIT} from order_unit where book_id = $1 and order_id = any($2)"
        " and escrow = 'HELD' and not case_open and release_due_at <= $3 order by id for update",
        book_id,
        list(order_ids),
        now,
    )
    found: dict[UUID, list[Unit]] = defaultdict(list)
    for row in rows:
        found[row["order_id"]].append(msgspec.convert(dict(row), Unit))
    return found


async def release(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID], *, now: datetime) -> None:
    """Queues: the escrow of these units, locked, is paid to the seller."""
    tx.later("unit_release", book_id, list(unit_ids), now)
