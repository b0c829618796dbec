"""Escrow is paid to the seller for units that nothing holds back any more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.money import ledger, transfers
from liuhen.money.accounts import AccountKind
from liuhen.money.amount import Fen
from liuhen.money.transfers import Transfer
from liuhen.notices import store as notices
from liuhen.orders import many
from liuhen.orders.model import OrderHead, Unit
from liuhen.steps.record import Actor, record

_TOUCHED = (
    AccountKind.ESCROW,
    AccountKind.PLATFORM_FEE,
    AccountKind.SELLER_DEBT,
    AccountKind.SELLER_PAYABLE,
)


async def owed(tx: Tx, heads: Sequence[OrderHead]) -> dict[UUID, Fen]:
    """Locks every account that a release of these orders touches. Returns what each seller owes by book, in fen."""
    held = await ledger.lock_all(tx, [(head.book_id, kind, head.id) for head in heads for kind in _TOUCHED])
    return {head.book_id: -held[head.book_id, AccountKind.SELLER_DEBT] for head in heads}


async def release_units(
    tx: Tx, head: OrderHead, units: Sequence[Unit], actor: Actor, why: str, *, debts: dict[UUID, Fen], now: datetime
) -> int:
    """Releases the given units, locked, held, without an open case. Returns fen paid to the seller after the fee.

    Parameters: why, CONFIRMED or TIME; debts, from `owed`: what the seller owes is recovered first, and taken off it.
    """
    moves: list[Transfer] = []
    for unit in units:
        batch = transfers.release(head.book_id, unit.id, unit.standing, debts[head.book_id])
        debts[head.book_id] -= sum(move.amount for move in batch if move.kind == "RECOVER")
        moves += batch
    ids = [unit.id for unit in units]
    await many.release(tx, head.book_id, ids, now=now)
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
