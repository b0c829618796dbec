"""What a party sees of itself: login, sessions, tokens, accepted texts. Always by its own id."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Tx
from liuhen.base.errors import NotFound
from liuhen.parties.model import SESSION_IDLE


class Profile(Struct, frozen=True):
    """shop_name: "" without a shop. frozen_reason: "" unless frozen. Times in UTC."""

    party_id: UUID
    login: str
    display_name: str
    roles: tuple[str, ...]
    shop_name: str
    frozen_reason: str
    created_at: datetime
    password_changed_at: datetime


class OpenSession(Struct, frozen=True):
    """second_factor: how it was proven besides the password (factors.model.Way), None by the password alone."""

    id: UUID
    user_agent: str
    ip: str
    created_at: datetime
    seen_at: datetime
    second_factor: str | None


class OpenToken(Struct, frozen=True):
    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime


class Acceptance(Struct, frozen=True):
    kind: str
    version: str
    sha256: bytes
    accepted_at: datetime


async def profile(tx: Tx, party_id: UUID) -> Profile:
    """Raises NotFound for a party without a login."""
    row = await tx.fetchrow(
        "select p.book_id, s.login, p.display_name, p.roles, sh.name as shop_name, p.frozen_reason, p.created_at,"
        " s.password_changed_at from party p join sign_in s on s.party_id = p.book_id"
        " left join shop sh on sh.book_id = p.book_id where p.book_id = $1",
        party_id,
    )
    if row is None:
        raise NotFound()
    return Profile(
        party_id=row["book_id"],
        login=row["login"],
        display_name=row["display_name"],
        roles=tuple(row["roles"]),
        shop_name=row["shop_name"] or "",
        frozen_reason=row["frozen_reason"] or "",
        created_at=row["created_at"],
        password_changed_at=row["password_changed_at"],
    )


async def open_sessions(tx: Tx, party_id: UUID, now: datetime) -> list[OpenSession]:
    """Sessions that still let somebody in at `now` (UTC), last used first, a hundred at most."""
    rows = await tx.fetch(
        "select id, user_agent, ip, created_at, seen_at, second_factor from session"
        " where party_id = $1 and revoked_at is null and expires_at > $2 and seen_at > $3"
        " order by seen_at desc limit 100",
        party_id,
        now,
        now - SESSION_IDLE,
    )
    return [OpenSession(*row.values()) for row in rows]


async def open_tokens(tx: Tx, party_id: UUID, now: datetime) -> list[OpenToken]:
    """API tokens that still work at `now` (UTC), newest first."""
    rows = await tx.fetch(
        "select id, name, scopes, created_at, used_at, expires_at from api_token where party_id = $1"
        " and revoked_at is null and expires_at > $2 order by id desc limit 100",
        party_id,
        now,
    )
    return [
        OpenToken(row["id"], row["name"], tuple(row["scopes"]), row["created_at"], row["used_at"], row["expires_at"])
        for row in rows
    ]


async def acceptances(tx: Tx, party_id: UUID) -> list[Acceptance]:
    """Every version of every text that the party accepted, newest first."""
    rows = await tx.fetch(
        "select kind, version, sha256, accepted_at from agreement_acceptance where book_id = $1"
        " order by accepted_at desc, kind",
        party_id,
    )
    return [Acceptance(row["kind"], row["version"], bytes(row["sha256"]), row["accepted_at"]) for row in rows]
