"""SQL over many cases at once, for what the worker does by the page. A case whose order is in other hands is left."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.base.directory import Place
from liuhen.refunds.model import Case, CaseUnit
from liuhen.refunds.store import FIELDS, case_of


async def orders_of(tx: Tx, places: Sequence[Place]) -> dict[Place, Place]:
    """The order of each of these cases; a case never changes its order."""
    rows = await tx.fetch(
        "select book_id, id, order_id from refund_case"
        " where (book_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))",
        [place.book_id for place in places],
        [place.id for place in places],
    )
    return {Place(row["book_id"], row["id"]): Place(row["book_id"], row["order_id"]) for row in rows}


async def lock_silent(tx: Tx, places: Sequence[Place], now: datetime) -> list[Case]:
    """Those of these cases whose seller has let his time pass, locked; their orders are locked already."""
    rows = await tx.fetch(
        f"select {FIELDS} from refund_case where (book_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))"
        " and state = 'AWAITING_SELLER' and due_at < $3 order by book_id, id for update",
        [place.book_id for place in places],
        [place.id for place in places],
        now,
    )
    return [case_of(row) for row in rows]


async def units_of(tx: Tx, cases: Sequence[Case]) -> dict[UUID, tuple[CaseUnit, ...]]:
    """The units of each case, by its id, in the order of their ids."""
    rows = await tx.fetch(
        "select case_id, unit_id, asked_fen, approved_fen from refund_case_unit"
        " where (book_id, case_id) in (select * from unnest($1::uuid[], $2::uuid[])) order by unit_id",
        [case.book_id for case in cases],
        [case.id for case in cases],
    )
    found: dict[UUID, tuple[CaseUnit, ...]] = {case.id: () for case in cases}
    for row in rows:
        found[row["case_id"]] += (CaseUnit(row["unit_id"], row["asked_fen"], row["approved_fen"]),)
    return found
