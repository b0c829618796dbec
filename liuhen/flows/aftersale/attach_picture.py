"""A picture is handed in: for a request that is being written (staged for a day), or for an open case (kept)."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.crypto import sha256
from liuhen.base.db import Database, Tx
from liuhen.base.errors import NotFound, TooLarge
from liuhen.base.faults import point
from liuhen.base.ids import new_id
from liuhen.base.objects import ObjectStore
from liuhen.evidence import store as evidence
from liuhen.evidence.model import MAX_PICTURE_BYTES, STAGED_FOR, Picture, original_key, view_key
from liuhen.evidence.pictures import Viewable, clean_name, draw
from liuhen.orders import store as orders
from liuhen.reads.refund_facts import owned_head
from liuhen.refunds import store as refunds
from liuhen.refunds.model import OPEN, Author
from liuhen.steps.bring_evidence import bring_evidence
from liuhen.steps.hold_case import hold_by_no, must_be, side_of
from liuhen.steps.judge import Rules
from liuhen.steps.keep_pictures import keep, keep_bytes, room_of


class AttachPicture(msgspec.Struct, frozen=True, kw_only=True):
    """Either an order of the buyer's (staged), or a case_no. staff: the door has seen that he is reviewer or admin."""

    party_id: UUID
    filename: str
    data: bytes
    book_id: UUID | None = None
    order_id: UUID | None = None
    case_no: str | None = None
    staff: bool = False


class PictureAttached(msgspec.Struct, frozen=True, kw_only=True):
    """sha256: of the original bytes, hex. Name the id in request_refund when `staged`."""

    picture_id: UUID
    sha256: str
    media_type: str
    width: int
    height: int
    staged: bool


class _Place(msgspec.Struct, frozen=True):
    book_id: UUID
    order_id: UUID
    side: Author


async def attach_picture(
    db: Database, cmd: AttachPicture, *, objects: ObjectStore, rules: Rules, now: datetime
) -> PictureAttached:
    """Three steps: may he (read), decode and keep the bytes (no transaction), write the row (transaction).

    What a buyer was asked for comes this way too: then the case goes back to its reviewer. The same bytes of the same
    person again are the same picture: who got no answer hands it in once more.
    Raises NotFound, StateConflict (case closed), TooLarge (10 MB, pixels, six pictures), InvalidInput (no picture).
    """
    if len(cmd.data) > MAX_PICTURE_BYTES:
        raise TooLarge("a picture has at most 10 MB", limit=MAX_PICTURE_BYTES)
    place = await _place(db, cmd, now)
    viewable = await draw(cmd.data)
    picture = _picture(cmd, place, viewable, now)
    await objects.put(picture.original_key, cmd.data)
    point("attach_picture.original_and_view")
    await objects.put(picture.view_key, viewable.view)
    point("attach_picture.view_and_row")

    async def work(tx: Tx) -> PictureAttached:
        if cmd.case_no is None:
            await orders.lock_owned(tx, place.book_id, place.order_id, cmd.party_id)
            known = await evidence.same_waiting(tx, picture)
            await keep_bytes(tx, objects, picture, cmd.data, viewable.view)
            if known is None:
                await evidence.stage(tx, picture, due_at=now + STAGED_FOR)
        else:
            held = await hold_by_no(tx, cmd.case_no)
            must_be(held.case, *OPEN)
            known = await evidence.same_kept(tx, picture, held.case.id)
            await keep_bytes(tx, objects, picture, cmd.data, viewable.view)
            if known is None:
                await keep(tx, held.case, picture, now=now)
            await bring_evidence(tx, held, place.side, rules=rules, now=now)
        return PictureAttached(
            picture_id=known or picture.id,
            sha256=picture.sha256.hex(),
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            staged=cmd.case_no is None,
        )

    return await db.transact(work, now=now)


async def _place(db: Database, cmd: AttachPicture, now: datetime) -> _Place:
    """Looks before any byte is kept: nothing would ever sweep the bytes of a picture that is refused."""
    async with db.read() as tx:
        if cmd.case_no is not None:
            case = await refunds.find(tx, cmd.case_no)
            side = side_of(case, cmd.party_id, staff=cmd.staff)
            must_be(case, *OPEN)
            await evidence.room_in_case(tx, case.book_id, case.id, cmd.party_id, most=room_of(case, cmd.party_id))
            return _Place(case.book_id, case.order_id, side)
        if cmd.book_id is None or cmd.order_id is None:
            raise NotFound("no such order")
        head = await owned_head(tx, cmd.book_id, cmd.order_id, cmd.party_id)
        await evidence.room_waiting(tx, head.book_id, head.id, cmd.party_id, now=now)
        return _Place(head.book_id, head.id, Author.BUYER)


def _picture(cmd: AttachPicture, place: _Place, viewable: Viewable, now: datetime) -> Picture:
    digest = sha256(cmd.data)
    return Picture(
        book_id=place.book_id,
        id=new_id(now),
        order_id=place.order_id,
        uploaded_by=cmd.party_id,
        uploader_role=str(place.side),
        filename=clean_name(cmd.filename),
        media_type=viewable.media_type,
        size_bytes=len(cmd.data),
        sha256=digest,
        original_key=original_key(cmd.party_id, digest),
        view_key=view_key(cmd.party_id, digest),
        width=viewable.width,
        height=viewable.height,
        at=now,
    )
