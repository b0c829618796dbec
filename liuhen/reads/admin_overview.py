"""What an admin must look at: who is at work, what is overdue, what failed, who waits to be let in again."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, convert

from liuhen.base.db import Tx

SHOWN = 100


class Beat(Struct, frozen=True):
    """A process and its last sign of life, UTC."""

    process: str
    at: datetime


class Stuck(Struct, frozen=True, kw_only=True):
    """Something that should have been done by now. no: number of its order, case or refund, or a file's name."""

    kind: str
    no: str
    due_at: datetime
    shop_name: str


class FailedRefund(Struct, frozen=True, kw_only=True):
    """Money that a channel would not pay out. Amount fen, times UTC; order_no and case_no "" where there is none."""

    book_id: UUID
    id: UUID
    refund_no: str
    order_no: str
    case_no: str
    buyer_name: str
    channel: str
    amount_fen: int
    attempts: int
    last_error: str
    approved_at: datetime


class Wish(Struct, frozen=True, kw_only=True):
    """Somebody who asked to be let in again; his identity is for the admin to check."""

    party_id: UUID
    login: str
    display_name: str
    created_at: datetime


class Escalated(Struct, frozen=True, kw_only=True):
    """A review that is over its time. Amount fen."""

    case_no: str
    reason: str
    asked_fen: int
    due_at: datetime
    shop_name: str
    reviewer_name: str


_STUCK = """
with late as (
    select 'EXPIRE_ORDER' as kind, book_id, order_no as no, pay_due_at as due_at from orders
        where state = 'AWAITING_PAYMENT' and pay_due_at <= $1
    union all
    select 'LATE_DELIVERY', u.book_id, o.order_no, min(u.late_act_at) from order_unit u
        join orders o on o.book_id = u.book_id and o.id = u.order_id
        where u.state = 'TO_DELIVER' and not u.case_open and u.late_act_at <= $1 group by u.book_id, o.order_no
    union all
    select 'RELEASE_ESCROW', u.book_id, o.order_no, min(u.release_due_at) from order_unit u
        join orders o on o.book_id = u.book_id and o.id = u.order_id
        where u.escrow = 'HELD' and not u.case_open and u.release_due_at <= $1 group by u.book_id, o.order_no
    union all
    select 'LAPSE_ANSWER', book_id, case_no, due_at from refund_case where state = 'AWAITING_SELLER' and due_at <= $1
    union all
    select 'LAPSE_EVIDENCE', book_id, case_no, due_at from refund_case where state = 'AWAITING_BUYER' and due_at <= $1
    union all
    select 'ESCALATE_REVIEW', book_id, case_no, due_at from refund_case where state = 'UNDER_REVIEW' and due_at <= $1
    union all
    select 'SEND_REFUND', book_id, refund_no, due_at from refund
        where state in ('APPROVED', 'SENT') and due_at is not null and due_at <= $1
    union all
    select 'IMPORT_STOCK', book_id, filename, due_at from stock_import where state = 'CONFIRMED' and due_at <= $1
    union all
    select 'CLOSE_PAYMENT', book_id, id::text, expires_at from payment where state = 'PENDING' and expires_at <= $1
)
select l.kind, l.no, l.due_at, coalesce(s.name, '') as shop_name
from late l left join shop s on s.book_id = l.book_id order by l.due_at limit $2
"""
_FAILED = """
select r.book_id, r.id, r.refund_no, r.amount_fen, r.attempts, coalesce(r.last_error, '') as last_error, r.approved_at,
    coalesce(o.order_no, '') as order_no, coalesce(c.case_no, '') as case_no, p.display_name as buyer_name,
    coalesce(y.channel, '') as channel
from refund r
join party p on p.book_id = r.party_id
left join orders o on o.book_id = r.book_id and o.id = r.order_id
left join refund_case c on c.book_id = r.book_id and c.id = r.case_id
left join payment y on y.book_id = r.payment_book_id and y.id = r.payment_id
where r.state = 'FAILED' and r.kind <> 'PAYOUT' order by r.approved_at limit $1
"""


async def beats(tx: Tx) -> list[Beat]:
    """Every process that was ever seen, last seen first."""
    rows = await tx.fetch("select process, beat_at from heartbeat order by beat_at desc limit 20")
    return [Beat(row["process"], row["beat_at"]) for row in rows]


async def stuck(tx: Tx, before: datetime) -> list[Stuck]:
    """Work that was due before this moment (UTC) and is not done, the longest overdue first."""
    return [convert(dict(row), Stuck) for row in await tx.fetch(_STUCK, before, SHOWN)]


async def failed_refunds(tx: Tx) -> list[FailedRefund]:
    """Refunds that wait for an admin, the oldest first. A failed payout is back in its balance and not here."""
    return [convert(dict(row), FailedRefund) for row in await tx.fetch(_FAILED, SHOWN)]


async def wishes(tx: Tx) -> list[Wish]:
    """Who asked to be let in again and was not answered yet, the oldest first."""
    rows = await tx.fetch(
        "select w.party_id, coalesce(s.login, '') as login, p.display_name, w.created_at from reset_wish w"
        " join party p on p.book_id = w.party_id left join sign_in s on s.party_id = w.party_id"
        " where w.done_at is null order by w.created_at limit $1",
        SHOWN,
    )
    return [convert(dict(row), Wish) for row in rows]


async def escalated(tx: Tx, now: datetime) -> list[Escalated]:
    """Reviews over their time (now in UTC), the oldest first."""
    rows = await tx.fetch(
        "select c.case_no, c.reason, c.asked_fen, c.due_at, s.name as shop_name,"
        " coalesce(r.display_name, '') as reviewer_name from refund_case c join shop s on s.book_id = c.book_id"
        " left join party r on r.book_id = c.reviewer_id"
        " where c.state = 'ESCALATED' or (c.state = 'UNDER_REVIEW' and c.due_at < $1) order by c.due_at limit $2",
        now,
        SHOWN,
    )
    return [convert(dict(row), Escalated) for row in rows]
