"""What is due now, over all rooms: (kind, book, id). The flow that acts locks and looks again, so a claim is a hint."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from liuhen.base.db import Database
from liuhen.reads import due
from liuhen.reads.due import DueKind


class DueKey(NamedTuple):
    """What due work is known by; its moment may move."""

    kind: DueKind
    id: UUID


class Due(NamedTuple):
    """due_at in UTC: how late the worker is, for the metrics."""

    kind: DueKind
    book_id: UUID
    id: UUID
    due_at: datetime

    @property
    def key(self) -> DueKey:
        return DueKey(self.kind, self.id)


async def claim_due(
    db: Database,
    now: datetime,
    limit: int,
    *,
    kinds: Collection[DueKind] = tuple(DueKind),
    resting: Collection[DueKey] = (),
) -> list[Due]:
    """At most `limit` of each of these kinds, the oldest first, without what rests."""
    found: list[Due] = []
    async with db.read() as tx:
        for kind in kinds:
            rows = await due.due(tx, kind, now, limit, resting=[key.id for key in resting if key.kind is kind])
            found += [Due(kind, row["book_id"], row["id"], row["due_at"]) for row in rows]
    return found
