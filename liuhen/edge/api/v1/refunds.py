"""Asking for money back: preview, pictures, request. And the money itself: approved, sent, arrived."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import CaseOpen, InvalidInput, NotFound, StateConflict, TooLarge, Unavailable
from liuhen.base.objects import ObjectStore
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, CaseNo, Fen, Given, Hash, OrderNo, shape
from liuhen.edge.api.v1.orders import UnitIds, bought
from liuhen.edge.context import Context, Ctx
from liuhen.evidence.model import MAX_PICTURE_BYTES, Picture
from liuhen.flows.aftersale.attach_picture import AttachPicture, PictureAttached, attach_picture
from liuhen.flows.aftersale.detach_picture import DetachPicture, detach_picture
from liuhen.flows.aftersale.preview_refund import Preview, PreviewRefund, preview_refund
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.payments.model import RefundKind, SendState
from liuhen.policy.decision import BillLine, Decision, JoinedClause, Outcome
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads import api_refunds, evidence
from liuhen.refunds.model import MAX_STATEMENT, CaseState, Route

IMAGES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
BODY = MAX_PICTURE_BYTES + 1000  # a little over, so that the flow can say what is wrong


class WhatIf(Given, frozen=True, kw_only=True):
    """route: the way it was paid, or expressly the balance."""

    unit_ids: UnitIds
    reason: ReasonCode
    route: Route = Route.ORIGINAL


class PreviewPart(Answer, frozen=True, kw_only=True):
    """Units that would share a case. In a review the amount is a range. decision: on the first of them, in full."""

    state: CaseState
    unit_ids: list[UUID]
    amount_fen: Fen
    amount_max_fen: Fen
    due_at: datetime | None
    decision: Decision


class RefundPreview(Answer, frozen=True, kw_only=True):
    """What would happen, how much, and why. clauses: by place in unit_ids, which of them met each clause."""

    unit_ids: list[UUID]
    outcome: Outcome
    amount_fen: Fen
    amount_max_fen: Fen
    bill: list[BillLine]
    clauses: list[JoinedClause]
    parts: list[PreviewPart]


class RefundRequest(Given, frozen=True, kw_only=True):
    """statement: in one's own words. pictures: ids of pictures that were uploaded for this order."""

    unit_ids: UnitIds
    reason: ReasonCode
    statement: Annotated[str, Meta(max_length=MAX_STATEMENT)] = ""
    route: Route = Route.ORIGINAL
    pictures: Annotated[tuple[UUID, ...], Meta(max_length=6)] = ()


class OpenedCase(Answer, frozen=True, kw_only=True):
    """A new case in a few words; GET /cases/{case_no} has all of it. ground: id of the clause that decides."""

    case_no: CaseNo
    state: CaseState
    due_at: datetime | None
    asked_fen: Fen
    approved_fen: Fen | None
    unit_ids: list[UUID]
    ground: str


class RefundOpened(Answer, frozen=True, kw_only=True):
    """One case for all units that go the same way; what the machine can pay does not wait for the rest."""

    cases: list[OpenedCase]


class PictureOut(Answer, frozen=True, kw_only=True):
    """A picture. sha256: of the original bytes, as in the record."""

    id: UUID
    media_type: str
    sha256: Hash
    width: int
    height: int
    filename: str | None
    size_bytes: int | None
    uploader_role: str | None
    at: datetime | None


class Pictures(Answer, frozen=True, kw_only=True):
    """In the order of their coming."""

    items: list[PictureOut]


class Upload(Given, frozen=True, kw_only=True):
    """filename: shown to the other side."""

    filename: Annotated[str, Meta(min_length=1, max_length=255, examples=["error.png"])]


class MyRefund(Answer, frozen=True, kw_only=True):
    """Money on its way to me. channel_refund_no: the channel's own number, once it has one."""

    refund_no: str
    kind: RefundKind
    route: Route
    amount_fen: Fen
    state: SendState
    order_no: OrderNo | None
    case_no: CaseNo | None
    approved_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    channel_refund_no: str | None


class MyRefunds(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[MyRefund]
    next: str | None


class WhichRefunds(Asked, frozen=True, kw_only=True):
    """open_only: those that have not arrived."""

    open_only: bool = False


@op("POST", "/orders/{order_no:str}/refund-preview", "read", "What would a refund request lead to")
async def preview(ctx: Ctx, order_no: FromPath[str], given: Take[WhatIf]) -> RefundPreview:
    """Asks the rules with what is on record. Writes nothing."""
    found = await bought(ctx, order_no)
    cmd = PreviewRefund(
        buyer_id=ctx.me,
        book_id=found.book_id,
        order_id=found.id,
        unit_ids=given.unit_ids,
        reason=given.reason,
        route=given.route,
    )
    return _preview(await preview_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now))


@op("POST", "/orders/{order_no:str}/refund-requests", "buy", "Ask for money back", CaseOpen, StateConflict, status=201)
async def ask_refund(ctx: Ctx, order_no: FromPath[str], given: Take[RefundRequest], once: Take[Once]) -> RefundOpened:
    """What the machine can decide is decided and paid at once. No fee, ever."""
    cmd = RequestRefund(
        buyer_id=ctx.me,
        order_no=order_no,
        unit_ids=given.unit_ids,
        reason=given.reason,
        statement=given.statement,
        route=given.route,
        pictures=list(given.pictures),
    )
    done = await request_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=once)
    return RefundOpened(cases=[shape(case, OpenedCase, unit_ids=list(case.units)) for case in done.cases])


@op(
    "POST",
    "/orders/{order_no:str}/pictures",
    "buy",
    "Upload a picture for a request",
    TooLarge,
    InvalidInput,
    status=201,
    uploads=IMAGES,
    most_bytes=BODY,
)
async def upload_picture(ctx: Ctx, order_no: FromPath[str], asked: Take[Upload]) -> PictureOut:
    """JPEG, PNG or WebP, 10 MB. Kept for a day; name its id in the request. The same bytes twice are kept once."""
    found = await bought(ctx, order_no)
    cmd = AttachPicture(
        party_id=ctx.me,
        filename=asked.filename,
        data=await ctx.request.body(),
        book_id=found.book_id,
        order_id=found.id,
    )
    return attached(await attach_picture(ctx.db, cmd, objects=objects(ctx), rules=ctx.app.rules, now=ctx.now))


@op("GET", "/orders/{order_no:str}/pictures", "read", "Pictures that wait for a request")
async def list_staged(ctx: Ctx, order_no: FromPath[str]) -> Pictures:
    """One's own uploads of the last day that belong to no case yet."""
    found = await bought(ctx, order_no)
    async with ctx.db.read() as tx:
        waiting = await evidence.staged_pictures(tx, found.book_id, found.id, ctx.me, ctx.now)
    return Pictures(items=[picture_out(item) for item in waiting])


@op(
    "GET",
    "/orders/{order_no:str}/pictures/{picture_id:uuid}",
    "read",
    "Look at a waiting picture",
    answers=("image/jpeg",),
)
async def get_staged(ctx: Ctx, order_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """A JPEG made for viewing, without metadata."""
    found = await bought(ctx, order_no)
    async with ctx.db.read() as tx:
        waiting = await evidence.staged_pictures(tx, found.book_id, found.id, ctx.me, ctx.now)
    picture = next((item for item in waiting if item.id == picture_id), None)
    if picture is None:
        raise NotFound("there is no such picture waiting")
    return Response(await objects(ctx).get(picture.view_key), media_type="image/jpeg")


@op("DELETE", "/orders/{order_no:str}/pictures/{picture_id:uuid}", "buy", "Drop a waiting picture", status=204)
async def drop_picture(ctx: Ctx, order_no: FromPath[str], picture_id: FromPath[UUID]) -> None:
    """What is evidence of a case already stays."""
    found = await bought(ctx, order_no)
    cmd = DetachPicture(party_id=ctx.me, book_id=found.book_id, order_id=found.id, picture_id=picture_id)
    await detach_picture(ctx.db, cmd, now=ctx.now)


@op("GET", "/refunds", "read", "Money on its way to me")
async def list_refunds(ctx: Ctx, asked: Take[WhichRefunds]) -> MyRefunds:
    """Of cases, of late payments, of payouts."""
    after = cursors.read(ctx, "refunds", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        found = await api_refunds.refunds(tx, ctx.me, open_only=asked.open_only, after=after, limit=asked.limit + 1)
    shown = found[: asked.limit]
    place = shown[-1].id if len(found) > asked.limit else None
    return MyRefunds(items=[shape(item, MyRefund) for item in shown], next=cursors.write(ctx, "refunds", place))


@op("GET", "/refunds/{refund_no:str}", "read", "One refund")
async def get_refund(ctx: Ctx, refund_no: FromPath[str]) -> MyRefund:
    """Approved, sent and arrived are three facts, each with its time."""
    async with ctx.db.read() as tx:
        found = await api_refunds.refund(tx, ctx.me, refund_no)
    if found is None:
        raise NotFound("no such refund")
    return shape(found, MyRefund)


def objects(ctx: Context) -> ObjectStore:
    """The store of uploaded bytes. Raises Unavailable where there is none."""
    if ctx.app.objects is None:
        raise Unavailable("there is no store for pictures")
    return ctx.app.objects


def attached(done: PictureAttached) -> PictureOut:
    """A picture just uploaded."""
    return shape(done, PictureOut, id=done.picture_id, filename=None, size_bytes=None, uploader_role=None, at=None)


def picture_out(item: Picture) -> PictureOut:
    """A picture on record."""
    return shape(item, PictureOut)


def _preview(found: Preview) -> RefundPreview:
    joined = found.decision
    decisions = dict(zip(found.units, joined.units, strict=True))
    return RefundPreview(
        unit_ids=found.units,
        outcome=joined.outcome,
        amount_fen=joined.amount_fen,
        amount_max_fen=joined.amount_max_fen,
        bill=list(joined.bill),
        clauses=list(joined.clauses),
        parts=[
            shape(part, PreviewPart, unit_ids=part.units, decision=decisions[part.units[0]]) for part in found.groups
        ],
    )


routes = [preview, ask_refund, upload_picture, list_staged, get_staged, drop_picture, list_refunds, get_refund]
