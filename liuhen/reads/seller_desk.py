"""What a seller has to do, by deadline: refunds to answer, goods to deliver, keys to void, shelves to fill."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx

SHOWN = 200
"""So many to-dos of each kind are read; a desk with more is worked off from the top."""


class AnswerDue(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that waits for the seller's answer. Amount fen, times UTC; asked_at began the clock."""

    case_no: str
    reason: str
    title: str
    pieces: int
    asked_fen: int
    asked_at: datetime
    due_at: datetime


class DeliveryDue(msgspec.Struct, frozen=True, kw_only=True):
    """A line that waits for the seller's hand. promised_at: what the buyer was told; due_at: when the platform acts.

    paid_at began the clock; waits: the buyer chose to go on waiting. Amount fen, times UTC.
    """

    order_no: str
    line_no: int
    title: str
    target: str
    pieces: int
    fen: int
    paid_at: datetime
    promised_at: datetime
    due_at: datetime
    waits: bool


class VoidDue(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of one product that were shown to a buyer and refunded: to be voided at their issuer."""

    product_id: UUID
    title: str
    keys: int
    since: datetime


class RestockDue(msgspec.Struct, frozen=True, kw_only=True):
    """A listing on sale whose shelf is at or below its threshold. week: pieces sold in the last seven days."""

    product_id: UUID
    title: str
    left: int
    low_stock_at: int
    week: int


class Todos(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. silence_agreed: the seller agreed on joining that no answer in time means yes."""

    answers: tuple[AnswerDue, ...]
    deliveries: tuple[DeliveryDue, ...]
    voids: tuple[VoidDue, ...]
    restocks: tuple[RestockDue, ...]
    silence_agreed: bool

    @property
    def total(self) -> int:
        return len(self.answers) + len(self.deliveries) + len(self.voids) + len(self.restocks)


class Badges(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers beside the side navigation."""

    todo: int
    cases: int
    deliver: int


_ANSWERS = """
select c.case_no, c.reason, c.asked_fen, c.seller_asked_at as asked_at, c.due_at,
    (select count(*) from refund_case_unit x where x.book_id = c.book_id and x.case_id = c.id) as pieces,
    coalesce((select l.title from refund_case_unit x
        join order_unit u on u.book_id = x.book_id and u.id = x.unit_id
        join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no
        where x.book_id = c.book_id and x.case_id = c.id order by u.line_no, u.piece_no limit 1), '') as title
from refund_case c
where c.book_id = $1 and c.state = 'AWAITING_SELLER'
order by c.due_at, c.id limit $2
"""

_DELIVERIES = """
select o.order_no, w.line_no, l.title, l.target, w.pieces, w.fen, o.paid_at, w.promised_at, w.due_at, w.waits
from (
    select order_id, line_no, count(*)::int as pieces, sum(price_fen)::bigint as fen,
        min(deliver_due_at) as promised_at, min(late_act_at) as due_at, bool_or(wait_until is not null) as waits
    from order_unit where book_id = $1 and state = 'TO_DELIVER'
    group by order_id, line_no order by min(late_act_at) limit $2) w
join orders o on o.book_id = $1 and o.id = w.order_id
join order_line l on l.book_id = $1 and l.order_id = w.order_id and l.line_no = w.line_no
order by w.due_at, o.order_no
"""

_VOIDS = """
select k.product_id, p.title, count(*)::int as keys, min(t.created_at) as since
from seller_todo t
join stock_key k on k.book_id = t.book_id and k.unit_id = t.unit_id
join product p on p.book_id = k.book_id and p.id = k.product_id
where t.book_id = $1 and t.kind = 'VOID_KEY_AT_ISSUER' and t.done_at is null
group by k.product_id, p.title order by since limit $2
"""

SELLABLE = """
    (select count(*) from (select from stock_key k where k.book_id = p.book_id and k.product_id = p.id
        and k.state = 'AVAILABLE' and (k.valid_until is null or k.valid_until >= {day}::date + v.min_validity_days)
        ) as free)::int
"""
"""Keys that could be sold on a day; {day} is the place of a date in Shanghai."""

WEEK = """
    coalesce((select sum(l.pieces) from order_line l join orders o on o.book_id = l.book_id and o.id = l.order_id
        where l.book_id = p.book_id and l.product_id = p.id and o.state = 'PAID' and o.paid_at > {at}), 0)::int
"""
"""Pieces paid for since a moment; {at} is its place."""

_RESTOCKS = f"""
select * from (
    select p.id as product_id, p.title, p.low_stock_at,{SELLABLE.format(day="$2")} as "left",
        {WEEK.format(at="$3")} as week
    from product p
    join product_version v on v.book_id = p.book_id and v.product_id = p.id and v.version = p.version
    where p.book_id = $1 and p.state = 'ON_SALE' and v.delivery = 'AUTO') s
where "left" <= low_stock_at order by "left", week desc, product_id limit $4
"""


async def todos(tx: Tx, book_id: UUID, *, today: date, week_ago: datetime) -> Todos:
    """Parameters: today, in Shanghai, decides which keys can still be sold; week_ago, UTC."""
    answers = await tx.fetch(_ANSWERS, book_id, SHOWN)
    deliveries = await tx.fetch(_DELIVERIES, book_id, SHOWN)
    voids = await tx.fetch(_VOIDS, book_id, SHOWN)
    restocks = await tx.fetch(_RESTOCKS, book_id, today, week_ago, SHOWN)
    return Todos(
        answers=tuple(msgspec.convert(dict(row), AnswerDue) for row in answers),
        deliveries=tuple(msgspec.convert(dict(row), DeliveryDue) for row in deliveries),
        voids=tuple(msgspec.convert(dict(row), VoidDue) for row in voids),
        restocks=tuple(msgspec.convert(dict(row), RestockDue) for row in restocks),
        silence_agreed=await silence_agreed(tx, book_id),
    )


async def silence_agreed(tx: Tx, book_id: UUID) -> bool:
    """Whether the seller accepted the agreement by which silence means yes (民法典 140(2))."""
    return bool(
        await tx.fetchval(
            "select exists (select from agreement_acceptance where book_id = $1 and kind = 'seller_agreement')", book_id
        )
    )


_BADGES = """
select (select count(*) from refund_case where book_id = $1 and state = 'AWAITING_SELLER') as answers,
    (select count(*) from refund_case where book_id = $1
        and state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER')) as cases,
    (select count(*) from (select distinct order_id, line_no from order_unit where book_id = $1
        and state = 'TO_DELIVER') as waiting) as deliver,
    (select count(distinct k.product_id) from seller_todo t
        join stock_key k on k.book_id = t.book_id and k.unit_id = t.unit_id
        where t.book_id = $1 and t.kind = 'VOID_KEY_AT_ISSUER' and t.done_at is null) as voids,
    (select count(*) from product p
        join product_version v on v.book_id = p.book_id and v.product_id = p.id and v.version = p.version
        where p.book_id = $1 and p.state = 'ON_SALE' and v.delivery = 'AUTO' and p.low_stock_at >= (
            select count(*) from (select from stock_key k where k.book_id = p.book_id and k.product_id = p.id
                and k.state = 'AVAILABLE' and (k.valid_until is null or k.valid_until >= $2::date + v.min_validity_days)
                limit p.low_stock_at + 1) as free)) as low
"""


async def badges(tx: Tx, book_id: UUID, *, today: date) -> Badges:
    """Rows of the desk, open cases, and lines to deliver. Parameters: today, in Shanghai, as for `todos`."""
    row = await tx.one(_BADGES, book_id, today)
    todo = row["answers"] + row["deliver"] + row["voids"] + row["low"]
    return Badges(todo=todo, cases=row["cases"], deliver=row["deliver"])


class KeyToVoid(msgspec.Struct, frozen=True, kw_only=True):
    """One key that the seller should void at its issuer. unit_no: its number in the order. Amount fen, times UTC."""

    todo_id: UUID
    order_no: str
    unit_no: int
    product_id: UUID
    title: str
    mask: str
    line_no: int
    refunded_fen: int
    created_at: datetime
    done_at: datetime | None


_KEYS_TO_VOID = """
select t.id as todo_id, o.order_no, k.product_id, p.title, k.mask, k.line_no, u.refunded_fen, t.created_at, t.done_at,
    (select count(*) from order_unit n where n.book_id = u.book_id and n.order_id = u.order_id
        and (n.line_no, n.piece_no) <= (u.line_no, u.piece_no)) as unit_no
from seller_todo t
join order_unit u on u.book_id = t.book_id and u.id = t.unit_id
join orders o on o.book_id = t.book_id and o.id = t.order_id
join stock_key k on k.book_id = t.book_id and k.unit_id = t.unit_id
join product p on p.book_id = k.book_id and p.id = k.product_id
where t.book_id = $1 and t.kind = 'VOID_KEY_AT_ISSUER' and (t.done_at is null) = $2
    and ($3::uuid is null or t.id < $3)
order by t.id desc limit $4
"""


async def keys_to_void(
    tx: Tx, book_id: UUID, *, open_only: bool = True, before: UUID | None = None, limit: int = 50
) -> tuple[KeyToVoid, ...]:
    """Newest first; with open_only False those the seller said are done. Parameters: before, the last id seen."""
    rows = await tx.fetch(_KEYS_TO_VOID, book_id, open_only, before, min(limit, 201))
    return tuple(msgspec.convert(dict(row), KeyToVoid) for row in rows)
