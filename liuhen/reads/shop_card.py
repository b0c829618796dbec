"""What a shop's record says about it: counted from real orders, refunds and answers, never typed in by the seller."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx

ORDERS_LOOKED_AT = 2000
"""The newest so many paid orders and cases are counted: the page stays quick for the largest shop."""


class ShopCard(msgspec.Struct, frozen=True, kw_only=True):
    """Rates in basis points of paid units, None where nothing was sold; answers in seconds, None where none was due.

    fault_rate counts refunds for which the seller is to blame: late, invalid, or anything but a change of mind.
    """

    book_id: UUID
    name: str
    intro: str
    opened_at: datetime
    orders: int
    units: int
    refund_rate: int | None
    fault_rate: int | None
    first_answer_seconds: int | None


_SOLD = """
with latest as (
    select id from orders where book_id = $1 and state = 'PAID' order by id desc limit $2
)
select (select count(*) from latest) as orders, count(*) as units,
    count(*) filter (where u.refunded_fen > 0) as refunded,
    count(*) filter (where u.refunded_fen > 0 and exists (
        select from refund_case_unit cu join refund_case c on c.book_id = cu.book_id and c.id = cu.case_id
        where cu.book_id = u.book_id and cu.unit_id = u.id and c.state = 'APPROVED'
        and c.reason not in ('CHANGE_OF_MIND', 'WRONG_PURCHASE'))) as at_fault
from order_unit u where u.book_id = $1 and u.order_id in (select id from latest) and u.state <> 'CANCELLED'
"""

_ANSWERS = """
select percentile_cont(0.5) within group (order by extract(epoch from seller_answered_at - seller_asked_at))
from (select seller_asked_at, seller_answered_at from refund_case
    where book_id = $1 and seller_asked_at is not null order by id desc limit $2) as asked
where seller_answered_at is not null
"""


async def shop_card(tx: Tx, book_id: UUID) -> ShopCard | None:
    """None if there is no such shop, or if it is closed or its owner frozen: then it sells nothing."""
    shop = await tx.fetchrow(
        "select s.name, s.intro, s.opened_at from shop s join party y on y.book_id = s.book_id"
        " where s.book_id = $1 and s.closed_at is null and y.frozen_at is null",
        book_id,
    )
    if shop is None:
        return None
    sold = await tx.one(_SOLD, book_id, ORDERS_LOOKED_AT)
    answer = await tx.fetchval(_ANSWERS, book_id, ORDERS_LOOKED_AT)
    units = sold["units"]
    return ShopCard(
        book_id=book_id,
        name=shop["name"],
        intro=shop["intro"],
        opened_at=shop["opened_at"],
        orders=sold["orders"],
        units=units,
        refund_rate=sold["refunded"] * 10_000 // units if units else None,
        fault_rate=sold["at_fault"] * 10_000 // units if units else None,
        first_answer_seconds=int(answer) if answer is not None else None,
    )
