"""`liuhen migrate` while two web processes of the version before serve: nobody sees it, and it gives way to others."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from liuhen.base import migrate as migrating
from liuhen.base.db import Database, connect_owner
from liuhen.base.errors import Conflict, Unavailable
from liuhen.base.migrate import function_files, migrate, migration_files
from tests.conftest import NOW
from tests.edge.two_webs import Proxy, load, market, webs

BUYERS = 6
EXPAND = """
alter table orders add column gift_note text not null default '';
alter table order_unit add column gift boolean not null default false;
alter table stock_key add column shelf text;
alter table party add column birthday date;
create table gift (book_id uuid not null, id uuid not null, primary key (book_id, id));
create index on gift (book_id, id desc);
"""
BESIDE = "create index concurrently if not exists orders_gift on orders (book_id, id) where gift_note <> '';"
FUNCTION = """
create or replace function gift_count(p_book uuid) returns bigint language sql stable as $$
    select count(*) from order_unit where book_id = p_book and gift
$$;
"""


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a version to come: two columns more, a table, an index on a large table, a function."""
    files = [*migration_files(), ("9998_gift.sql", EXPAND), ("9999_gift_index.sql", BESIDE)]
    functions = [*function_files(), ("gift/gift_count.sql", FUNCTION)]
    monkeypatch.setattr(migrating, "migration_files", lambda: files)
    monkeypatch.setattr(migrating, "function_files", lambda: functions)


async def test_no_request_fails_while_a_migration_runs(
    fresh_dsn: Callable[[], Awaitable[str]], tmp_path: Path, next_version: None
) -> None:
    async with market(await fresh_dsn(), tmp_path, buyers=BUYERS) as place, webs(place) as (one, two):
        async with Proxy([one.settings.socket, two.settings.socket]).running() as proxy:
            async with load(place, f"http://127.0.0.1:{proxy.port}") as seen:
                await seen.until(lambda: seen.orders > BUYERS)
                async with _somebody_reads(place.dsn):
                    migration = asyncio.create_task(migrate(place.dsn, NOW))
                    await asyncio.sleep(5)
                    meanwhile = seen.orders
                    await seen.until(lambda: seen.orders > meanwhile + 10 * BUYERS)  # nobody stands in line behind it
                    assert not migration.done(), "it waits for who reads"
                assert await migration == ["9998_gift.sql", "9999_gift_index.sql"]
                bought = seen.orders
                await seen.until(lambda: seen.orders > bought + BUYERS)
        assert seen.failures == []
        async with place.db.read() as tx:
            assert await tx.fetchval("select gift_count($1)", place.buyers[0].id) == 0
            assert await tx.fetchval("select indisvalid from pg_index where indexrelid = 'orders_gift'::regclass")
        await place.world.check()


@asynccontextmanager
async def _somebody_reads(dsn: str) -> AsyncIterator[None]:
    """A report that has read the tables and goes on for a while: whoever alters them must wait for it."""
    reader = await connect_owner(dsn)
    try:
        async with reader.transaction():
            await reader.fetchval("select count(*) from orders, stock_key, party")
            yield
    finally:
        await reader.close()


async def test_who_holds_the_lock_for_long_is_named_and_nothing_is_half_done(
    fresh_dsn: Callable[[], Awaitable[str]], next_version: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "_PATIENCE_SECONDS", 0)
    dsn = await fresh_dsn()
    async with _somebody_reads(dsn):
        with pytest.raises(
            Unavailable, match=r"stopped before 9998_gift.sql.*open longest: process \d+, no name, since"
        ):
            await migrate(dsn, NOW)
    owner = await connect_owner(dsn)
    columns = "select count(*) from information_schema.columns where column_name in ('gift', 'gift_note', 'shelf')"
    try:
        assert await owner.fetchval(columns) == 0
        assert await migrate(dsn, NOW) == ["9998_gift.sql", "9999_gift_index.sql"]
        assert await owner.fetchval(columns) == 3
        assert await migrate(dsn, NOW) == []
    finally:
        await owner.close()


async def test_an_index_left_half_built_is_built_anew(
    fresh_dsn: Callable[[], Awaitable[str]], next_version: None
) -> None:
    dsn = await fresh_dsn()
    owner = await connect_owner(dsn)
    try:
        await owner.execute("create index orders_gift on orders (book_id, id)")
        await owner.execute("update pg_index set indisvalid = false where indexrelid = 'orders_gift'::regclass")
        await migrate(dsn, NOW)
        made = await owner.fetchrow(
            "select indisvalid, pg_get_indexdef(indexrelid) as text from pg_index"
            " where indexrelid = 'orders_gift'::regclass"
        )
        assert made["indisvalid"] and "gift_note" in made["text"]
    finally:
        await owner.close()


async def test_what_the_version_before_cannot_live_with_waits_for_its_end(
    fresh_dsn: Callable[[], Awaitable[str]], next_version: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "BREAKING", {"9998_gift.sql": "it changes what old processes read"})
    dsn = await fresh_dsn()
    serving = await Database.open(dsn)
    with pytest.raises(Conflict, match=r"9998_gift\.sql cannot be applied while Liuhen runs: it changes what"):
        await migrate(dsn, NOW)
    await serving.close()
    assert await migrate(dsn, NOW) == ["9998_gift.sql", "9999_gift_index.sql"]


async def test_two_who_migrate_at_once(fresh_dsn: Callable[[], Awaitable[str]], next_version: None) -> None:
    dsn = await fresh_dsn()
    async with asyncio.timeout(30):
        done = await asyncio.gather(migrate(dsn, NOW), migrate(dsn, NOW))
    assert sorted(done, key=len) == [[], ["9998_gift.sql", "9999_gift_index.sql"]]


async def test_a_statement_prepared_before_the_migration_is_prepared_again(
    fresh_dsn: Callable[[], Awaitable[str]],
) -> None:
    dsn = await fresh_dsn()
    owner, db = await connect_owner(dsn), await Database.open(dsn, size=1)
    try:
        for _ in range(2):
            rows = await db.transact(lambda tx: tx.fetch("select * from heartbeat"), now=NOW)
            assert rows == []
            await owner.execute("alter table heartbeat add column more text")
            await owner.execute("alter table heartbeat rename column more to more_still")
            assert await db.transact(lambda tx: tx.fetch("select * from heartbeat"), now=NOW) == []
            await owner.execute("alter table heartbeat drop column more_still")
    finally:
        await db.close()
        await owner.close()


async def test_an_owner_without_rights_over_roles(server_dsn: str) -> None:
    """Where a database administrator makes the role himself: the owner of the database needs no more than that."""
    owner = await connect_owner(server_dsn)
    parts = urlsplit(server_dsn)
    dsn = urlunsplit(parts._replace(netloc=f"plain_owner:secret@{parts.netloc.rpartition('@')[2]}", path="/plain"))
    try:
        await owner.execute("drop database if exists plain")  # of a run that was killed
        await owner.execute("drop role if exists plain_owner")
        await owner.execute("create role plain_owner login password 'secret'; grant liuhen_app to plain_owner")
        await owner.execute("create database plain owner plain_owner")
        assert len(await migrate(dsn, NOW)) == len(migration_files())
    finally:
        await owner.execute("drop database if exists plain")
        await owner.execute("drop role if exists plain_owner")
        await owner.close()
