"""Refund cases: the buyer's list, and one page per case that buyer and seller each read from their side."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Meta, Struct

from liuhen.base.errors import InvalidInput, LiuhenError, NotFound
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors, decision_words
from liuhen.edge.web.buyer import case_words as words
from liuhen.edge.web.buyer.case_outside import outside
from liuhen.edge.web.buyer.order import lang_of, say
from liuhen.edge.web.buyer.refund import objects_of
from liuhen.edge.web.events import Reader
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import blank, form, once_from, refill
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.nav import LINKS
from liuhen.edge.web.pictures import original, view
from liuhen.edge.web.ranges import words as units_words
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.render import render
from liuhen.edge.web.uploads import PICTURES_BODY, take_pictures
from liuhen.evidence.model import MAX_PER_CASE
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.answer_refund import AnswerRefund, answer_refund
from liuhen.flows.aftersale.ask_human import AskHuman, ask_human
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.reads import case_page, evidence, order_page
from liuhen.reads.case_page import CaseView
from liuhen.refunds.model import MAX_NOTE, Act, Answer, Author, CaseState, acts
from liuhen.steps.keep_pictures import room_of

Text = Annotated[str, QueryParameter(max_length=80)]
_PAGE = "buyer/case.html"


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class NoteForm(Struct):
    text: Annotated[str, Meta(title=_("说明"), max_length=MAX_NOTE)] = ""
    pictures: list[UploadFile] = []


class AnswerForm(Struct):
    answer: Annotated[Literal["AGREED", "REFUSED"], Meta(title=_("你的答复"))]
    reasons: Annotated[str, Meta(title=_("理由"), max_length=MAX_NOTE)] = ""
    pictures: list[UploadFile] = []


class HumanForm(Struct):
    words: Annotated[str, Meta(title=_("说明"), max_length=MAX_NOTE)] = ""


@get("/cases", guards=[needs_party])
async def cases(
    ctx: Ctx, only: Annotated[str, QueryParameter(name="open", max_length=1)] = "", after: Text = ""
) -> Response[Any]:
    """The visitor's own refunds."""
    open_only = only == "1"
    async with ctx.db.read() as tx:
        page = await case_page.cases(tx, ctx.me, open_only=open_only, after=cursors.read_id(after))
        opened = await case_page.open_cases(tx, ctx.me)
    reader = Reader(lang_of(ctx), ctx.now, "buyer", {})
    base = "/cases?open=1" if open_only else "/cases"
    joint = "&" if open_only else "?"
    return render(
        ctx.request,
        "buyer/cases.html",
        cases=[
            (item, *words.line_state(item, reader), say(ctx, label_of(item.reason)), words.start_of(item))
            for item in page.cases
        ],
        opened=opened,
        open_only=open_only,
        newest=base if after else "",
        older=f"{base}{joint}after={page.next.hex}" if page.next else "",
    )


@get("/cases/{case_no:str}", guards=[needs_party])
async def case(ctx: Ctx, case_no: FromPath[str]) -> Response[Any]:
    """The case from the visitor's side; staff is led to the desk. Raises NotFound."""
    found = await _find(ctx, case_no)
    if _side(ctx, found) is Author.REVIEWER:
        return Redirect(f"{LINKS['desk']}/cases/{case_no}", status_code=303)
    return blank(ctx, _PAGE, **await _values(ctx, found))


@post("/cases/{case_no:str}/notes", guards=[needs_party], request_max_body_size=PICTURES_BODY)
async def note(ctx: Ctx, case_no: FromPath[str]) -> Response[Any]:
    """Words and pictures for the thread; both count as evidence and cannot be changed."""
    try:
        given = await form(ctx.request, NoteForm)
        if not given.text and not given.pictures:
            raise InvalidInput("say something", reason="missing", field="text")
        await _attach(ctx, case_no, given.pictures)
        if given.text:
            cmd = AddNote(author_id=ctx.me, case_no=case_no, text=given.text)
            await add_note(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        return await _again(ctx, case_no, error)
    return go(ctx, f"/cases/{case_no}", say(ctx, _("已加进经过，对方和平台都看得到。")))


@post("/cases/{case_no:str}/withdraw", guards=[needs_party])
async def withdraw(ctx: Ctx, case_no: FromPath[str]) -> Response[Any]:
    """The buyer takes his request back."""
    await _find(ctx, case_no)
    cmd = WithdrawRequest(buyer_id=ctx.me, case_no=case_no)
    await withdraw_request(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    return go(ctx, f"/cases/{case_no}", say(ctx, _("已撤回。之后还可以再申请。")))


@post("/cases/{case_no:str}/human", guards=[needs_party])
async def human(ctx: Ctx, case_no: FromPath[str]) -> Response[Any]:
    """The buyer wants a person to decide."""
    await _find(ctx, case_no)
    try:
        given = await form(ctx.request, HumanForm)
        cmd = AskHuman(buyer_id=ctx.me, case_no=case_no, words=given.words)
        await ask_human(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        return await _again(ctx, case_no, error)
    return go(ctx, f"/cases/{case_no}", say(ctx, _("已转给审核员，结果会通知你。")))


@post("/cases/{case_no:str}/answer", guards=[needs_party], request_max_body_size=PICTURES_BODY)
async def answer(ctx: Ctx, case_no: FromPath[str]) -> Response[Any]:
    """The seller agrees, or refuses with reasons; once."""
    await _find(ctx, case_no)
    try:
        given = await form(ctx.request, AnswerForm)
        if given.answer == "REFUSED":
            if not given.reasons:
                raise InvalidInput("give your reasons", reason="missing", field="reasons", label=_("理由"))
            await _attach(ctx, case_no, given.pictures)
        cmd = AnswerRefund(seller_id=ctx.me, case_no=case_no, answer=Answer(given.answer), reasons=given.reasons)
        done = await answer_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        return await _again(ctx, case_no, error)
    agreed = done.state is CaseState.APPROVED
    text = _("已同意，退款马上付给买家。") if agreed else _("已拒绝，转给审核员判断，结果会通知你。")
    return go(ctx, f"/cases/{case_no}", say(ctx, text))


@get("/cases/{case_no:str}/pictures/{picture_id:uuid}", guards=[needs_party])
async def picture(ctx: Ctx, case_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """A picture of the case, re-encoded, for its parties and staff. Raises NotFound."""
    async with ctx.db.read() as tx:
        found = await evidence.picture_of_case(tx, case_no, picture_id, ctx.me, staff=ctx.visitor.is_reviewer)
    return await view(ctx, found)


@get("/cases/{case_no:str}/pictures/{picture_id:uuid}/original", guards=[needs_party])
async def picture_original(ctx: Ctx, case_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """The bytes as handed in, to keep and to check against the chain. Raises NotFound."""
    async with ctx.db.read() as tx:
        found = await evidence.picture_of_case(tx, case_no, picture_id, ctx.me, staff=ctx.visitor.is_reviewer)
    return await original(ctx, found)


routes = [cases, case, note, withdraw, human, answer, picture, picture_original]


async def _find(ctx: Context, case_no: str) -> CaseView:
    async with ctx.db.read() as tx:
        return await case_page.case_of(tx, case_no, ctx.me, staff=ctx.visitor.is_reviewer)


def _side(ctx: Context, found: CaseView) -> Author:
    if ctx.me == found.case.buyer_id:
        return Author.BUYER
    if ctx.me == found.case.book_id:
        return Author.SELLER
    return Author.REVIEWER


async def _again(ctx: Context, case_no: str, error: LiuhenError) -> Response[Any]:
    """The page with what was typed and what was wrong."""
    found = await _find(ctx, case_no)
    if _side(ctx, found) is Author.REVIEWER:
        raise NotFound("there is no such case")
    return await refill(ctx, _PAGE, error, **await _values(ctx, found))


async def _values(ctx: Context, found: CaseView) -> dict[str, Any]:
    side, lang = _side(ctx, found), lang_of(ctx)
    async with ctx.db.read() as tx:
        numbers = await order_page.unit_numbers(tx, found.case.book_id, found.case.order_id)
    reader = Reader(lang, ctx.now, side.value.lower(), numbers)
    deciding, rest = decision_words.clause_items(found.kept.first, lang, "buyer" if side is Author.BUYER else "other")
    href = f"/cases/{found.case.case_no}"
    may = acts(found.case, side, ctx.now)
    mine = sum(picture.uploaded_by == ctx.me for picture in found.pictures)
    return {
        "v": found,
        "case": found.case,
        "side": side.value.lower(),
        "title": words.title(found, side, reader),
        "turn": words.turn(found, side, reader),
        "money": words.money_words(found, reader),
        "thread": words.ahead(found, side, reader) + words.thread(found, reader, href),
        "proofs": words.proofs(found, reader, href),
        "decided_by": words.decided_by(found, reader),
        "reason": say(ctx, label_of(found.case.reason)),
        "units_words": units_words((unit.no for unit in found.units), lang),
        "deciding": deciding,
        "rest": rest,
        "bill": decision_words.bill_rows([found.kept.joined.bill], lang),
        "how": decision_words.first_reckoned(found.kept.first, len(found.units), lang),
        "may": {str(act) for act in may},
        "room": min(MAX_PER_CASE, room_of(found.case, ctx.me) - mine) if Act.ADD_PICTURE in may else 0,
        "asked_for": words.asked_for(found),
        "limit": MAX_NOTE,
        "review_days": _review_days(ctx, found),
        "outside": outside(found, inside_left=Act.ASK_HUMAN in may, now=ctx.now, lang=lang)
        if side is Author.BUYER
        else None,
    }


def _review_days(ctx: Context, found: CaseView) -> int:
    """Working days that a review takes, by the version of the rules that this order has."""
    version = found.kept.first.rulebook_version
    return next(book for book in ctx.app.rulebooks if book.version == version).value("review_days")


async def _attach(ctx: Context, case_no: str, files: list[UploadFile]) -> None:
    async def keep(name: str, data: bytes) -> None:
        cmd = AttachPicture(party_id=ctx.me, filename=name, data=data, case_no=case_no)
        await attach_picture(ctx.db, cmd, objects=objects_of(ctx), rules=ctx.app.rules, now=ctx.now)

    await take_pictures(files, keep)
