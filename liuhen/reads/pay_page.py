"""What stands between an order and its money: total, time left, balance."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Tx
from liuhen.base.ids import valid_no
from liuhen.orders.model import OrderState


class PayLine(msgspec.Struct, frozen=True):
    title: str
    pieces: int
    total_fen: int
    sealed: bool


class ToPay(msgspec.Struct, frozen=True, kw_only=True):
    """An order of this buyer. Amounts fen, times UTC. channel: where he went to pay, "" if nowhere yet."""

    book_id: UUID
    order_id: UUID
    order_no: str
    state: OrderState
    total_fen: int
    pay_due_at: datetime | None
    created_at: datetime
    shop_name: str
    balance_fen: int
    channel: str
    lines: tuple[PayLine, ...]

    @property
    def missing_fen(self) -> int:
        """How much the balance lacks, fen; 0 if it is enough."""
        return max(0, self.total_fen - self.balance_fen)


_ORDER = """
select o.state, o.total_fen, o.pay_due_at, o.created_at, coalesce(s.name, '') as shop_name,
    coalesce((select balance_fen from ledger_account a where a.book_id = $3 and a.kind = 'buyer_balance'), 0)
        as balance,
    coalesce((select p.channel from payment p where p.book_id = o.book_id and p.order_id = o.id
        and p.state = 'PENDING' and p.method = 'CHANNEL' order by p.id desc limit 1), '') as channel
from orders o left join shop s on s.book_id = o.book_id
where o.book_id = $1 and o.id = $2 and o.buyer_id = $3
"""


async def to_pay(tx: Tx, order_no: str, buyer_id: UUID) -> ToPay | None:
    """The order with this number if it is this buyer's, in whatever state; else None."""
    if len(order_no) > 40 or not order_no.isprintable() or not valid_no(order_no):
        return None
    place = await directory.find(tx, "order", order_no)
    row = await tx.fetchrow(_ORDER, place.book_id, place.id, buyer_id) if place else None
    if place is None or row is None:
        return None
    lines = await tx.fetch(
        "select title, pieces, total_fen, delivery = 'AUTO' as sealed from order_line"
        " where book_id = $1 and order_id = $2 order by line_no",
        place.book_id,
        place.id,
    )
    return ToPay(
        book_id=place.book_id,
        order_id=place.id,
        order_no=order_no,
        state=OrderState(row["state"]),
        total_fen=row["total_fen"],
        pay_due_at=row["pay_due_at"],
        created_at=row["created_at"],
        shop_name=row["shop_name"],
        balance_fen=row["balance"],
        channel=row["channel"],
        lines=tuple(PayLine(one["title"], one["pieces"], one["total_fen"], one["sealed"]) for one in lines),
    )
