"""One case on the desk: the whole record on one screen, and what a reviewer does with it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta, Struct

from liuhen.base.errors import Forbidden, InvalidInput, LiuhenError, NotFound
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web.desk.queue import View, next_case, role_of, shelf_of
from liuhen.edge.web.desk.record import values
from liuhen.edge.web.desk.say import Say
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import Texts, Yuan, blank, form, once_from, prefilled, refill
from liuhen.edge.web.guards import needs_reviewer
from liuhen.edge.web.pictures import original
from liuhen.edge.web.pictures import view as shown
from liuhen.edge.web.view import view_of
from liuhen.edge.web.wording import money_text, yuan
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.ask_evidence import AskEvidence, ask_evidence
from liuhen.flows.aftersale.look_at_key import KeySeen, LookAtKey, look_at_key
from liuhen.flows.aftersale.review_refund import Finding, RefundReviewed, ReviewRefund, review_refund
from liuhen.policy.decision import Mark
from liuhen.policy.facts.claim import Ruling
from liuhen.reads import case_page as case_read
from liuhen.reads.case_page import CaseView
from liuhen.reads.desk_queue import Shelf
from liuhen.reads.evidence import picture_of_case
from liuhen.refunds.model import MAX_NOTE, CaseState

_PAGE = "desk/case.html"
_FINDING = "finding-"
_MOST_FINDINGS = 80
SHOWN_SECONDS = 60


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class RulingForm(Struct):
    """amount: with a part alone; what stands in the hidden field otherwise is left aside."""

    ruling: Annotated[Ruling, Meta(title=_("结果"))]
    reasons: Annotated[str, Meta(title=_("给双方的理由"), max_length=MAX_NOTE)]
    amount: Annotated[Yuan | None, Meta(title=_("退多少"))] = None


class NoteForm(Struct):
    note: Annotated[str, Meta(title=_("说明"), max_length=MAX_NOTE)]


class EvidenceForm(Struct):
    missing: Annotated[str, Meta(title=_("缺什么、怎样算够"), max_length=MAX_NOTE)]


class LookForm(Struct):
    why: Annotated[str, Meta(title=_("理由"), min_length=4, max_length=MAX_NOTE)]


@get("/desk/cases/{case_no:str}", guards=[needs_reviewer])
async def case_page(ctx: Ctx, case_no: FromPath[str], view: View = "") -> Response[Any]:
    """The record. Who is a party of the case is sent to his own side of it. Raises NotFound."""
    try:
        found = await values(ctx, case_no, shelf_of(view) or Shelf.ALL)
    except Forbidden:
        return Redirect(f"/cases/{case_no}", status_code=303)
    return blank(ctx, _PAGE, typed=_begin(found), seen=None, looking=0, seconds=SHOWN_SECONDS, **found)


@post("/desk/cases/{case_no:str}/ruling", guards=[needs_reviewer])
async def rule(ctx: Ctx, case_no: FromPath[str], view: View = "") -> Response[Any]:
    """Decides the case, pays what is due, and goes on to the next one."""
    shelf = shelf_of(view) or Shelf.ALL
    try:
        given = await form(ctx.request, RulingForm)
        cmd = ReviewRefund(
            reviewer_id=ctx.me,
            case_no=case_no,
            ruling=given.ruling,
            reasons=given.reasons,
            amount_fen=given.amount if given.ruling is Ruling.PARTLY else None,
            findings=await _findings(ctx),
            role=role_of(ctx),
        )
        done = await review_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await _again(ctx, case_no, shelf, _in_words(error))
    following = await next_case(ctx, shelf)
    path = f"/desk/cases/{following}?view={shelf}" if following else f"/desk?view={shelf}"
    return go(ctx, path, _done(ctx, done))


@post("/desk/cases/{case_no:str}/notes", guards=[needs_reviewer])
async def note(ctx: Ctx, case_no: FromPath[str], view: View = "") -> Response[Any]:
    """Words for both sides, on record."""
    shelf = shelf_of(view) or Shelf.ALL
    try:
        given = await form(ctx.request, NoteForm)
        await _neutral(ctx, case_no)
        cmd = AddNote(author_id=ctx.me, case_no=case_no, text=given.note, staff=True)
        await add_note(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        return await _again(ctx, case_no, shelf, error)
    return go(ctx, f"/desk/cases/{case_no}?view={shelf}", _say(ctx)(_("说明已记下，双方都收到了")))


@post("/desk/cases/{case_no:str}/evidence", guards=[needs_reviewer])
async def ask(ctx: Ctx, case_no: FromPath[str], view: View = "") -> Response[Any]:
    """Asks the buyer for better proof, once, and goes on to the next case."""
    shelf = shelf_of(view) or Shelf.ALL
    try:
        given = await form(ctx.request, EvidenceForm)
        cmd = AskEvidence(reviewer_id=ctx.me, case_no=case_no, reasons=given.missing, role=role_of(ctx))
        await ask_evidence(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx))
    except InvalidInput as error:
        return await _again(ctx, case_no, shelf, error)
    return go(ctx, f"/desk/cases/{case_no}?view={shelf}", _say(ctx)(_("已请买家补充材料，补上会马上回到这里")))


@get("/desk/cases/{case_no:str}/keys/{unit_no:int}", guards=[needs_reviewer])
async def key_again(ctx: Ctx, case_no: FromPath[str], unit_no: FromPath[int]) -> Response[Any]:
    """A key that was shown is not kept: coming back leads to the case."""
    return Redirect(f"/desk/cases/{case_no}", status_code=303)


@post("/desk/cases/{case_no:str}/keys/{unit_no:int}", guards=[needs_reviewer])
async def key(ctx: Ctx, case_no: FromPath[str], unit_no: FromPath[int], view: View = "") -> Response[Any]:
    """Shows a revealed key on this answer alone; both sides are told the reason. Raises StateConflict (sealed)."""
    shelf = shelf_of(view) or Shelf.ALL
    try:
        given = await form(ctx.request, LookForm)
        unit_id = await _unit(ctx, case_no, unit_no)
        cmd = LookAtKey(reviewer_id=ctx.me, case_no=case_no, unit_id=unit_id, reason=given.why, role=role_of(ctx))
        seen: KeySeen = await look_at_key(ctx.db, cmd, keys=ctx.app.keys, now=ctx.now)
    except InvalidInput as error:
        return await _again(ctx, case_no, shelf, error, looking=unit_no)
    found = await values(ctx, case_no, shelf)
    return blank(ctx, _PAGE, typed=_begin(found), seen=(unit_no, seen), looking=0, seconds=SHOWN_SECONDS, **found)


@get("/desk/cases/{case_no:str}/pictures/{picture_id:uuid}", guards=[needs_reviewer])
async def picture(ctx: Ctx, case_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """A picture of the case, re-encoded for viewing. Raises NotFound."""
    async with ctx.db.read() as tx:
        found = await picture_of_case(tx, case_no, picture_id, ctx.me, staff=True)
    return await shown(ctx, found)


@get("/desk/cases/{case_no:str}/pictures/{picture_id:uuid}/original", guards=[needs_reviewer])
async def picture_original(ctx: Ctx, case_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """The picture's bytes as handed in, whose hash is in the chain. Raises NotFound."""
    async with ctx.db.read() as tx:
        found = await picture_of_case(tx, case_no, picture_id, ctx.me, staff=True)
    return await original(ctx, found)


routes = [case_page, rule, note, ask, key_again, key, picture, picture_original]


async def _again(ctx: Context, case_no: str, shelf: Shelf, error: LiuhenError, looking: int = 0) -> Response[Any]:
    """The record as it is now, with what was typed and what was wrong; the page's other forms begin as they do.
    looking: the piece whose key was asked for. Raises NotFound, Forbidden."""
    found = await values(ctx, case_no, shelf)
    begin = _begin(found)
    return await refill(ctx, _PAGE, error, begin, seen=None, looking=looking, seconds=SHOWN_SECONDS, **found)


def _begin(found: dict[str, Any]) -> Texts:
    """What the form of the decision begins with: the rules' own answer, and what the records show."""
    return prefilled(ruling=found["proposal"] or "", amount=found["proposed_part"], reasons=found["reasons"])


async def _findings(ctx: Context) -> list[Finding]:
    """What he found clause by clause. Raises InvalidInput for a mark that there is not."""
    found: list[Finding] = []
    for name, value in (await ctx.request.form()).multi_items():
        if not name.startswith(_FINDING) or not value:
            continue
        if value not in set(Mark) or len(found) >= _MOST_FINDINGS:
            raise InvalidInput("no such finding", reason="choice", field=name)
        found.append(Finding(name.removeprefix(_FINDING), Mark(str(value))))
    return found


async def _neutral(ctx: Context, case_no: str) -> CaseView:
    """The case for a reviewer who has no part in it. Raises NotFound, Forbidden."""
    async with ctx.db.read() as tx:
        found = await case_read.case_of(tx, case_no, ctx.me, staff=True)
    if ctx.me in (found.case.buyer_id, found.case.book_id):
        raise Forbidden("you are a party of this case", case_no=case_no)
    return found


async def _unit(ctx: Context, case_no: str, unit_no: int) -> UUID:
    """A unit of the case by its number in the order. Raises NotFound, Forbidden."""
    for unit in (await _neutral(ctx, case_no)).units:
        if unit.no == unit_no:
            return unit.id
    raise NotFound("no such unit in this case")


def _in_words(error: LiuhenError) -> LiuhenError:
    """The flow names limits in fen; the form speaks yuan. What the records decide alone, it says so."""
    fields = error.data.get("fields", {})
    if "amount" in fields and fields["amount"][0] in ("range", "least"):
        most = max(fields["amount"][2], 1)
        limits = {"reason": "between", "least": yuan(1), "most": yuan(most)}
        return InvalidInput(error.message, field="amount", label=_("退多少"), **limits)
    if "amount" in fields:
        return InvalidInput(error.message, field="amount", reason="missing", label=_("退多少"))
    if "ground" in error.data:
        return InvalidInput(error.message, field="ruling", reason="records_decide")
    return error


def _done(ctx: Context, done: RefundReviewed) -> str:
    w = _say(ctx)
    if done.state is CaseState.APPROVED:
        money = money_text(done.approved_fen or 0)
        return w(_("%(no)s 已决定：退 %(money)s，双方都收到了理由"), no=done.case_no, money=money)
    return w(_("%(no)s 已决定：不退，双方都收到了理由"), no=done.case_no)


def _say(ctx: Context) -> Say:
    return Say(view_of(ctx.request).lang, ctx.now)
