"""What the operator's check asks the database. Answers facts; the command says what they mean."""

from datetime import datetime
from typing import Any

import msgspec

from liuhen.base.db import Tx, connect_owner
from liuhen.base.migrate import APP_ROLE, may_act, migration_files
from liuhen.base.watch import Look, looks


class DatabaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The database as it is. Times aware, UTC.

    missing: migrations of this version that were not applied. writable: append-only tables that the application's
    role could change all the same. unsafe: settings that would lose what was acknowledged. beats: process to its
    last sign of life. role_out_of_reach: the owner, if he may not act as the application's role. witness: names the
    master keys it was sealed with. key_versions: version to what names it, of those that something may still be sealed
    under. looks: what was found at looks at the whole, by name.
    """

    version: str
    major: int
    clock: datetime
    encoding: str = "UTF8"
    missing: tuple[str, ...] = ()
    role_there: bool = False
    role_too_strong: bool = False
    role_out_of_reach: str = ""
    writable: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()
    beats: dict[str, datetime] = {}
    witness: bytes | None = None
    key_versions: dict[int, bytes] = {}
    looks: dict[str, Look] = {}


async def examine(dsn: str) -> DatabaseFacts:
    """Looks and changes nothing. Parameters: dsn of the owner. Raises Unavailable."""
    conn = await connect_owner(dsn)
    try:
        return await _facts(conn)
    finally:
        await conn.close()


async def database_clock(tx: Tx) -> datetime:
    """The time on the database's machine (UTC), to hold ours against; nothing is decided by it."""
    return await tx.fetchval("select statement_timestamp()")  # type: ignore[no-any-return]


async def _facts(conn: Any) -> DatabaseFacts:
    settings = ("fsync", "full_page_writes", "synchronous_commit")
    values = {name: await conn.fetchval("select current_setting($1)", name) for name in settings}
    # statement_timestamp is asked here alone, to compare two clocks; nothing is decided by it.
    facts = DatabaseFacts(
        version=await conn.fetchval("select current_setting('server_version')"),
        major=int(await conn.fetchval("select current_setting('server_version_num')")) // 10_000,
        clock=await conn.fetchval("select statement_timestamp()"),
        encoding=await conn.fetchval("show server_encoding"),
        unsafe=tuple(name for name, value in values.items() if value == "off"),
    )
    role = await conn.fetchrow("select rolsuper or rolbypassrls as strong from pg_roles where rolname = $1", APP_ROLE)
    facts = msgspec.structs.replace(facts, role_there=role is not None, role_too_strong=bool(role and role["strong"]))
    if role is not None and not await may_act(conn):
        facts = msgspec.structs.replace(facts, role_out_of_reach=await conn.fetchval("select current_user"))
    known = {name for name, _ in migration_files()}
    if await conn.fetchval("select to_regclass('migration') is null"):
        return msgspec.structs.replace(facts, missing=tuple(sorted(known)))
    applied = {row["name"] for row in await conn.fetch("select name from migration")}
    if known - applied or role is None:
        return msgspec.structs.replace(facts, missing=tuple(sorted(known - applied)))
    writable = await conn.fetch(
        "select c.oid::regclass::text as name from pg_class c"
        " where c.relkind in ('r', 'p') and obj_description(c.oid) like 'append-only%'"
        " and (has_table_privilege($1, c.oid, 'update, delete, truncate') or exists (select from pg_attribute a"
        " where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " and coalesce(col_description(c.oid, a.attnum), '') not like 'rewritable:%'"
        " and has_column_privilege($1, c.oid, a.attnum, 'update'))) order by 1",
        APP_ROLE,
    )
    versions = await conn.fetch("select version, witness from key_version where gone is null")
    beats = await conn.fetch("select process, beat_at from heartbeat order by process")
    return msgspec.structs.replace(
        facts,
        writable=tuple(row["name"] for row in writable),
        beats={row["process"]: row["beat_at"] for row in beats},
        witness=await conn.fetchval("select witness from key_witness"),
        key_versions={row["version"]: row["witness"] for row in versions},
        looks={look.name: look for look in await looks(conn)},
    )
