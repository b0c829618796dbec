"""A worker's sign of life."""

from datetime import datetime, timedelta

from liuhen.base.db import Database, Tx

_FORGET_AFTER = timedelta(days=1)


async def beat(db: Database, process: str, *, now: datetime) -> None:
    """Parameters: process, such as worker:1234; those silent for a day are forgotten."""

    async def work(tx: Tx) -> None:
        await tx.execute(
            "insert into heartbeat (process, beat_at) values ($1, $2)"
            " on conflict (process) do update set beat_at = excluded.beat_at",
            process,
            now,
        )
        await tx.execute("delete from heartbeat where beat_at < $1", now - _FORGET_AFTER)

    await db.transact(work, now=now)
