"""The one thing that a buyer should know first: an order to pay, a refund that waits, a seal to decide on."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.reads.windows import Windows, window_sql


class FirstKind(StrEnum):
    """In this order of urgency."""

    PAY = "PAY"
    CASE = "CASE"
    SEALED = "SEALED"


class First(msgspec.Struct, frozen=True, kw_only=True):
    """no: order or case number. fen: what is to be paid or asked back. at: its deadline, start: when that began (UTC).

    seat: whose turn it is in a case (seller, staff). count: sealed units that can still go back at once.
    """

    kind: FirstKind
    no: str
    fen: int = 0
    at: datetime | None = None
    start: datetime | None = None
    seat: str = ""
    count: int = 0


_SEATS = {"AWAITING_SELLER": "seller", "UNDER_REVIEW": "staff", "ESCALATED": "staff", "AWAITING_BUYER": "buyer"}

_PAY = """
select order_no, total_fen, pay_due_at, created_at from orders
where buyer_id = $1 and state = 'AWAITING_PAYMENT' and pay_due_at > $2 order by pay_due_at limit 1
"""
_CASE = """
select case_no, asked_fen, state, due_at, opened_at, seller_asked_at, evidence_asked_at from refund_case
where buyer_id = $1 and state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER')
order by due_at limit 1
"""
_SEALED = f"""
select o.order_no, u.delivered_at, u.delivered_at + {window_sql(3)} as ends_at, count(*) over () as n
from orders o join order_unit u on u.book_id = o.book_id and u.order_id = o.id
where o.buyer_id = $1 and o.state = 'PAID' and o.paid_at > $2::timestamptz - {window_sql(3)} and u.state = 'SEALED'
    and not u.case_open and u.delivered_at > $2::timestamptz - {window_sql(3)}
order by ends_at limit 1
"""


async def first(tx: Tx, buyer_id: UUID, *, instant: Windows, now: datetime) -> First | None:
    """None: nothing waits. Parameters: instant, how long a sealed unit goes back at once, by the day of its order; now,
    UTC."""
    if row := await tx.fetchrow(_PAY, buyer_id, now):
        return First(
            kind=FirstKind.PAY,
            no=row["order_no"],
            fen=row["total_fen"],
            at=row["pay_due_at"],
            start=row["created_at"],
        )
    if row := await tx.fetchrow(_CASE, buyer_id):
        seat = _SEATS[row["state"]]
        return First(
            kind=FirstKind.CASE,
            no=row["case_no"],
            fen=row["asked_fen"],
            at=row["due_at"],
            start={"seller": row["seller_asked_at"], "buyer": row["evidence_asked_at"]}.get(seat) or row["opened_at"],
            seat=seat,
        )
    if row := await tx.fetchrow(_SEALED, buyer_id, now, *instant.columns):
        return First(
            kind=FirstKind.SEALED,
            no=row["order_no"],
            at=row["ends_at"],
            start=row["delivered_at"],
            count=row["n"],
        )
    return None
