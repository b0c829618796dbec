"""What is said about the use of a unit: the newest word of each side, next to each other, none above another."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """One side's newest statement. source: PLATFORM BUYER SELLER ISSUER; amounts fen, times UTC."""

    unit_id: UUID
    source: str
    state: str
    event: str
    value_fen: int | None
    remaining_fen: int | None
    note: str
    issuer: str
    occurred_at: datetime | None
    recorded_at: datetime
    times: int


async def sayings(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID]) -> dict[UUID, dict[str, Saying]]:
    """By unit and source. A side that has said nothing is not there."""
    rows = await tx.fetch(
        "select distinct on (f.unit_id, f.source) f.unit_id, f.source, f.state, f.event, f.value_fen,"
        " f.remaining_fen, f.note, coalesce(i.name, '') as issuer, f.occurred_at, f.recorded_at,"
        " count(*) over (partition by f.unit_id, f.source) as times"
        " from redemption_fact f left join issuer i on i.id = f.issuer_id"
        " where f.book_id = $1 and f.unit_id = any($2::uuid[])"
        " order by f.unit_id, f.source, f.recorded_at desc, f.id desc",
        book_id,
        list(unit_ids),
    )
    found: dict[UUID, dict[str, Saying]] = {}
    for row in rows:
        saying = msgspec.convert(dict(row), Saying)
        found.setdefault(saying.unit_id, {})[saying.source] = saying
    return found
