"""A buyer orders: stock is reserved for 15 minutes, and what he was shown is snapshotted and hashed into the order."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.chain import canonical
from liuhen.base.db import Database, Once, Row, Tx
from liuhen.base.errors import Frozen, InvalidInput, NotFound, OwnGoods, PriceChanged, StateConflict
from liuhen.base.ids import new_id, short_no
from liuhen.catalog import store as catalog
from liuhen.catalog.model import Delivery, ListingState, delivery_of
from liuhen.catalog.store import Listing
from liuhen.money.amount import MAX_FEN
from liuhen.orders import store as orders
from liuhen.orders.model import MAX_LINES, NewLine, OrderHead, OrderState, fee_of
from liuhen.parties import store as parties
from liuhen.policy.rulebook import Rulebook
from liuhen.sellers import store as sellers
from liuhen.steps.judge import Rules
from liuhen.steps.record import buyer, record
from liuhen.steps.settle import pay_from_balance, reserved_for, sellable_on
from liuhen.stock import store as stock


class LineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One line as the buyer saw and corrected it. target: the phone number or account to be served, if asked for."""

    product_id: UUID
    version: int
    pieces: int
    target: str = ""
    no_reason_confirmed: bool = False


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """pay_from_balance pays and delivers in the same transaction."""

    buyer_id: UUID
    book_id: UUID
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
        shop = await _check_parties(tx, cmd)
        listings = [await _listing(tx, cmd.book_id, ask) for ask in cmd.lines]
        lines = [
            _line(place, ask, listing, shop["name"], exclusion_version, rulebook.version)
            for place, (ask, listing) in enumerate(zip(cmd.lines, listings, strict=True), 1)
        ]
        head = await _write(tx, cmd, lines, listings, shop["fee_basis_points"], rulebook, now=now)
        if cmd.pay_from_balance:
            await pay_from_balance(tx, head, rules=rules, now=now)
        return PlacedOrder(
            book_id=head.book_id,
            order_id=head.id,
            order_no=head.order_no,
            state=OrderState.PAID if cmd.pay_from_balance else head.state,
            total_fen=head.total_fen,
            pay_due_at=None if cmd.pay_from_balance else head.pay_due_at,
        )

    return await db.transact(work, now=now, once=once, result=PlacedOrder)


async def _check_parties(tx: Tx, cmd: PlaceOrder) -> Row:
    if cmd.buyer_id == cmd.book_id:
        raise OwnGoods()
    if (await parties.find(tx, cmd.buyer_id)).frozen_at is not None:
        raise Frozen()
    shop = await sellers.find_shop(tx, cmd.book_id)
    if shop is None:
        raise NotFound("no such shop")
    if shop["closed_at"] is not None or (await parties.find(tx, cmd.book_id)).frozen_at is not None:
        raise StateConflict("this shop sells nothing at present")
    return shop


async def _listing(tx: Tx, book_id: UUID, ask: LineAsk) -> Listing:
    listing = await catalog.find_version(tx, book_id, ask.product_id, ask.version)
    if listing is None:
        raise NotFound("no such listing")
    if listing.state is not ListingState.ON_SALE:
        raise StateConflict("this listing is not on sale", product_id=str(ask.product_id))
    if listing.head_version != ask.version:
        raise PriceChanged(product_id=str(ask.product_id), version=listing.head_version)
    content = listing.content
    if not content.min_pieces <= ask.pieces <= content.max_pieces:
        raise InvalidInput(
            "so many pieces are not sold at once",
            fields={"pieces": ("range", content.min_pieces, content.max_pieces)},
        )
    if content.target_label and not 1 <= len(ask.target.strip()) <= 200:
        raise InvalidInput("say what should be served", fields={"target": ("length", 1, 200)})
    if content.excludes_no_reason and not ask.no_reason_confirmed:
        raise InvalidInput("confirm the exclusion of no-reason returns", fields={"no_reason": ("confirm", 0, 0)})
    return listing


def _line(
    place: int, ask: LineAsk, listing: Listing, shop_name: str, exclusion_version: str, rulebook_version: str
) -> NewLine:
    content = listing.content
    confirmed = exclusion_version if content.excludes_no_reason else None
    snapshot = canonical(
        {
            "product": listing.product_id,
            "version": listing.version,
            "version_sha256": listing.sha256,
            "shop": shop_name,
            "content": msgspec.to_builtins(content),
            "no_reason_text": confirmed,
            "rulebook": rulebook_version,
        }
    )
    return NewLine(
        line_no=place,
        product_id=listing.product_id,
        version=listing.version,
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


async def _write(
    tx: Tx,
    cmd: PlaceOrder,
    lines: list[NewLine],
    listings: list[Listing],
    fee_points: int,
    rulebook: Rulebook,
    *,
    now: datetime,
) -> OrderHead:
    total = sum(line.total_fen for line in lines)
    if total > MAX_FEN:
        raise InvalidInput("the order is too large", total_fen=total)
    head = OrderHead(
        book_id=cmd.book_id,
        id=new_id(now),
        order_no=short_no("LH", now),
        buyer_id=cmd.buyer_id,
        state=OrderState.AWAITING_PAYMENT,
        total_fen=total,
        pay_due_at=now + reserved_for(rulebook),
        paid_at=None,
        paid_from=None,
        confirmed_at=None,
        created_at=now,
    )
    await orders.insert(tx, head)
    await directory.put(tx, "order", head.order_no, head.book_id, head.id)
    for line, listing in zip(lines, listings, strict=True):
        await orders.insert_line(tx, head.book_id, head.id, line, now=now)
        fees = [fee_of(line.unit_price_fen, fee_points)] * line.pieces
        units = await orders.insert_units(tx, head.book_id, head.id, line, fees=fees, now=now)
        if line.delivery == Delivery.AUTO:
            day = sellable_on(now, listing.content.min_validity_days, rulebook)
            await stock.reserve(tx, head.book_id, line.product_id, units, valid_on=day, now=now)
    data = {
        "order_no": head.order_no,
        "total_fen": total,
        "lines": [
            {
                "line": line.line_no,
                "product": line.product_id,
                "version": line.version,
                "pieces": line.pieces,
                "price_fen": line.unit_price_fen,
                "snapshot_sha256": line.snapshot_sha256,
                "no_reason_text": line.no_reason_text_version,
            }
            for line in lines
        ],
    }
    await record(tx, head.book_id, head.id, buyer(cmd.buyer_id), "ORDER_PLACED", data, now=now)
    return head
