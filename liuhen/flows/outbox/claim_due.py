"""What is due now, over all rooms: (kind, book, id). The flow that acts locks and looks again, so a claim is a hint."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from liuhen.base.db import Database
from liuhen.reads import due
from liuhen.reads.due import DueKind, Wanted

NO_LIMITS: Mapping[DueKind, int] = {}


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
    limits: Mapping[DueKind, int] = NO_LIMITS,
    resting: Collection[DueKey] = (),
) -> list[Due]:
    """At most `limit` of each of these kinds (or what `limits` says of it), the oldest first, without what rests."""
    wanted = {kind: Wanted(limits.get(kind, limit), [key.id for key in resting if key.kind is kind]) for kind in kinds}
    async with db.glance() as tx:
        rows = await due.due(tx, wanted, now)
    return [Due(DueKind(row["kind"]), row["book_id"], row["id"], row["due_at"]) for row in rows]
