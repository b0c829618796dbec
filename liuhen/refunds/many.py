"""SQL over many cases of one book at once, for what the worker does by the page."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.refunds.model import Case, CaseUnit
from liuhen.refunds.store import FIELDS, case_of


async def by_order(tx: Tx, book_id: UUID, case_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Order to case, for these cases, one of each order; a case never changes its order."""
    rows = await tx.fetch(
        "select id, order_id from refund_case where book_id = $1 and id = any($2)", book_id, list(case_ids)
    )
    return {row["order_id"]: row["id"] for row in rows}


async def lock_silent(tx: Tx, book_id: UUID, case_ids: Sequence[UUID], now: datetime) -> list[Case]:
    """Those of these cases whose seller has let his time pass, locked; their orders are locked already."""
    rows = await tx.fetch(
        f"select {FIELDS} from refund_case where book_id = $1 and id = any($2)"
        " and state = 'AWAITING_SELLER' and due_at < $3 order by id for update",
        book_id,
        list(case_ids),
        now,
    )
    return [case_of(row) for row in rows]


async def units_of(tx: Tx, book_id: UUID, case_ids: Sequence[UUID]) -> dict[UUID, tuple[CaseUnit, ...]]:
    """The units of each case, by its id, in the order of their ids."""
    rows = await tx.fetch(
        "select case_id, unit_id, asked_fen, approved_fen from refund_case_unit"
        " where book_id = $1 and case_id = any($2) order by unit_id",
        book_id,
        list(case_ids),
    )
    found: dict[UUID, tuple[CaseUnit, ...]] = dict.fromkeys(case_ids, ())
    for row in rows:
        found[row["case_id"]] += (CaseUnit(row["unit_id"], row["asked_fen"], row["approved_fen"]),)
    return found
