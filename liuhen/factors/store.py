"""Authenticator secrets, passkeys, backup codes and questions to passkeys: the SQL of the factors room."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.db import Row, Tx
from liuhen.factors.model import Passkey, Way, plain_code, ways_of


class Totp(Struct, frozen=True):
    """An authenticator's secret, sealed. last_step: the newest 30 seconds whose code was used."""

    sealed: bytes
    last_step: int
    confirmed: bool


async def ways(tx: Tx, party_id: UUID) -> tuple[Way, ...]:
    """What the party can show; none where it has no second factor."""
    row = await tx.one(
        "select exists (select from totp_factor where book_id = $1 and confirmed_at is not null) as totp,"
        " (select count(*) from passkey where book_id = $1) as passkeys",
        party_id,
    )
    return ways_of(row["totp"], row["passkeys"])


async def put_totp(tx: Tx, party_id: UUID, sealed: bytes, now: datetime) -> bool:
    """A secret that waits for its first code, in place of another that does. False where one is in use already."""
    return bool(
        await tx.fetchval(
            "insert into totp_factor as t (book_id, secret_sealed, last_step, created_at) values ($1, $2, 0, $3)"
            " on conflict (book_id) do update set secret_sealed = $2, created_at = $3 where t.confirmed_at is null"
            " returning true",
            party_id,
            sealed,
            now,
        )
    )


async def lock_totp(tx: Tx, party_id: UUID) -> Totp | None:
    """Locked, so that of two requests with one code only one finds it unused."""
    row = await tx.fetchrow(
        "select secret_sealed, last_step, confirmed_at is not null as confirmed from totp_factor"
        " where book_id = $1 for update",
        party_id,
    )
    return Totp(bytes(row["secret_sealed"]), row["last_step"], row["confirmed"]) if row else None


async def use_totp(tx: Tx, party_id: UUID, step: int, now: datetime) -> None:
    """The code of this step was used; the first one confirms the secret."""
    await tx.execute(
        "update totp_factor set last_step = $2, confirmed_at = coalesce(confirmed_at, $3) where book_id = $1",
        party_id,
        step,
        now,
    )


async def drop_totp(tx: Tx, party_id: UUID) -> bool:
    """Whether there was one in use."""
    return bool(
        await tx.fetchval("delete from totp_factor where book_id = $1 returning confirmed_at is not null", party_id)
    )


async def passkeys(tx: Tx, party_id: UUID) -> list[Passkey]:
    rows = await tx.fetch(f"select {_PASSKEY} from passkey where book_id = $1 order by id", party_id)
    return [_passkey(row) for row in rows]


async def lock_passkey(tx: Tx, party_id: UUID, credential_id: bytes) -> Passkey | None:
    """Found through its owner or not at all; locked for its counter."""
    row = await tx.fetchrow(
        f"select {_PASSKEY} from passkey where book_id = $1 and credential_id = $2 for update", party_id, credential_id
    )
    return _passkey(row) if row else None


async def add_passkey(tx: Tx, party_id: UUID, key: Passkey) -> bool:
    """False where the party has this very key already."""
    return bool(
        await tx.fetchval(
            "insert into passkey (book_id, id, name, credential_id, public_key, sign_count, created_at)"
            " values ($1, $2, $3, $4, $5, $6, $7) on conflict (book_id, credential_id) do nothing returning true",
            party_id,
            key.id,
            key.name,
            key.credential_id,
            key.public_key,
            key.sign_count,
            key.created_at,
        )
    )


async def use_passkey(tx: Tx, party_id: UUID, passkey_id: UUID, sign_count: int, now: datetime) -> None:
    await tx.execute(
        "update passkey set sign_count = $3, used_at = $4 where book_id = $1 and id = $2",
        party_id,
        passkey_id,
        sign_count,
        now,
    )


async def drop_passkey(tx: Tx, party_id: UUID, passkey_id: UUID) -> bool:
    """Whether it was the party's."""
    sql = "delete from passkey where book_id = $1 and id = $2 returning true"
    return bool(await tx.fetchval(sql, party_id, passkey_id))


async def put_challenge(
    tx: Tx, party_id: UUID, holder_id: UUID, purpose: str, challenge: bytes, expires_at: datetime
) -> None:
    """The one open question of this session or half session; an earlier one is void. purpose: add or use."""
    await tx.execute(
        "insert into passkey_challenge (book_id, holder_id, purpose, challenge, expires_at)"
        " values ($1, $2, $3, $4, $5) on conflict (book_id, holder_id, purpose)"
        " do update set challenge = $4, expires_at = $5",
        party_id,
        holder_id,
        purpose,
        challenge,
        expires_at,
    )


async def take_challenge(tx: Tx, party_id: UUID, holder_id: UUID, purpose: str, now: datetime) -> bytes | None:
    """The open question, which is gone by this; None where there is none or it is over."""
    row = await tx.fetchrow(
        "delete from passkey_challenge where book_id = $1 and holder_id = $2 and purpose = $3"
        " returning challenge, expires_at",
        party_id,
        holder_id,
        purpose,
    )
    return bytes(row["challenge"]) if row and row["expires_at"] > now else None


async def put_backup_codes(tx: Tx, party_id: UUID, hashes: Iterable[bytes], now: datetime) -> None:
    """Fresh codes; those until now open nothing any more."""
    await tx.execute("delete from backup_code where book_id = $1", party_id)
    await tx.executemany(
        "insert into backup_code (book_id, code_hash, created_at) values ($1, $2, $3)",
        [(party_id, code_hash, now) for code_hash in hashes],
    )


async def has_backup_codes(tx: Tx, party_id: UUID) -> bool:
    return bool(await tx.fetchval("select exists (select from backup_code where book_id = $1)", party_id))


async def use_backup_code(tx: Tx, party_id: UUID, code_hash: bytes, now: datetime) -> bool:
    """Whether it was one of the party's and unused; it is used from now on."""
    return bool(
        await tx.fetchval(
            "update backup_code set used_at = $3 where book_id = $1 and code_hash = $2 and used_at is null"
            " returning true",
            party_id,
            code_hash,
            now,
        )
    )


async def drop_all(tx: Tx, party_id: UUID) -> None:
    """The party has no second factor any more."""
    for sql in _DROPS:
        await tx.execute(sql, party_id)


async def sweep(tx: Tx, before: datetime) -> int:
    """Deletes questions that were over before `before` (UTC), and secrets that waited since then for their first
    code."""
    gone = 0
    for sql in _SWEEPS:
        gone += int((await tx.execute(sql, before)).rpartition(" ")[2])
    return gone


def hash_backup_code(keys: KeyRing, party_id: UUID, code: str) -> bytes:
    """What is stored of a backup code, however its owner typed it. Bound to its party; 75 random bits need no slow
    hash."""
    return keys.hmac(Purpose.TOKEN, b"backup", party_id.bytes, plain_code(code).encode())


_PASSKEY = "id, name, credential_id, public_key, sign_count, created_at"
_DROPS = tuple(
    f"delete from {table} where book_id = $1"
    for table in ("totp_factor", "passkey", "backup_code", "passkey_challenge")
)
_SWEEPS = (
    "delete from passkey_challenge where expires_at < $1",
    "delete from totp_factor where confirmed_at is null and created_at < $1",
)


def _passkey(row: Row) -> Passkey:
    return Passkey(
        id=row["id"],
        name=row["name"],
        credential_id=bytes(row["credential_id"]),
        public_key=bytes(row["public_key"]),
        sign_count=row["sign_count"],
        created_at=row["created_at"],
    )
