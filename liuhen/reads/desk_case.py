"""What a reviewer sees beside the case itself: both sides' past, the payment, what was sold, cases alike."""

from datetime import datetime, timedelta

import msgspec

from liuhen.base.db import Tx
from liuhen.evidence.model import Picture, Verified
from liuhen.reads import proofs
from liuhen.reads.evidence import verify
from liuhen.refunds.model import Case

ALIKE = 5


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """The product version in the order. excludes: it says "no refund without a reason"; confirmed_at: the buyer's."""

    title: str
    kind: str
    delivery: str
    version: int
    description: str
    refund_terms: str
    warnings: str
    region: str
    face_value_fen: int | None
    sealed_window_seconds: int
    excludes_no_reason: bool
    confirmed_at: datetime | None
    pieces: int


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery by the seller's hand, with his own number for it; the text is its buyer's alone. at: UTC."""

    receipt_no: str
    at: datetime
    proofs: tuple[Picture, ...]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Counted over everything that one side has done here. lost: decided for the other side."""

    since: datetime
    orders: int
    cases: int
    lost: int


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """A decided case of the same shop and reason. Amounts fen."""

    case_no: str
    title: str
    state: str
    decided_by: str
    decided_at: datetime
    asked_fen: int
    approved_fen: int | None


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """numbers: unit id as text -> its number in the order. alike_total counts all that `alike` shows some of."""

    trade_no: str
    total_fen: int
    lines: tuple[Bought, ...]
    handed: tuple[Handed, ...]
    numbers: dict[str, int]
    buyer: Past
    seller: Past
    alike: tuple[Alike, ...]
    alike_total: int
    alike_paid: int
    record: Verified


_LINES = """
select l.title, l.kind, l.delivery, l.version, v.description, v.refund_terms, v.warnings, v.region, v.face_value_fen,
    v.sealed_window_seconds, v.excludes_no_reason, l.no_reason_confirmed_at as confirmed_at, l.pieces
from order_line l
join product_version v on v.book_id = l.book_id and v.product_id = l.product_id and v.version = l.version
where l.book_id = $1 and l.order_id = $2 and l.line_no in (
    select u.line_no from refund_case_unit x join order_unit u on u.book_id = x.book_id and u.id = x.unit_id
    where x.book_id = $1 and x.case_id = $3)
order by l.line_no
"""
_ALIKE = """
select c.case_no, c.state, c.decided_by, c.decided_at, c.asked_fen, c.approved_fen,
    coalesce((select l.title from refund_case_unit x
        join order_unit u on u.book_id = x.book_id and u.id = x.unit_id
        join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no
        where x.book_id = c.book_id and x.case_id = c.id limit 1), '') as title,
    count(*) over () as total, count(*) filter (where c.state = 'APPROVED') over () as paid
from refund_case c
where c.book_id = $1 and c.reason = $2 and c.id <> $3 and c.state in ('APPROVED', 'REJECTED') and c.decided_at >= $4
order by c.decided_at desc limit $5
"""
_BUYER = """
select p.created_at as since,
    (select count(*) from orders o where o.buyer_id = $1 and o.state = 'PAID') as orders,
    count(c.id) as cases, count(c.id) filter (where c.state = 'REJECTED') as lost
from party p left join refund_case c on c.buyer_id = p.book_id and c.id <> $2
where p.book_id = $1 group by p.book_id
"""
_SELLER = """
select s.opened_at as since,
    (select count(*) from orders o where o.book_id = $1 and o.state = 'PAID') as orders,
    count(c.id) as cases, count(c.id) filter (where c.state = 'APPROVED' and c.approved_fen > 0) as lost
from shop s left join refund_case c on c.book_id = s.book_id and c.id <> $2
where s.book_id = $1 group by s.book_id
"""


ALIKE_FOR = timedelta(days=365)
"""How far back a similar case may lie."""


async def background(tx: Tx, case: Case, *, since: datetime) -> Background:
    """Parameters: case, as case_page read it; since, from when cases alike are counted, UTC."""
    book_id, order_id = case.book_id, case.order_id
    order = await tx.one(
        "select o.total_fen, coalesce((select y.trade_no from payment y where y.book_id = o.book_id"
        " and y.order_id = o.id and y.state = 'CAPTURED' order by y.captured_at limit 1), '') as trade_no"
        " from orders o where o.book_id = $1 and o.id = $2",
        book_id,
        order_id,
    )
    units = await tx.fetch(
        "select id from order_unit where book_id = $1 and order_id = $2 order by line_no, piece_no", book_id, order_id
    )
    alike = await tx.fetch(_ALIKE, book_id, str(case.reason), case.id, since, ALIKE)
    return Background(
        trade_no=order["trade_no"],
        total_fen=order["total_fen"],
        lines=tuple(msgspec.convert(dict(row), Bought) for row in await tx.fetch(_LINES, book_id, order_id, case.id)),
        handed=await _handed(tx, case),
        numbers={str(row["id"]): no for no, row in enumerate(units, 1)},
        buyer=msgspec.convert(dict(await tx.one(_BUYER, case.buyer_id, case.id)), Past),
        seller=msgspec.convert(dict(await tx.one(_SELLER, book_id, case.id)), Past),
        alike=tuple(
            msgspec.convert({k: v for k, v in row.items() if k not in ("total", "paid")}, Alike) for row in alike
        ),
        alike_total=alike[0]["total"] if alike else 0,
        alike_paid=alike[0]["paid"] if alike else 0,
        record=await verify(tx, book_id, order_id),
    )


async def _handed(tx: Tx, case: Case) -> tuple[Handed, ...]:
    """Deliveries by hand of the case's units, with what proves them."""
    rows = await tx.fetch(_HANDED, case.book_id, case.id)
    if not rows:
        return ()
    pictures = await proofs.by_delivery(tx, case.book_id, case.order_id)
    return tuple(Handed(receipt_no=r["receipt_no"], at=r["at"], proofs=tuple(pictures.get(r["id"], ()))) for r in rows)


_HANDED = """
select h.id, h.receipt_no, h.at from hand_delivery h
where h.book_id = $1 and h.id in (
    select u.hand_delivery_id from refund_case_unit x
    join order_unit u on u.book_id = x.book_id and u.id = x.unit_id where x.book_id = $1 and x.case_id = $2)
order by h.id
"""
