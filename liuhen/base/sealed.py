"""Every column that holds sealed bytes, and the SQL that counts them by master key and renews them.

A room seals and opens its own column; here stands the list of all of them, for rotation, backup and loss. A tidy test
holds it to the schema and to what the rooms bind their seals to.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.db import Row, Tx


class Sealed(NamedTuple):
    """One column of sealed bytes.

    ids: the row's key, all uuid; the seal is bound to `bound` and the bytes of `ids` in this order. batch: rows looked
    at together when all are sealed anew.
    """

    table: str
    column: str
    ids: tuple[str, ...]
    purpose: Purpose
    bound: bytes
    batch: int = 200

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    def reseal(self, ring: KeyRing, ids: Sequence[UUID], sealed: bytes) -> bytes:
        """The same bytes under the newest key, at the same place. Raises KeyMissing, InvalidInput."""
        place = self.bound + b"".join(item.bytes for item in ids)
        return ring.encrypt(self.purpose, place, ring.decrypt(self.purpose, place, sealed))


SEALED = (
    Sealed("stock_key", "sealed", ("book_id", "id"), Purpose.SEAL, b"stock_key.sealed"),
    Sealed("hand_delivery", "text_sealed", ("book_id", "id"), Purpose.HANDOVER, b"hand_delivery.text_sealed:"),
    Sealed("stock_import", "staged", ("book_id", "id"), Purpose.STAGED, b"stock_import.staged", batch=1),
    Sealed("issuer", "secret_sealed", ("id",), Purpose.WEBHOOK, b"issuer.secret_sealed:"),
    Sealed("totp_factor", "secret_sealed", ("book_id",), Purpose.SECOND_FACTOR, b"totp_factor"),
)
KEYED_HASHES = {
    "stock_print": ("fp_exact", "fp_folded", "fp_serial"),
    "session": ("token_hash",),
    "half_session": ("token_hash",),
    "api_token": ("token_hash",),
    "reset_link": ("token_hash",),
    "backup_code": ("code_hash",),
    "sign_in": ("recovery_hash",),
    "stock_import": ("sha256",),
    "idempotency": ("request_hash",),
    "key_witness": ("witness",),
}
"""Columns of hashes under the lookup keys. They cannot be made anew from what is stored, so those keys never rotate."""


async def by_version(tx: Tx) -> dict[str, dict[int, int]]:
    """`table.column` to version of the master key to the number of rows that need it."""
    found = {}
    for item in SEALED:
        rows = await tx.fetch(
            f"select get_byte({item.column}, 0) as version, count(*) as rows from {item.table}"
            f" where length({item.column}) > 0 group by 1 order by 1"
        )
        found[item.name] = {row["version"]: row["rows"] for row in rows}
    return found


async def keys_by_state(tx: Tx, held: Collection[int]) -> dict[str, int]:
    """Card keys whose master key is none of `held`, by what they are: unsold, sold unopened, sold opened, gone."""
    rows = await tx.fetch(
        "select case when state in ('AVAILABLE', 'HELD_SHORT', 'RESERVED') then 'unsold' when state = 'SEALED'"
        " then 'unopened' when state = 'REVEALED' then 'opened' else 'gone' end as kind, count(*) as rows"
        " from stock_key where length(sealed) > 0 and not get_byte(sealed, 0) = any($1::int[]) group by 1",
        sorted(held),
    )
    return {row["kind"]: row["rows"] for row in rows}


class OldSeal(NamedTuple):
    """One row that is not under the wanted version. ids: its key, as in Sealed.ids."""

    ids: tuple[UUID, ...]
    sealed: bytes


async def next_rows(
    tx: Tx, item: Sealed, after: Sequence[UUID], version: int, look_at: int
) -> tuple[list[OldSeal], tuple[UUID, ...] | None]:
    """Of the next `look_at` rows in order of their key those under another version, and the last key looked at; None
    at the end. Nothing is locked: somebody who buys meanwhile must find every key free.
    """
    ids = ", ".join(item.ids)
    marks = ", ".join(f"${place}" for place in range(3, 3 + len(item.ids)))
    past = f"where ({ids}) > ({marks})" if after else ""
    rows = await tx.fetch(
        f"select {ids}, case when length({item.column}) > 0 and get_byte({item.column}, 0) <> $2"
        f" then {item.column} end as sealed from {item.table} {past} order by {ids} limit $1",
        look_at,
        version,
        *after,
    )
    if not rows:
        return [], None
    found = [OldSeal(tuple(row[name] for name in item.ids), row["sealed"]) for row in rows if row["sealed"] is not None]
    return found, tuple(rows[-1][name] for name in item.ids)


async def replace(tx: Tx, item: Sealed, rows: Sequence[tuple[OldSeal, bytes]]) -> int:
    """Puts new seals in the place of the very ones they were made from; returns how many were still there."""
    if not rows:
        return 0
    places = range(1, len(item.ids) + 1)
    names = [f"id{place}" for place in places]
    given = ", ".join(
        [*(f"${place}::uuid[]" for place in places), f"${len(names) + 1}::bytea[]", f"${len(names) + 2}::bytea[]"]
    )
    where = " and ".join(f"t.{column} = n.{name}" for column, name in zip(item.ids, names, strict=True))
    values: list[list[Any]] = [[old.ids[place] for old, _ in rows] for place in range(len(names))]
    tag = await tx.execute(
        f"update {item.table} t set {item.column} = n.fresh from unnest({given}) as n({', '.join(names)}, old, fresh)"
        f" where {where} and t.{item.column} = n.old",
        *values,
        [old.sealed for old, _ in rows],
        [fresh for _, fresh in rows],
    )
    return int(tag.rpartition(" ")[2])


class Progress(NamedTuple):
    """How far one column has come. after: key of the last row looked at; times UTC."""

    place: str
    version: int
    after: tuple[UUID, ...]
    resealed: int
    unreadable: int
    begun_at: datetime
    done_at: datetime | None


async def progress(tx: Tx) -> list[Progress]:
    """All columns of the last rotation, in order of their names; empty before the first."""
    rows = await tx.fetch(
        "select place, version, after, resealed, unreadable, begun_at, done_at from reseal order by place"
    )
    return [Progress(**{**dict(row), "after": tuple(row["after"])}) for row in rows]


async def begin(tx: Tx, version: int, now: datetime, *, again: bool = False) -> None:
    """Every column starts on its way to this version; `again`: also one that is on it already, or through."""
    for item in SEALED:
        await tx.execute(
            "insert into reseal (place, version, begun_at) values ($1, $2, $3) on conflict (place) do update"
            " set version = $2, after = '{}', resealed = 0, unreadable = 0, begun_at = $3, done_at = null"
            " where $4 or reseal.version < $2",
            item.name,
            version,
            now,
            again,
        )


async def lock_open(tx: Tx, version: int) -> Progress | None:
    """A column that is not through yet and that no other worker is at."""
    row = await tx.fetchrow(
        "select place, version, after, resealed, unreadable, begun_at, done_at from reseal"
        " where version = $1 and done_at is null order by place limit 1 for update skip locked",
        version,
    )
    return Progress(**{**dict(row), "after": tuple(row["after"])}) if row is not None else None


async def step(
    tx: Tx, place: str, after: Sequence[UUID] | None, *, resealed: int, unreadable: int, now: datetime
) -> None:
    """Writes down a batch. Parameters: after, the last key looked at, None at the end."""
    await tx.execute(
        "update reseal set after = coalesce($2, after), resealed = resealed + $3, unreadable = unreadable + $4,"
        " done_at = case when $2::uuid[] is null then $5::timestamptz end where place = $1",
        place,
        None if after is None else list(after),
        resealed,
        unreadable,
        now,
    )


async def replies_before(tx: Tx, moment: datetime) -> int:
    """Stored replies to repeated requests that hold a secret sealed before this moment; they go after 30 days."""
    count: int = await tx.fetchval(
        "select count(*) from idempotency where created_at < $1"
        " and position('sealed'::bytea in coalesce(result, ''::bytea)) > 0",
        moment,
    )
    return count


async def versions(tx: Tx) -> list[Row]:
    """version, made_at and gone of all master keys that this database has met."""
    return await tx.fetch("select version, made_at, gone from key_version order by version for update")


async def mark_gone(tx: Tx, version: int, gone: str, now: datetime) -> None:
    """Parameters: gone, RETIRED or LOST. What is gone already stays as it is."""
    await tx.execute(
        "update key_version set gone = $2, gone_at = $3 where version = $1 and gone is null", version, gone, now
    )
