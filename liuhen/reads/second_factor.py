"""What second factor a party has: for its own page, for the way in, for admins. Always by its own id."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Tx
from liuhen.factors import totp
from liuhen.factors.model import Way, ways_of


class Key(Struct, frozen=True):
    """A passkey as its owner sees it. used_at: None if never; UTC."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


class Factors(Struct, frozen=True, kw_only=True):
    """totp_since: since when an authenticator app is in use, None for none; UTC. codes_left: unused backup codes."""

    totp_since: datetime | None
    passkeys: tuple[Key, ...]
    codes_left: int

    @property
    def ways(self) -> tuple[Way, ...]:
        """What the party can show; none where it has no second factor."""
        return ways_of(self.totp_since is not None, len(self.passkeys))


class Pending(Struct, frozen=True):
    """An authenticator secret that waits for its first code; for the page of its owner alone."""

    login: str
    secret: str


class Half(Struct, frozen=True):
    """A half session that is not over. expires_at: UTC."""

    party_id: UUID
    ways: tuple[Way, ...]
    expires_at: datetime


async def factors(tx: Tx, party_id: UUID) -> Factors:
    row = await tx.one(
        "select (select confirmed_at from totp_factor where book_id = $1) as since,"
        " (select count(*) from backup_code where book_id = $1 and used_at is null) as left",
        party_id,
    )
    keys = await tx.fetch("select id, name, created_at, used_at from passkey where book_id = $1 order by id", party_id)
    return Factors(totp_since=row["since"], passkeys=tuple(Key(*key.values()) for key in keys), codes_left=row["left"])


async def pending_totp(tx: Tx, party_id: UUID, keys: KeyRing) -> Pending | None:
    """Raises InvalidInput when the sealed bytes were changed."""
    row = await tx.fetchrow(
        "select s.login, t.secret_sealed from totp_factor t join sign_in s on s.party_id = t.book_id"
        " where t.book_id = $1 and t.confirmed_at is null",
        party_id,
    )
    return Pending(row["login"], totp.open_secret(keys, party_id, bytes(row["secret_sealed"]))) if row else None


async def half_session(tx: Tx, token_hash: bytes, now: datetime) -> Half | None:
    """Parameters: now, UTC."""
    row = await tx.fetchrow(
        "select party_id, expires_at from half_session where token_hash = $1 and expires_at > $2", token_hash, now
    )
    if row is None:
        return None
    return Half(row["party_id"], (await factors(tx, row["party_id"])).ways, row["expires_at"])
