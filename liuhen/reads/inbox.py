"""A party's messages, newest first."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound

PAGE = 20


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message; pages turn (kind, data) into words. link: path of the page where to act."""

    id: UUID
    kind: str
    data: dict[str, Any]
    link: str
    created_at: datetime
    read_at: datetime | None


class Inbox(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end. unread counts all pages."""

    notices: tuple[Notice, ...]
    next: UUID | None
    unread: int


_FIELDS = "id, kind, data, link, created_at, read_at"


async def inbox(
    tx: Tx, party_id: UUID, *, unread_only: bool = False, after: UUID | None = None, limit: int = PAGE
) -> Inbox:
    """Parameters: after, the last id of the page before."""
    rows = await tx.fetch(
        f"select {_FIELDS} from notice where book_id = $1 and ($2::uuid is null or id < $2)"
        " and (not $3 or read_at is null) order by id desc limit $4",
        party_id,
        after,
        unread_only,
        limit + 1,
    )
    unread = await tx.fetchval("select count(*) from notice where book_id = $1 and read_at is null", party_id)
    found = tuple(_notice(row) for row in rows[:limit])
    return Inbox(found, found[-1].id if len(rows) > limit else None, unread)


async def notice_of(tx: Tx, party_id: UUID, notice_id: UUID) -> Notice:
    """One's own message. Raises NotFound."""
    row = await tx.fetchrow(f"select {_FIELDS} from notice where book_id = $1 and id = $2", party_id, notice_id)
    if row is None:
        raise NotFound("no such message")
    return _notice(row)


def _notice(row: Row) -> Notice:
    return msgspec.convert({**dict(row), "data": msgspec.json.decode(row["data"])}, Notice)
