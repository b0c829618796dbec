"""What a number typed into a search leads to, for those whose thing it is."""

from uuid import UUID

from liuhen.base import directory
from liuhen.base.db import Tx
from liuhen.base.ids import valid_no

_OWNED = {
    "order": "select true from orders where book_id = $1 and id = $2 and (buyer_id = $3 or book_id = $3)",
    "case": "select true from refund_case where book_id = $1 and id = $2 and (buyer_id = $3 or book_id = $3)",
}
_PATHS = {"order": "/orders/{}", "case": "/cases/{}"}


async def path_of(tx: Tx, text: str, party_id: UUID) -> str | None:
    """The page of the order or case with this number if it is this party's, as buyer or seller; else None."""
    number = text.strip().upper()
    if len(number) > 40 or not number.isprintable() or not valid_no(number):
        return None
    for kind, sql in _OWNED.items():
        place = await directory.find(tx, kind, number)
        if place is not None and await tx.fetchval(sql, place.book_id, place.id, party_id):
            sold = kind == "order" and place.book_id == party_id
            return f"/seller/orders/{number}" if sold else _PATHS[kind].format(number)
    return None
