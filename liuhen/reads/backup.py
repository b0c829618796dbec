"""What a backup says of the database it was taken from, to be compared with what a restore finds. Never writes."""

import hashlib

import msgspec

from liuhen.base.db import Tx


class Applied(msgspec.Struct, frozen=True):
    """A migration and the SHA-256 of its file, hex."""

    name: str
    sha256: str


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """A database in numbers, all of one snapshot.

    migrations: in their order. rows: table to its number of rows. balances_fen: kind of ledger account to the sum
    over all books, fen. heads_sha256: over the chain heads of all orders, book by book, hex.
    """

    migrations: list[Applied]
    rows: dict[str, int]
    balances_fen: dict[str, int]
    heads_sha256: str

    def differences(self, other: "Totals") -> list[str]:
        """One sentence per number that is another one over there."""
        pairs = [(f"rows of {name}", self.rows.get(name), other.rows.get(name)) for name in {**self.rows, **other.rows}]
        kinds = {**self.balances_fen, **other.balances_fen}
        pairs += [(f"fen in {kind}", self.balances_fen.get(kind), other.balances_fen.get(kind)) for kind in kinds]
        found = [f"{name}: {ours} became {theirs}" for name, ours, theirs in pairs if ours != theirs]
        if self.heads_sha256 != other.heads_sha256:
            found.append("the heads of the evidence chains are others")
        return found


async def totals(tx: Tx) -> Totals:
    """Counts every table and sums up money and evidence."""
    migrations = await tx.fetch("select name, encode(sha256, 'hex') as sha256 from migration order by name")
    tables = await tx.fetch(
        "select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace"
        " and c.relkind in ('r', 'p') and not c.relispartition order by 1"
    )
    balances = await tx.fetch("select kind, sum(balance_fen)::bigint as fen from ledger_account group by 1 order by 1")
    heads = await tx.fetch(
        "select sha256(string_agg(uuid_send(order_id) || int4send(seq) || hash, '' order by order_id)) as digest"
        " from chain_head group by book_id order by book_id"
    )
    return Totals(
        migrations=[Applied(row["name"], row["sha256"]) for row in migrations],
        rows={row["name"]: await tx.fetchval(f"select count(*) from {row['name']}") for row in tables},
        balances_fen={row["kind"]: row["fen"] for row in balances},
        heads_sha256=hashlib.sha256(b"".join(row["digest"] for row in heads)).hexdigest(),
    )


async def object_keys(tx: Tx) -> list[str]:
    """Keys of all objects that a row of the database refers to."""
    rows = await tx.fetch(
        "select original_key as key from evidence_item union select view_key from evidence_item"
        " union select original_key from evidence_staged union select view_key from evidence_staged order by 1"
    )
    return [row["key"] for row in rows]


async def snapshot_name(tx: Tx) -> str:
    """Under this name pg_dump sees the very moment of this transaction, as long as it is open."""
    # A dump may take long: no limit that an operator set for requests may end it.
    await tx.execute(
        "select set_config('statement_timeout', '0', true),"
        " set_config('idle_in_transaction_session_timeout', '0', true)"
    )
    name: str = await tx.fetchval("select pg_export_snapshot()")
    return name
