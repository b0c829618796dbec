"""Whether this installation can work, and how far behind it is. Counts alone, nobody's data."""

from datetime import datetime

from msgspec import Struct

from liuhen.base.db import Tx
from liuhen.reads import due


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
    rows = await due.waiting(tx, now)
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


async def oldest_unsent(tx: Tx) -> datetime | None:
    """When the oldest refund was approved that no channel has taken yet (UTC): a channel is away."""
    oldest: datetime | None = await tx.fetchval("select min(approved_at) from refund where state = 'APPROVED'")
    return oldest
