"""A party's refunds as the API lists them: all of them, whatever they are for."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.payments.model import RefundKind, SendState
from liuhen.refunds.model import Route


class RefundLine(msgspec.Struct, frozen=True, kw_only=True):
    """Money that goes to this party. Amount fen, times UTC; "" where there is no order or case."""

    id: UUID
    refund_no: str
    kind: RefundKind
    route: Route
    amount_fen: int
    state: SendState
    order_no: str
    case_no: str
    approved_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    channel_refund_no: str | None


class Sides(msgspec.Struct, frozen=True):
    """Who asks for money back, and from whom."""

    buyer_id: UUID
    seller_id: UUID


async def sides_of_case(tx: Tx, case_no: str) -> Sides | None:
    """None if there is no such case. The caller tells nobody who has no part in it."""
    row = await tx.fetchrow(
        "select c.buyer_id, c.book_id from directory d join refund_case c on c.book_id = d.book_id and c.id = d.id"
        " where d.kind = 'case' and d.ext = $1",
        case_no,
    )
    return Sides(row["buyer_id"], row["book_id"]) if row else None


_LINE = """
select r.id, r.refund_no, r.kind, r.route, r.amount_fen, r.state, coalesce(o.order_no, '') as order_no,
    coalesce(c.case_no, '') as case_no, r.approved_at, r.sent_at, r.arrived_at, r.channel_refund_no
from refund r
left join orders o on o.book_id = r.book_id and o.id = r.order_id
left join refund_case c on c.book_id = r.book_id and c.id = r.case_id
where r.party_id = $1
"""


async def refunds(
    tx: Tx, party_id: UUID, *, open_only: bool = False, after: UUID | None = None, limit: int = 20
) -> list[RefundLine]:
    """Newest first. Parameters: open_only, not arrived; after, the last id of the page before."""
    rows = await tx.fetch(
        f"{_LINE} and (not $2 or r.state <> 'ARRIVED') and ($3::uuid is null or r.id < $3) order by r.id desc limit $4",
        party_id,
        open_only,
        after,
        limit,
    )
    return [msgspec.convert(dict(row), RefundLine) for row in rows]


async def refund(tx: Tx, party_id: UUID, refund_no: str) -> RefundLine | None:
    """One of the party's own by its number, else None."""
    row = await tx.fetchrow(f"{_LINE} and r.refund_no = $2", party_id, refund_no)
    return msgspec.convert(dict(row), RefundLine) if row else None
