"""Payment channels as admins see them: what came in from them, and what is still expected."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, convert

from liuhen.base.db import Tx

SHOWN = 50


class ChannelSum(Struct, frozen=True, kw_only=True):
    """One channel. Counts of payments and refunds by state, amounts fen, the newest callback UTC."""

    channel: str
    captured: int
    captured_fen: int
    pending: int
    refunds_waiting: int
    refunds_failed: int
    last_event_at: datetime | None


class Event(Struct, frozen=True, kw_only=True):
    """A callback that was let in: its signature held."""

    channel: str
    event_id: str
    kind: str
    received_at: datetime


class Said(Struct, frozen=True, kw_only=True):
    """What an issuer has sent so far: how often, and when last (UTC)."""

    times: int
    last_at: datetime


class Pending(Struct, frozen=True, kw_only=True):
    """A payment that was begun at a channel and has not come. Amount fen, times UTC."""

    id: UUID
    channel: str
    purpose: str
    order_no: str
    payer: str
    amount_fen: int
    created_at: datetime
    expires_at: datetime | None


async def sums(tx: Tx) -> list[ChannelSum]:
    """One row per payment channel that a payment or a callback has named; issuers are no channels."""
    return [convert(dict(row), ChannelSum) for row in await tx.fetch(_SUMS)]


async def events(tx: Tx) -> list[Event]:
    """The newest callbacks of all payment channels."""
    rows = await tx.fetch(
        "select channel, event_id, kind, received_at from channel_event where channel not like 'issuer:%'"
        " order by received_at desc limit $1",
        SHOWN,
    )
    return [convert(dict(row), Event) for row in rows]


async def said_by_issuers(tx: Tx) -> dict[str, Said]:
    """By the issuer's id as text. An issuer that has sent nothing is not there."""
    rows = await tx.fetch(
        "select substr(channel, 8) as issuer, count(*) as times, max(received_at) as last_at from channel_event"
        " where channel like 'issuer:%' group by channel"
    )
    return {row["issuer"]: Said(times=row["times"], last_at=row["last_at"]) for row in rows}


async def pending(tx: Tx) -> list[Pending]:
    """Payments that have not come, the soonest to expire first."""
    rows = await tx.fetch(
        "select y.id, y.channel, y.purpose, coalesce(o.order_no, '') as order_no, p.display_name as payer,"
        " y.amount_fen, y.created_at, y.expires_at from payment y join party p on p.book_id = y.party_id"
        " left join orders o on o.book_id = y.book_id and o.id = y.order_id"
        " where y.state = 'PENDING' and y.channel is not null order by y.expires_at nulls last, y.id limit $1",
        SHOWN,
    )
    return [convert(dict(row), Pending) for row in rows]


_SUMS = """
with names as (
    select channel from payment where channel is not null
    union select channel from channel_event where channel not like 'issuer:%'
), paid as (
    select channel, count(*) filter (where state = 'CAPTURED') as captured,
        coalesce(sum(amount_fen) filter (where state = 'CAPTURED'), 0)::bigint as captured_fen,
        count(*) filter (where state = 'PENDING') as pending
    from payment where channel is not null group by channel
), back as (
    select y.channel, count(*) filter (where r.state in ('APPROVED', 'SENT')) as waiting,
        count(*) filter (where r.state = 'FAILED' and r.kind <> 'PAYOUT') as failed
    from refund r join payment y on y.book_id = r.payment_book_id and y.id = r.payment_id group by y.channel
), said as (
    select channel, max(received_at) as at from channel_event group by channel
)
select n.channel, coalesce(p.captured, 0) as captured, coalesce(p.captured_fen, 0) as captured_fen,
    coalesce(p.pending, 0) as pending, coalesce(b.waiting, 0) as refunds_waiting,
    coalesce(b.failed, 0) as refunds_failed, s.at as last_event_at
from names n left join paid p using (channel) left join back b using (channel) left join said s using (channel)
order by n.channel
"""
