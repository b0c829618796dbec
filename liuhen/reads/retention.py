"""Which orders are past the time that their record must be kept, what was erased, and what is held. Never writes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx

START = UUID(int=0)
"""Before every id: where a walk over books or orders begins."""


class Aged(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was placed before the time. ended_at: its last act of trade, UTC; open: a case, a delivery or money
    is still under way; held: somebody wants it kept."""

    book_id: UUID
    id: UUID
    order_no: str
    ended_at: datetime
    open: bool
    held: bool

    def over(self, before: datetime) -> bool:
        """Whether its words may go. Parameters: before, UTC; trade that ended later is kept."""
        return not self.open and not self.held and self.ended_at < before


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased of an order. erased: kind of text to its number; days: how long it was kept; at UTC."""

    order_no: str
    at: datetime
    rule: str
    days: int
    erased: dict[str, int]
    objects: int
    objects_gone_at: datetime | None


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A record that is kept beyond its time."""

    order_no: str
    reason: str
    held_at: datetime


async def books(tx: Tx, after: UUID, limit: int) -> list[UUID]:
    """The next books that may hold orders, in order of their ids."""
    rows = await tx.fetch("select book_id from shop where book_id > $1 order by book_id limit $2", after, limit)
    return [row["book_id"] for row in rows]


async def aged(tx: Tx, book_id: UUID, after: UUID, before: datetime, limit: int) -> list[Aged]:
    """The next orders of a book after `after`, in order of id, that were placed before a moment and are not erased."""
    rows = await tx.fetch(_AGED.format(which=_WALK), book_id, after, _first_id(before), limit)
    return [msgspec.convert(dict(row), Aged) for row in rows]


async def aged_one(tx: Tx, book_id: UUID, order_id: UUID) -> Aged | None:
    """The same of one order; None if it is erased and nobody has written since."""
    row = await tx.fetchrow(_AGED.format(which=_ONE), book_id, order_id)
    return msgspec.convert(dict(row), Aged) if row is not None else None


async def erased_of(tx: Tx, book_id: UUID, order_id: UUID) -> Erased | None:
    """What was erased of an order, None if nothing was."""
    row = await tx.fetchrow(f"{_ERASED} where e.book_id = $1 and e.order_id = $2", book_id, order_id)
    return _erased(row) if row is not None else None


async def erased(tx: Tx, limit: int) -> list[Erased]:
    """The newest erasures."""
    return [_erased(row) for row in await tx.fetch(f"{_ERASED} order by e.erased_at desc limit $1", limit)]


async def holds(tx: Tx, limit: int) -> list[Hold]:
    """Records that are held now, the newest first."""
    rows = await tx.fetch(
        "select o.order_no, h.reason, h.held_at from legal_hold h join orders o on o.book_id = h.book_id"
        " and o.id = h.order_id where h.lifted_at is null order by h.held_at desc limit $1",
        limit,
    )
    return [msgspec.convert(dict(row), Hold) for row in rows]


def _erased(row: Row) -> Erased:
    told: dict[str, Any] = msgspec.json.decode(row["erased"])
    return Erased(
        order_no=row["order_no"],
        at=row["erased_at"],
        rule=row["rule"],
        days=told.pop("days"),
        erased=told,
        objects=row["objects"],
        objects_gone_at=row["objects_gone_at"],
    )


def _first_id(moment: datetime) -> UUID:
    """The least id of this millisecond: ids of orders begin with the time they were placed."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


_ERASED = (
    "select o.order_no, e.erased_at, e.rule, e.erased, cardinality(e.objects) as objects, e.objects_gone_at"
    " from erasure e join orders o on o.book_id = e.book_id and o.id = e.order_id"
)
# What is erased already is looked at again where somebody has written since.
_KEPT = """not exists (select from erasure e where e.book_id = orders.book_id and e.order_id = orders.id
    and not exists (select from refund_case c
        where c.book_id = e.book_id and c.order_id = e.order_id and c.opened_at >= e.erased_at)
    and not exists (select from order_unit u join redemption_fact f on f.book_id = u.book_id and f.unit_id = u.id
        where u.book_id = e.book_id and u.order_id = e.order_id and f.recorded_at >= e.erased_at and f.note <> ''))"""
_WALK = f"book_id = $1 and id > $2 and id < $3 and {_KEPT} order by id limit $4"
_ONE = f"book_id = $1 and id = $2 and {_KEPT}"
_AGED = """
select o.book_id, o.id, o.order_no,
    greatest(o.created_at, o.paid_at, o.closed_at, o.confirmed_at, u.last, c.last, r.last, p.last) as ended_at,
    o.state = 'AWAITING_PAYMENT' or coalesce(u.open or c.open or r.open or p.open, false) as open,
    exists (select from legal_hold h where h.book_id = o.book_id and h.order_id = o.id and h.lifted_at is null) as held
from (select book_id, id, order_no, state, created_at, paid_at, closed_at, confirmed_at from orders where {which}) as o
left join lateral (select max(greatest(delivered_at, revealed_at, released_at, refunded_at)) as last,
    coalesce(bool_or(escrow = 'HELD' or case_open or state in ('RESERVED', 'TO_DELIVER')), false) as open
    from order_unit where book_id = o.book_id and order_id = o.id) as u on true
left join lateral (select max(greatest(opened_at, decided_at)) as last,
    coalesce(bool_or(due_at is not null), false) as open
    from refund_case where book_id = o.book_id and order_id = o.id) as c on true
left join lateral (select max(greatest(approved_at, arrived_at)) as last,
    coalesce(bool_or(state <> 'ARRIVED'), false) as open
    from refund where book_id = o.book_id and order_id = o.id) as r on true
left join lateral (select max(captured_at) as last, coalesce(bool_or(state = 'PENDING'), false) as open
    from payment where book_id = o.book_id and order_id = o.id) as p on true
order by o.id
"""
