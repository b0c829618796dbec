"""From paid to delivered: what delivers itself is sealed at once, the rest waits for the seller's hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import UNIT_STEPS, Escrow, OrderHead, Unit, UnitState
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.terms import grace_seconds
from liuhen.steps.record import PLATFORM, record
from liuhen.stock import store as stock
from liuhen.stock.model import KeyEvent


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How a line's units begin when they are paid: sealed and delivered at once, or owed by the seller. Times UTC."""

    state: UnitState
    delivered_at: datetime | None = None
    deliver_due_at: datetime | None = None
    late_act_at: datetime | None = None
    release_due_at: datetime | None = None


def start_of(
    delivery: str, promised_delivery_seconds: int, escrow_seconds: int, rulebook: Rulebook, now: datetime
) -> Start:
    """Parameters: the seconds that the listing promises; rulebook, of the order: it says when the platform acts on a
    late delivery."""
    if delivery == "AUTO":
        release_due_at = now + escrow_length(escrow_seconds, rulebook)
        return Start(state=UnitState.SEALED, delivered_at=now, release_due_at=release_due_at)
    due = now + timedelta(seconds=promised_delivery_seconds)
    grace = timedelta(seconds=grace_seconds(rulebook, sealed_delivery=False))
    return Start(state=UnitState.TO_DELIVER, deliver_due_at=due, late_act_at=due + grace)


def escrow_length(escrow_seconds: int, rulebook: Rulebook) -> timedelta:
    """How long money stays in escrow after delivery: as the listing says, and never shorter than the order's rulebook,
    which may be newer than the listing."""
    return timedelta(seconds=max(escrow_seconds, rulebook.value("escrow_release")))


async def deliver_paid(tx: Tx, head: OrderHead, units: list[Unit], rulebook: Rulebook, *, now: datetime) -> None:
    """Delivers what is reserved and starts the clocks of what is not.

    Parameters: head and its units, locked; rulebook, of the order.
    """
    for line in await orders.lines(tx, head.book_id, head.id):
        start = start_of(line["delivery"], line["promised_delivery_seconds"], line["escrow_seconds"], rulebook, now)
        pieces = [unit for unit in units if unit.line_no == line["line_no"]]
        for unit in pieces:
            UNIT_STEPS.step(unit.state, start.state)
        ids = [unit.id for unit in pieces]
        if start.state is UnitState.SEALED:
            await stock.move(tx, head.book_id, ids, KeyEvent.DELIVERED, actor="PLATFORM", now=now)
        await orders.update_units(tx, head.book_id, ids, escrow=Escrow.HELD, **msgspec.structs.asdict(start))
        await tell_line(tx, head, line["line_no"], line["title"], ids, start, now=now)
    await tell_paid(tx, head, now=now)


async def tell_line(
    tx: Tx, head: OrderHead, line_no: int, title: str, ids: Sequence[UUID], start: Start, *, now: datetime
) -> None:
    """On record: delivered, or due; and the seller is told what he owes."""
    data = {"line": line_no, "units": list(ids)}
    due = start.deliver_due_at
    if due is None:
        await record(tx, head.book_id, head.id, PLATFORM, "DELIVERED_SEALED", data, now=now)
        return
    await record(tx, head.book_id, head.id, PLATFORM, "DELIVERY_DUE", {**data, "due_at": due}, now=now)
    words = {"order_no": head.order_no, "title": title, "due_at": due.isoformat()}
    await notices.send(tx, head.book_id, "DELIVER_BY_HAND", words, f"/seller/orders/{head.order_no}", now=now)


async def tell_paid(tx: Tx, head: OrderHead, *, now: datetime) -> None:
    """Both sides learn that the order is paid."""
    words: dict[str, object] = {"order_no": head.order_no, "total_fen": head.total_fen}
    await notices.send(tx, head.buyer_id, "ORDER_PAID", words, f"/orders/{head.order_no}", now=now)
    await notices.send(tx, head.book_id, "ORDER_SOLD", words, f"/seller/orders/{head.order_no}", now=now)
