"""Whether this installation can work, and how far behind it is. Counts alone, nobody's data."""

from datetime import datetime

from msgspec import Struct

from liuhen.base.db import Tx


class Backlog(Struct, frozen=True):
    """Due work of one kind. oldest_seconds: how long the oldest has been due, 0 where nothing is."""

    kind: str
    count: int
    oldest_seconds: int


async def applied_migrations(tx: Tx) -> frozenset[str]:
    """Names of the migrations that this database has."""
    return frozenset(row["name"] for row in await tx.fetch("select name from migration"))


async def last_beat(tx: Tx, process: str) -> datetime | None:
    """When a process last said that it is alive (UTC). Parameters: process, the start of its name."""
    beat: datetime | None = await tx.fetchval(
        "select max(beat_at) from heartbeat where process like $1 || '%'", process
    )
    return beat


async def backlog(tx: Tx, now: datetime) -> list[Backlog]:
    """Work that is due by `now` (UTC) and not done, by kind."""
    rows = await tx.fetch(_BACKLOG, now)
    return [
        Backlog(
            kind=row["kind"],
            count=row["count"],
            oldest_seconds=int((now - row["oldest"]).total_seconds()) if row["oldest"] else 0,
        )
        for row in rows
    ]


async def refunds_by_state(tx: Tx) -> dict[str, int]:
    """How many refunds are approved, sent, arrived, failed."""
    rows = await tx.fetch("select state, count(*) as n from refund group by state")
    return {row["state"]: row["n"] for row in rows}


_BACKLOG = """
select 'EXPIRE_ORDER' as kind, count(*) as count, min(pay_due_at) as oldest
from orders where state = 'AWAITING_PAYMENT' and pay_due_at <= $1
union all
select 'LATE_DELIVERY', count(*), min(late_act_at)
from order_unit where state = 'TO_DELIVER' and not case_open and late_act_at <= $1
union all
select 'RELEASE_ESCROW', count(*), min(release_due_at)
from order_unit where escrow = 'HELD' and not case_open and release_due_at <= $1
union all
select 'LAPSE_ANSWER', count(*), min(due_at) from refund_case where state = 'AWAITING_SELLER' and due_at <= $1
union all
select 'ESCALATE_REVIEW', count(*), min(due_at) from refund_case where state = 'UNDER_REVIEW' and due_at <= $1
union all
select 'SEND_REFUND', count(*), min(due_at) from refund
where state in ('APPROVED', 'SENT') and due_at is not null and due_at <= $1
"""
