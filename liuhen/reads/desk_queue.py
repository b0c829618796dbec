"""The reviewer's queue: what waits for a decision, by deadline. Nobody finds his own matters in it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Tx
from liuhen.base.ids import valid_no

PAGE = 200


class Shelf(StrEnum):
    """Filters: on my desk, on nobody's, over its time, all that waits, waiting for its buyer's proof, decided by me."""

    MINE = "mine"
    UNCLAIMED = "unclaimed"
    OVERDUE = "overdue"
    ALL = "all"
    BUYER = "buyer"
    DONE = "done"


class QueueCase(msgspec.Struct, frozen=True, kw_only=True):
    """One case. Amounts fen, times UTC.

    review_from: when it came to the reviewers. human_asked: the buyer wanted a person. reviewer_name: "" if unclaimed.
    """

    id: UUID
    book_id: UUID
    case_no: str
    order_no: str
    reason: str
    state: str
    decided_by: str | None
    seller_answer: str | None
    human_asked: bool
    title: str
    pieces: int
    asked_fen: int
    approved_fen: int | None
    shop_name: str
    buyer_name: str
    opened_at: datetime
    review_from: datetime
    due_at: datetime | None
    decided_at: datetime | None
    reviewer_id: UUID | None
    reviewer_name: str


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """today: deadlines before the given end of the day."""

    mine: int
    unclaimed: int
    overdue: int
    all: int
    today: int


_WAITS = "c.state in ('UNDER_REVIEW', 'ESCALATED')"
_ON = {
    Shelf.MINE: f"{_WAITS} and c.reviewer_id = $1",
    Shelf.UNCLAIMED: f"{_WAITS} and c.reviewer_id is null",
    Shelf.OVERDUE: f"{_WAITS} and c.due_at < $2",
    Shelf.ALL: _WAITS,
    Shelf.BUYER: "c.state = 'AWAITING_BUYER'",
    Shelf.DONE: "c.state in ('APPROVED', 'REJECTED') and c.decided_by = 'REVIEWER' and c.reviewer_id = $1",
}
_ROWS = """
select c.id, c.book_id, c.case_no, o.order_no, c.reason, c.state, c.decided_by, c.seller_answer,
    c.human_asked_at is not null as human_asked, c.asked_fen, c.approved_fen,
    s.name as shop_name, b.display_name as buyer_name, c.opened_at, c.due_at, c.decided_at, c.reviewer_id,
    coalesce(c.evidence_brought_at, c.human_asked_at, c.seller_answered_at, c.opened_at) as review_from,
    coalesce(r.display_name, '') as reviewer_name,
    (select count(*) from refund_case_unit x where x.book_id = c.book_id and x.case_id = c.id) as pieces,
    coalesce((select l.title from refund_case_unit x
        join order_unit u on u.book_id = x.book_id and u.id = x.unit_id
        join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no
        where x.book_id = c.book_id and x.case_id = c.id order by u.line_no, u.piece_no limit 1), '') as title
from refund_case c
join orders o on o.book_id = c.book_id and o.id = c.order_id
join shop s on s.book_id = c.book_id
join party b on b.book_id = c.buyer_id
left join party r on r.book_id = c.reviewer_id
where $1 not in (c.buyer_id, c.book_id)
"""


async def queue(
    tx: Tx,
    reviewer_id: UUID,
    shelf: Shelf,
    now: datetime,
    *,
    page: int = 1,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[QueueCase]:
    """What waits by deadline, the nearest first; what is done newest first. now: UTC.

    Parameters: page, from 1; or after, deadline (of what is done: time of decision) and id of the last case seen, so
    that a case decided meanwhile shifts nothing.
    """
    key, way, beyond = ("c.decided_at", "desc", "<") if shelf is Shelf.DONE else ("c.due_at", "asc", ">")
    rows = await tx.fetch(
        f"{_ROWS} and $2::timestamptz is not null and {_ON[shelf]}"
        f" and ($5::timestamptz is null or ({key}, c.id) {beyond} ($5, $6))"
        f" order by {key} {way}, c.id {way} limit $3 offset $4",
        reviewer_id,
        now,
        limit,
        (page - 1) * limit,
        after[0] if after else None,
        after[1] if after else None,
    )
    return [msgspec.convert(dict(row), QueueCase) for row in rows]


async def counts(tx: Tx, reviewer_id: UUID, now: datetime, day_ends: datetime) -> Counts:
    """How many wait on each shelf, and how many of them are due before `day_ends` (both UTC)."""
    row = await tx.one(
        "select count(*) filter (where c.reviewer_id = $1) as mine,"
        " count(*) filter (where c.reviewer_id is null) as unclaimed,"
        " count(*) filter (where c.due_at < $2) as overdue, count(*) as all,"
        " count(*) filter (where c.due_at >= $2 and c.due_at < $3) as today"
        f" from refund_case c where {_WAITS} and $1 not in (c.buyer_id, c.book_id)",
        reviewer_id,
        now,
        day_ends,
    )
    return msgspec.convert(dict(row), Counts)


async def search(tx: Tx, reviewer_id: UUID, text: str, *, limit: int = PAGE) -> list[QueueCase]:
    """Cases in any state by case or order number, number of a payment or refund, or name of buyer or shop."""
    words = text.strip()
    number = words.upper()
    if valid_no(number):
        case = await directory.find(tx, "case", number)
        order = await directory.find(tx, "order", number)
        if case is not None:
            rows = await tx.fetch(f"{_ROWS} and c.book_id = $2 and c.id = $3", reviewer_id, case.book_id, case.id)
        elif order is not None:
            sql = f"{_ROWS} and c.book_id = $2 and c.order_id = $3 order by c.id desc"
            rows = await tx.fetch(sql, reviewer_id, order.book_id, order.id)
        else:
            rows = []
        return [msgspec.convert(dict(row), QueueCase) for row in rows] or await _by_money(tx, reviewer_id, words, limit)
    found = await _by_money(tx, reviewer_id, words, limit)
    return found or await _by_name(tx, reviewer_id, words, limit)


async def _by_money(tx: Tx, reviewer_id: UUID, number: str, limit: int) -> list[QueueCase]:
    rows = await tx.fetch(
        f"{_ROWS} and (exists (select from payment y where y.book_id = c.book_id and y.order_id = c.order_id"
        " and y.trade_no = $2) or exists (select from refund f where f.book_id = c.book_id and f.case_id = c.id"
        " and $2 in (f.refund_no, f.channel_refund_no))) order by c.id desc limit $3",
        reviewer_id,
        number,
        limit,
    )
    return [msgspec.convert(dict(row), QueueCase) for row in rows]


async def _by_name(tx: Tx, reviewer_id: UUID, name: str, limit: int) -> list[QueueCase]:
    rows = await tx.fetch(
        f"{_ROWS} and (strpos(lower(s.name), lower($2)) > 0 or strpos(lower(b.display_name), lower($2)) > 0)"
        f" order by {_WAITS} desc, c.id desc limit $3",
        reviewer_id,
        name,
        limit,
    )
    return [msgspec.convert(dict(row), QueueCase) for row in rows]
