"""A shop's orders as its seller sees them: the list, and one order with its pieces. Masks only, never a key."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Tx
from liuhen.base.errors import NotFound
from liuhen.base.ids import valid_no
from liuhen.money.transfers import Standing, fee_left

PAGE = 30


class Shelf(StrEnum):
    """Filters of the list. An order can stand on several."""

    ALL = "all"
    DELIVER = "deliver"
    CASE = "case"
    HELD = "held"
    RELEASED = "released"
    REFUNDED = "refunded"
    UNPAID = "unpaid"
    CLOSED = "closed"


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One order in the list. Counts are pieces; amounts fen; times UTC. net_fen: held or released, after the fee."""

    id: UUID
    order_no: str
    state: str
    total_fen: int
    created_at: datetime
    paid_at: datetime | None
    title: str
    lines: int
    pieces: int
    waiting: int
    deliver_due_at: datetime | None
    sealed: int
    revealed: int
    handed: int
    in_case: int
    held: int
    released: int
    refunded: int
    refunded_fen: int
    release_due_at: datetime | None


class OrderList(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    orders: tuple[OrderLine, ...]
    next: UUID | None


_ROW = """
select o.id, o.order_no, o.state, o.total_fen, o.created_at, o.paid_at, l.*, u.*
from orders o
cross join lateral (
    select (array_agg(title order by line_no))[1] as title, count(*) as lines, sum(pieces)::int as pieces
    from order_line where book_id = o.book_id and order_id = o.id) l
cross join lateral (
    select count(*) filter (where state = 'TO_DELIVER') as waiting,
        min(late_act_at) filter (where state = 'TO_DELIVER') as deliver_due_at,
        count(*) filter (where state = 'SEALED') as sealed,
        count(*) filter (where state = 'REVEALED') as revealed,
        count(*) filter (where state = 'HANDED_OVER') as handed,
        count(*) filter (where case_open) as in_case,
        count(*) filter (where escrow = 'HELD') as held,
        count(*) filter (where escrow = 'RELEASED') as released,
        count(*) filter (where state = 'REFUNDED') as refunded,
        coalesce(sum(refunded_fen), 0)::bigint as refunded_fen,
        min(release_due_at) filter (where escrow = 'HELD' and not case_open) as release_due_at
    from order_unit where book_id = o.book_id and order_id = o.id) u
where o.book_id = $1
"""

_HAS = "exists (select from order_unit x where x.book_id = o.book_id and x.order_id = o.id and {})"
_ON: dict[Shelf, str] = {
    Shelf.ALL: "true",
    Shelf.DELIVER: "o.state = 'PAID' and " + _HAS.format("x.state = 'TO_DELIVER'"),
    Shelf.CASE: _HAS.format("x.case_open"),
    Shelf.HELD: _HAS.format("x.escrow = 'HELD'"),
    Shelf.RELEASED: _HAS.format("x.escrow = 'RELEASED'"),
    Shelf.REFUNDED: _HAS.format("x.refunded_fen > 0"),
    Shelf.UNPAID: "o.state = 'AWAITING_PAYMENT'",
    Shelf.CLOSED: "o.state in ('CANCELLED', 'EXPIRED')",
}


async def orders(
    tx: Tx, book_id: UUID, *, shelf: Shelf = Shelf.ALL, text: str = "", after: UUID | None = None, limit: int = PAGE
) -> OrderList:
    """Newest first. Parameters: text, part of a number or of a title; after, the last id of the page before."""
    needle = text.strip().lower() or None
    rows = await tx.fetch(
        f"{_ROW} and {_ON[shelf]} and ($2::text is null or position($2 in lower(o.order_no)) > 0 or exists ("
        " select from order_line f where f.book_id = o.book_id and f.order_id = o.id"
        " and position($2 in lower(f.title)) > 0))"
        " and ($3::uuid is null or o.id < $3) order by o.id desc limit $4",
        book_id,
        needle,
        after,
        limit + 1,
    )
    found = tuple(msgspec.convert(dict(row), OrderLine) for row in rows[:limit])
    return OrderList(found, found[-1].id if len(rows) > limit else None)


async def counts(tx: Tx, book_id: UUID) -> dict[Shelf, int]:
    """How many orders stand on each shelf."""
    columns = ", ".join(f'count(*) filter (where {sql}) as "{shelf}"' for shelf, sql in _ON.items())
    row = await tx.one(f"select {columns} from orders o where o.book_id = $1", book_id)
    return {shelf: row[str(shelf)] for shelf in Shelf}


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line. target: what the buyer named (a phone number, a game account). Amounts fen, lengths seconds."""

    line_no: int
    product_id: UUID
    version: int
    kind: str
    delivery: str
    title: str
    pieces: int
    unit_price_fen: int
    total_fen: int
    target: str
    target_label: str
    snapshot_sha256: bytes
    no_reason_confirmed_at: datetime | None
    face_value_fen: int | None
    escrow_seconds: int


class UnitView(msgspec.Struct, frozen=True, kw_only=True):
    """One piece. no: its number within the order, from 1. mask: of its key, "" without one. Amounts fen, times UTC.

    case_no: of the open case, else of the newest one. key_import and key_line: where the key came from.
    """

    no: int
    id: UUID
    line_no: int
    state: str
    escrow: str
    price_fen: int
    fee_fen: int
    refunded_fen: int
    case_open: bool
    case_no: str
    deliver_due_at: datetime | None
    late_act_at: datetime | None
    wait_until: datetime | None
    delivered_at: datetime | None
    revealed_at: datetime | None
    release_due_at: datetime | None
    released_at: datetime | None
    mask: str
    key_import: UUID | None
    key_line: int | None
    valid_until: date | None
    delivery_id: UUID | None
    work_begun_at: datetime | None

    @property
    def fee_left_fen(self) -> int:
        """The fee on what was not refunded, fen."""
        return fee_left(Standing(self.price_fen, self.fee_fen, self.refunded_fen, self.escrow == "RELEASED"))

    @property
    def delivered(self) -> bool:
        return self.state in ("SEALED", "REVEALED", "HANDED_OVER", "REFUNDED") and self.delivered_at is not None


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery by hand. The text is the buyer's; the seller sees that there is one, and its receipt number."""

    id: UUID
    line_no: int
    receipt_no: str
    at: datetime


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case of this order. Amounts fen, times UTC."""

    case_no: str
    state: str
    reason: str
    asked_fen: int
    approved_fen: int | None
    due_at: datetime | None
    seller_asked_at: datetime | None
    opened_at: datetime


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page. Amounts fen, times UTC."""

    book_id: UUID
    id: UUID
    order_no: str
    buyer_name: str
    state: str
    total_fen: int
    pay_due_at: datetime | None
    paid_at: datetime | None
    paid_from: str | None
    closed_at: datetime | None
    confirmed_at: datetime | None
    created_at: datetime
    lines: tuple[LineView, ...]
    units: tuple[UnitView, ...]
    handed: tuple[Handed, ...]
    cases: tuple[CaseLine, ...]

    def line(self, line_no: int) -> LineView:
        """Raises NotFound."""
        found = next((line for line in self.lines if line.line_no == line_no), None)
        if found is None:
            raise NotFound("no such line in this order")
        return found

    def unit(self, no: int) -> UnitView:
        """Raises NotFound."""
        if not 1 <= no <= len(self.units):
            raise NotFound("no such unit in this order")
        return self.units[no - 1]

    @property
    def sums(self) -> "Sums":
        """Where the money of this order is."""
        return _sums(self)

    def may_begin(self, line_no: int) -> int:
        """How many pieces of a line the seller may still say of that he has begun the work."""
        return sum(u.work_begun_at is None and not u.case_open for u in self.waiting(line_no))

    def begun_at(self, line_no: int) -> datetime | None:
        """When he first said so of a piece that still waits, UTC."""
        return min((u.work_begun_at for u in self.waiting(line_no) if u.work_begun_at), default=None)

    def waiting(self, line_no: int) -> tuple[UnitView, ...]:
        """Pieces of a line that wait for the seller's hand."""
        return tuple(u for u in self.units if u.line_no == line_no and u.state == "TO_DELIVER")


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Fen. held and released are what the seller gets, after the fee; refunded is what the buyer got back."""

    total: int
    refunded: int
    fee: int
    held: int
    released: int


def _sums(order: OrderView) -> Sums:
    held = released = fee = 0
    for unit in order.units:
        left = unit.price_fen - unit.refunded_fen - unit.fee_left_fen
        if unit.escrow in ("HELD", "RELEASED"):
            fee += unit.fee_left_fen
        if unit.escrow == "HELD":
            held += left
        elif unit.escrow == "RELEASED":
            released += left
    refunded = sum(unit.refunded_fen for unit in order.units)
    return Sums(total=order.total_fen, refunded=refunded, fee=fee, held=held, released=released)


_HEAD = """
select o.book_id, o.id, o.order_no, p.display_name as buyer_name, o.state, o.total_fen, o.pay_due_at, o.paid_at,
    o.paid_from, o.closed_at, o.confirmed_at, o.created_at
from orders o join party p on p.book_id = o.buyer_id
where o.book_id = $1 and o.id = $2 and o.book_id = $3
"""
_LINES = """
select l.line_no, l.product_id, l.version, l.kind, l.delivery, l.title, l.pieces, l.unit_price_fen, l.total_fen,
    l.target, v.target_label, l.snapshot_sha256, l.no_reason_confirmed_at, v.face_value_fen, v.escrow_seconds
from order_line l
join product_version v on v.book_id = l.book_id and v.product_id = l.product_id and v.version = l.version
where l.book_id = $1 and l.order_id = $2 order by l.line_no
"""
_UNITS = """
select row_number() over (order by u.line_no, u.piece_no) as no, u.id, u.line_no, u.state, u.escrow, u.price_fen,
    u.fee_fen, u.refunded_fen, u.case_open, u.deliver_due_at, u.late_act_at, u.wait_until, u.delivered_at,
    u.revealed_at, u.release_due_at, u.released_at, u.hand_delivery_id as delivery_id, u.work_begun_at,
    coalesce(k.mask, '') as mask, k.import_id as key_import, k.line_no as key_line, k.valid_until,
    coalesce((select c.case_no from refund_case_unit x join refund_case c on c.book_id = x.book_id and c.id = x.case_id
        where x.book_id = u.book_id and x.unit_id = u.id order by x.open desc, c.id desc limit 1), '') as case_no
from order_unit u
left join stock_key k on k.book_id = u.book_id and k.unit_id = u.id
where u.book_id = $1 and u.order_id = $2 order by u.line_no, u.piece_no
"""
_HANDED = """
select id, line_no, receipt_no, at from hand_delivery where book_id = $1 and order_id = $2 order by id
"""
_CASES = """
select case_no, state, reason, asked_fen, approved_fen, due_at, seller_asked_at, opened_at from refund_case
where book_id = $1 and order_id = $2 order by id desc
"""


async def order_of(tx: Tx, order_no: str, seller_id: UUID) -> OrderView:
    """An order of the seller's own book by its number. Raises NotFound for everybody else."""
    place = await directory.find(tx, "order", order_no) if valid_no(order_no) else None
    head = await tx.fetchrow(_HEAD, place.book_id, place.id, seller_id) if place else None
    if place is None or head is None:
        raise NotFound("no such order")
    return msgspec.convert(
        {
            **dict(head),
            "lines": await _all(tx, _LINES, place),
            "units": await _all(tx, _UNITS, place),
            "handed": await _all(tx, _HANDED, place),
            "cases": await _all(tx, _CASES, place),
        },
        OrderView,
    )


async def _all(tx: Tx, sql: str, place: directory.Place) -> list[dict[str, Any]]:
    return [dict(row) for row in await tx.fetch(sql, place.book_id, place.id)]
