"""SQL of payments, balance fundings, refunds and channel events."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound
from liuhen.base.ids import new_id
from liuhen.payments.model import PAY_STEPS, SEND_STEPS, Payment, PayState, Purpose, Refund, SendState

_PAYMENT = ", ".join(Payment.__struct_fields__)
_REFUND = ", ".join(Refund.__struct_fields__)


async def insert_payment(
    tx: Tx,
    book_id: UUID,
    payment_id: UUID,
    *,
    purpose: Purpose,
    order_id: UUID | None,
    party_id: UUID,
    channel: str | None,
    amount_fen: int,
    captured: bool,
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Parameters: channel, None when paid from the balance; captured, True when the money is there already."""
    tx.later(
        "payment_put",
        book_id,
        payment_id,
        str(purpose),
        order_id,
        party_id,
        channel,
        amount_fen,
        now if captured else None,
        expires_at,
        now,
    )


async def lock_payment(tx: Tx, book_id: UUID, payment_id: UUID) -> Payment:
    row = await tx.fetchrow(
        f"select {_PAYMENT} from payment where book_id = $1 and id = $2 for update", book_id, payment_id
    )
    if row is None:
        raise NotFound("no such payment")
    return msgspec.convert(dict(row), Payment)


async def find_payment(tx: Tx, book_id: UUID, payment_id: UUID) -> Payment | None:
    row = await tx.fetchrow(f"select {_PAYMENT} from payment where book_id = $1 and id = $2", book_id, payment_id)
    return msgspec.convert(dict(row), Payment) if row else None


async def pending_of_order(tx: Tx, book_id: UUID, order_id: UUID) -> Payment | None:
    """The channel payment that waits for this order, if one was begun."""
    row = await tx.fetchrow(
        f"select {_PAYMENT} from payment where book_id = $1 and order_id = $2 and state = 'PENDING' for update",
        book_id,
        order_id,
    )
    return msgspec.convert(dict(row), Payment) if row else None


async def captured_of_order(tx: Tx, book_id: UUID, order_id: UUID) -> Payment:
    """The payment that paid the order (the first captured that is not itself given back as late), locked."""
    row = await tx.one(
        f"select {_PAYMENT} from payment where book_id = $1 and order_id = $2 and state = 'CAPTURED'"
        " and not exists (select 1 from refund r where r.book_id = payment.book_id and r.order_id = payment.order_id"
        " and r.payment_id = payment.id and r.kind = 'LATE_PAYMENT') order by captured_at, id limit 1 for update",
        book_id,
        order_id,
    )
    return msgspec.convert(dict(row), Payment)


async def mark_captured(tx: Tx, payment: Payment, *, trade_no: str, amount_fen: int, at: datetime) -> None:
    """Parameters: amount_fen, what really came, fen; at, when we learned of it, UTC. Raises StateConflict."""
    PAY_STEPS.step(payment.state, PayState.CAPTURED)
    await tx.execute(
        "update payment set state = 'CAPTURED', trade_no = $3, amount_fen = $4, captured_at = $5"
        " where book_id = $1 and id = $2",
        payment.book_id,
        payment.id,
        trade_no,
        amount_fen,
        at,
    )


async def insert_second(
    tx: Tx, first: Payment, payment_id: UUID, *, trade_no: str, amount_fen: int, now: datetime
) -> None:
    """Somebody paid the same request twice: the second money is a captured payment of its own."""
    await tx.execute(
        "insert into payment (book_id, id, purpose, order_id, party_id, method, channel, amount_fen, state, trade_no,"
        " captured_at, created_at) values ($1, $2, $3, $4, $5, 'CHANNEL', $6, $7, 'CAPTURED', $8, $9, $9)",
        first.book_id,
        payment_id,
        str(first.purpose),
        first.order_id,
        first.party_id,
        first.channel,
        amount_fen,
        trade_no,
        now,
    )


async def is_known_trade(tx: Tx, payment: Payment, trade_no: str) -> bool:
    """Whether money under this number of the payment's channel is in the book already. The payment is locked."""
    known: bool = await tx.fetchval(
        "select exists (select from payment where book_id = $1 and channel = $2 and trade_no = $3)",
        payment.book_id,
        payment.channel,
        trade_no,
    )
    return known


async def close_payment(tx: Tx, book_id: UUID, payment_id: UUID) -> None:
    await tx.execute(
        "update payment set state = 'CLOSED' where book_id = $1 and id = $2 and state = 'PENDING'",
        book_id,
        payment_id,
    )


async def add_refunded(tx: Tx, payment: Payment, amount_fen: int) -> None:
    """Queues it. Never more than was captured: the table's check refuses it."""
    tx.later("payment_refunded", payment.book_id, payment.id, amount_fen)


async def fund_balance(
    tx: Tx, party_id: UUID, *, payment_book_id: UUID, payment_id: UUID, amount_fen: int, now: datetime
) -> None:
    """Remembers that this much of a balance came over a channel and may go back the same way."""
    tx.later("funding_put", party_id, new_id(now), payment_book_id, payment_id, amount_fen, now)


async def lock_fundings(tx: Tx, party_id: UUID) -> list[Row]:
    """Fundings with something left, newest first: id, payment_book_id, payment_id, remaining_fen."""
    return await tx.fetch(
        "select id, payment_book_id, payment_id, remaining_fen from balance_funding"
        " where book_id = $1 and remaining_fen > 0 order by id desc for update",
        party_id,
    )


async def use_funding(tx: Tx, party_id: UUID, funding_id: UUID, amount_fen: int) -> None:
    """Takes from (or, when negative, returns to) what a funding may still pay out."""
    await tx.execute(
        "update balance_funding set remaining_fen = remaining_fen - $3 where book_id = $1 and id = $2",
        party_id,
        funding_id,
        amount_fen,
    )


async def use_what_is_left(tx: Tx, party_id: UUID, funding_id: UUID, amount_fen: int) -> None:
    """Takes so much of what a funding may still pay out, or all of it if that is less."""
    await tx.execute(
        "update balance_funding set remaining_fen = greatest(remaining_fen - $3, 0) where book_id = $1 and id = $2",
        party_id,
        funding_id,
        amount_fen,
    )


async def insert_refund(tx: Tx, refund: Refund) -> None:
    """Queues it."""
    values = [getattr(refund, name) for name in Refund.__struct_fields__]
    tx.later("refund_put", *(str(value) if isinstance(value, str) else value for value in values))
    await directory.put(tx, "refund", str(refund.id), refund.book_id, refund.id)


async def postpone(tx: Tx, refund: Refund, due_at: datetime) -> None:
    """When to look at a refund again, UTC; nothing else changes."""
    await tx.execute("update refund set due_at = $3 where book_id = $1 and id = $2", refund.book_id, refund.id, due_at)


async def note_error(tx: Tx, refund: Refund, error: str) -> None:
    """What a channel says that does not fit; it changes nothing, and staff read it."""
    await tx.execute(
        "update refund set last_error = $3 where book_id = $1 and id = $2", refund.book_id, refund.id, error
    )


async def resend(tx: Tx, refund: Refund, *, due_at: datetime) -> None:
    """The channel has never heard of it: back to approved, to be sent under the same id. Raises StateConflict."""
    SEND_STEPS.step(refund.state, SendState.APPROVED)
    await tx.execute(
        "update refund set state = 'APPROVED', due_at = $3 where book_id = $1 and id = $2",
        refund.book_id,
        refund.id,
        due_at,
    )


async def order_no(tx: Tx, book_id: UUID, order_id: UUID) -> str:
    """The number of the order that a refund belongs to, for a link."""
    found: str = await tx.fetchval("select order_no from orders where book_id = $1 and id = $2", book_id, order_id)
    return found


async def lock_refund(tx: Tx, book_id: UUID, refund_id: UUID) -> Refund:
    row = await tx.fetchrow(
        f"select {_REFUND} from refund where book_id = $1 and id = $2 for update", book_id, refund_id
    )
    if row is None:
        raise NotFound("no such refund")
    return msgspec.convert(dict(row), Refund)


async def refund_channel(tx: Tx, refund: Refund) -> Row:
    """channel and trade_no of the payment that a refund goes back over."""
    return await tx.one(
        "select channel, trade_no from payment where book_id = $1 and id = $2",
        refund.payment_book_id,
        refund.payment_id,
    )


async def set_refund(
    tx: Tx,
    refund: Refund,
    state: SendState,
    *,
    due_at: datetime | None,
    error: str | None = None,
    channel_refund_no: str | None = None,
    now: datetime,
) -> None:
    """Moves a locked refund on. Parameters: due_at, when the worker should look again, UTC.

    Raises StateConflict where no line of the transition table leads.
    """
    SEND_STEPS.step(refund.state, state)
    await tx.execute(
        "update refund set state = $3, due_at = $4, attempts = attempts + 1, last_error = $5,"
        " channel_refund_no = coalesce($6, channel_refund_no),"
        " sent_at = case when $3 in ('SENT', 'ARRIVED') then coalesce(sent_at, $7) else sent_at end,"
        " arrived_at = case when $3 = 'ARRIVED' then coalesce(arrived_at, $7) else arrived_at end"
        " where book_id = $1 and id = $2",
        refund.book_id,
        refund.id,
        str(state),
        due_at,
        error,
        channel_refund_no,
        now,
    )


async def first_seen(tx: Tx, channel: str, event_id: str, *, kind: str, body: bytes, now: datetime) -> bool:
    """Insert first, act once. Returns False for an event that came before; a twin in flight is waited for.

    Parameters: channel, the payment channel's name, or `issuer:` and the issuer's id; body, what was signed, or nothing
    where it must not be kept.
    """
    row = await tx.fetchval(
        "insert into channel_event (channel, event_id, kind, body, received_at)"
        " values ($1, $2, $3, $4, $5) on conflict do nothing returning true",
        channel,
        event_id,
        kind,
        body,
        now,
    )
    return bool(row)


async def expect_until(tx: Tx, book_id: UUID, payment_id: UUID, expires_at: datetime) -> None:
    """The channel could not be asked: keep the request open until then, UTC."""
    await tx.execute(
        "update payment set expires_at = $3 where book_id = $1 and id = $2 and state = 'PENDING'",
        book_id,
        payment_id,
        expires_at,
    )


async def blank_bodies(tx: Tx, before: datetime, limit: int) -> int:
    """What channels sent that is past its time: the body goes, that it came stays. Returns how many."""
    tag = await tx.execute(
        "update channel_event set body = '' where (channel, event_id) in (select channel, event_id from channel_event"
        " where received_at < $1 and length(body) > 0 limit $2)",
        before,
        limit,
    )
    return int(tag.rpartition(" ")[2])
