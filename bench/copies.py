"""Data by the hundred thousand: one story is told through the flows, then copied row by row inside the database.

A copy has the shape of its original to the byte but for its ids and numbers: every id of the story has a number, and
copy i of it is a UUIDv7 of its own. Chains of copies still hold (a link is made of payloads), balances are summed up
from the copied transfers, so `books check` is clean on what comes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

TABLES = [
    "party",
    "shop",
    "agreement_acceptance",
    "ledger_account",
    "product",
    "product_version",
    "orders",
    "order_line",
    "order_unit",
    "payment",
    "balance_funding",
    "stock_key",
    "stock_print",
    "key_event",
    "redemption_fact",
    "refund_case",
    "refund_case_unit",
    "case_note",
    "chain_head",
    "chain_event",
    "ledger_transfer",
    "refund",
    "notice",
    "directory",
]
OF_A_PARTY = ("party", "shop", "agreement_acceptance", "ledger_account", "product", "product_version")
OF_AN_ORDER = tuple(name for name in TABLES if name not in OF_A_PARTY)

_FUNCTIONS = """
create or replace function copy_id(tag integer, i bigint) returns uuid language sql immutable parallel safe as $$
    select (lpad(to_hex(1795300000000 + i), 12, '0') || '7' || lpad(to_hex(tag), 3, '0')
        || 'a' || lpad(to_hex(i), 15, '0'))::uuid $$;
"""
_COLUMNS = """
select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_attribute a
where a.attrelid = $1::text::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum
"""
_SUMS = """
insert into ledger_account (book_id, kind, slot, balance_fen)
select book_id, kind, ledger_slot(kind, order_id), sum(fen)::bigint from (
    select book_id, credit as kind, order_id, amount_fen as fen from ledger_transfer
    union all select book_id, debit, order_id, -amount_fen from ledger_transfer) as moves
where kind <> 'in_transit' group by 1, 2, 3
on conflict (book_id, kind, slot) do update set balance_fen = excluded.balance_fen
"""


@dataclass
class Story:
    """All rows of a database in which one story was told, and a number for each id in them."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    tags: dict[UUID, int] = field(default_factory=dict)

    @classmethod
    async def read(cls, owner: Any, first_tag: int) -> "Story":
        """What the flows have written. Parameters: first_tag, stories copied into one database need tags apart."""
        story = cls()
        for table in TABLES:
            story.types[table] = {row["name"]: row["type"] for row in await owner.fetch(_COLUMNS, table)}
            story.rows[table] = [dict(row) for row in await owner.fetch(f"select * from {table}")]
            for row in story.rows[table]:
                for value in row.values():
                    if isinstance(value, UUID):
                        story.tags.setdefault(value, first_tag + len(story.tags))
        return story

    def id(self, value: UUID, i: str = "i") -> str:
        """SQL for what an id of the story becomes in copy i."""
        return f"copy_id({self.tags[value]}, {i})"


@dataclass(frozen=True)
class Copying:
    """How copies differ from their story.

    ids: SQL for ids that are shared by many copies (seller, buyer, product); values: (table, column) to SQL, where the
    original has one. Both may use i, the copy's number. book: rows of this book alone.
    """

    ids: Mapping[UUID, str] = field(default_factory=dict)
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    book: UUID | None = None


async def prepare(owner: Any) -> None:
    """Once per database; foreign keys are not checked while copies are made."""
    await owner.execute(_FUNCTIONS)
    await owner.execute("set session_replication_role = replica; set synchronous_commit = off")


async def copy(
    owner: Any, story: Story, how: Copying, first: int, last: int, tables: Sequence[str] = OF_AN_ORDER
) -> None:
    """Copies number first to last of these tables' rows."""
    for table in tables:
        for row in story.rows[table]:
            if how.book is None or row["book_id"] == how.book:
                await _copy_row(owner, story, how, table, row, first, last)


async def _copy_row(
    owner: Any, story: Story, how: Copying, table: str, row: Mapping[str, Any], first: int, last: int
) -> None:
    exprs, args = [], []
    for name, value in row.items():
        special = how.values.get((table, name)) if value is not None else None
        if special is None and isinstance(value, UUID):
            special = how.ids.get(value) or story.id(value)
        if special is None:
            args.append(value)
            special = f"${len(args) + 2}::{story.types[table][name]}"
        exprs.append(special)
    await owner.execute(
        f"insert into {table} ({', '.join(row)}) select {', '.join(exprs)}"
        " from generate_series($1::bigint, $2::bigint) as i",
        first,
        last,
        *args,
    )


async def finish(owner: Any) -> None:
    """Balances from the transfers, and what the planner must know."""
    await owner.execute(_SUMS)
    # A table that is known to be empty is read whole, and plans made then are kept while it fills; in an installation
    # nobody has looked at it yet.
    tables = await owner.fetch(
        "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " and pg_relation_size(oid) > 0"
    )
    await owner.execute(f"vacuum analyze {', '.join(row[0] for row in tables)}")
    await owner.execute("checkpoint")
