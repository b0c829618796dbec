"""An upload that nobody confirmed within 30 minutes is forgotten, file and all."""

from datetime import datetime
from uuid import UUID

from liuhen.base.db import Database
from liuhen.keyfiles import store as keyfiles


async def expire_staged_stock(db: Database, book_id: UUID, import_id: UUID, *, now: datetime) -> bool:
    """Whether there was something to forget: confirmed in time, it stays."""
    return await db.transact(lambda tx: keyfiles.expire(tx, book_id, import_id, now=now), now=now)
