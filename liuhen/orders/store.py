"""SQL of orders, lines and units."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound
from liuhen.orders.model import Escrow, NewLine, OrderHead, OrderState, PaidFrom, Unit, UnitState

_HEAD = "book_id, id, order_no, buyer_id, state, total_fen, pay_due_at, paid_at, paid_from, confirmed_at, created_at"
_UNIT = ", ".join(Unit.__struct_fields__)


def _head(row: Row) -> OrderHead:
    return msgspec.convert(dict(row), OrderHead)


def _unit(row: Row) -> Unit:
    return msgspec.convert(dict(row), Unit)


async def put(tx: Tx, head: OrderHead, lines: Sequence[tuple[NewLine, Sequence[Unit]]]) -> None:
    """Queues a new order with its lines, numbered from 1, each with its units: one for each piece, all alike."""
    tx.later(
        "order_put",
        head.book_id,
        head.id,
        head.order_no,
        head.buyer_id,
        str(head.state),
        head.total_fen,
        head.pay_due_at,
        head.paid_at,
        None if head.paid_from is None else str(head.paid_from),
        head.created_at,
    )
    for line, units in lines:
        first = units[0]
        tx.later(
            "order_line_put",
            head.book_id,
            head.id,
            line.line_no,
            line.product_id,
            line.version,
            line.kind,
            line.delivery,
            line.title,
            line.unit_price_fen,
            line.target,
            line.no_reason_text_version,
            line.snapshot,
            line.snapshot_sha256,
            head.created_at,
            [unit.id for unit in units],
            str(first.state),
            str(first.escrow),
            first.fee_fen,
            first.delivered_at,
            first.deliver_due_at,
            first.late_act_at,
            first.release_due_at,
        )
    await directory.put(tx, "order", head.order_no, head.book_id, head.id)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UnitState | Escrow) else value


def hold(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID]) -> None:
    """Queues the locks of units."""
    tx.later("unit_hold", book_id, sorted(unit_ids))


async def lock_owned(tx: Tx, book_id: UUID, order_id: UUID, buyer_id: UUID) -> OrderHead:
    """The buyer's own order, locked. Raises NotFound if it is not his or not there."""
    row = await tx.fetchrow(
        f"select {_HEAD} from orders where book_id = $1 and id = $2 and buyer_id = $3 for update",
        book_id,
        order_id,
        buyer_id,
    )
    if row is None:
        raise NotFound("no such order")
    return _head(row)


async def lock(tx: Tx, book_id: UUID, order_id: UUID) -> OrderHead:
    """An order of this book, locked. Raises NotFound."""
    row = await tx.fetchrow(f"select {_HEAD} from orders where book_id = $1 and id = $2 for update", book_id, order_id)
    if row is None:
        raise NotFound("no such order")
    return _head(row)


async def lock_units(tx: Tx, book_id: UUID, order_id: UUID, unit_ids: Sequence[UUID] | None = None) -> list[Unit]:
    """Units of one order in (line, piece) order, locked by id. None: all of them. Raises NotFound if one is missing."""
    rows = await tx.fetch(
        f"select {_UNIT} from order_unit where book_id = $1 and order_id = $2"
        " and ($3::uuid[] is null or id = any($3)) order by id for update",
        book_id,
        order_id,
        None if unit_ids is None else list(unit_ids),
    )
    if unit_ids is not None and len(rows) != len(set(unit_ids)):
        raise NotFound("no such unit in this order")
    return sorted((_unit(row) for row in rows), key=lambda unit: (unit.line_no, unit.piece_no))


async def lines(tx: Tx, book_id: UUID, order_id: UUID) -> list[Row]:
    """Lines with what delivery and payment need to know of the version."""
    return await tx.fetch(
        "select l.line_no, l.product_id, l.version, l.kind, l.delivery, l.title, l.pieces, l.unit_price_fen,"
        " l.total_fen, l.target, v.promised_delivery_seconds, v.escrow_seconds, v.min_validity_days"
        " from order_line l join product_version v on v.book_id = l.book_id and v.product_id = l.product_id"
        " and v.version = l.version where l.book_id = $1 and l.order_id = $2 order by l.line_no",
        book_id,
        order_id,
    )


async def mark_paid(tx: Tx, head: OrderHead, paid_from: PaidFrom, *, now: datetime) -> None:
    await tx.execute(
        "update orders set state = 'PAID', pay_due_at = null, paid_at = $3, paid_from = $4, closed_at = null"
        " where book_id = $1 and id = $2",
        head.book_id,
        head.id,
        now,
        str(paid_from),
    )


async def mark_closed(tx: Tx, head: OrderHead, state: OrderState, *, now: datetime) -> None:
    """Cancelled or expired: nothing is owed, the units are given up."""
    await tx.execute(
        "update orders set state = $3, pay_due_at = null, closed_at = $4 where book_id = $1 and id = $2",
        head.book_id,
        head.id,
        str(state),
        now,
    )
    await tx.execute(
        "update order_unit set state = 'CANCELLED' where book_id = $1 and order_id = $2 and state = 'RESERVED'",
        head.book_id,
        head.id,
    )


async def reopen_units(tx: Tx, head: OrderHead) -> None:
    """Late money found stock: the units that were given up are reserved again."""
    await tx.execute(
        "update order_unit set state = 'RESERVED' where book_id = $1 and order_id = $2 and state = 'CANCELLED'",
        head.book_id,
        head.id,
    )


async def mark_confirmed(tx: Tx, head: OrderHead, *, now: datetime) -> None:
    await tx.execute("update orders set confirmed_at = $3 where book_id = $1 and id = $2", head.book_id, head.id, now)


async def update_units(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID], **values: Any) -> None:
    """Sets columns of units that are locked. Names come from this project's own code, values are bound."""
    allowed = set(Unit.__struct_fields__) - {"book_id", "id", "order_id", "line_no", "piece_no", "price_fen"}
    if not set(values) <= allowed:
        raise LookupError(f"not a column to set: {sorted(set(values) - allowed)}")
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 3))
    bound = [_plain(value) for value in values.values()]
    await tx.execute(
        f"update order_unit set {sets} where book_id = $1 and id = any($2)", book_id, list(unit_ids), *bound
    )


async def refund_units(
    tx: Tx, book_id: UUID, unit_ids: Sequence[UUID], amounts_fen: Sequence[int], *, now: datetime
) -> None:
    """Queues: so much of each unit went back, in fen. A unit of which nothing is left is REFUNDED."""
    tx.later("unit_refund", book_id, list(unit_ids), list(amounts_fen), now)


async def set_case_open(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID], value: bool) -> None:
    """Queues: while a case is open its units are neither released nor acted on as late."""
    tx.later("unit_set_case_open", book_id, list(unit_ids), value)


async def insert_hand_delivery(
    tx: Tx,
    book_id: UUID,
    delivery_id: UUID,
    order_id: UUID,
    line_no: int,
    *,
    text_sealed: bytes,
    receipt_no: str,
    by: UUID,
    now: datetime,
) -> None:
    await tx.execute(
        "insert into hand_delivery (book_id, id, order_id, line_no, text_sealed, receipt_no, delivered_by, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        book_id,
        delivery_id,
        order_id,
        line_no,
        text_sealed,
        receipt_no,
        by,
        now,
    )


async def has_hand_delivery(tx: Tx, book_id: UUID, order_id: UUID, delivery_id: UUID) -> bool:
    """Whether this delivery by hand belongs to this order."""
    found: bool = await tx.fetchval(
        "select exists (select from hand_delivery where book_id = $1 and id = $3 and order_id = $2)",
        book_id,
        order_id,
        delivery_id,
    )
    return found


async def hand_delivery_text(tx: Tx, book_id: UUID, delivery_id: UUID) -> bytes:
    sealed: bytes = await tx.fetchval(
        "select text_sealed from hand_delivery where book_id = $1 and id = $2", book_id, delivery_id
    )
    return sealed


def handover_place(book_id: UUID, delivery_id: UUID) -> bytes:
    """What the ciphertext of a hand delivery is bound to: table, column, row."""
    return b"hand_delivery.text_sealed:" + book_id.bytes + delivery_id.bytes


async def erase_words(tx: Tx, book_id: UUID, order_id: UUID) -> dict[str, int]:
    """What was to be served and what was handed over, for good. Returns how many there were of each."""
    targets = await tx.execute(
        "update order_line set target = '' where book_id = $1 and order_id = $2 and target <> ''", book_id, order_id
    )
    texts = await tx.execute(
        "update hand_delivery set text_sealed = '' where book_id = $1 and order_id = $2 and length(text_sealed) > 0",
        book_id,
        order_id,
    )
    return {"targets": int(targets.rpartition(" ")[2]), "deliveries": int(texts.rpartition(" ")[2])}
