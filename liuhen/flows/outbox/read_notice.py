"""A party has read a message of his inbox, or all of them."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.notices import store as notices


class ReadNotice(msgspec.Struct, frozen=True, kw_only=True):
    """notice_id None: all that are unread."""

    party_id: UUID
    notice_id: UUID | None = None


class NoticesRead(msgspec.Struct, frozen=True, kw_only=True):
    """changed: messages that were unread until now."""

    changed: int


async def read_notice(db: Database, cmd: ReadNotice, *, now: datetime) -> NoticesRead:
    """Somebody else's message, and one read before, changes nothing."""

    async def work(tx: Tx) -> NoticesRead:
        return NoticesRead(changed=await notices.mark_read(tx, cmd.party_id, cmd.notice_id, now=now))

    return await db.transact(work, now=now)
