"""Escrow is paid to the seller for units that nothing holds back any more."""

from datetime import datetime

from liuhen.base.db import Tx
from liuhen.money import ledger, transfers
from liuhen.money.accounts import AccountKind
from liuhen.money.transfers import Transfer
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import Escrow, OrderHead, Unit
from liuhen.steps.record import Actor, record

_TOUCHED = (
    AccountKind.ESCROW,
    AccountKind.PLATFORM_FEE,
    AccountKind.SELLER_DEBT,
    AccountKind.SELLER_PAYABLE,
)


async def release_units(tx: Tx, head: OrderHead, units: list[Unit], actor: Actor, why: str, *, now: datetime) -> int:
    """Releases the given units, locked, held, without an open case. Returns fen paid to the seller after the fee.

    Parameters: why, CONFIRMED or TIME. What the seller owes is recovered first.
    """
    if not units:
        return 0
    held = await ledger.lock(tx, [(head.book_id, kind) for kind in _TOUCHED], order_id=head.id)
    debt = -held[head.book_id, AccountKind.SELLER_DEBT]
    moves: list[Transfer] = []
    for unit in units:
        batch = transfers.release(head.book_id, unit.id, unit.standing, debt)
        debt -= sum(move.amount for move in batch if move.kind == "RECOVER")
        moves += batch
    ids = [unit.id for unit in units]
    await orders.update_units(tx, head.book_id, ids, escrow=Escrow.RELEASED, released_at=now, release_due_at=None)
    net = sum(move.amount for move in moves if move.kind == "RELEASE")
    data = {"units": ids, "net_fen": net, "why": why}
    await record(tx, head.book_id, head.id, actor, "ESCROW_RELEASED", data, now=now)
    await notices.send(
        tx,
        head.book_id,
        "ESCROW_RELEASED",
        {"order_no": head.order_no, "net_fen": net},
        f"/seller/orders/{head.order_no}",
        now=now,
    )
    await ledger.post(tx, moves, order_id=head.id, now=now)
    return net
