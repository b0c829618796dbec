"""A refund that was decided is carried out: money, units, keys, record and notices in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.base.errors import InvalidInput
from liuhen.base.ids import new_id, short_no
from liuhen.money import ledger, transfers
from liuhen.money.accounts import AccountKind
from liuhen.money.transfers import Transfer
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import UNIT_STEPS, Escrow, OrderHead, PaidFrom, Unit, UnitState
from liuhen.payments import store as payments
from liuhen.payments.model import Payment, Refund, RefundKind, SendState
from liuhen.refunds.model import Route
from liuhen.sellers import store as sellers
from liuhen.steps.record import PLATFORM, record
from liuhen.stock import store as stock
from liuhen.stock.model import KeyEvent

_SELLER_SIDE = (
    AccountKind.ESCROW,
    AccountKind.PLATFORM_FEE,
    AccountKind.REFUND_DUE,
    AccountKind.SELLER_DEBT,
    AccountKind.SELLER_PAYABLE,
)
_HELD = (AccountKind.ESCROW, AccountKind.REFUND_DUE)


class Part(msgspec.Struct, frozen=True):
    """So much of one unit goes back, in fen. spoilt: policy forbids that its key is sold again, though it is sealed."""

    unit_id: UUID
    fen: int
    spoilt: bool = False


async def give_back(
    tx: Tx,
    head: OrderHead,
    held: Sequence[Unit],
    parts: Sequence[Part],
    *,
    payment: Payment | None,
    to_balance: bool,
    case_id: UUID,
    now: datetime,
) -> UUID:
    """Gives money back for units of one order; the order and the units are locked by the caller, or looked at and
    locked before anything is written (`steps.record.as_seen`).

    Parameters: payment, that paid the order, if it is known already; to_balance, the buyer expressly chose his balance;
    what was paid from the balance goes there anyway. Returns the refund's id.
    Raises InvalidInput if a part is more than what is left of its unit.
    """
    units = {unit.id: unit for unit in held}
    for part in parts:
        if not 0 < part.fen <= units[part.unit_id].left_fen:
            raise InvalidInput("more than what is left of the unit", asked_fen=part.fen)
    await _take_goods_back(tx, head, [units[part.unit_id] for part in parts], parts, now=now)
    if payment is None:
        payment = await payments.captured_of_order(tx, head.book_id, head.id)
    refund = _refund(head, payment, sum(part.fen for part in parts), to_balance, case_id, now)
    await payments.add_refunded(tx, payment, refund.amount_fen)
    await payments.insert_refund(tx, refund)
    moves = await _moves(tx, head, refund, units, parts)
    if refund.route == "BALANCE" and head.paid_from is PaidFrom.CHANNEL:
        await payments.fund_balance(
            tx,
            head.buyer_id,
            payment_book_id=payment.book_id,
            payment_id=payment.id,
            amount_fen=refund.amount_fen,
            now=now,
        )
    await _tell(tx, head, refund, parts, now=now)
    await ledger.post(tx, moves, order_id=head.id, now=now)
    return refund.id


async def hold_money(tx: Tx, orders_of_cases: Sequence[tuple[OrderHead, Sequence[Unit], Route]]) -> None:
    """Locks every account that refunds for these orders may touch, in the order of all account locks.

    For acts on many orders in one transaction: each refund alone takes its accounts in that order, two would not.
    """
    touched: list[tuple[UUID, AccountKind, UUID | None]] = []
    for head, units, route in orders_of_cases:
        released = any(unit.escrow is Escrow.RELEASED for unit in units)
        touched += [(head.book_id, kind, head.id) for kind in (_SELLER_SIDE if released else _HELD)]
        if head.paid_from is PaidFrom.BALANCE or route is Route.BALANCE:
            touched.append((head.buyer_id, AccountKind.BUYER_BALANCE, None))
    if touched:
        await ledger.lock_all(tx, touched)


def _refund(
    head: OrderHead, payment: Payment, amount_fen: int, to_balance: bool, case_id: UUID, now: datetime
) -> Refund:
    at_once = to_balance or head.paid_from is PaidFrom.BALANCE
    return Refund(
        book_id=head.book_id,
        id=new_id(now),
        refund_no=short_no("TF", now),
        kind=RefundKind.CASE,
        case_id=case_id,
        order_id=head.id,
        party_id=head.buyer_id,
        route="BALANCE" if at_once else "ORIGINAL",
        payment_book_id=payment.book_id,
        payment_id=payment.id,
        amount_fen=amount_fen,
        state=SendState.ARRIVED if at_once else SendState.APPROVED,
        due_at=None if at_once else now,
        approved_at=now,
        sent_at=now if at_once else None,
        arrived_at=now if at_once else None,
    )


async def _moves(
    tx: Tx, head: OrderHead, refund: Refund, units: dict[UUID, Unit], parts: Sequence[Part]
) -> list[Transfer]:
    """One sum per source account, so that a batch of 500 units is a handful of transfers."""
    into = AccountKind.IN_TRANSIT if refund.route == "BALANCE" else AccountKind.REFUND_DUE
    payable = 0
    if any(units[part.unit_id].escrow is Escrow.RELEASED for part in parts):
        touched = {(head.book_id, kind) for kind in _SELLER_SIDE}
        touched.add((head.buyer_id, AccountKind.BUYER_BALANCE))
        held = await ledger.lock(tx, touched, order_id=head.id)
        payable = held[head.book_id, AccountKind.SELLER_PAYABLE]
    sums: dict[tuple[AccountKind, str], int] = {}
    for part in parts:
        for move in transfers.gather_refund(
            head.book_id, refund.id, units[part.unit_id].standing, part.fen, payable, into
        ):
            sums[move.debit, move.kind] = sums.get((move.debit, move.kind), 0) + move.amount
            if move.debit is AccountKind.SELLER_PAYABLE:
                payable -= move.amount
    found = [Transfer(head.book_id, debit, into, amount, kind, refund.id) for (debit, kind), amount in sums.items()]
    if into is AccountKind.IN_TRANSIT:
        found += transfers.into_balance(head.buyer_id, refund.amount_fen, refund.id)
    return found


async def _take_goods_back(tx: Tx, head: OrderHead, units: list[Unit], parts: Sequence[Part], *, now: datetime) -> None:
    """Sealed keys return to the shelf; revealed or bad ones are never sold again; a part leaves the goods alone."""
    whole = {part.unit_id for part, unit in zip(parts, units, strict=True) if part.fen == unit.left_fen}
    bad = {part.unit_id for part in parts if part.spoilt}
    sealed = [unit.id for unit in units if unit.id in whole - bad and unit.state is UnitState.SEALED]
    spoilt = [unit.id for unit in units if unit.id in whole & bad and unit.state is UnitState.SEALED]
    revealed = [unit.id for unit in units if unit.id in whole and unit.state is UnitState.REVEALED]
    if sealed:
        await stock.move(tx, head.book_id, sealed, KeyEvent.RESTOCKED, actor="PLATFORM", now=now)
    if spoilt:
        await stock.retire_sealed(tx, head.book_id, spoilt, actor="PLATFORM", now=now)
    if revealed:
        await stock.move(tx, head.book_id, revealed, KeyEvent.RETIRED, actor="PLATFORM", now=now)
    if spoilt or revealed:
        await sellers.add_void_todos(tx, head.book_id, head.id, spoilt + revealed, now=now)
    for unit in units:
        if unit.id in whole:
            UNIT_STEPS.step(unit.state, UnitState.REFUNDED)
    await orders.refund_units(tx, head.book_id, [part.unit_id for part in parts], [part.fen for part in parts], now=now)


async def _tell(tx: Tx, head: OrderHead, refund: Refund, parts: Sequence[Part], *, now: datetime) -> None:
    data = {
        "refund": refund.id,
        "refund_no": refund.refund_no,
        "case": refund.case_id,
        "amount_fen": refund.amount_fen,
        "route": refund.route,
        "units": [{"unit": part.unit_id, "fen": part.fen} for part in parts],
    }
    await record(tx, head.book_id, head.id, PLATFORM, "REFUND_APPROVED", data, now=now)
    if refund.state is SendState.ARRIVED:
        arrived = {"refund": refund.id, "amount_fen": refund.amount_fen}
        await record(tx, head.book_id, head.id, PLATFORM, "REFUND_ARRIVED", arrived, now=now)
    words = {"order_no": head.order_no, "amount_fen": refund.amount_fen, "route": refund.route}
    await notices.send(tx, head.buyer_id, "REFUND_APPROVED", words, f"/orders/{head.order_no}", now=now)
    await notices.send(tx, head.book_id, "REFUND_CHARGED", words, f"/seller/orders/{head.order_no}", now=now)
