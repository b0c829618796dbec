"""Who works for the platform."""

from uuid import UUID

from liuhen.base.db import Tx


async def staff(tx: Tx) -> list[UUID]:
    """Reviewers and admins that are not frozen."""
    rows = await tx.fetch(
        "select book_id from party where roles && array['reviewer', 'admin'] and frozen_at is null order by book_id"
    )
    return [row["book_id"] for row in rows]
