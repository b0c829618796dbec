"""Refund cases: looking, answering, withdrawing, asking for a person, words and pictures. For both sides and staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import CaseOpen, InvalidInput, NotFound, StateConflict, TooLarge
from liuhen.edge.api import cursors
from liuhen.edge.api.auth import must_cover
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, CaseNo, Given, shape
from liuhen.edge.api.v1.case_shapes import Case, CaseInList, Cases, case_of
from liuhen.edge.api.v1.refunds import BODY, IMAGES, PictureOut, Pictures, Upload, attached, objects, picture_out
from liuhen.edge.context import Context, Ctx
from liuhen.evidence.model import Picture
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.answer_refund import AnswerRefund, answer_refund
from liuhen.flows.aftersale.ask_human import AskHuman, ask_human
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.reads import api_refunds, case_page, evidence
from liuhen.refunds import model
from liuhen.refunds.model import MAX_NOTE, Author

Words = Annotated[str, Meta(max_length=MAX_NOTE)]
_BOTH_SIDES = "read|sell|review"
_ACTING = "buy|sell|review"


class WhichCases(Asked, frozen=True, kw_only=True):
    """open_only: those that are not decided."""

    open_only: bool = False


class SellersAnswer(Given, frozen=True, kw_only=True):
    """reasons: needed with REFUSED; a reviewer then decides."""

    answer: model.Answer
    reasons: Words = ""


class MyWords(Given, frozen=True, kw_only=True):
    """Why, if one wants to say."""

    words: Words = ""


class NewNote(Given, frozen=True, kw_only=True):
    """Words that both sides and staff read; they count as evidence."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_NOTE)]


class NoteDone(Answer, frozen=True, kw_only=True):
    """Written down."""

    id: UUID
    at: datetime


class Size(Given, frozen=True, kw_only=True):
    """original: the very bytes that were handed in, instead of the copy made for viewing."""

    original: bool = False


@op("GET", "/cases", "read", "My cases as a buyer")
async def list_cases(ctx: Ctx, asked: Take[WhichCases]) -> Cases:
    """Newest first. As a seller: GET /seller/cases; the queue of the reviewers: GET /desk/cases."""
    after = cursors.read(ctx, "cases", asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await case_page.cases(tx, ctx.me, open_only=asked.open_only, after=after, limit=asked.limit)
    items = [shape(case, CaseInList) for case in page.cases]
    return Cases(items=items, next=cursors.write(ctx, "cases", page.next))


@op("GET", "/cases/{case_no:str}", _BOTH_SIDES, "One case")
async def get_case(ctx: Ctx, case_no: FromPath[str]) -> Case:
    """For its buyer, its seller and staff: state, deadline, thread, pictures, decision, money, and what to do next."""
    await _stands(ctx, case_no)
    return await read_case(ctx, case_no)


@op("POST", "/cases/{case_no:str}/answer", "sell", "Answer as the seller", StateConflict)
async def answer_case(ctx: Ctx, case_no: FromPath[str], given: Take[SellersAnswer], once: Take[Once]) -> Case:
    """Once, within 24 hours. AGREED pays the buyer at once; no answer in time means the same."""
    cmd = AnswerRefund(seller_id=ctx.me, case_no=case_no, answer=given.answer, reasons=given.reasons)
    await answer_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=once)
    return await read_case(ctx, case_no)


@op("POST", "/cases/{case_no:str}/withdraw", "buy", "Withdraw a request", StateConflict)
async def withdraw_case(ctx: Ctx, case_no: FromPath[str], once: Take[Once]) -> Case:
    """The buyer may ask again later."""
    await withdraw_request(ctx.db, WithdrawRequest(buyer_id=ctx.me, case_no=case_no), now=ctx.now, once=once)
    return await read_case(ctx, case_no)


@op("POST", "/cases/{case_no:str}/ask-human", "buy", "Take a refusal to a person", StateConflict, CaseOpen)
async def take_to_human(ctx: Ctx, case_no: FromPath[str], given: Take[MyWords], once: Take[Once]) -> Case:
    """Once, for what no person has decided."""
    cmd = AskHuman(buyer_id=ctx.me, case_no=case_no, words=given.words)
    await ask_human(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=once)
    return await read_case(ctx, case_no)


@op("POST", "/cases/{case_no:str}/notes", _ACTING, "Write in a case", StateConflict, status=201)
async def write_note(ctx: Ctx, case_no: FromPath[str], given: Take[NewNote], once: Take[Once]) -> NoteDone:
    """Buyer, seller and reviewer write in one thread."""
    await _stands(ctx, case_no, acting=True)
    cmd = AddNote(author_id=ctx.me, case_no=case_no, text=given.text, staff=staff(ctx))
    done = await add_note(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=once)
    return NoteDone(id=done.note_id, at=done.at)


@op(
    "POST",
    "/cases/{case_no:str}/pictures",
    _ACTING,
    "Add a picture to a case",
    TooLarge,
    InvalidInput,
    StateConflict,
    status=201,
    uploads=IMAGES,
    most_bytes=BODY,
)
async def add_picture(ctx: Ctx, case_no: FromPath[str], asked: Take[Upload]) -> PictureOut:
    """JPEG, PNG or WebP, 10 MB, six in a case. The hash of the original goes into the order's record."""
    await _stands(ctx, case_no, acting=True)
    cmd = AttachPicture(
        party_id=ctx.me,
        filename=asked.filename,
        data=await ctx.request.body(),
        case_no=case_no,
        staff=staff(ctx),
    )
    return attached(await attach_picture(ctx.db, cmd, objects=objects(ctx), rules=ctx.app.rules, now=ctx.now))


@op("GET", "/cases/{case_no:str}/pictures", _BOTH_SIDES, "Pictures of a case")
async def list_pictures(ctx: Ctx, case_no: FromPath[str]) -> Pictures:
    """All of them, whoever handed them in."""
    await _stands(ctx, case_no)
    async with ctx.db.read() as tx:
        view = await case_page.case_of(tx, case_no, ctx.me, staff=staff(ctx))
    return Pictures(items=[picture_out(item) for item in view.pictures])


@op(
    "GET",
    "/cases/{case_no:str}/pictures/{picture_id:uuid}",
    _BOTH_SIDES,
    "Look at a picture",
    answers=("image/jpeg", "application/octet-stream"),
)
async def get_picture(
    ctx: Ctx, case_no: FromPath[str], picture_id: FromPath[UUID], asked: Take[Size]
) -> Response[bytes]:
    """A JPEG made for viewing, without metadata; or the original, to check its hash."""
    await _stands(ctx, case_no)
    async with ctx.db.read() as tx:
        found = await evidence.picture_of_case(tx, case_no, picture_id, ctx.me, staff=staff(ctx))
    return await picture_bytes(ctx, found, original=asked.original)


async def read_case(ctx: Context, case_no: CaseNo) -> Case:
    """The case as the caller sees it. Raises NotFound."""
    async with ctx.db.read() as tx:
        view = await case_page.case_of(tx, case_no, ctx.me, staff=staff(ctx))
    return case_of(view, ctx.me, ctx.now)


async def _stands(ctx: Context, case_no: str, *, acting: bool = False) -> None:
    """On which side the caller stands, and that his token is for it. Raises NotFound, MissingScope."""
    async with ctx.db.read() as tx:
        sides = await api_refunds.sides_of_case(tx, case_no)
    if sides is None:
        raise NotFound("there is no such case")
    side = {sides.buyer_id: Author.BUYER, sides.seller_id: Author.SELLER}.get(ctx.me)
    if side is None and not staff(ctx):
        raise NotFound("there is no such case")
    must_cover(ctx.visitor, side or Author.REVIEWER, acting=acting)


async def picture_bytes(ctx: Context, picture: Picture, *, original: bool) -> Response[bytes]:
    """A picture as an answer. Whoever gets here has been found to be allowed."""
    data = await objects(ctx).get(picture.original_key if original else picture.view_key)
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="application/octet-stream" if original else "image/jpeg", headers=headers)


def staff(ctx: Context) -> bool:
    """Whether the caller acts as staff: token and party both have it."""
    return "review" in (ctx.visitor.scopes or ()) and ctx.visitor.is_reviewer


routes = [
    list_cases,
    get_case,
    answer_case,
    withdraw_case,
    take_to_human,
    write_note,
    add_picture,
    list_pictures,
    get_picture,
]
