"""A buyer's orders: filtered by what they wait for, searched, newest first; and how many there are of each."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.reads.windows import Windows, window_sql

PAGE = 20
NEEDS = 5


class Shelf(StrEnum):
    """Filters of the order centre. An order can stand on several."""

    ALL = "all"
    PAY = "pay"
    DELIVER = "deliver"
    SEALED = "sealed"
    REFUND = "refund"
    DONE = "done"
    CLOSED = "closed"


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One order in a list. Counts are pieces; amounts fen; times UTC.

    sealed: pieces with a whole seal; sealed_since: when the oldest of them was delivered. money_out: a refund that is
    approved or sent and has not arrived.
    """

    book_id: UUID
    id: UUID
    order_no: str
    state: str
    total_fen: int
    pay_due_at: datetime | None
    created_at: datetime
    confirmed_at: datetime | None
    shop_name: str
    title: str
    lines: int
    pieces: int
    waiting: int
    deliver_due_at: datetime | None
    sealed: int
    sealed_since: datetime | None
    revealed: int
    handed: int
    in_case: int
    case_due_at: datetime | None
    refunded: int
    refunded_fen: int
    released: int
    money_out: int


class OrderList(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    orders: tuple[OrderLine, ...]
    next: UUID | None


# One look at the units of each order, by its key: written as conditions of their own, the planner reads the units of
# all buyers instead. `out` are the orders for which money has not arrived.
_MINE = """
from orders o cross join lateral (
    select count(*) filter (where state = 'TO_DELIVER') as waiting,
        min(late_act_at) filter (where state = 'TO_DELIVER') as deliver_due_at,
        count(*) filter (where state = 'SEALED') as sealed,
        min(delivered_at) filter (where state = 'SEALED' and not case_open) as sealed_since,
        max(delivered_at) filter (where state = 'SEALED' and not case_open) as sealed_last,
        count(*) filter (where state = 'REVEALED') as revealed,
        count(*) filter (where state = 'HANDED_OVER') as handed,
        count(*) filter (where case_open) as in_case,
        count(*) filter (where state = 'REFUNDED') as refunded,
        sum(refunded_fen)::bigint as refunded_fen,
        count(*) filter (where escrow = 'RELEASED') as released,
        count(*) filter (where case_open or state in ('TO_DELIVER', 'SEALED') or escrow = 'HELD') as busy
    from order_unit where book_id = o.book_id and order_id = o.id) u
where o.buyer_id = $1
"""
# The same for counting alone: of every order, so with as little as it takes. An unpaid order's units say nothing.
_COUNTED = """
from orders o left join lateral (
    select count(*) filter (where state = 'TO_DELIVER') as waiting, count(*) filter (where state = 'SEALED') as sealed,
        count(*) filter (where case_open) as in_case,
        count(*) filter (where case_open or state in ('TO_DELIVER', 'SEALED') or escrow = 'HELD') as busy
    from order_unit where book_id = o.book_id and order_id = o.id) u on o.state = 'PAID'
where o.buyer_id = $1
"""
_ROW = """
select o.book_id, o.id, o.order_no, o.state, o.total_fen, o.pay_due_at, o.created_at, o.confirmed_at,
    s.name as shop_name, l.title, l.lines, l.pieces, o.waiting, o.deliver_due_at, o.sealed, o.sealed_since, o.revealed,
    o.handed, o.in_case, o.refunded, o.refunded_fen, o.released,
    (select min(c.due_at) from refund_case c where c.book_id = o.book_id and c.order_id = o.id
        and c.state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER')) as case_due_at,
    (select count(*) from refund r where r.book_id = o.book_id and r.order_id = o.id
        and r.state <> 'ARRIVED') as money_out
from ({found}) o
join shop s on s.book_id = o.book_id
cross join lateral (
    select (array_agg(title order by line_no))[1] as title, count(*) as lines, sum(pieces)::int as pieces
    from order_line where book_id = o.book_id and order_id = o.id) l
"""
_FOUND = f"""select o.book_id, o.id, o.order_no, o.state, o.total_fen, o.pay_due_at, o.created_at, o.confirmed_at,
    u.waiting, u.deliver_due_at, u.sealed, u.sealed_since, u.revealed, u.handed, u.in_case, u.refunded, u.refunded_fen,
    u.released {_MINE}"""

_OUT = "(o.book_id, o.id) in (select book_id, order_id from refund where party_id = $1 and state <> 'ARRIVED')"
_ON: dict[Shelf, str] = {
    Shelf.ALL: "true",
    Shelf.PAY: "o.state = 'AWAITING_PAYMENT'",
    Shelf.DELIVER: "o.state = 'PAID' and u.waiting > 0",
    Shelf.SEALED: "o.state = 'PAID' and u.sealed > 0",
    Shelf.REFUND: f"(u.in_case > 0 or {_OUT})",
    Shelf.DONE: f"o.state = 'PAID' and u.busy = 0 and not {_OUT}",
    Shelf.CLOSED: "o.state in ('CANCELLED', 'EXPIRED')",
}


async def orders(
    tx: Tx, buyer_id: UUID, *, shelf: Shelf = Shelf.ALL, text: str = "", after: UUID | None = None, limit: int = PAGE
) -> OrderList:
    """Parameters: text, part of a number, of a title or of a shop's name; after, the last id of the page before."""
    args: list[object] = [buyer_id]
    parts = [_FOUND, f"and {_ON[shelf]}"]
    if text.strip():
        args.append(text.strip().lower())
        place = f"${len(args)}"
        parts.append(
            f"and (position({place} in lower(o.order_no)) > 0"
            f" or (select position({place} in lower(s.name)) > 0 from shop s where s.book_id = o.book_id)"
            f" or (select bool_or(position({place} in lower(f.title)) > 0) from order_line f"
            " where f.book_id = o.book_id and f.order_id = o.id))"
        )
    if after is not None:
        args.append(after)
        parts.append(f"and o.id < ${len(args)}")
    args.append(limit + 1)
    parts.append(f"order by o.id desc limit ${len(args)}")
    rows = await tx.fetch(_ROW.format(found="\n".join(parts)) + "order by o.id desc", *args)
    found = tuple(_line(row) for row in rows[:limit])
    return OrderList(found, found[-1].id if len(rows) > limit else None)


async def needs_buyer(tx: Tx, buyer_id: UUID, *, instant: Windows, now: datetime) -> tuple[OrderLine, ...]:
    """What has a clock that the buyer himself can use: orders to pay, then seals whose instant refund runs out.

    Parameters: instant, how long a sealed key goes back at once, by the day of the order; now, UTC.
    """
    found = f"{_FOUND} and {_ON[Shelf.PAY]} order by o.pay_due_at limit {NEEDS}"
    pay = await tx.fetch(_ROW.format(found=found) + "order by o.pay_due_at", buyer_id)
    since = f"$2::timestamptz - {window_sql(3)}"
    # No order's window is longer than the longest: that leaves few orders whose units are looked at.
    found = (
        f"{_FOUND} and o.state = 'PAID' and o.paid_at > $5 and u.sealed_last > {since}"
        f" order by u.sealed_since limit {NEEDS}"
    )
    longest = now - timedelta(seconds=max(instant.seconds, default=0))
    sealed = await tx.fetch(
        _ROW.format(found=found) + "order by o.sealed_since", buyer_id, now, *instant.columns, longest
    )
    return tuple(_line(row) for row in [*pay, *sealed][:NEEDS])


async def counts(tx: Tx, buyer_id: UUID) -> dict[Shelf, int]:
    """How many orders stand on each shelf."""
    columns = ", ".join(f'count(*) filter (where {sql}) as "{shelf}"' for shelf, sql in _ON.items())
    row = await tx.one(f"select {columns} {_COUNTED}", buyer_id)
    return {shelf: row[str(shelf)] for shelf in Shelf}


def _line(row: Row) -> OrderLine:
    return msgspec.convert(dict(row), OrderLine)
