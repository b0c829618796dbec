"""Where deadlines, pages and imports are measured: a server kept between runs, a database to tell stories in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.cluster import Bench
from liuhen.base.db import Database
from liuhen.base.migrate import migrate
from tests.conftest import NOW

FOLDER = Path(".cache/bench-copies")
_SCRATCH = "bench_story"


async def new(bench: Bench, name: str) -> None:
    """An empty database with today's schema."""
    await bench.fresh(name)
    await migrate(bench.dsn(name), NOW)


@asynccontextmanager
async def scratch(bench: Bench) -> AsyncIterator[tuple[Database, Any, Callable[[], Awaitable[None]]]]:
    """A database as the application sees it, an owner's connection, and what empties it between two stories."""
    await new(bench, _SCRATCH)
    db = await Database.open(bench.dsn(_SCRATCH), size=2)
    try:
        async with bench.owner(_SCRATCH) as owner:
            await owner.execute("set session_replication_role = replica")
            rows = await owner.fetch("select tablename from pg_tables where schemaname = 'public'")
            # What migrations bring along is reference data: it stays.
            empty = [
                name
                for name in (row[0] for row in rows)
                if not await owner.fetchval(f"select true from {name} limit 1")
            ]

            async def clean() -> None:
                await owner.execute("; ".join(f"delete from {name}" for name in empty))

            yield db, owner, clean
    finally:
        await db.close()
        await bench.drop(_SCRATCH)
