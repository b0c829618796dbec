"""Who is asking: from the hash of a cookie's or a bearer's secret to what the doors need of the party."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from liuhen.base.db import Row, Tx
from liuhen.parties.model import SESSION_IDLE

_PARTY = (
    "p.book_id, p.display_name, p.roles, p.frozen_at is not null as frozen, sh.name as shop_name"
)
_UNREAD = "(select count(*) from notice n where n.book_id = p.book_id and n.read_at is null) as unread"
_SHOP = " left join shop sh on sh.book_id = p.book_id and sh.closed_at is null"


class Known(Struct, frozen=True, kw_only=True):
    """A recognised party. `scopes` is None for a session; `key_id` names the session or the token. second_factor:
    whether one was shown for it; proved_at: when the session's owner last proved himself in full (UTC)."""

    party_id: UUID
    name: str
    roles: frozenset[str]
    frozen: bool
    shop_name: str | None
    unread: int
    key_id: UUID
    csrf: str = ""
    seen_at: datetime | None
    scopes: frozenset[str] | None = None
    second_factor: bool = False
    proved_at: datetime | None = None


async def by_session(tx: Tx, token_hash: bytes, now: datetime) -> Known | None:
    """The party behind a session that is neither revoked nor over its 30 days nor idle for 7 (now in UTC)."""
    row = await tx.fetchrow(
        f"select s.id, s.csrf, s.seen_at, s.proved_at, s.second_factor is not null as second_factor, {_PARTY},"
        f" {_UNREAD}"
        " from session s"
        f" join party p on p.book_id = s.party_id{_SHOP}"
        " where s.token_hash = $1 and s.revoked_at is null and s.expires_at > $2 and s.seen_at > $3",
        token_hash,
        now,
        now - SESSION_IDLE,
    )
    if row is None:
        return None
    known = _known(row, csrf=row["csrf"], seen_at=row["seen_at"], scopes=None, unread=row["unread"])
    return structs.replace(known, proved_at=row["proved_at"])


async def unread(tx: Tx, party_id: UUID) -> int:
    """How many messages of his inbox a party has not read. Counted for pages, which show it, and for who asks."""
    count: int = await tx.fetchval(f"select {_UNREAD} from party p where p.book_id = $1", party_id)
    return count


async def by_token(tx: Tx, token_hash: bytes, now: datetime) -> Known | None:
    """The party behind an API token that is neither revoked nor expired (now in UTC)."""
    row = await tx.fetchrow(
        f"select t.id, t.scopes, t.used_at, t.second_factor, {_PARTY} from api_token t"
        f" join party p on p.book_id = t.party_id{_SHOP}"
        " where t.token_hash = $1 and t.revoked_at is null and t.expires_at > $2",
        token_hash,
        now,
    )
    return _known(row, csrf="", seen_at=row["used_at"], scopes=frozenset(row["scopes"])) if row else None


def _known(
    row: Row, *, csrf: str, seen_at: datetime | None, scopes: frozenset[str] | None, unread: int = 0
) -> Known:
    return Known(
        party_id=row["book_id"],
        name=row["display_name"],
        roles=frozenset(row["roles"]),
        frozen=row["frozen"],
        shop_name=row["shop_name"],
        unread=unread,
        key_id=row["id"],
        csrf=csrf,
        seen_at=seen_at,
        scopes=scopes,
        second_factor=row["second_factor"],
    )
