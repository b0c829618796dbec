"""The schema: the sum of the migrations, ready to be split by book, append-only by privilege."""

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from liuhen.base.db import connect_owner
from liuhen.base.migrate import migration_files

SCHEMA = Path(__file__).with_name("schema.txt")

# Exempt from the book rule by name (house plan): reference data, the directory, migrations, sign-in, jobs.
EXEMPT = {
    "directory": "from outside ids to the book",
    "migration": "the record of migrations",
    "key_witness": "proves that the master key is the one this database was sealed with",
    "key_version": "master keys, not parties",
    "reseal": "the progress of a key rotation",
    "heartbeat": "processes, not parties",
    "watch": "looks at the whole, not at a party",
    "rate_window": "counts tries before anybody is known",
    "sign_in": "a login is looked up before anybody is known",
    "session": "sign-in",
    "half_session": "sign-in",
    "api_token": "sign-in",
    "reset_link": "sign-in",
    "reset_wish": "sign-in",
    "issuer": "reference data of the platform",
    "channel_event": "ids of the outside",
}


@pytest.fixture
async def owner(dsn: str) -> Any:
    conn = await connect_owner(dsn)
    yield conn
    await conn.close()


async def test_schema_is_the_sum_of_the_migrations(owner: Any) -> None:
    """schema.txt is what a reader sees of it; LIUHEN_WRITE_SCHEMA=1 writes it anew after a migration was added."""
    text = await _describe(owner)
    if os.environ.get("LIUHEN_WRITE_SCHEMA"):
        SCHEMA.write_text(text, "utf-8")
    assert SCHEMA.read_text("utf-8") == text


async def test_every_key_begins_with_the_book(owner: Any) -> None:
    rows = await owner.fetch(
        "select c.relname as name, i.indexrelid::regclass::text as index,"
        " (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0]) as first"
        " from pg_index i join pg_class c on c.oid = i.indrelid"
        " where c.relnamespace = 'public'::regnamespace and i.indisunique"
    )
    wrong = [f"{r['name']}: {r['index']}" for r in rows if r["name"] not in EXEMPT and r["first"] != "book_id"]
    assert wrong == []
    missing = await owner.fetch(
        "select relname from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace and not exists"
        " (select 1 from pg_attribute a where a.attrelid = c.oid and attname = 'book_id' and attnotnull)"
    )
    assert {r["relname"] for r in missing} <= set(EXEMPT) | {"directory"}


async def test_schema_can_be_split_by_book(fresh_dsn: Callable[[], Awaitable[str]]) -> None:
    """PostgreSQL itself refuses a key that forgets the book once tables are partitioned by it."""
    conn = await connect_owner(await fresh_dsn())
    try:
        await conn.execute("drop schema public cascade; create schema public")
        for name, sql in migration_files():
            await conn.execute(split(sql))
            assert name
        count = await conn.fetchval("select count(*) from pg_partitioned_table")
        assert count >= 20
        bad = "create table bad (book_id uuid not null, id uuid primary key)"
        with pytest.raises(Exception, match="partition"):
            await conn.execute(split(bad + ";"))
    finally:
        await conn.close()


async def test_evidence_and_money_only_grow(owner: Any) -> None:
    for table in ("chain_event", "ledger_transfer", "redemption_fact", "key_event", "key_look", "product_version"):
        may = await owner.fetchval("select has_table_privilege('liuhen_app', $1, 'update, delete, truncate')", table)
        assert not may, table
    assert await owner.fetchval("select has_table_privilege('liuhen_app', 'chain_event', 'insert')")


def split(sql: str) -> str:
    """The same tables, partitioned by book where they have one."""
    return "\n".join(_split_one(statement) for statement in re.split(r"(?<=;)\n", sql))


def _split_one(statement: str) -> str:
    match = re.search(r"create table (\w+)", statement)
    if not match or match[1] in EXEMPT or "book_id" not in statement:
        return statement
    name = match[1]
    parts = [
        f"create table {name}_{n} partition of {name} for values with (modulus 2, remainder {n});" for n in range(2)
    ]
    return "\n".join([statement.rstrip().removesuffix(";") + " partition by hash (book_id);", *parts])


async def _describe(owner: Any) -> str:
    lines = []
    for table in await owner.fetch(
        "select oid, relname, coalesce(obj_description(oid), '') as note from pg_class"
        " where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname"
    ):
        lines.append(f"{table['relname']}" + (f"  [{table['note']}]" if table["note"] else ""))
        columns = await owner.fetch(
            "select attname, format_type(atttypid, atttypmod) as type, attnotnull,"
            " pg_get_expr(d.adbin, d.adrelid) as def"
            " from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
            " where attrelid = $1 and attnum > 0 and not attisdropped order by attnum",
            table["oid"],
        )
        for c in columns:
            lines.append(
                f"    {c['attname']} {c['type']}{' not null' if c['attnotnull'] else ''}"
                + (f" default {c['def']}" if c["def"] else "")
            )
        for c in await owner.fetch(
            "select pg_get_constraintdef(oid) as text from pg_constraint"
            " where conrelid = $1 and contype <> 'n' order by 1",
            table["oid"],
        ):
            lines.append(f"    {c['text']}")
        for c in await owner.fetch(
            "select pg_get_indexdef(indexrelid) as text from pg_index"
            " where indrelid = $1 and not indisprimary order by 1",
            table["oid"],
        ):
            lines.append(f"    {c['text']}")
    functions = await owner.fetch(
        "select proname, pg_get_function_identity_arguments(oid) as args from pg_proc"
        " where pronamespace = 'public'::regnamespace order by 1"
    )
    lines += [f"function {row['proname']}({row['args']})" for row in functions]
    return "\n".join(lines) + "\n"
