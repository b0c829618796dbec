"""A waiting picture is taken away again before the request is sent. Its bytes go with the next sweep."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.base.errors import NotFound
from liuhen.evidence import store as evidence


class DetachPicture(msgspec.Struct, frozen=True, kw_only=True):
    party_id: UUID
    book_id: UUID
    order_id: UUID
    picture_id: UUID


class PictureDetached(msgspec.Struct, frozen=True, kw_only=True):
    picture_id: UUID


async def detach_picture(db: Database, cmd: DetachPicture, *, now: datetime) -> PictureDetached:
    """Raises NotFound: not his, gone, or evidence of a case already."""

    async def work(tx: Tx) -> PictureDetached:
        if not await evidence.unstage(tx, cmd.book_id, cmd.order_id, cmd.party_id, cmd.picture_id, now=now):
            raise NotFound("there is no such picture waiting")
        return PictureDetached(picture_id=cmd.picture_id)

    return await db.transact(work, now=now)
