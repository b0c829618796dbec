"""What is due, over all rooms. One table says for each kind of work where its moment stands; the worker, the backlog
of the metrics and the admin page all ask it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from liuhen.base.db import Row, Tx

_CLOSE_AFTER = timedelta(seconds=60)  # callbacks on their way land before the channel is asked


class DueKind(StrEnum):
    """Each has a flow; `id` is the order's, case's, refund's, import's or payment's."""

    SEND_REFUND = "SEND_REFUND"
    IMPORT_STOCK = "IMPORT_STOCK"
    LATE_DELIVERY = "LATE_DELIVERY"
    LAPSE_ANSWER = "LAPSE_ANSWER"
    LAPSE_EVIDENCE = "LAPSE_EVIDENCE"
    ESCALATE_REVIEW = "ESCALATE_REVIEW"
    RELEASE_ESCROW = "RELEASE_ESCROW"
    EXPIRE_ORDER = "EXPIRE_ORDER"
    EXPIRE_UPLOAD = "EXPIRE_UPLOAD"
    CLOSE_PAYMENT = "CLOSE_PAYMENT"


class _Column(NamedTuple):
    """Where a moment stands. where: a literal, since a partial index does not see a bound value. over: `<` for a
    deadline, which is over after its moment; `<=` for what may begin at its moment."""

    table: str
    id: str
    at: str
    over: str
    where: str


_COLUMNS = {
    DueKind.SEND_REFUND: _Column(
        "refund", "id", "due_at", "<=", "state in ('APPROVED', 'SENT') and due_at is not null"
    ),
    DueKind.IMPORT_STOCK: _Column("stock_import", "id", "due_at", "<=", "state = 'CONFIRMED'"),
    DueKind.LATE_DELIVERY: _Column(
        "order_unit", "order_id", "late_act_at", "<", "state = 'TO_DELIVER' and not case_open"
    ),
    DueKind.LAPSE_ANSWER: _Column("refund_case", "id", "due_at", "<", "state = 'AWAITING_SELLER'"),
    DueKind.LAPSE_EVIDENCE: _Column("refund_case", "id", "due_at", "<", "state = 'AWAITING_BUYER'"),
    DueKind.ESCALATE_REVIEW: _Column("refund_case", "id", "due_at", "<", "state = 'UNDER_REVIEW'"),
    DueKind.RELEASE_ESCROW: _Column(
        "order_unit", "order_id", "release_due_at", "<=", "escrow = 'HELD' and not case_open"
    ),
    DueKind.EXPIRE_ORDER: _Column("orders", "id", "pay_due_at", "<", "state = 'AWAITING_PAYMENT'"),
    DueKind.EXPIRE_UPLOAD: _Column("stock_import", "id", "due_at", "<", "state = 'STAGED'"),
    DueKind.CLOSE_PAYMENT: _Column("payment", "id", "expires_at", "<", "state = 'PENDING'"),
}


class Wanted(NamedTuple):
    """At most `limit` rows; resting, ids left out before the limit, or a page full of them would hide the rest."""

    limit: int
    resting: Collection[UUID] = ()


def question(wanted: Mapping[DueKind, Wanted], now: datetime) -> tuple[str, list[Any]]:
    """The statement that `due` asks, and its values: what a bench or EXPLAIN looks at."""
    parts: list[str] = []
    values: list[Any] = []
    for kind, asked in wanted.items():
        c, at = _COLUMNS[kind], len(values) + 1
        parts.append(
            f"(select '{kind}' as kind, book_id, id, min(at) as due_at from ("
            f"select book_id, {c.id} as id, {c.at} as at from {c.table}"
            f" where {c.where} and {c.at} {c.over} ${at}::timestamptz and {c.id} <> all(${at + 1}::uuid[])"
            f" order by {c.at} limit ${at + 2}::bigint) as first group by book_id, id order by due_at)"
        )
        values += [_moment(kind, now), list(asked.resting), asked.limit]
    return " union all ".join(parts), values


async def due(tx: Tx, wanted: Mapping[DueKind, Wanted], now: datetime) -> list[Row]:
    """kind, book_id, id and due_at of what is due, by kind and the oldest first, in one statement; units of one order
    are one row."""
    sql, values = question(wanted, now)
    return await tx.fetch(sql, *values)


async def waiting(tx: Tx, now: datetime) -> list[Row]:
    """kind, count and oldest (UTC or null) of all due work, by kind; counts rows, so units one by one."""
    parts = [
        f"select '{kind}' as kind, count(*) as count, min({c.at}) as oldest from {c.table}"
        f" where {c.where} and {c.at} {c.over} {'$2' if kind is DueKind.CLOSE_PAYMENT else '$1'}"
        for kind, c in _COLUMNS.items()
    ]
    return await tx.fetch(" union all ".join(parts), now, _moment(DueKind.CLOSE_PAYMENT, now))


def _moment(kind: DueKind, now: datetime) -> datetime:
    return now - _CLOSE_AFTER if kind is DueKind.CLOSE_PAYMENT else now
