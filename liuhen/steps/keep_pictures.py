"""Pictures become evidence of a case: the hash of each original goes into the order's chain."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.base.objects import ObjectStore
from liuhen.evidence import store as evidence
from liuhen.evidence.model import MAX_PER_CASE, Picture
from liuhen.refunds.model import Case
from liuhen.steps.record import Actor, record


async def keep_staged(tx: Tx, case: Case, party_id: UUID, ids: Sequence[UUID], *, now: datetime) -> None:
    """Moves one's own waiting pictures into a case. Raises NotFound, TooLarge."""
    for picture in await evidence.take_staged(tx, case.book_id, case.order_id, party_id, ids, now=now):
        await keep(tx, case, picture, now=now)


def room_of(case: Case, party_id: UUID) -> int:
    """How many pictures of this party a case takes: six, and six more for what a buyer was asked to bring."""
    return MAX_PER_CASE * (2 if party_id == case.buyer_id and case.evidence_asked_at is not None else 1)


async def keep(tx: Tx, case: Case, picture: Picture, *, now: datetime) -> None:
    """Puts one picture into a case for good. Raises TooLarge beyond six of one side."""
    await evidence.add(tx, picture, case.id, most=room_of(case, picture.uploaded_by))
    data = {
        "case": case.id,
        "picture": picture.id,
        "sha256": picture.sha256,
        "bytes": picture.size_bytes,
        "media_type": picture.media_type,
        "uploaded_at": picture.at,
    }
    actor = Actor(picture.uploader_role, picture.uploaded_by)
    await record(tx, case.book_id, case.order_id, actor, "PICTURE_KEPT", data, now=now)


async def keep_bytes(tx: Tx, objects: ObjectStore, picture: Picture, data: bytes, view: bytes) -> None:
    """Just before the row that leads to them: the bytes are there, or put once more. An older picture that was the
    same may have expired between their coming and this transaction, and taken them along."""
    await evidence.hold_bytes(tx, picture.original_key)
    for key, content in ((picture.original_key, data), (picture.view_key, view)):
        if not await objects.exists(key):
            await objects.put(key, content)
