"""A seller's keys with the orders they went to, and how many could still be taken off the shelf. Masks only."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.stock.model import KeyState

PAGE = 50


class KeyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One key. filename and line_no: where it came from; order_no: where it went, "" if nowhere."""

    id: UUID
    import_id: UUID
    filename: str
    line_no: int
    state: KeyState
    mask: str
    valid_until: date | None
    face_value_fen: int | None
    region: str
    order_no: str
    created_at: datetime

    @property
    def unsold(self) -> bool:
        return self.state in (KeyState.AVAILABLE, KeyState.HELD_SHORT)


class KeyPage(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    keys: tuple[KeyLine, ...]
    next: UUID | None


_KEYS = """
select k.id, k.import_id, coalesce(i.filename, '') as filename, k.line_no, k.state, k.mask, k.valid_until,
    k.face_value_fen, k.region, k.created_at, coalesce(o.order_no, '') as order_no
from stock_key k
left join stock_import i on i.book_id = k.book_id and i.id = k.import_id
left join order_unit u on u.book_id = k.book_id and u.id = k.unit_id
left join orders o on o.book_id = u.book_id and o.id = u.order_id
where k.book_id = $1 and k.product_id = $2 and ($3::text is null or k.state = $3)
    and ($4::uuid is null or k.import_id = $4) and ($5::uuid is null or k.id < $5)
order by k.id desc limit $6
"""


async def keys(
    tx: Tx,
    book_id: UUID,
    product_id: UUID,
    *,
    state: KeyState | None = None,
    import_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = PAGE,
) -> KeyPage:
    """Newest first. Parameters: before, the last id of the page before."""
    rows = await tx.fetch(_KEYS, book_id, product_id, str(state) if state else None, import_id, before, limit + 1)
    found = tuple(msgspec.convert(dict(row), KeyLine) for row in rows[:limit])
    return KeyPage(found, found[-1].id if len(rows) > limit else None)


async def unsold(
    tx: Tx, book_id: UUID, product_id: UUID, *, key_ids: Sequence[UUID] | None = None, import_id: UUID | None = None
) -> int:
    """How many keys `void_stock` would take: all of the product, those named, or one import's."""
    found: int = await tx.fetchval(
        "select count(*) from stock_key where book_id = $1 and product_id = $2"
        " and state in ('AVAILABLE', 'HELD_SHORT') and ($3::uuid[] is null or id = any($3))"
        " and ($4::uuid is null or import_id = $4)",
        book_id,
        product_id,
        None if key_ids is None else list(key_ids),
        import_id,
    )
    return found
