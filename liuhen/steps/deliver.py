"""From paid to delivered: what delivers itself is sealed at once, the rest waits for the seller's hand."""

from datetime import datetime, timedelta
from uuid import UUID

from liuhen.base.db import Row, Tx
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import UNIT_STEPS, Escrow, OrderHead, Unit, UnitState
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.terms import grace_seconds
from liuhen.steps.record import PLATFORM, record
from liuhen.stock import store as stock
from liuhen.stock.model import KeyEvent


async def deliver_paid(tx: Tx, head: OrderHead, units: list[Unit], rulebook: Rulebook, *, now: datetime) -> None:
    """Delivers what is reserved and starts the clocks of what is not.

    Parameters: head and its units, locked; rulebook, of the order: it says when the platform acts on a late delivery,
    and how long money stays at least.
    """
    for line in await orders.lines(tx, head.book_id, head.id):
        pieces = [unit for unit in units if unit.line_no == line["line_no"]]
        if line["delivery"] == "AUTO":
            await _seal(tx, head, line, pieces, rulebook, now=now)
        else:
            await _await_seller(tx, head, line, pieces, rulebook, now=now)
    await notices.send(
        tx,
        head.buyer_id,
        "ORDER_PAID",
        {"order_no": head.order_no, "total_fen": head.total_fen},
        f"/orders/{head.order_no}",
        now=now,
    )
    await notices.send(
        tx,
        head.book_id,
        "ORDER_SOLD",
        {"order_no": head.order_no, "total_fen": head.total_fen},
        f"/seller/orders/{head.order_no}",
        now=now,
    )


async def _seal(tx: Tx, head: OrderHead, line: Row, pieces: list[Unit], rulebook: Rulebook, *, now: datetime) -> None:
    ids = _ids(pieces, UnitState.SEALED)
    await stock.move(tx, head.book_id, ids, KeyEvent.DELIVERED, actor="PLATFORM", now=now)
    await orders.update_units(
        tx,
        head.book_id,
        ids,
        state=UnitState.SEALED,
        escrow=Escrow.HELD,
        delivered_at=now,
        release_due_at=now + escrow_length(line, rulebook),
    )
    await record(
        tx,
        head.book_id,
        head.id,
        PLATFORM,
        "DELIVERED_SEALED",
        {"line": line["line_no"], "units": ids},
        now=now,
    )


async def _await_seller(
    tx: Tx, head: OrderHead, line: Row, pieces: list[Unit], rulebook: Rulebook, *, now: datetime
) -> None:
    ids = _ids(pieces, UnitState.TO_DELIVER)
    due = now + timedelta(seconds=line["promised_delivery_seconds"])
    await orders.update_units(
        tx,
        head.book_id,
        ids,
        state=UnitState.TO_DELIVER,
        escrow=Escrow.HELD,
        deliver_due_at=due,
        late_act_at=due + timedelta(seconds=grace_seconds(rulebook, sealed_delivery=False)),
    )
    await record(
        tx,
        head.book_id,
        head.id,
        PLATFORM,
        "DELIVERY_DUE",
        {"line": line["line_no"], "units": ids, "due_at": due},
        now=now,
    )
    await notices.send(
        tx,
        head.book_id,
        "DELIVER_BY_HAND",
        {"order_no": head.order_no, "title": line["title"], "due_at": due.isoformat()},
        f"/seller/orders/{head.order_no}",
        now=now,
    )


def escrow_length(line: Row, rulebook: Rulebook) -> timedelta:
    """How long money stays in escrow after delivery: as the listing says, and never shorter than the order's rulebook,
    which may be newer than the listing."""
    return timedelta(seconds=max(line["escrow_seconds"], rulebook.value("escrow_release")))


def _ids(pieces: list[Unit], after: UnitState) -> list[UUID]:
    for unit in pieces:
        UNIT_STEPS.step(unit.state, after)
    return [unit.id for unit in pieces]
