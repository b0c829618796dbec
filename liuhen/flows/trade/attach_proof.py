"""A seller proves a delivery by hand with a picture: both sides and staff see it, its hash goes into the chain."""

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
from liuhen.evidence.model import MAX_PICTURE_BYTES, Picture, original_key, view_key
from liuhen.evidence.pictures import clean_name, draw
from liuhen.orders import store as orders
from liuhen.steps.keep_pictures import keep_bytes
from liuhen.steps.record import record, seller


class AttachProof(msgspec.Struct, frozen=True, kw_only=True):
    """delivery_id: of a delivery by hand that the seller made in this order."""

    seller_id: UUID
    order_id: UUID
    delivery_id: UUID
    filename: str
    data: bytes


class ProofAttached(msgspec.Struct, frozen=True, kw_only=True):
    """sha256: of the original bytes, hex."""

    picture_id: UUID
    sha256: str


async def attach_proof(db: Database, cmd: AttachProof, *, objects: ObjectStore, now: datetime) -> ProofAttached:
    """Three steps: may he (read), decode and keep the bytes (no transaction), write the row (transaction).

    The same bytes again are the same picture.
    Raises NotFound, TooLarge (10 MB, pixels, six pictures of a delivery), InvalidInput (no picture).
    """
    if len(cmd.data) > MAX_PICTURE_BYTES:
        raise TooLarge("a picture has at most 10 MB", limit=MAX_PICTURE_BYTES)
    async with db.read() as tx:
        await _his(tx, cmd)
        await evidence.room_for_proof(tx, cmd.seller_id, cmd.order_id, cmd.delivery_id)
    viewable = await draw(cmd.data)
    digest = sha256(cmd.data)
    picture = Picture(
        book_id=cmd.seller_id,
        id=new_id(now),
        order_id=cmd.order_id,
        uploaded_by=cmd.seller_id,
        uploader_role="SELLER",
        filename=clean_name(cmd.filename),
        media_type=viewable.media_type,
        size_bytes=len(cmd.data),
        sha256=digest,
        original_key=original_key(cmd.seller_id, digest),
        view_key=view_key(cmd.seller_id, digest),
        width=viewable.width,
        height=viewable.height,
        at=now,
    )
    await objects.put(picture.original_key, cmd.data)
    point("attach_proof.original_and_view")
    await objects.put(picture.view_key, viewable.view)
    point("attach_proof.view_and_row")

    async def work(tx: Tx) -> ProofAttached:
        head = await orders.lock(tx, cmd.seller_id, cmd.order_id)
        await _his(tx, cmd)
        await keep_bytes(tx, objects, picture, cmd.data, viewable.view)
        known = await evidence.same_kept(tx, picture, cmd.delivery_id)
        if known is not None:
            return ProofAttached(picture_id=known, sha256=digest.hex())
        await evidence.add_proof(tx, picture, cmd.delivery_id)
        data = {
            "delivery": cmd.delivery_id,
            "picture": picture.id,
            "sha256": digest,
            "bytes": picture.size_bytes,
            "media_type": picture.media_type,
            "uploaded_at": now,
        }
        await record(tx, head.book_id, head.id, seller(cmd.seller_id), "PICTURE_KEPT", data, now=now)
        return ProofAttached(picture_id=picture.id, sha256=digest.hex())

    return await db.transact(work, now=now)


async def _his(tx: Tx, cmd: AttachProof) -> None:
    if not await orders.has_hand_delivery(tx, cmd.seller_id, cmd.order_id, cmd.delivery_id):
        raise NotFound("no such delivery")
