"""A party's balance: what is in it, what moved, what is on its way back, and how much may go back the way it came."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.payments.model import RefundKind, SendState

PAGE = 20
_ON_ITS_WAY = 10


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the balance. fen is negative when money left it. kind: as in money.transfers. at: UTC."""

    id: UUID
    kind: str
    fen: int
    order_no: str
    at: datetime


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way to this party outside, or just arrived there. Amount fen, times UTC.

    again_at: the channel gave no answer; when it is asked again.
    """

    refund_no: str
    kind: RefundKind
    state: SendState
    amount_fen: int
    order_no: str
    approved_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    again_at: datetime | None


class TopUpOpen(msgspec.Struct, frozen=True):
    """A top-up that the channel has not confirmed. Amount fen, time UTC."""

    amount_fen: int
    expires_at: datetime | None


class Funding(msgspec.Struct, frozen=True):
    """What came in over one payment and may still go back over it, fen. at: UTC."""

    remaining_fen: int
    channel: str
    at: datetime


class Wallet(msgspec.Struct, frozen=True, kw_only=True):
    """returnable_fen: how much of the balance can go back the way it came, fen."""

    balance_fen: int
    returnable_fen: int
    frozen: bool


async def wallet(tx: Tx, party_id: UUID) -> Wallet:
    """The balance now."""
    row = await tx.one(
        "select coalesce((select balance_fen from ledger_account where book_id = $1 and kind = 'buyer_balance'), 0)"
        " as balance, coalesce((select sum(remaining_fen) from balance_funding where book_id = $1), 0)::bigint as back,"
        " (select frozen_at is not null from party where book_id = $1) as frozen",
        party_id,
    )
    return Wallet(
        balance_fen=row["balance"],
        returnable_fen=min(row["balance"], row["back"]),
        frozen=bool(row["frozen"]),
    )


_MOVEMENTS = """
select t.id, t.kind, case when t.credit = 'buyer_balance' then t.amount_fen else -t.amount_fen end as fen, t.at,
    coalesce(o.order_no, '') as order_no
from ledger_transfer t
left join orders o on o.buyer_id = t.book_id and o.id = t.order_id
where t.book_id = $1 and (t.debit = 'buyer_balance' or t.credit = 'buyer_balance') and ($2::uuid is null or t.id < $2)
order by t.id desc limit $3
"""


async def movements(
    tx: Tx, party_id: UUID, *, before: UUID | None = None, limit: int = PAGE
) -> tuple[Sequence[Movement], UUID | None]:
    """Newest first, and where the next page begins (None at the end). Parameters: limit, at most 100."""
    count = min(limit, 100)
    rows = await tx.fetch(_MOVEMENTS, party_id, before, count + 1)
    found = tuple(Movement(**dict(row)) for row in rows[:count])
    return found, found[-1].id if len(rows) > count else None


_OUTGOING = """
select r.refund_no, r.kind, r.state, r.amount_fen, coalesce(o.order_no, '') as order_no, r.approved_at, r.sent_at,
    r.arrived_at, case when r.state = 'APPROVED' and r.attempts > 0 then r.due_at end as again_at
from refund r left join orders o on o.book_id = r.book_id and o.id = r.order_id
where r.party_id = $1 and r.route = 'ORIGINAL' and (r.state <> 'ARRIVED' or r.arrived_at > $2)
order by r.id desc limit $3
"""


async def outgoing(tx: Tx, party_id: UUID, *, arrived_after: datetime) -> Sequence[Outgoing]:
    """What goes back over a channel: all that has not arrived, and what arrived after the given time (UTC)."""
    rows = await tx.fetch(_OUTGOING, party_id, arrived_after, _ON_ITS_WAY)
    return tuple(
        Outgoing(**{**dict(row), "kind": RefundKind(row["kind"]), "state": SendState(row["state"])}) for row in rows
    )


async def open_top_ups(tx: Tx, party_id: UUID) -> Sequence[TopUpOpen]:
    """Top-ups that wait for the channel, newest first."""
    rows = await tx.fetch(
        "select amount_fen, expires_at from payment where book_id = $1 and party_id = $1 and purpose = 'TOP_UP'"
        " and state = 'PENDING' order by id desc limit 5",
        party_id,
    )
    return tuple(TopUpOpen(row["amount_fen"], row["expires_at"]) for row in rows)


async def fundings(tx: Tx, party_id: UUID) -> Sequence[Funding]:
    """Where the balance came from, in the order in which it goes back: newest first."""
    rows = await tx.fetch(
        "select f.remaining_fen, p.channel, f.created_at from balance_funding f"
        " join payment p on p.book_id = f.payment_book_id and p.id = f.payment_id"
        " where f.book_id = $1 and f.remaining_fen > 0 order by f.id desc limit 200",
        party_id,
    )
    return tuple(Funding(row["remaining_fen"], row["channel"] or "", row["created_at"]) for row in rows)


def parts_of(sources: Sequence[Funding], amount_fen: int) -> tuple[Funding, ...]:
    """How an amount would be divided, as the flow divides it: newest first, each as far as it goes. Amounts in fen."""
    parts, left = [], amount_fen
    for source in sources:
        if left <= 0:
            break
        take = min(left, source.remaining_fen)
        parts.append(Funding(take, source.channel, source.at))
        left -= take
    return tuple(parts)
