"""Brings a database to the schema of this version: numbered migrations once each, SQL functions every time."""

import hashlib
from datetime import datetime
from importlib.resources import files
from typing import Any

from liuhen.base.db import connect_owner
from liuhen.base.errors import Conflict

APP_ROLE = "liuhen_app"
_LOCK = 7_041_122  # one migrator at a time


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

    Parameters: dsn of the owner role; now, UTC, for the record. Raises Conflict if an applied file was changed.
    """
    conn = await connect_owner(dsn)
    try:
        async with conn.transaction():
            await conn.execute(f"select pg_advisory_xact_lock({_LOCK})")
            applied = await _apply(conn, now)
            for _, sql in function_files():
                await conn.execute(sql)
            await _grant(conn)
            return applied
    finally:
        await conn.close()


async def _apply(conn: Any, now: datetime) -> list[str]:
    await conn.execute(
        "create table if not exists migration (name text primary key, sha256 bytea not null,"
        " applied_at timestamptz not null)"
    )
    known = {row["name"]: row["sha256"] for row in await conn.fetch("select name, sha256 from migration")}
    fresh = []
    for name, sql in migration_files():
        digest = hashlib.sha256(sql.encode()).digest()
        if name in known:
            if known[name] != digest:
                raise Conflict(f"migration {name} was changed after it was applied")
            continue
        await conn.execute(sql)
        await conn.execute("insert into migration values ($1, $2, $3)", name, digest, now)
        fresh.append(name)
    return fresh


async def _grant(conn: Any) -> None:
    """The application role may write everywhere but only append where a table's comment says so."""
    if not await conn.fetchval("select true from pg_roles where rolname = $1", APP_ROLE):
        await conn.execute(f"create role {APP_ROLE} nologin")
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
