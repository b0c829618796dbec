"""Pictures by which a seller proves a delivery by hand; both sides and staff look at them."""

from datetime import datetime
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from liuhen.base.errors import InvalidInput, NotFound, TooLarge
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Hash, shape
from liuhen.edge.api.v1.cases import Size, picture_bytes, staff
from liuhen.edge.api.v1.orders import stands
from liuhen.edge.api.v1.refunds import BODY, IMAGES, Upload, objects
from liuhen.edge.context import Ctx
from liuhen.flows.trade.attach_proof import AttachProof, attach_proof
from liuhen.reads import api_orders, order_page, proofs


class Proof(Answer, frozen=True, kw_only=True):
    """A picture that proves a delivery. sha256: of the original bytes, as in the record."""

    id: UUID
    delivery_id: UUID
    media_type: str
    sha256: Hash
    width: int
    height: int
    filename: str
    size_bytes: int
    at: datetime


class Proofs(Answer, frozen=True, kw_only=True):
    """By delivery, in the order of their coming; at most six of each."""

    items: list[Proof]


class KeptProof(Answer, frozen=True, kw_only=True):
    """sha256: of the original bytes, as in the record."""

    id: UUID
    sha256: Hash


@op(
    "POST",
    "/seller/orders/{order_no:str}/deliveries/{delivery_id:uuid}/pictures",
    "sell",
    "Prove a delivery by hand",
    TooLarge,
    InvalidInput,
    status=201,
    uploads=IMAGES,
    most_bytes=BODY,
)
async def add_proof(ctx: Ctx, order_no: FromPath[str], delivery_id: FromPath[UUID], asked: Take[Upload]) -> KeptProof:
    """JPEG, PNG or WebP, 10 MB, six of a delivery. The hash of the original goes into the order's record."""
    async with ctx.db.read() as tx:
        place = await api_orders.where(tx, order_no, ctx.me)
    if place.book_id != ctx.me:
        raise NotFound("no such order")
    cmd = AttachProof(
        seller_id=ctx.me,
        order_id=place.id,
        delivery_id=delivery_id,
        filename=asked.filename,
        data=await ctx.request.body(),
    )
    done = await attach_proof(ctx.db, cmd, objects=objects(ctx), now=ctx.now)
    return KeptProof(id=done.picture_id, sha256=done.sha256)


@op("GET", "/orders/{order_no:str}/proofs", "read|sell|review", "Proofs of deliveries by hand")
async def list_proofs(ctx: Ctx, order_no: FromPath[str]) -> Proofs:
    """For buyer, seller and staff."""
    await stands(ctx, order_no)
    async with ctx.db.read() as tx:
        place = await order_page.party_place(tx, order_no, ctx.me, staff=staff(ctx))
        found = await proofs.by_delivery(tx, place.book_id, place.id)
    items = [shape(item, Proof, delivery_id=delivery) for delivery, pictures in found.items() for item in pictures]
    return Proofs(items=items)


@op(
    "GET",
    "/orders/{order_no:str}/proofs/{picture_id:uuid}",
    "read|sell|review",
    "Look at a proof",
    answers=("image/jpeg", "application/octet-stream"),
)
async def get_proof(
    ctx: Ctx, order_no: FromPath[str], picture_id: FromPath[UUID], asked: Take[Size]
) -> Response[bytes]:
    """A JPEG made for viewing, without metadata; or the original, to check its hash."""
    await stands(ctx, order_no)
    async with ctx.db.read() as tx:
        found = await proofs.proof(tx, order_no, picture_id, ctx.me, staff=staff(ctx))
    return await picture_bytes(ctx, found, original=asked.original)


routes = [add_proof, list_proofs, get_proof]
