"""A shop as its own seller sees it, frozen or not."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.base.errors import NotFound


class OwnShop(msgspec.Struct, frozen=True, kw_only=True):
    """opened_at in UTC; fee in basis points of the price."""

    book_id: UUID
    name: str
    intro: str
    fee_basis_points: int
    opened_at: datetime


async def own_shop(tx: Tx, book_id: UUID) -> OwnShop:
    """Raises NotFound without a shop."""
    row = await tx.fetchrow(
        "select book_id, name, intro, fee_basis_points, opened_at from shop where book_id = $1 and closed_at is null",
        book_id,
    )
    if row is None:
        raise NotFound("no such shop")
    return msgspec.convert(dict(row), OwnShop)
