"""A shop's refund cases as a list; each case has a page of its own that all sides share."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base.db import Tx

PAGE = 30


class CaseShelf(StrEnum):
    """Filters of the list: waits for the seller, is with staff, is decided, all."""

    ANSWER = "answer"
    REVIEW = "review"
    DECIDED = "decided"
    ALL = "all"


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case. Amounts fen, times UTC. money_state: of its payment, "" before one is approved."""

    id: UUID
    case_no: str
    order_no: str
    title: str
    pieces: int
    reason: str
    state: str
    decided_by: str | None
    due_at: datetime | None
    asked_fen: int
    approved_fen: int | None
    opened_at: datetime
    seller_asked_at: datetime | None
    decided_at: datetime | None
    money_state: str


class CaseList(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    cases: tuple[CaseLine, ...]
    next: UUID | None


_ON = {
    CaseShelf.ANSWER: "c.state = 'AWAITING_SELLER'",
    CaseShelf.REVIEW: "c.state in ('UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER')",
    CaseShelf.DECIDED: "c.state in ('APPROVED', 'REJECTED', 'WITHDRAWN')",
    CaseShelf.ALL: "true",
}
_LIST = """
select c.id, c.case_no, o.order_no, c.reason, c.state, c.decided_by, c.due_at, c.asked_fen, c.approved_fen,
    c.opened_at, c.seller_asked_at, c.decided_at,
    (select count(*) from refund_case_unit x where x.book_id = c.book_id and x.case_id = c.id) as pieces,
    coalesce((select l.title from refund_case_unit x
        join order_unit u on u.book_id = x.book_id and u.id = x.unit_id
        join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no
        where x.book_id = c.book_id and x.case_id = c.id order by u.line_no, u.piece_no limit 1), '') as title,
    coalesce((select r.state from refund r where r.book_id = c.book_id and r.case_id = c.id limit 1), '') as money_state
from refund_case c
join orders o on o.book_id = c.book_id and o.id = c.order_id
where c.book_id = $1
"""


async def cases(tx: Tx, book_id: UUID, *, shelf: CaseShelf, after: UUID | None = None, limit: int = PAGE) -> CaseList:
    """What waits for an answer comes by deadline, all at once; the rest newest first, page by page."""
    if shelf is CaseShelf.ANSWER:
        rows = await tx.fetch(f"{_LIST} and {_ON[shelf]} order by c.due_at, c.id limit 500", book_id)
        return CaseList(tuple(msgspec.convert(dict(row), CaseLine) for row in rows), None)
    rows = await tx.fetch(
        f"{_LIST} and {_ON[shelf]} and ($2::uuid is null or c.id < $2) order by c.id desc limit $3",
        book_id,
        after,
        limit + 1,
    )
    found = tuple(msgspec.convert(dict(row), CaseLine) for row in rows[:limit])
    return CaseList(found, found[-1].id if len(rows) > limit else None)


async def counts(tx: Tx, book_id: UUID) -> dict[CaseShelf, int]:
    """How many cases stand on each shelf."""
    columns = ", ".join(f'count(*) filter (where {sql}) as "{shelf}"' for shelf, sql in _ON.items())
    row = await tx.one(f"select {columns} from refund_case c where c.book_id = $1", book_id)
    return {shelf: row[str(shelf)] for shelf in CaseShelf}
