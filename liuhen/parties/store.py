"""Logins, sessions, tokens, acceptances and what staff did: the SQL of the parties room."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct, json

from liuhen.base.db import Row, Tx, UniqueViolation
from liuhen.base.errors import LoginTaken, NotFound
from liuhen.parties.model import Party, Role, SignIn


class NewSession(Struct, frozen=True):
    """A session about to begin. token_hash: KeyRing.hash_token of the cookie; times in UTC. second_factor: what was
    shown besides the password, None for nothing."""

    id: UUID
    token_hash: bytes
    party_id: UUID
    csrf: str
    user_agent: str
    ip: str
    created_at: datetime
    expires_at: datetime
    second_factor: str | None = None


class HalfSession(Struct, frozen=True):
    """The password was right; what is to come is the second factor. Times in UTC."""

    id: UUID
    token_hash: bytes
    party_id: UUID
    created_at: datetime
    expires_at: datetime


class NewToken(Struct, frozen=True):
    """An API token about to be handed out. Times in UTC. second_factor: whether its maker showed one."""

    id: UUID
    token_hash: bytes
    party_id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    second_factor: bool = False


async def add_party(tx: Tx, party_id: UUID, display_name: str, roles: Iterable[Role], now: datetime) -> None:
    await tx.execute(
        "insert into party (book_id, display_name, roles, created_at) values ($1, $2, $3, $4)",
        party_id,
        display_name,
        sorted(str(role) for role in roles),
        now,
    )


async def add_sign_in(tx: Tx, row: SignIn, now: datetime) -> None:
    """Raises LoginTaken."""
    try:
        await tx.execute(
            "insert into sign_in (party_id, login, login_folded, password_hash, recovery_hash, password_changed_at)"
            " values ($1, $2, $3, $4, $5, $6)",
            row.party_id,
            row.login,
            row.login_folded,
            row.password_hash,
            row.recovery_hash,
            now,
        )
    except UniqueViolation as error:
        raise LoginTaken(field="login") from error


async def find_sign_in(tx: Tx, login_folded: str) -> SignIn | None:
    row = await tx.fetchrow(f"select {_SIGN_IN} from sign_in where login_folded = $1", login_folded)
    return _sign_in(row) if row else None


async def sign_in_of(tx: Tx, party_id: UUID) -> SignIn:
    """Locks the row. Raises NotFound."""
    row = await tx.fetchrow(f"select {_SIGN_IN} from sign_in where party_id = $1 for update", party_id)
    if row is None:
        raise NotFound()
    return _sign_in(row)


async def set_password(
    tx: Tx, party_id: UUID, password_hash: str, now: datetime, *, recovery_hash: str | None = None
) -> None:
    """A new password; the recovery code changes only where one is given."""
    await tx.execute(
        "update sign_in set password_hash = $2, password_changed_at = $3,"
        " recovery_hash = coalesce($4, recovery_hash) where party_id = $1",
        party_id,
        password_hash,
        now,
        recovery_hash,
    )


async def rehash(tx: Tx, party_id: UUID, password_hash: str) -> None:
    """The same password under today's parameters: nobody changed anything, so no time is written."""
    await tx.execute("update sign_in set password_hash = $2 where party_id = $1", party_id, password_hash)


async def add_session(tx: Tx, new: NewSession) -> None:
    await tx.execute(
        "insert into session (id, token_hash, party_id, csrf, user_agent, ip, created_at, seen_at, expires_at,"
        " second_factor, proved_at) values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $7)",
        new.id,
        new.token_hash,
        new.party_id,
        new.csrf,
        new.user_agent,
        new.ip,
        new.created_at,
        new.expires_at,
        new.second_factor,
    )


async def proved_at(tx: Tx, party_id: UUID, session_id: UUID) -> datetime | None:
    """When the owner of this session last proved himself in full (UTC). Raises NotFound if it is not his or ended."""
    row = await tx.fetchrow(
        "select proved_at from session where id = $2 and party_id = $1 and revoked_at is null", party_id, session_id
    )
    if row is None:
        raise NotFound()
    found: datetime | None = row["proved_at"]
    return found


async def prove_session(
    tx: Tx, party_id: UUID, session_id: UUID, token_hash: bytes, way: str | None, now: datetime
) -> None:
    """Its owner proved himself again: a new secret, the old one opens nothing. way: the second factor that he showed,
    None for the password alone. Raises NotFound for a session that is not the party's or has ended."""
    proved = await tx.fetchval(
        "update session set token_hash = $3, proved_at = $5, second_factor = coalesce($4, second_factor)"
        " where id = $2 and party_id = $1 and revoked_at is null returning true",
        party_id,
        session_id,
        token_hash,
        way,
        now,
    )
    if not proved:
        raise NotFound()


async def unprove(tx: Tx, party_id: UUID) -> None:
    """The party has no second factor any more: no session or token counts as made with one."""
    await tx.execute("update session set second_factor = null where party_id = $1", party_id)
    await tx.execute("update api_token set second_factor = false where party_id = $1", party_id)


async def add_half_session(tx: Tx, half: HalfSession) -> None:
    await tx.execute(
        "insert into half_session (id, token_hash, party_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        half.id,
        half.token_hash,
        half.party_id,
        half.created_at,
        half.expires_at,
    )


async def lock_half_session(tx: Tx, token_hash: bytes, now: datetime) -> HalfSession | None:
    """The half session of this secret unless it is over (now in UTC); of two requests with it one waits."""
    row = await tx.fetchrow(
        "select id, token_hash, party_id, created_at, expires_at from half_session"
        " where token_hash = $1 and expires_at > $2 for update",
        token_hash,
        now,
    )
    return HalfSession(row["id"], token_hash, row["party_id"], row["created_at"], row["expires_at"]) if row else None


async def end_half_session(tx: Tx, half_id: UUID) -> None:
    await tx.execute("delete from half_session where id = $1", half_id)


async def end_half_sessions(tx: Tx, party_id: UUID) -> None:
    """What began with the party's old password or second factor is not finished with the new one."""
    await tx.execute("delete from half_session where party_id = $1", party_id)


async def touch_session(tx: Tx, session_id: UUID, now: datetime) -> None:
    await tx.execute("update session set seen_at = $2 where id = $1 and seen_at < $2", session_id, now)


async def end_session(tx: Tx, party_id: UUID, session_id: UUID, now: datetime) -> bool:
    """Whether this session was the party's and still open."""
    return bool(
        await tx.fetchval(
            "update session set revoked_at = $3 where id = $2 and party_id = $1 and revoked_at is null returning true",
            party_id,
            session_id,
            now,
        )
    )


async def end_any_session(tx: Tx, session_id: UUID, now: datetime) -> None:
    """The session a browser held when somebody signed in on it, whoever that was."""
    await tx.execute("update session set revoked_at = $2 where id = $1 and revoked_at is null", session_id, now)


async def end_sessions(tx: Tx, party_id: UUID, now: datetime, *, keep: UUID | None = None) -> int:
    """Ends all sessions of the party but `keep`; returns how many there were."""
    rows = await tx.fetch(
        "update session set revoked_at = $2 where party_id = $1 and revoked_at is null"
        " and id is distinct from $3 returning id",
        party_id,
        now,
        keep,
    )
    return len(rows)


async def add_token(tx: Tx, new: NewToken) -> None:
    await tx.execute(
        "insert into api_token (id, token_hash, party_id, name, scopes, created_at, expires_at, second_factor)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id,
        new.token_hash,
        new.party_id,
        new.name,
        list(new.scopes),
        new.created_at,
        new.expires_at,
        new.second_factor,
    )


async def count_tokens(tx: Tx, party_id: UUID, now: datetime) -> int:
    return int(
        await tx.fetchval(
            "select count(*) from api_token where party_id = $1 and revoked_at is null and expires_at > $2",
            party_id,
            now,
        )
    )


async def touch_token(tx: Tx, token_id: UUID, now: datetime) -> None:
    await tx.execute("update api_token set used_at = $2 where id = $1", token_id, now)


async def end_token(tx: Tx, party_id: UUID, token_id: UUID, now: datetime) -> bool:
    """Whether this token was the party's and still open."""
    return bool(
        await tx.fetchval(
            "update api_token set revoked_at = $3 where id = $2 and party_id = $1 and revoked_at is null"
            " returning true",
            party_id,
            token_id,
            now,
        )
    )


async def end_tokens(tx: Tx, party_id: UUID, now: datetime, *, keep: UUID | None = None) -> None:
    await tx.execute(
        "update api_token set revoked_at = $2 where party_id = $1 and revoked_at is null and id is distinct from $3",
        party_id,
        now,
        keep,
    )


async def add_reset_link(
    tx: Tx, link_id: UUID, token_hash: bytes, party_id: UUID, issued_by: UUID | None, now: datetime, life: timedelta
) -> None:
    """Earlier links of the party stop working."""
    await end_reset_links(tx, party_id, now)
    await tx.execute(
        "insert into reset_link (id, token_hash, party_id, issued_by, created_at, expires_at)"
        " values ($1, $2, $3, $4, $5, $6)",
        link_id,
        token_hash,
        party_id,
        issued_by,
        now,
        now + life,
    )


async def end_reset_links(tx: Tx, party_id: UUID, now: datetime) -> None:
    await tx.execute("update reset_link set used_at = $2 where party_id = $1 and used_at is null", party_id, now)


async def use_reset_link(tx: Tx, token_hash: bytes, now: datetime) -> UUID | None:
    """The party of a link that is neither used nor over; it is used from now on."""
    found: UUID | None = await tx.fetchval(
        "update reset_link set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2"
        " returning party_id",
        token_hash,
        now,
    )
    return found


async def add_reset_wish(tx: Tx, wish_id: UUID, party_id: UUID, now: datetime) -> None:
    """One open wish per party is enough."""
    await tx.execute(
        "insert into reset_wish (id, party_id, created_at) select $1, $2, $3"
        " where not exists (select from reset_wish where party_id = $2 and done_at is null)",
        wish_id,
        party_id,
        now,
    )


async def close_reset_wishes(tx: Tx, party_id: UUID, now: datetime) -> None:
    await tx.execute("update reset_wish set done_at = $2 where party_id = $1 and done_at is null", party_id, now)


async def accept(tx: Tx, party_id: UUID, kind: str, version: str, sha256: bytes, now: datetime) -> None:
    """Accepting a version twice keeps the first time."""
    await tx.execute(
        "insert into agreement_acceptance (book_id, kind, version, sha256, accepted_at)"
        " values ($1, $2, $3, $4, $5) on conflict do nothing",
        party_id,
        kind,
        version,
        sha256,
        now,
    )


async def count_rule_comments(tx: Tx, party_id: UUID, version: str) -> int:
    """How many this party has made on a version of the rules."""
    made: int = await tx.fetchval(
        "select count(*) from rule_comment where book_id = $1 and version = $2", party_id, version
    )
    return made


async def add_rule_comment(tx: Tx, party_id: UUID, comment_id: UUID, version: str, body: str, now: datetime) -> None:
    """Kept for good."""
    await tx.execute(
        "insert into rule_comment (book_id, id, version, body, created_at) values ($1, $2, $3, $4, $5)",
        party_id,
        comment_id,
        version,
        body,
        now,
    )


_PARTY = "select book_id, display_name, roles, frozen_at, frozen_reason, created_at from party"


async def find(tx: Tx, party_id: UUID) -> Party:
    """Raises NotFound."""
    return _party(await tx.fetchrow(f"{_PARTY} where book_id = $1", party_id))


async def lock(tx: Tx, party_id: UUID) -> Party:
    """Raises NotFound."""
    return _party(await tx.fetchrow(f"{_PARTY} where book_id = $1 for update", party_id))


async def lock_admins(tx: Tx) -> list[UUID]:
    """Everybody who can act as admin, locked in id order, so that two admins cannot remove each other at once."""
    rows = await tx.fetch(
        "select book_id from party where 'admin' = any(roles) and frozen_at is null order by book_id for update"
    )
    return [row["book_id"] for row in rows]


async def set_roles(tx: Tx, party_id: UUID, roles: Iterable[Role]) -> None:
    await tx.execute("update party set roles = $2 where book_id = $1", party_id, sorted(str(role) for role in roles))


async def set_frozen(tx: Tx, party_id: UUID, at: datetime | None, reason: str | None) -> None:
    await tx.execute("update party set frozen_at = $2, frozen_reason = $3 where book_id = $1", party_id, at, reason)


async def rename(tx: Tx, party_id: UUID, display_name: str) -> None:
    await tx.execute("update party set display_name = $2 where book_id = $1", party_id, display_name)


async def add_staff_act(
    tx: Tx, book_id: UUID, act_id: UUID, staff_id: UUID, act: str, reason: str, data: dict[str, Any], now: datetime
) -> None:
    """Parameters: book_id, whom or what it was done to (the staff's own book for settings); now, UTC."""
    await tx.execute(
        "insert into staff_act (book_id, id, staff_id, act, reason, data, at) values ($1, $2, $3, $4, $5, $6, $7)",
        book_id,
        act_id,
        staff_id,
        act,
        reason,
        json.encode(data).decode(),
        now,
    )


async def blank_reasons(tx: Tx, before: datetime, limit: int) -> int:
    """Why staff did something that is past its time; that and when they did it stays. Returns how many."""
    tag = await tx.execute(
        "update staff_act set reason = '' where (book_id, id) in (select book_id, id from staff_act"
        " where at < $1 and reason <> '' limit $2)",
        before,
        limit,
    )
    return int(tag.rpartition(" ")[2])


async def count_try(tx: Tx, key: str, window_start: datetime) -> int:
    """One more try within the window; returns how many it has now. Holds the counter's row until commit."""
    return int(
        await tx.fetchval(
            "insert into rate_window (key, window_start, hits) values ($1, $2, 1)"
            " on conflict (key, window_start) do update set hits = rate_window.hits + 1 returning hits",
            key,
            window_start,
        )
    )


async def forget_tries(tx: Tx, key: str, window_start: datetime) -> None:
    """A try that turned out well does not count."""
    await tx.execute(
        "update rate_window set hits = hits - 1 where key = $1 and window_start = $2 and hits > 0",
        key,
        window_start,
    )


async def forget_all_tries(tx: Tx, key: str, window_start: datetime) -> None:
    await tx.execute("delete from rate_window where key = $1 and window_start = $2", key, window_start)


async def sweep(tx: Tx, before: datetime) -> int:
    """Deletes counters, sessions, links and replies to idempotency keys that ended before `before` (UTC)."""
    gone = 0
    for sql in _SWEEPS:
        gone += int((await tx.execute(sql, before)).rpartition(" ")[2])
    return gone


_SIGN_IN = "party_id, login, login_folded, password_hash, recovery_hash"
_SWEEPS = (
    "delete from rate_window where window_start < $1",
    "delete from session where expires_at < $1 or revoked_at < $1",
    "delete from half_session where expires_at < $1",
    "delete from reset_link where expires_at < $1",
    "delete from idempotency where created_at < $1",
)


def _sign_in(row: Row) -> SignIn:
    return SignIn(*(row[name] for name in _SIGN_IN.split(", ")))


def _party(row: Row | None) -> Party:
    if row is None:
        raise NotFound()
    return Party(
        book_id=row["book_id"],
        display_name=row["display_name"],
        roles=frozenset(Role(role) for role in row["roles"]),
        frozen_at=row["frozen_at"],
        frozen_reason=row["frozen_reason"],
        created_at=row["created_at"],
    )
