"""Brings a database to the schema of this version while the version before goes on serving.

Numbered migrations once each, SQL functions every time. A migration only adds or relaxes (docs/decisions/0061, checked
by tests/tidy/test_migrations.py); it waits a moment for its locks, gives way, and tries again.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

import asyncpg

from liuhen.base.db import connect_owner
from liuhen.base.embedded_bin import OLDEST_MAJOR
from liuhen.base.errors import Conflict, Unavailable

APP_ROLE = "liuhen_app"
BREAKING: Mapping[str, str] = {
    "0019_hot_paths.sql": "it moves a shop's escrow into parts that the version before does not know",
    "0020_many_rows.sql": "it builds indexes while nobody writes, in the same stop as the one before",
    "0027_narrow_keys.sql": "it moves the fingerprints of keys to a table of their own",
    "0028_lean_rows.sql": "it keeps decisions in another form",
    "0030_next_key.sql": "it builds an index while nobody writes, in the same stop as the ones before",
}
"""Migrations that the version before cannot live with, and why: only with all processes stopped."""

_LOCK = 7_041_122  # one migrator at a time
_LOCK_MILLISECONDS = 500  # less than deadlock_timeout: in a deadlock we give way, never a request
_PATIENCE_SECONDS = 60
_PAUSES = (0.5, 1.0, 2.0)
_IN_THE_WAY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
_ALONE = re.compile(r"^\s*create\s+(?:unique\s+)?index\s+concurrently\s+if\s+not\s+exists\s+(\w+)", re.I | re.M)


def migration_files() -> list[tuple[str, str]]:
    """(name, SQL) of all migrations in order."""
    folder = files("liuhen.migrations")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(name, folder.joinpath(name).read_text("utf-8")) for name in names]


def function_files() -> list[tuple[str, str]]:
    """(name, SQL) of the functions that rooms, money and hot flows own: `create or replace`, so run every time."""
    found = []
    for room in sorted(item.name for item in files("liuhen").iterdir() if item.is_dir()):
        folder = files("liuhen").joinpath(room, "sql")
        if folder.is_dir():
            for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
                found.append((f"{room}/{item.name}", item.read_text("utf-8")))
    return found


async def migrate(dsn: str, now: datetime) -> list[str]:
    """Applies what is missing and returns its names.

    Each migration is a transaction of its own, the last one together with the functions; an index that is built beside
    the traffic (`create index concurrently`, alone in its file) cannot be in one.

    Parameters: dsn of the owner role; now, UTC, for the record. Raises Conflict if an applied file was changed or
    something breaking is to be applied while somebody serves, Unavailable if others held the locks for a minute, or
    server, database or role are not fit for it.
    """
    conn = await connect_owner(dsn)
    try:
        await _refuse_unfit(conn)
        return await _bring_up(conn, now)
    except asyncpg.InsufficientPrivilegeError as error:
        owner = conn.get_settings().session_authorization
        raise Unavailable(
            f"{owner} may not do what a migration does: {error}. As PostgreSQL's superuser: alter database"
            f" {await conn.fetchval('select current_database()')} owner to {owner}; grant {APP_ROLE} to {owner};"
        ) from error
    except asyncpg.PostgresError as error:
        raise Unavailable(f"The database refused a migration: {error}. Of that one nothing is done.") from error
    finally:
        await conn.close()


async def require_fit(dsn: str) -> None:
    """Raises Unavailable for a server or an empty database that nothing should be put into."""
    conn = await connect_owner(dsn)
    try:
        await _refuse_unfit(conn)
    finally:
        await conn.close()


async def _refuse_unfit(conn: Any) -> None:
    """What no schema can mend later. A database in use goes on: `check` speaks of it."""
    version, encoding = conn.get_server_version(), await conn.fetchval("show server_encoding")
    if version.major < OLDEST_MAJOR:
        raise Unavailable(f"PostgreSQL {version.major} is too old: {OLDEST_MAJOR} or newer is needed.")
    if encoding != "UTF8" and await conn.fetchval("select to_regclass('migration') is null"):
        raise Unavailable(
            f"The database has the encoding {encoding}, and Chinese needs UTF8. Make it anew:"
            " create database NAME owner OWNER encoding 'UTF8' template template0;"
        )


async def _bring_up(conn: Any, now: datetime) -> list[str]:
    while not await conn.fetchval(f"select pg_try_advisory_lock({_LOCK})"):  # noqa: ASYNC110
        # Not waiting inside the database: an index built beside the traffic would wait for the waiter.
        await asyncio.sleep(0.1)
    await conn.execute(f"set lock_timeout = {_LOCK_MILLISECONDS}")
    fresh = await _fresh(conn)
    await _refuse_breaking(conn, [name for name, _ in fresh])
    for name, sql in fresh[:-1]:
        await _one(conn, name, sql, now)
    last, sql = fresh[-1] if fresh else ("", "")
    if index := _ALONE.search(sql):
        await _beside(conn, last, sql, index[1], now)
        last = ""
    await _patiently(conn, last or "the functions", lambda: _in_transaction(conn, last, sql, now, finish=True))
    return [name for name, _ in fresh]


async def _fresh(conn: Any) -> list[tuple[str, str]]:
    """What is to be applied."""
    await conn.execute(
        "create table if not exists migration (name text primary key, sha256 bytea not null,"
        " applied_at timestamptz not null)"
    )
    known = {row["name"]: row["sha256"] for row in await conn.fetch("select name, sha256 from migration")}
    for name, sql in migration_files():
        if name in known and known[name] != _digest(sql):
            raise Conflict(f"migration {name} was changed after it was applied")
    return [(name, sql) for name, sql in migration_files() if name not in known]


async def _refuse_breaking(conn: Any, names: list[str]) -> None:
    """A database without any data yet has nobody who could be broken."""
    breaking = [name for name in names if name in BREAKING]
    if not breaking or "0001_base.sql" in names:
        return
    serving = await conn.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'liuhen'"
    )
    if serving:
        raise Conflict(
            f"Migration {breaking[0]} cannot be applied while Liuhen runs: {BREAKING[breaking[0]]}."
            f" {serving} connections are open; stop web and worker, migrate, start them again. Nothing was changed."
        )


async def _one(conn: Any, name: str, sql: str, now: datetime) -> None:
    if index := _ALONE.search(sql):
        await _beside(conn, name, sql, index[1], now)
    else:
        await _patiently(conn, name, lambda: _in_transaction(conn, name, sql, now))


async def _in_transaction(conn: Any, name: str, sql: str, now: datetime, *, finish: bool = False) -> None:
    async with conn.transaction():
        if name:
            await conn.execute(sql)
            await _record(conn, name, sql, now)
        if finish:
            for _, text in function_files():
                await conn.execute(text)
            await _grant(conn)


async def _beside(conn: Any, name: str, sql: str, index: str, now: datetime) -> None:
    """Builds an index while everybody works. What an earlier try left half built is thrown away first."""

    async def build() -> None:
        half = await conn.fetchval(
            "select true from pg_index where indexrelid = to_regclass($1) and not indisvalid", index
        )
        if half:
            await conn.execute(f"drop index concurrently {index}")
        await conn.execute(sql)
        await _record(conn, name, sql, now)

    # It waits for transactions that began earlier, but holds nobody up meanwhile.
    await conn.execute(f"set lock_timeout = {_PATIENCE_SECONDS * 1000}")
    await _patiently(conn, name, build)
    await conn.execute(f"set lock_timeout = {_LOCK_MILLISECONDS}")


async def _patiently(conn: Any, name: str, act: Callable[[], Awaitable[None]]) -> None:
    """Whoever waits for a strong lock makes all others stand in line behind him: so only for a moment, then again."""
    give_up = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    tries = 0
    while True:
        try:
            return await act()
        except _IN_THE_WAY as error:
            if asyncio.get_running_loop().time() > give_up:
                raise Unavailable(
                    f"Migration stopped before {name}: for {_PATIENCE_SECONDS} s others held what it has to lock"
                    f"{await _who(conn)}. What came before it is applied, of it nothing; run it again later."
                ) from error
        await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
        tries += 1


async def _who(conn: Any) -> str:
    """The transaction that has been open longest, for the operator to look at."""
    row = await conn.fetchrow(
        "select pid, application_name as who, to_char(xact_start, 'HH24:MI:SS') as since from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null"
        " order by xact_start limit 1"
    )
    return f" (open longest: process {row['pid']}, {row['who'] or 'no name'}, since {row['since']} UTC)" if row else ""


async def _record(conn: Any, name: str, sql: str, now: datetime) -> None:
    await conn.execute("insert into migration values ($1, $2, $3)", name, _digest(sql), now)


def _digest(sql: str) -> bytes:
    return hashlib.sha256(sql.encode()).digest()


async def _grant(conn: Any) -> None:
    """The application role may write everywhere but only append, or never delete, where a table's comment says so, and
    write again there only what a column's comment says."""
    if not await conn.fetchval("select true from pg_roles where rolname = $1", APP_ROLE):
        await _make_role(conn)
    if not await may_act(conn):
        await conn.execute(f"grant {APP_ROLE} to current_user")
    await conn.execute(f"grant usage on schema public to {APP_ROLE}")
    await conn.execute(f"grant select, insert, update, delete on all tables in schema public to {APP_ROLE}")
    await conn.execute(f"revoke insert, update, delete on migration from {APP_ROLE}")
    append_only = await conn.fetch(
        "select c.oid::regclass::text as name from pg_class c"
        " where c.relkind in ('r', 'p') and obj_description(c.oid) like 'append-only%'"
    )
    for row in append_only:
        await conn.execute(f"revoke update, delete, truncate on {row['name']} from {APP_ROLE}")
    for row in await conn.fetch(_KEPT):
        await conn.execute(f"revoke delete, truncate on {row['name']} from {APP_ROLE}")
    for row in await conn.fetch(REWRITABLE):
        await conn.execute(f"grant update ({row['name']}) on {row['place']} to {APP_ROLE}")


async def may_act(conn: Any) -> bool:
    """Whether the owner may become the application's role. From PostgreSQL 16 on whoever made it is a member that may
    pass it on, and may not take it himself until he has granted it to himself."""
    kind = "set" if conn.get_server_version().major >= 16 else "member"
    return bool(await conn.fetchval(f"select pg_has_role(current_user, $1, '{kind}')", APP_ROLE))


async def _make_role(conn: Any) -> None:
    try:
        await conn.execute(f"create role {APP_ROLE} nologin")
    except asyncpg.InsufficientPrivilegeError as error:
        owner = conn.get_settings().session_authorization
        raise Unavailable(
            f"The role {APP_ROLE} is missing and {owner} may not make it. As PostgreSQL's superuser:"
            f" create role {APP_ROLE}; grant {APP_ROLE} to {owner};"
        ) from error


# Never deleted, because other rows lean on them without a foreign key.
_KEPT = """
select c.oid::regclass::text as name from pg_class c
where c.relkind in ('r', 'p') and obj_description(c.oid) like 'kept%'
"""

REWRITABLE = """
select c.oid::regclass::text as place, a.attname as name from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
where c.relkind in ('r', 'p') and obj_description(c.oid) like 'append-only%'
    and col_description(c.oid, a.attnum) like 'rewritable:%' order by 1, 2
"""
"""Columns of tables that only grow which may be written again all the same: their comment says why."""
