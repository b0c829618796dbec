"""The database goes away at the worst moment: a request with a key takes effect once, all others are told so."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec
import pytest

from liuhen.base.db import Database, Once, Tx, connect_owner
from liuhen.base.errors import Unavailable


class Done(msgspec.Struct):
    value: int


async def _kill(dsn: str, pid: int) -> None:
    owner = await connect_owner(dsn)
    await owner.execute("select pg_terminate_backend($1)", pid)
    await owner.close()


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("keyed", [False, True])
async def test_a_connection_dies_in_the_middle(db: Database, dsn: str, now: datetime, busy: bool, keyed: bool) -> None:
    tries = 0

    async def work(tx: Tx) -> Done:
        nonlocal tries
        tries += 1
        if tries == 1:
            pid = await tx.fetchval("select pg_backend_pid()")
            killer = asyncio.create_task(_kill(dsn, pid))
            if busy:
                await tx.fetchval("select pg_sleep(3)")
            await killer
        return Done(await tx.fetchval("select 7"))

    once = Once(UUID(int=1), "k", b"h") if keyed else None
    if keyed:
        assert (await db.transact(work, now=now, once=once, result=Done)).value == 7
        assert (await db.transact(work, now=now, once=once, result=Done)).value == 7
        assert tries == 2
    else:
        with pytest.raises(Unavailable):
            await db.transact(work, now=now)


async def test_a_database_that_lets_nobody_in(
    fresh_dsn: Callable[[], Awaitable[str]], server_dsn: str, now: datetime
) -> None:
    dsn = await fresh_dsn()
    db = await Database.open(dsn, size=2)
    owner = await connect_owner(server_dsn)
    name = dsn.rsplit("/", 1)[-1].partition("?")[0]
    try:
        await owner.execute(f"alter database {name} with allow_connections false")
        await owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        for _ in range(2):
            with pytest.raises(Unavailable):
                async with db.read() as tx:
                    await tx.fetchval("select 1")
            with pytest.raises(Unavailable):
                await db.transact(lambda tx: tx.fetchval("select 1"), now=now)
        await owner.execute(f"alter database {name} with allow_connections true")
        async with db.read() as tx:
            assert await tx.fetchval("select 1") == 1
    finally:
        await owner.close()
        await db.close()
