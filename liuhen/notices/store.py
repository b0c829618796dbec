"""SQL of the inbox. Pages turn (kind, data) into words."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.base.ids import new_id


async def send(tx: Tx, party_id: UUID, kind: str, data: dict[str, Any], link: str, *, now: datetime) -> None:
    """Puts a message into a party's inbox, in the transaction of what it tells.

    Parameters: data, plain JSON values for the words (amounts in fen); link, path of the page where to act.
    """
    tx.at_end(_put_all, now, (party_id, new_id(now), kind, msgspec.json.encode(data).decode(), link))


async def _put_all(tx: Tx, now: datetime, rows: list[tuple[UUID, UUID, str, str, str]]) -> None:
    """All messages of one act at once."""
    tx.later("notice_put_all", *(list(column) for column in zip(*rows, strict=True)), now)


async def mark_read(tx: Tx, party_id: UUID, notice_id: UUID | None, *, now: datetime) -> int:
    """Marks one message, or all with None, as read. Returns how many changed."""
    tag = await tx.execute(
        "update notice set read_at = $3 where book_id = $1 and read_at is null and ($2::uuid is null or id = $2)",
        party_id,
        notice_id,
        now,
    )
    return int(tag.rsplit(" ", 1)[1])


async def drop_before(tx: Tx, before: datetime, limit: int) -> int:
    """Deletes messages that are older than the records they speak of are kept; returns how many."""
    tag = await tx.execute(
        "delete from notice where (book_id, id) in"
        " (select book_id, id from notice where created_at < $1 limit $2 for update skip locked)",
        before,
        limit,
    )
    return int(tag.rpartition(" ")[2])
