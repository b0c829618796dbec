"""Signs of life of processes: written by the worker, read by readyz, `check` and the admin page."""

from datetime import datetime

from liuhen.base.db import Tx


async def beat(tx: Tx, process: str, *, forget_before: datetime, now: datetime) -> None:
    """Parameters: process, such as worker:1234; those silent since `forget_before` (UTC) are forgotten."""
    await tx.execute(
        "insert into heartbeat (process, beat_at) values ($1, $2)"
        " on conflict (process) do update set beat_at = excluded.beat_at",
        process,
        now,
    )
    await tx.execute("delete from heartbeat where beat_at < $1", forget_before)
