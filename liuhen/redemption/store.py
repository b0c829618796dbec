"""SQL of redemption facts. Only ever appended."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.base.ids import new_id
from liuhen.redemption.model import FactSource, UseState


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One statement. Amounts in fen; occurred_at is when the use is said to have happened, UTC."""

    source: FactSource
    state: UseState
    event: str = ""
    value_fen: int | None = None
    remaining_fen: int | None = None
    note: str = ""
    said_by: UUID | None = None
    issuer_id: UUID | None = None
    issuer_event_id: str | None = None
    occurred_at: datetime | None = None


async def add(tx: Tx, book_id: UUID, unit_id: UUID, fact: Fact, *, now: datetime) -> bool:
    """Returns False when this event of this issuer is already recorded for the unit."""
    row = await tx.fetchval(
        "insert into redemption_fact (book_id, id, unit_id, source, state, event, value_fen, remaining_fen, note,"
        " said_by, issuer_id, issuer_event_id, occurred_at, recorded_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict do nothing returning true",
        book_id,
        new_id(now),
        unit_id,
        str(fact.source),
        str(fact.state),
        fact.event,
        fact.value_fen,
        fact.remaining_fen,
        fact.note,
        fact.said_by,
        fact.issuer_id,
        fact.issuer_event_id,
        fact.occurred_at,
        now,
    )
    return bool(row)


async def erase_words(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID]) -> dict[str, int]:
    """What people wrote to what they said of the use; the facts stay."""
    tag = await tx.execute(
        "update redemption_fact set note = '' where book_id = $1 and unit_id = any($2) and note <> ''",
        book_id,
        list(unit_ids),
    )
    return {"use_notes": int(tag.rpartition(" ")[2])}
