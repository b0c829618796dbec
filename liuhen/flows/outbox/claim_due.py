"""What is due now, over all rooms: (kind, book, id). The flow that acts locks and looks again, so a claim is a hint."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from liuhen.base.db import Database

_CLOSE_AFTER = timedelta(seconds=60)  # callbacks on their way land before the channel is asked


class DueKind(StrEnum):
    """Each has a flow; `id` is the order's, case's, refund's, import's or payment's."""

    SEND_REFUND = "SEND_REFUND"
    IMPORT_STOCK = "IMPORT_STOCK"
    LATE_DELIVERY = "LATE_DELIVERY"
    LAPSE_ANSWER = "LAPSE_ANSWER"
    ESCALATE_REVIEW = "ESCALATE_REVIEW"
    RELEASE_ESCROW = "RELEASE_ESCROW"
    EXPIRE_ORDER = "EXPIRE_ORDER"
    EXPIRE_UPLOAD = "EXPIRE_UPLOAD"
    CLOSE_PAYMENT = "CLOSE_PAYMENT"


class DueKey(NamedTuple):
    """What due work is known by; its moment may move."""

    kind: DueKind
    id: UUID


class Due(NamedTuple):
    """due_at in UTC: how late the worker is, for the metrics."""

    kind: DueKind
    book_id: UUID
    id: UUID
    due_at: datetime

    @property
    def key(self) -> DueKey:
        return DueKey(self.kind, self.id)


# Predicates are literals: a partial index does not see a bound value. Deadlines are over after their moment.
# $3: what rests after a failure. It is left out before the limit, or a page full of it would hide the rest for ever.
_QUERIES = {
    DueKind.SEND_REFUND: "select book_id, id, due_at from refund"
    " where state in ('APPROVED', 'SENT') and due_at is not null and due_at <= $1"
    " and id <> all($3::uuid[]) order by due_at limit $2",
    DueKind.IMPORT_STOCK: "select book_id, id, due_at from stock_import"
    " where state = 'CONFIRMED' and due_at <= $1 and id <> all($3::uuid[]) order by due_at limit $2",
    DueKind.LATE_DELIVERY: "select book_id, order_id as id, min(late_act_at) as due_at from (select book_id, order_id,"
    " late_act_at from order_unit where state = 'TO_DELIVER' and not case_open and late_act_at < $1"
    " and order_id <> all($3::uuid[]) order by late_act_at limit $2) as late group by book_id, order_id",
    DueKind.LAPSE_ANSWER: "select book_id, id, due_at from refund_case"
    " where state = 'AWAITING_SELLER' and due_at < $1 and id <> all($3::uuid[]) order by due_at limit $2",
    DueKind.ESCALATE_REVIEW: "select book_id, id, due_at from refund_case"
    " where state = 'UNDER_REVIEW' and due_at < $1 and id <> all($3::uuid[]) order by due_at limit $2",
    DueKind.RELEASE_ESCROW: "select book_id, order_id as id, min(release_due_at) as due_at from (select book_id,"
    " order_id, release_due_at from order_unit where escrow = 'HELD' and not case_open and release_due_at <= $1"
    " and order_id <> all($3::uuid[]) order by release_due_at limit $2) as due group by book_id, order_id",
    DueKind.EXPIRE_ORDER: "select book_id, id, pay_due_at as due_at from orders"
    " where state = 'AWAITING_PAYMENT' and pay_due_at < $1 and id <> all($3::uuid[]) order by pay_due_at limit $2",
    DueKind.EXPIRE_UPLOAD: "select book_id, id, due_at from stock_import"
    " where state = 'STAGED' and due_at < $1 and id <> all($3::uuid[]) order by due_at limit $2",
    DueKind.CLOSE_PAYMENT: "select book_id, id, expires_at as due_at from payment"
    " where state = 'PENDING' and expires_at < $1 and id <> all($3::uuid[]) order by expires_at limit $2",
}


async def claim_due(
    db: Database,
    now: datetime,
    limit: int,
    *,
    kinds: Collection[DueKind] = tuple(DueKind),
    resting: Collection[DueKey] = (),
) -> list[Due]:
    """At most `limit` of each of these kinds, the oldest first, without what rests."""
    found: list[Due] = []
    async with db.read() as tx:
        for kind in kinds:
            moment = now - _CLOSE_AFTER if kind is DueKind.CLOSE_PAYMENT else now
            rows = await tx.fetch(_QUERIES[kind], moment, limit, [key.id for key in resting if key.kind is kind])
            found += [Due(kind, row["book_id"], row["id"], row["due_at"]) for row in rows]
    return found
