"""One order as its buyer sees it: lines, every piece with its state, payments back, cases."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Tx
from liuhen.base.errors import NotFound
from liuhen.base.ids import valid_no
from liuhen.orders.model import MAX_LINES


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line with what its version promised. Amounts fen, lengths seconds."""

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
    no_reason_confirmed_at: datetime | None
    snapshot_sha256: bytes
    face_value_fen: int | None
    region: str
    valid_until: date | None
    promised_delivery_seconds: int
    escrow_seconds: int
    sealed_window_seconds: int
    revealed_window_seconds: int | None
    issuer_can_void: bool
    activation_hint: str


class UnitView(msgspec.Struct, frozen=True, kw_only=True):
    """One piece. no: its number within the order, from 1. mask: of its key, "" while sealed or without a key.

    case_no: of the open case, else of the newest one, "" if there never was one. looks: times shown in full.
    proofs: pictures by which the seller proves a delivery by hand.
    """

    no: int
    id: UUID
    line_no: int
    piece_no: int
    state: str
    escrow: str
    price_fen: int
    refunded_fen: int
    case_open: bool
    case_no: str
    deliver_due_at: datetime | None
    late_act_at: datetime | None
    wait_until: datetime | None
    work_begun_at: datetime | None
    delivered_at: datetime | None
    revealed_at: datetime | None
    release_due_at: datetime | None
    released_at: datetime | None
    refunded_at: datetime | None
    mask: str
    valid_until: date | None
    looks: int
    handed_at: datetime | None
    receipt_no: str
    proofs: int = 0

    @property
    def left_fen(self) -> int:
        """What could still go back, fen."""
        return self.price_fen - self.refunded_fen


class RefundView(msgspec.Struct, frozen=True, kw_only=True):
    """Money that goes back. Amount fen, times UTC. again_at: the channel gave no answer; when it is asked again."""

    refund_no: str
    kind: str
    route: str
    amount_fen: int
    state: str
    approved_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    channel_refund_no: str | None
    case_no: str
    again_at: datetime | None


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case of this order in a few words."""

    id: UUID
    case_no: str
    state: str
    reason: str
    asked_fen: int
    approved_fen: int | None
    due_at: datetime | None
    opened_at: datetime


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page. channel: name of the channel it was paid over, "" for a balance."""

    book_id: UUID
    id: UUID
    order_no: str
    buyer_id: UUID
    state: str
    total_fen: int
    pay_due_at: datetime | None
    paid_at: datetime | None
    paid_from: str | None
    closed_at: datetime | None
    confirmed_at: datetime | None
    created_at: datetime
    shop_name: str
    channel: str
    lines: tuple[LineView, ...]
    units: tuple[UnitView, ...]
    refunds: tuple[RefundView, ...]
    cases: tuple[CaseLine, ...]

    def line(self, line_no: int) -> LineView:
        return next(line for line in self.lines if line.line_no == line_no)

    def unit(self, no: int) -> UnitView:
        """Raises NotFound."""
        if not 1 <= no <= len(self.units):
            raise NotFound("no such unit in this order")
        return self.units[no - 1]

    def ids(self, numbers: list[int]) -> list[UUID]:
        """Raises NotFound for a number that this order does not have."""
        return [self.unit(no).id for no in numbers]


_HEAD = """
select o.book_id, o.id, o.order_no, o.buyer_id, o.state, o.total_fen, o.pay_due_at, o.paid_at, o.paid_from,
    o.closed_at, o.confirmed_at, o.created_at, s.name as shop_name,
    coalesce((select p.channel from payment p where p.book_id = o.book_id and p.order_id = o.id
        and p.state = 'CAPTURED' order by p.captured_at limit 1), '') as channel
from orders o join shop s on s.book_id = o.book_id
where o.book_id = $1 and o.id = $2 and o.buyer_id = $3
"""
_LINES = """
select l.line_no, l.product_id, l.version, l.kind, l.delivery, l.title, l.pieces, l.unit_price_fen, l.total_fen,
    l.target, v.target_label, l.no_reason_confirmed_at, l.snapshot_sha256, v.face_value_fen, v.region, v.valid_until,
    v.promised_delivery_seconds, v.escrow_seconds, v.sealed_window_seconds, v.revealed_window_seconds,
    v.issuer_can_void, v.activation_hint
from order_line l
join product_version v on v.book_id = l.book_id and v.product_id = l.product_id and v.version = l.version
where l.book_id = $1 and l.order_id = $2 order by l.line_no
"""
_UNITS = """
select row_number() over (order by u.line_no, u.piece_no) as no, u.id, u.line_no, u.piece_no, u.state, u.escrow,
    u.price_fen, u.refunded_fen, u.case_open, u.deliver_due_at, u.late_act_at, u.wait_until, u.work_begun_at,
    u.delivered_at, u.revealed_at, u.release_due_at, u.released_at, u.refunded_at,
    case when u.revealed_at is null then '' else coalesce(k.mask, '') end as mask,
    case when u.revealed_at is null then null else k.valid_until end as valid_until,
    (select count(*) from key_look n where n.book_id = u.book_id and n.unit_id = u.id
        and n.viewer_role = 'BUYER') as looks,
    h.at as handed_at, coalesce(h.receipt_no, '') as receipt_no,
    (select count(*) from evidence_item e where e.book_id = u.book_id and e.order_id = u.order_id
        and e.hand_delivery_id = u.hand_delivery_id) as proofs,
    coalesce((select c.case_no from refund_case_unit x join refund_case c on c.book_id = x.book_id and c.id = x.case_id
        where x.book_id = u.book_id and x.unit_id = u.id order by x.open desc, c.id desc limit 1), '') as case_no
from order_unit u
left join stock_key k on k.book_id = u.book_id and k.unit_id = u.id
left join hand_delivery h on h.book_id = u.book_id and h.id = u.hand_delivery_id
where u.book_id = $1 and u.order_id = $2 order by u.line_no, u.piece_no
"""
_REFUNDS = """
select r.refund_no, r.kind, r.route, r.amount_fen, r.state, r.approved_at, r.sent_at, r.arrived_at,
    r.channel_refund_no, coalesce(c.case_no, '') as case_no,
    case when r.state = 'APPROVED' and r.attempts > 0 then r.due_at end as again_at
from refund r left join refund_case c on c.book_id = r.book_id and c.id = r.case_id
where r.book_id = $1 and r.order_id = $2 order by r.id
"""
_CASES = """
select id, case_no, state, reason, asked_fen, approved_fen, due_at, opened_at from refund_case
where book_id = $1 and order_id = $2 order by id desc
"""


async def order_of(tx: Tx, order_no: str, buyer_id: UUID) -> OrderView:
    """The buyer's own order by its number. Raises NotFound for everybody else."""
    place = await directory.find(tx, "order", order_no) if valid_no(order_no) else None
    head = await tx.fetchrow(_HEAD, place.book_id, place.id, buyer_id) if place else None
    if place is None or head is None:
        raise NotFound("no such order")
    return msgspec.convert(
        {
            **dict(head),
            "lines": await _all(tx, _LINES, place),
            "units": await _all(tx, _UNITS, place),
            "refunds": await _all(tx, _REFUNDS, place),
            "cases": await _all(tx, _CASES, place),
        },
        OrderView,
    )


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer was shown when he ordered. content: canonical bytes; sha256: kept in the order and its chain."""

    order_no: str
    line_no: int
    title: str
    content: bytes
    sha256: bytes
    created_at: datetime
    no_reason_confirmed_at: datetime | None


async def snapshot_of(tx: Tx, order_no: str, line_no: int, party_id: UUID) -> Snapshot:
    """For the buyer and the seller of the order. Raises NotFound for everybody else."""
    asked = valid_no(order_no) and 1 <= line_no <= MAX_LINES
    place = await directory.find(tx, "order", order_no) if asked else None
    row = place and await tx.fetchrow(
        "select o.order_no, l.line_no, l.title, l.snapshot as content, l.snapshot_sha256 as sha256, o.created_at,"
        " l.no_reason_confirmed_at from orders o join order_line l on l.book_id = o.book_id and l.order_id = o.id"
        " where o.book_id = $1 and o.id = $2 and l.line_no = $3 and $4 in (o.buyer_id, o.book_id)",
        place.book_id,
        place.id,
        line_no,
        party_id,
    )
    if not row:
        raise NotFound("no such line")
    return msgspec.convert(dict(row), Snapshot)


async def party_place(tx: Tx, order_no: str, party_id: UUID, *, staff: bool = False) -> directory.Place:
    """Where the order lies, for its buyer, its seller and staff. Raises NotFound for everybody else."""
    place = await directory.find(tx, "order", order_no) if valid_no(order_no) else None
    if place is None:
        raise NotFound("no such order")
    his = await tx.fetchval(
        "select $3 or $4 in (buyer_id, book_id) from orders where book_id = $1 and id = $2",
        place.book_id,
        place.id,
        staff,
        party_id,
    )
    if not his:
        raise NotFound("no such order")
    return place


async def unit_numbers(tx: Tx, book_id: UUID, order_id: UUID) -> dict[str, int]:
    """Each unit's number within the order by its id as text, as the chain writes it."""
    rows = await tx.fetch(
        "select id from order_unit where book_id = $1 and order_id = $2 order by line_no, piece_no", book_id, order_id
    )
    return {str(row["id"]): place for place, row in enumerate(rows, 1)}


async def _all(tx: Tx, sql: str, place: directory.Place) -> list[dict[str, Any]]:
    return [dict(row) for row in await tx.fetch(sql, place.book_id, place.id)]
