"""The record of an order, verified while one looks: every link, the first that does not hold, a file to keep."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from liuhen.base.crypto import sha256
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import events as told
from liuhen.edge.web.buyer.order import lang_of
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.kinds import kind_words
from liuhen.edge.web.render import render
from liuhen.reads import evidence, order_page


@get("/orders/{order_no:str}/record", guards=[needs_party])
async def record(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """For the buyer, the seller and staff. Raises NotFound for everybody else."""
    async with ctx.db.read() as tx:
        place = await order_page.party_place(tx, order_no, ctx.me, staff=ctx.visitor.is_reviewer)
        proof = await evidence.verify(tx, place.book_id, place.id)
        links = await evidence.events(tx, place.book_id, place.id)
        numbers = await order_page.unit_numbers(tx, place.book_id, place.id)
    reader = told.Reader(lang_of(ctx), ctx.now, viewer_of(ctx, place.book_id), numbers)
    rows = [(told.entry(link, reader), link.hash) for link in reversed(links)]
    return render(
        ctx.request,
        "buyer/record.html",
        order_no=order_no,
        proof=proof,
        rows=rows,
        own_book=place.book_id == ctx.me,
        erased=told.erasure(links),
    )


@get("/orders/{order_no:str}/record.json", guards=[needs_party])
async def record_file(ctx: Ctx, order_no: FromPath[str]) -> Response[bytes]:
    """The same as a file, with what a stranger needs to verify it again."""
    async with ctx.db.read() as tx:
        place = await order_page.party_place(tx, order_no, ctx.me, staff=ctx.visitor.is_reviewer)
        proof = await evidence.verify(tx, place.book_id, place.id)
        links = await evidence.events(tx, place.book_id, place.id)
    body = {
        "order_no": order_no,
        "format": "liuhen-chain-1",
        "link": "sha256(previous || seq as 8 bytes big-endian || sha256(payload)); payload is canonical JSON",
        "links": proof.links,
        "head": proof.head,
        "first_broken": proof.first_broken,
        "erased": told.erasure(links),
        "events": [{"seq": link.seq, "hash": link.hash, "payload": link.payload} for link in links],
    }
    return Response(
        content=msgspec.json.format(msgspec.json.encode(body), indent=1),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{order_no}-record.json"', "Cache-Control": "no-store"},
    )


@get("/orders/{order_no:str}/snapshot/{line_no:int}", guards=[needs_party])
async def snapshot(ctx: Ctx, order_no: FromPath[str], line_no: FromPath[int]) -> Response[Any]:
    """What was shown when the order was placed: product page, terms, rules. For both parties."""
    async with ctx.db.read() as tx:
        found = await order_page.snapshot_of(tx, order_no, line_no, ctx.me)
    kept: dict[str, Any] = msgspec.json.decode(found.content)
    return render(
        ctx.request,
        "buyer/snapshot.html",
        snapshot=found,
        kept=kept,
        content=kept["content"],
        kind=kind_words(kept["content"]["kind"]),
        matches=sha256(found.content) == found.sha256,
    )


routes = [record, record_file, snapshot]


def viewer_of(ctx: Context, book_id: Any) -> str:
    """Which side of the order the visitor is on."""
    if ctx.me == book_id:
        return "seller"
    return "staff" if ctx.visitor.is_reviewer else "buyer"
