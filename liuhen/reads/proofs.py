"""Pictures by which a seller proves deliveries by hand. Whoever has a part in the order may see them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.base.errors import NotFound
from liuhen.evidence.model import Picture

_PICTURE = ", ".join(f"e.{name}" for name in Picture.__struct_fields__)
_OF_ORDER = """
from directory d
join orders o on o.book_id = d.book_id and o.id = d.id
join evidence_item e on e.book_id = o.book_id and e.order_id = o.id and e.hand_delivery_id is not null
    and not exists (select from erasure x where x.book_id = e.book_id and x.order_id = e.order_id)
where d.kind = 'order' and d.ext = $1 and ($3 or $2 in (o.buyer_id, o.book_id))
"""


async def by_delivery(tx: Tx, book_id: UUID, order_id: UUID) -> dict[UUID, Sequence[Picture]]:
    """All proofs of an order by the delivery that they prove, in the order of their coming."""
    rows = await tx.fetch(
        f"select e.hand_delivery_id, {_PICTURE} from evidence_item e"
        " where e.book_id = $1 and e.order_id = $2 and e.hand_delivery_id is not null and not exists (select"
        " from erasure x where x.book_id = e.book_id and x.order_id = e.order_id) order by e.id",
        book_id,
        order_id,
    )
    found: dict[UUID, list[Picture]] = {}
    for row in rows:
        found.setdefault(row["hand_delivery_id"], []).append(_picture(dict(row)))
    return {delivery: tuple(pictures) for delivery, pictures in found.items()}


async def of_order(tx: Tx, order_no: str, viewer_id: UUID, *, staff: bool) -> Sequence[Picture]:
    """For the buyer, the seller and staff. Raises NotFound where there is none, or none for this viewer."""
    rows = await tx.fetch(f"select {_PICTURE} {_OF_ORDER} order by e.id", order_no, viewer_id, staff)
    if not rows:
        raise NotFound("there is no such proof")
    return tuple(_picture(dict(row)) for row in rows)


async def proof(tx: Tx, order_no: str, picture_id: UUID, viewer_id: UUID, *, staff: bool) -> Picture:
    """One of them. Raises NotFound."""
    row = await tx.fetchrow(f"select {_PICTURE} {_OF_ORDER} and e.id = $4", order_no, viewer_id, staff, picture_id)
    if row is None:
        raise NotFound("there is no such proof")
    return _picture(dict(row))


def _picture(fields: dict[str, object]) -> Picture:
    fields.pop("hand_delivery_id", None)
    return msgspec.convert(fields, Picture)
