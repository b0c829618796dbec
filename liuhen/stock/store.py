"""SQL of the stock room."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from liuhen.base.db import Row, Tx
from liuhen.base.errors import OutOfStock, StateConflict
from liuhen.base.ids import new_id
from liuhen.stock.model import KeyEvent, KeyState


async def reserve(
    tx: Tx, book_id: UUID, product_id: UUID, unit_ids: Sequence[UUID], *, valid_on: date, now: datetime
) -> None:
    """One free key for each unit. Keys that expire before `valid_on` are passed over. Raises OutOfStock."""
    events = [new_id(now) for _ in unit_ids]
    found = await tx.fetchval(
        "select stock_reserve($1, $2, $3, $4, $5, $6)", book_id, product_id, list(unit_ids), events, valid_on, now
    )
    if found < len(unit_ids):
        raise OutOfStock(product_id=str(product_id), asked=len(unit_ids), left=found)


_MOVES = {
    KeyEvent.GIVEN_BACK: (KeyState.RESERVED, KeyState.AVAILABLE),
    KeyEvent.DELIVERED: (KeyState.RESERVED, KeyState.SEALED),
    KeyEvent.REVEALED: (KeyState.SEALED, KeyState.REVEALED),
    KeyEvent.RESTOCKED: (KeyState.SEALED, KeyState.AVAILABLE),
    KeyEvent.RETIRED: (KeyState.REVEALED, KeyState.RETIRED),
}


async def move(
    tx: Tx, book_id: UUID, unit_ids: Sequence[UUID], event: KeyEvent, *, actor: str, now: datetime
) -> None:
    """Moves the keys of units along one line and logs it. Raises StateConflict unless every unit's key could move."""
    before, after = _MOVES[event]
    ids = list(unit_ids)
    moved = await tx.fetchval(
        "select stock_move($1, $2, $3, $4, $5, $6, $7, $8)",
        book_id,
        ids,
        [new_id(now) for _ in ids],
        str(before),
        str(after),
        str(event),
        actor,
        now,
    )
    if moved != len(ids):
        raise StateConflict("a key is not where it should be", asked=len(ids), moved=moved)


async def key_of_unit(tx: Tx, book_id: UUID, unit_id: UUID) -> Row | None:
    """The key row of a unit (id, state, sealed, mask, valid_until, region), locked by its unit already."""
    return await tx.fetchrow(
        "select id, state, sealed, mask, valid_until, region from stock_key where book_id = $1 and unit_id = $2",
        book_id,
        unit_id,
    )


async def log_look(
    tx: Tx, book_id: UUID, unit_id: UUID, *, viewer_id: UUID, role: str, reason: str, now: datetime
) -> None:
    """Writes down a look at a plaintext, in the transaction that shows it."""
    await tx.execute(
        "insert into key_look (book_id, id, unit_id, viewer_id, viewer_role, reason, at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        book_id,
        new_id(now),
        unit_id,
        viewer_id,
        role,
        reason,
        now,
    )
