"""A buyer orders: stock is reserved for 15 minutes, and what he was shown is snapshotted and hashed into the order."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.chain import canonical
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Frozen, InvalidInput, NotFound, OwnGoods, PriceChanged, StateConflict
from liuhen.base.ids import new_id, short_no
from liuhen.catalog.model import Delivery, ListingState, delivery_of
from liuhen.money import ledger, transfers
from liuhen.money.amount import MAX_FEN
from liuhen.orders import store as orders
from liuhen.orders.model import (
    MAX_LINES,
    Escrow,
    NewLine,
    OrderHead,
    OrderState,
    PaidFrom,
    Unit,
    UnitState,
    fee_of,
)
from liuhen.policy.rulebook import Rulebook
from liuhen.reads.deal import Deal, Offered, deal
from liuhen.steps.deliver import Start, start_of, tell_line, tell_paid
from liuhen.steps.judge import Rules
from liuhen.steps.record import begin, buyer, record
from liuhen.steps.settle import note_balance_payment, reserved_for, sellable_on, tell_payment
from liuhen.stock import store as stock


class LineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One line as the buyer saw and corrected it. target: the phone number or account to be served, if asked for."""

    product_id: UUID
    version: int
    pieces: int
    target: str = ""
    no_reason_confirmed: bool = False


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """book_id: the shop, or None where only its goods are known. pay_from_balance pays and delivers in the same
    transaction."""

    buyer_id: UUID
    book_id: UUID | None = None
    lines: list[LineAsk]
    pay_from_balance: bool = False


class PlacedOrder(msgspec.Struct, frozen=True, kw_only=True):
    book_id: UUID
    order_id: UUID
    order_no: str
    state: OrderState
    total_fen: int
    pay_due_at: datetime | None


async def place_order(
    db: Database,
    cmd: PlaceOrder,
    *,
    exclusion_version: str,
    rules: Rules,
    now: datetime,
    once: Once | None = None,
) -> PlacedOrder:
    """Parameters: exclusion_version, of the text with which a buyer confirms that no-reason returns are excluded;
    rules, of which the version in force now applies to the order.

    Raises InvalidInput, NotFound, OwnGoods, Frozen, StateConflict (not on sale), PriceChanged (a newer version),
    OutOfStock, InsufficientBalance. Nothing is stored then.
    """
    if not 1 <= len(cmd.lines) <= MAX_LINES:
        raise InvalidInput("an order has 1 to 20 lines", lines=len(cmd.lines))
    rulebook = rules.of(now)

    async def work(tx: Tx) -> PlacedOrder:
        found = await _deal(tx, cmd)
        for ask, offered in zip(cmd.lines, found.offered, strict=True):
            _check(ask, offered)
        lines = [
            _line(place, ask, offered, found.shop_name, exclusion_version, rulebook.version)
            for place, (ask, offered) in enumerate(zip(cmd.lines, found.offered, strict=True), 1)
        ]
        head = _head(cmd, found.shop_id, sum(line.total_fen for line in lines), rulebook, now)
        await _write(tx, head, lines, found, rulebook, now=now)
        return PlacedOrder(
            book_id=head.book_id,
            order_id=head.id,
            order_no=head.order_no,
            state=head.state,
            total_fen=head.total_fen,
            pay_due_at=head.pay_due_at,
        )

    # Nothing needs a lock before it is written: a key is taken and money is held, or refused, by the statement itself.
    return await db.at_once(work, now=now, once=once, result=PlacedOrder)


async def _deal(tx: Tx, cmd: PlaceOrder) -> Deal:
    if cmd.buyer_id == cmd.book_id:
        raise OwnGoods()
    deals = await deal(tx, cmd.buyer_id, [(ask.product_id, ask.version) for ask in cmd.lines])
    if len(deals) > 1:
        raise InvalidInput("an order has goods of one shop", reason="several_shops")
    (found,) = deals
    if cmd.book_id is not None and found.shop_id != cmd.book_id:
        raise NotFound("no such listing")
    if found.shop_id == cmd.buyer_id:
        raise OwnGoods()
    if found.buyer_frozen:
        raise Frozen()
    if not found.open:
        raise StateConflict("this shop sells nothing at present")
    return found


def _check(ask: LineAsk, offered: Offered) -> None:
    if offered.state is not ListingState.ON_SALE:
        raise StateConflict("this listing is not on sale", product_id=str(ask.product_id))
    if offered.head_version != ask.version:
        raise PriceChanged(product_id=str(ask.product_id), version=offered.head_version)
    content = offered.content
    if not content.min_pieces <= ask.pieces <= content.max_pieces:
        raise InvalidInput(
            "so many pieces are not sold at once",
            fields={"pieces": ("range", content.min_pieces, content.max_pieces)},
        )
    if content.target_label and not 1 <= len(ask.target.strip()) <= 200:
        raise InvalidInput("say what should be served", fields={"target": ("length", 1, 200)})
    if content.excludes_no_reason and not ask.no_reason_confirmed:
        raise InvalidInput("confirm the exclusion of no-reason returns", fields={"no_reason": ("confirm", 0, 0)})


def _line(
    place: int, ask: LineAsk, offered: Offered, shop_name: str, exclusion_version: str, rulebook_version: str
) -> NewLine:
    content = offered.content
    confirmed = exclusion_version if content.excludes_no_reason else None
    snapshot = canonical(
        {
            "product": offered.product_id,
            "version": offered.version,
            "version_sha256": offered.sha256,
            "shop": shop_name,
            "content": msgspec.to_builtins(content),
            "no_reason_text": confirmed,
            "rulebook": rulebook_version,
        }
    )
    return NewLine(
        line_no=place,
        product_id=offered.product_id,
        version=offered.version,
        kind=content.kind,
        delivery=delivery_of(content.kind),
        title=content.title,
        pieces=ask.pieces,
        unit_price_fen=content.price_fen,
        target=ask.target.strip() if content.target_label else "",
        no_reason_text_version=confirmed,
        snapshot=snapshot,
        snapshot_sha256=hashlib.sha256(snapshot).digest(),
    )


def _head(cmd: PlaceOrder, shop_id: UUID, total_fen: int, rulebook: Rulebook, now: datetime) -> OrderHead:
    if total_fen > MAX_FEN:
        raise InvalidInput("the order is too large", total_fen=total_fen)
    paid = cmd.pay_from_balance
    return OrderHead(
        book_id=shop_id,
        id=new_id(now),
        order_no=short_no("LH", now),
        buyer_id=cmd.buyer_id,
        state=OrderState.PAID if paid else OrderState.AWAITING_PAYMENT,
        total_fen=total_fen,
        pay_due_at=None if paid else now + reserved_for(rulebook),
        paid_at=now if paid else None,
        paid_from=PaidFrom.BALANCE if paid else None,
        confirmed_at=None,
        created_at=now,
    )


async def _write(
    tx: Tx, head: OrderHead, lines: list[NewLine], found: Deal, rulebook: Rulebook, *, now: datetime
) -> None:
    """Order, keys, record; when it is paid, delivery and money too. In the lock order of the house."""
    starts = [_start(head, offered, rulebook, now) for offered in found.offered]
    units = [
        _units(head, line, start, fee_of(line.unit_price_fen, found.fee_basis_points), now)
        for line, start in zip(lines, starts, strict=True)
    ]
    await orders.put(tx, head, list(zip(lines, units, strict=True)))
    for line, offered, pieces in zip(lines, found.offered, units, strict=True):
        if line.delivery == Delivery.AUTO:
            ids, day = [unit.id for unit in pieces], sellable_on(now, offered.content.min_validity_days, rulebook)
            sealed = head.state is OrderState.PAID
            await stock.take(tx, head.book_id, line.product_id, ids, sealed=sealed, valid_on=day, now=now)
    begin(tx, head.book_id, head.id)
    await _record_placed(tx, head, lines, [pieces[0].fee_fen for pieces in units], now=now)
    if head.paid_from is None:
        return
    payment_id = await note_balance_payment(tx, head, now=now)
    await tell_payment(tx, head, head.paid_from, payment_id, buyer(head.buyer_id), now=now)
    for line, start, pieces in zip(lines, starts, units, strict=True):
        if start is not None:
            await tell_line(tx, head, line.line_no, line.title, [unit.id for unit in pieces], start, now=now)
    await tell_paid(tx, head, now=now)
    moves = transfers.pay_from_balance(head.buyer_id, head.book_id, head.total_fen, payment_id)
    await ledger.post(tx, moves, order_id=head.id, now=now)


def _start(head: OrderHead, offered: Offered, rulebook: Rulebook, now: datetime) -> Start | None:
    """How the units of a paid line begin; None while the order awaits its money."""
    if head.paid_from is None:
        return None
    content = offered.content
    delivery = delivery_of(content.kind)
    return start_of(delivery, content.promised_delivery_seconds, content.escrow_seconds, rulebook, now)


def _units(head: OrderHead, line: NewLine, start: Start | None, fee_fen: int, now: datetime) -> list[Unit]:
    """One per piece, with the fee of its price in fen."""
    return [
        Unit(
            book_id=head.book_id,
            id=new_id(now),
            order_id=head.id,
            line_no=line.line_no,
            piece_no=piece,
            state=start.state if start else UnitState.RESERVED,
            escrow=Escrow.HELD if start else Escrow.NONE,
            price_fen=line.unit_price_fen,
            fee_fen=fee_fen,
            refunded_fen=0,
            case_open=False,
            deliver_due_at=start.deliver_due_at if start else None,
            late_act_at=start.late_act_at if start else None,
            wait_until=None,
            delivered_at=start.delivered_at if start else None,
            revealed_at=None,
            release_due_at=start.release_due_at if start else None,
            released_at=None,
            refunded_at=None,
            hand_delivery_id=None,
        )
        for piece in range(1, line.pieces + 1)
    ]


async def _record_placed(tx: Tx, head: OrderHead, lines: list[NewLine], fees: list[int], *, now: datetime) -> None:
    """Parameters: fees, of one piece of each line, fen."""
    data = {
        "order_no": head.order_no,
        "total_fen": head.total_fen,
        "lines": [
            {
                "line": line.line_no,
                "product": line.product_id,
                "version": line.version,
                "pieces": line.pieces,
                "price_fen": line.unit_price_fen,
                "fee_fen": fee_fen,
                "snapshot_sha256": line.snapshot_sha256,
                "no_reason_text": line.no_reason_text_version,
            }
            for line, fee_fen in zip(lines, fees, strict=True)
        ],
    }
    await record(tx, head.book_id, head.id, buyer(head.buyer_id), "ORDER_PLACED", data, now=now)
