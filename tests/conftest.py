"""A real PostgreSQL for every test: one database per run, emptied before each test, a frozen clock."""

import hashlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import HealthCheck, settings

from liuhen.base.db import Database, connect_owner
from liuhen.base.migrate import function_files, migrate, migration_files
from tests.runner import start_server

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_TEMPLATE_LOCK = 7_041_123  # two runs at once make one template

# What must be green before work lands draws the same examples each time and has as long as the machine needs; others
# are drawn with `bin/test unit --hypothesis-profile=anew`, and by tests/long.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("anew", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nothing is skipped silently: a run with a skipped test is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def now() -> datetime:
    """12:00 in Shanghai on a Sunday. Nothing in a test moves it but the test."""
    return NOW


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """The owner's address of a server for tests: bin/test's, or one of our own without fsync, for speed."""
    if given := os.environ.get("LIUHEN_TEST_DSN"):
        yield given
        return
    with start_server() as server:
        yield server.dsn


@pytest.fixture(scope="session")
async def template(server_dsn: str) -> str:
    """The name of a migrated database that is never written to, kept as long as the SQL stays the same."""
    text = repr((migration_files(), function_files()))
    name = f"template_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    owner = await connect_owner(server_dsn)
    try:
        await owner.execute(f"select pg_advisory_lock({_TEMPLATE_LOCK})")
        await _drop_orphans(owner)
        if not await owner.fetchval("select true from pg_database where datname = $1", name):
            await owner.execute(f"drop database if exists {name}_half with (force)")
            await owner.execute(f"create database {name}_half")
            await migrate(_named(server_dsn, f"{name}_half"), NOW)
            await owner.execute(f"alter database {name}_half rename to {name}")
    finally:
        await owner.close()
    return name


@pytest.fixture(scope="session")
async def fresh_dsn(server_dsn: str, template: str) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Makes migrated databases (30 ms each) for tests that start processes or change the schema."""
    made: list[str] = []

    async def make() -> str:
        name = f"test_{os.getpid()}_{len(made)}"
        owner = await connect_owner(server_dsn)
        try:
            await owner.execute(f"create database {name} template {template} strategy file_copy")
        finally:
            await owner.close()
        made.append(name)
        return _named(server_dsn, name)

    yield make
    owner = await connect_owner(server_dsn)
    for name in made:
        await owner.execute(f"drop database if exists {name} with (force)")
    await owner.close()


_GROWN = (
    "select c.oid::regclass::text as name from pg_class c where c.relkind = 'r'"
    " and c.relnamespace = 'public'::regnamespace and pg_relation_size(c.oid) > 4000000"
)


@dataclass(frozen=True)
class Shared:
    """The run's database, its pool as the application's role, and what empties it."""

    dsn: str
    database: Database
    owner: Any
    wipe: str


@pytest.fixture(scope="session")
async def _shared(fresh_dsn: Callable[[], Awaitable[str]]) -> AsyncIterator[Shared]:
    """Deleting all rows takes 1 ms; truncating takes 25, a copy of the template 40."""
    dsn = await fresh_dsn()
    owner = await connect_owner(dsn)
    tables = await owner.fetch(
        "select c.oid::regclass::text as name from pg_class c"
        " where c.relkind in ('r', 'p') and not c.relispartition"
        " and c.relnamespace = 'public'::regnamespace order by 1"
    )
    names = [row["name"] for row in tables]
    # What migrations bring along is reference data: it stays.
    empty = [name for name in names if not await owner.fetchval(f"select true from {name} limit 1")]
    await owner.execute("set session_replication_role = replica; set lock_timeout = '10s'")
    database = await Database.open(dsn)
    yield Shared(dsn, database, owner, "; ".join(f"delete from {name}" for name in empty))
    await database.close()
    await owner.close()


@pytest.fixture
async def dsn(_shared: Shared) -> str:
    """The owner's address of the run's database, emptied for this test."""
    grown = await _shared.owner.fetch(_GROWN)
    if grown:  # dead rows of a test with a hundred thousand keys would slow down the next ones
        await _shared.owner.execute(f"truncate {', '.join(row['name'] for row in grown)} cascade")
    await _shared.owner.execute(_shared.wipe)
    return _shared.dsn


@pytest.fixture
async def db(_shared: Shared, dsn: str) -> Database:
    """The run's database as the application sees it, emptied for this test."""
    return _shared.database


def _named(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def _drop_orphans(owner: Any) -> None:
    """Databases of runs that were killed."""
    for row in await owner.fetch("select datname from pg_database where datname like 'test\\_%'"):
        match = re.fullmatch(r"test_(\d+)_\d+", row["datname"])
        if match and not _alive(int(match[1])):
            await owner.execute(f"drop database if exists {row['datname']} with (force)")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, but alive
        return True
    return True
