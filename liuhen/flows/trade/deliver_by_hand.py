"""A seller delivers a line by hand, with text and proof. After a refund there is nothing left to deliver."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.base.ids import new_id
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.orders.model import UNIT_STEPS, UnitState
from liuhen.steps.deliver import escrow_length
from liuhen.steps.judge import Rules
from liuhen.steps.record import record, seller

MAX_TEXT = 8000


class DeliverByHand(msgspec.Struct, frozen=True, kw_only=True):
    """text goes to the buyer alone (key, login, report); receipt_no is the operator's own number, seen by both."""

    seller_id: UUID
    order_id: UUID
    line_no: int
    text: str
    receipt_no: str = ""


class DeliveredByHand(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: UUID
    pieces: int


async def deliver_by_hand(
    db: Database, cmd: DeliverByHand, *, keys: KeyRing, rules: Rules, now: datetime, once: Once | None = None
) -> DeliveredByHand:
    """Delivers all pieces of the line that still wait. Raises NotFound, InvalidInput, StateConflict (none waits).

    Parameters: rules, all versions; the order's own says how long money stays in escrow at least.
    """
    text, receipt = cmd.text.strip(), cmd.receipt_no.strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise InvalidInput("say what you deliver", fields={"text": ("length", 1, MAX_TEXT)})
    if len(receipt) > 120:
        raise InvalidInput("the receipt number is too long", fields={"receipt_no": ("length", 0, 120)})

    async def work(tx: Tx) -> DeliveredByHand:
        head = await orders.lock(tx, cmd.seller_id, cmd.order_id)
        units = await orders.lock_units(tx, head.book_id, head.id)
        waiting = [u for u in units if u.line_no == cmd.line_no and u.state is UnitState.TO_DELIVER]
        # An open case about an undelivered unit is about money alone: it must not make the seller late.
        if not waiting:
            raise StateConflict("nothing of this line waits for delivery")
        for unit in waiting:
            UNIT_STEPS.step(unit.state, UnitState.HANDED_OVER)
        delivery_id = new_id(now)
        await orders.insert_hand_delivery(
            tx,
            head.book_id,
            delivery_id,
            head.id,
            cmd.line_no,
            text_sealed=keys.encrypt(Purpose.HANDOVER, orders.handover_place(head.book_id, delivery_id), text.encode()),
            receipt_no=receipt,
            by=cmd.seller_id,
            now=now,
        )
        line = next(row for row in await orders.lines(tx, head.book_id, head.id) if row["line_no"] == cmd.line_no)
        ids = [unit.id for unit in waiting]
        await orders.update_units(
            tx,
            head.book_id,
            ids,
            state=UnitState.HANDED_OVER,
            delivered_at=now,
            late_act_at=None,
            hand_delivery_id=delivery_id,
            release_due_at=now + escrow_length(line["escrow_seconds"], rules.of(head.created_at)),
        )
        data = {"delivery": delivery_id, "line": cmd.line_no, "units": ids, "receipt_no": receipt}
        await record(tx, head.book_id, head.id, seller(cmd.seller_id), "DELIVERED_BY_HAND", data, now=now)
        words = {"order_no": head.order_no, "title": line["title"]}
        await notices.send(tx, head.buyer_id, "DELIVERED", words, f"/orders/{head.order_no}", now=now)
        return DeliveredByHand(delivery_id=delivery_id, pieces=len(ids))

    return await db.transact(work, now=now, once=once, result=DeliveredByHand)
