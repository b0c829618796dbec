"""Proof of a delivery by hand: the seller hands pictures in, both sides and staff look at them."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, NotFound, Unavailable
from liuhen.base.ids import valid_no
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import form
from liuhen.edge.web.guards import needs_party, needs_seller
from liuhen.edge.web.mistakes import sentence
from liuhen.edge.web.pictures import original, view
from liuhen.edge.web.render import render
from liuhen.edge.web.seller.console import say
from liuhen.edge.web.uploads import PICTURES_BODY, take_pictures
from liuhen.edge.web.view import view_of
from liuhen.flows.trade.attach_proof import AttachProof, attach_proof
from liuhen.reads import proofs, seller_orders


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class ProofForm(Struct):
    delivery_id: UUID
    pictures: Annotated[list[UploadFile], Meta(title=_("图片"))] = []


@post("/seller/orders/{order_no:str}/proofs", guards=[needs_seller], request_max_body_size=PICTURES_BODY)
async def add(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """More pictures for a delivery that was made."""
    async with ctx.db.read() as tx:
        found = await seller_orders.order_of(tx, order_no, ctx.me)
    given = await form(ctx.request, ProofForm)
    if not given.pictures:
        return go(ctx, f"/seller/orders/{order_no}", say(ctx, _("还没有选图片")), "info")
    kept, refused = await keep_proofs(ctx, found.id, given.delivery_id, given.pictures)
    text = say(ctx, _("已收下 %(n)s 张图片凭证"), n=kept)
    return go(ctx, f"/seller/orders/{order_no}", f"{text}{refused}", "no" if refused else "done")


async def keep_proofs(ctx: Context, order_id: UUID, delivery_id: UUID, files: list[UploadFile]) -> tuple[int, str]:
    """(how many were kept, a sentence on what was refused or ""). Raises NotFound, Unavailable without a store."""
    objects = ctx.app.objects
    if objects is None:
        raise Unavailable("there is no store for pictures")
    kept = 0

    async def keep(name: str, data: bytes) -> None:
        nonlocal kept
        cmd = AttachProof(seller_id=ctx.me, order_id=order_id, delivery_id=delivery_id, filename=name, data=data)
        await attach_proof(ctx.db, cmd, objects=objects, now=ctx.now)
        kept += 1

    try:
        await take_pictures(files, keep)
    except InvalidInput as error:
        return kept, say(ctx, _("。")) + sentence(error, view_of(ctx.request).lang)
    return kept, ""


@get("/orders/{order_no:str}/proofs", guards=[needs_party])
async def look(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """All pictures by which the seller proves deliveries of this order, for its buyer, its seller and staff."""
    if not valid_no(order_no):
        raise NotFound("no such order")
    async with ctx.db.read() as tx:
        found = await proofs.of_order(tx, order_no, ctx.me, staff=ctx.visitor.is_reviewer)
    mine = found[0].book_id == ctx.me
    return render(ctx.request, "seller/proofs.html", order_no=order_no, pictures=found, mine=mine)


@get("/orders/{order_no:str}/proofs/{picture_id:uuid}", guards=[needs_party])
async def picture(ctx: Ctx, order_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """One of them, re-encoded. Raises NotFound."""
    async with ctx.db.read() as tx:
        found = await proofs.proof(tx, order_no, picture_id, ctx.me, staff=ctx.visitor.is_reviewer)
    return await view(ctx, found)


@get("/orders/{order_no:str}/proofs/{picture_id:uuid}/original", guards=[needs_party])
async def picture_original(ctx: Ctx, order_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """The bytes as handed in, to keep and to check against the chain. Raises NotFound."""
    async with ctx.db.read() as tx:
        found = await proofs.proof(tx, order_no, picture_id, ctx.me, staff=ctx.visitor.is_reviewer)
    return await original(ctx, found)


routes = [add, look, picture, picture_original]
