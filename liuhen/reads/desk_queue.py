"""The reviewer's queue: what waits for a decision, by deadline. Nobody finds his own matters in it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Tx
from liuhen.base.ids import valid_no

PAGE = 50


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
# The page is cut out first, by an index in its order; only its rows are then made up.
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
from (select book_id, id, case_no, order_id, buyer_id, reason, state, decided_by, seller_answer, seller_answered_at,
    human_asked_at, evidence_brought_at, asked_fen, approved_fen, opened_at, due_at, decided_at, reviewer_id
    from refund_case c where $1 not in (c.buyer_id, c.book_id) and {found}) c
join orders o on o.book_id = c.book_id and o.id = c.order_id
join shop s on s.book_id = c.book_id
join party b on b.book_id = c.buyer_id
left join party r on r.book_id = c.reviewer_id
order by {order}
"""


async def queue(
    tx: Tx,
    reviewer_id: UUID,
    shelf: Shelf,
    now: datetime,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[QueueCase]:
    """What waits by deadline, the nearest first; what is done newest first. now: UTC.

    Parameters: after, deadline (of what is done: time of decision) and id of the last case seen, so that a case decided
    meanwhile shifts nothing.
    """
    key, way, beyond = ("c.decided_at", "desc", "<") if shelf is Shelf.DONE else ("c.due_at", "asc", ">")
    order = f"{key} {way}, c.id {way}"
    found, args = f"$2::timestamptz is not null and {_ON[shelf]}", [now, limit]
    if after is not None:
        found += f" and ({key}, c.id) {beyond} ($4, $5)"
    return await _cases(tx, f"{found} order by {order} limit $3", order, reviewer_id, *args, *(after or ()))


async def counts(tx: Tx, reviewer_id: UUID, now: datetime, day_ends: datetime) -> Counts:
    """How many wait on each shelf, and how many of them are due before `day_ends` (both UTC)."""
    # All of them from the index alone; one's own matters, few if any, are counted by themselves and taken off.
    columns = (
        "count(*) filter (where c.reviewer_id = $1) as mine,"
        " count(*) filter (where c.reviewer_id is null) as unclaimed,"
        " count(*) filter (where c.due_at < $2) as overdue, count(*) as all,"
        " count(*) filter (where c.due_at >= $2 and c.due_at < $3) as today"
    )
    mine = "select book_id, id, state, due_at, reviewer_id from refund_case"
    own = f"select {columns} from ({mine} where buyer_id = $1 union {mine} where book_id = $1) c where {_WAITS}"
    minus = ", ".join(f"w.{name} - o.{name} as {name}" for name in Counts.__struct_fields__)
    row = await tx.one(
        f"select {minus} from (select {columns} from refund_case c where {_WAITS}) w, ({own}) o",
        reviewer_id,
        now,
        day_ends,
    )
    return msgspec.convert(dict(row), Counts)


async def search(tx: Tx, reviewer_id: UUID, text: str, *, limit: int = PAGE) -> list[QueueCase]:
    """Cases in any state by case or order number, number of a payment or refund, or name of buyer or shop."""
    words = text.strip()
    number = words.upper()
    found: list[QueueCase] = []
    if valid_no(number):
        case = await directory.find(tx, "case", number)
        order = await directory.find(tx, "order", number)
        if case is not None:
            found = await _cases(tx, "c.book_id = $2 and c.id = $3", "c.id", reviewer_id, case.book_id, case.id)
        elif order is not None:
            where = "c.book_id = $2 and c.order_id = $3"
            found = await _cases(tx, where, "c.id desc", reviewer_id, order.book_id, order.id)
        return found or await _cases(tx, _BY_MONEY, "c.id desc", reviewer_id, words, limit)
    found = await _cases(tx, _BY_MONEY, "c.id desc", reviewer_id, words, limit)
    return found or await _cases(tx, _BY_NAME, f"{_WAITS} desc, c.id desc", reviewer_id, words, limit)


_BY_MONEY = """(c.book_id, c.id) in (
    select f.book_id, f.case_id from refund f where f.refund_no = $2
    union select f.book_id, f.case_id from refund f where f.channel_refund_no = $2
    union select d.book_id, d.id from payment y
        join refund_case d on d.book_id = y.book_id and d.order_id = y.order_id where y.trade_no = $2)
order by c.id desc limit $3"""
_NAMES = 200
"""Of so many people and shops the cases are looked for; a word that fits more of them is too short to find anybody."""
_BY_NAME = f"""(c.buyer_id = any(array(
        select book_id from party where strpos(lower(display_name), lower($2)) > 0 limit {_NAMES}))
    or c.book_id = any(array(select book_id from shop where strpos(lower(name), lower($2)) > 0 limit {_NAMES})))
order by {_WAITS} desc, c.id desc limit $3"""


async def _cases(tx: Tx, found: str, order: str, reviewer_id: UUID, *args: object) -> list[QueueCase]:
    """Parameters: found, which cases ($1 is the reviewer), with an order and a limit where there may be many."""
    rows = await tx.fetch(_ROWS.format(found=found, order=order), reviewer_id, *args)
    return [msgspec.convert(dict(row), QueueCase) for row in rows]
