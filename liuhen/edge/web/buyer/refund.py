"""Asking for money back in three steps: which pieces, what went wrong, what would happen; then, once, the request."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from liuhen.base.errors import CaseOpen, InvalidInput, LiuhenError
from liuhen.base.objects import ObjectStore
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import decision_words, ranges
from liuhen.edge.web.buyer.order import FEW, find, lang_of, say
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import Texts, blank, form, once_from, prefilled, refill
from liuhen.edge.web.guards import needs_party
from liuhen.edge.web.pictures import view
from liuhen.edge.web.reasons import REASONS, choices
from liuhen.edge.web.uploads import PICTURES_BODY, take_pictures
from liuhen.edge.web.wording import money_text
from liuhen.evidence.model import MAX_PER_CASE
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.flows.aftersale.detach_picture import DetachPicture, detach_picture
from liuhen.flows.aftersale.preview_refund import Preview, PreviewGroup, PreviewRefund, preview_refund
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.policy.decision import Decision
from liuhen.policy.explain import headline, step_text
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads import evidence
from liuhen.reads.order_page import OrderView, UnitView
from liuhen.refunds.model import MAX_STATEMENT, MAX_UNITS, CaseState, Route
from liuhen.steps.open_case import CaseBrief

REFUNDABLE = ("SEALED", "REVEALED", "TO_DELIVER", "HANDED_OVER")
Given = Annotated[str, QueryParameter(max_length=2000)]


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


class ClaimForm(Struct):
    """What is asked, as every step carries it along. units: numbers and ranges."""

    units: Annotated[str, Meta(max_length=2000)]
    reason: Annotated[ReasonCode, Meta(title=_("出了什么问题"))]
    statement: Annotated[str, Meta(title=_("说明"), max_length=MAX_STATEMENT)] = ""
    route: Route = Route.ORIGINAL


class SubmitForm(ClaimForm):
    pictures: list[UploadFile] = []


@dataclass(frozen=True, slots=True)
class Fate:
    """Units that would share a case, as the preview shows them. Amounts fen."""

    units: str
    count: int
    state: CaseState
    lead: str
    fen: int
    bill: list[tuple[str, str]]
    how: list[str]
    step: str
    deciding: list[Any]
    rest: list[Any]
    changes: list[Any]
    human: bool


@get("/orders/{order_no:str}/refund", guards=[needs_party])
async def refund(ctx: Ctx, order_no: FromPath[str], units: Given = "", reason: Given = "") -> Response[Any]:
    """Step 1 while it is open which pieces are meant, else step 2."""
    order = await find(ctx, order_no)
    free = [unit for unit in order.units if unit.state in REFUNDABLE and not unit.case_open and unit.left_fen]
    wanted = set(ranges.read([units])) if units else ({free[0].no} if len(free) == 1 else set())
    chosen = [unit for unit in free if unit.no in wanted]
    if order.state != "PAID" or not chosen:
        page = "buyer/refund_units.html"
        return blank(ctx, page, order=order, free=free, few=len(free) <= FEW, refundable=REFUNDABLE)
    typed = prefilled(reason=reason) if reason in set(ReasonCode) else Texts({})
    values = _reason_values(ctx, order, chosen[:MAX_UNITS])
    return blank(
        ctx, "buyer/refund_reason.html", typed=typed, **(values | {"left_out": max(0, len(chosen) - MAX_UNITS)})
    )


@post("/orders/{order_no:str}/refund/edit", guards=[needs_party], request_max_body_size=PICTURES_BODY)
async def edit(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Back from the preview to step 2, with everything that was said."""
    given = await form(ctx.request, ClaimForm)
    order = await find(ctx, order_no)
    chosen = [order.unit(no) for no in ranges.read([given.units])]
    typed = prefilled(reason=str(given.reason), statement=given.statement, route=str(given.route))
    return blank(ctx, "buyer/refund_reason.html", typed=typed, **_reason_values(ctx, order, chosen))


@post("/orders/{order_no:str}/refund/preview", guards=[needs_party])
async def preview(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Step 3: what would happen, how much, and why. Writes nothing."""
    order = await find(ctx, order_no)
    try:
        given = await form(ctx.request, ClaimForm)
        return blank(ctx, "buyer/refund_preview.html", **await _preview_values(ctx, order, given))
    except InvalidInput as error:
        numbers = ranges.read([str((await ctx.request.form()).get("units") or "")])
        chosen = [order.unit(no) for no in numbers]
        if not chosen:
            raise
        return await refill(ctx, "buyer/refund_reason.html", error, **_reason_values(ctx, order, chosen))


@post("/orders/{order_no:str}/refund/pictures", guards=[needs_party], request_max_body_size=PICTURES_BODY)
async def add_pictures(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """Keeps pictures for this request, for a day, and shows the preview again."""
    order = await find(ctx, order_no)
    given = await form(ctx.request, SubmitForm)
    try:
        await _stage(ctx, order, given.pictures)
    except LiuhenError as error:
        return await refill(ctx, "buyer/refund_preview.html", error, **await _preview_values(ctx, order, given))
    return blank(ctx, "buyer/refund_preview.html", **await _preview_values(ctx, order, given))


@post(
    "/orders/{order_no:str}/refund/pictures/{picture_id:uuid}/remove",
    guards=[needs_party],
    request_max_body_size=PICTURES_BODY,
)
async def remove_picture(ctx: Ctx, order_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[Any]:
    """Takes one of these pictures away again."""
    order = await find(ctx, order_no)
    given = await form(ctx.request, ClaimForm)
    cmd = DetachPicture(party_id=ctx.me, book_id=order.book_id, order_id=order.id, picture_id=picture_id)
    await detach_picture(ctx.db, cmd, now=ctx.now)
    return blank(ctx, "buyer/refund_preview.html", **await _preview_values(ctx, order, given))


@get("/orders/{order_no:str}/refund/pictures/{picture_id:uuid}", guards=[needs_party])
async def staged_picture(ctx: Ctx, order_no: FromPath[str], picture_id: FromPath[UUID]) -> Response[bytes]:
    """One's own waiting picture, re-encoded. Raises NotFound."""
    order = await find(ctx, order_no)
    async with ctx.db.read() as tx:
        waiting = await evidence.staged_pictures(tx, order.book_id, order.id, ctx.me, ctx.now)
    return await view(ctx, next((picture for picture in waiting if picture.id == picture_id), None))


@post("/orders/{order_no:str}/refund", guards=[needs_party], request_max_body_size=PICTURES_BODY)
async def submit(ctx: Ctx, order_no: FromPath[str]) -> Response[Any]:
    """The request, once. What the machine can decide is decided and paid in the same act."""
    order = await find(ctx, order_no)
    given = await form(ctx.request, SubmitForm)
    try:
        await _stage(ctx, order, given.pictures)
        async with ctx.db.read() as tx:
            waiting = await evidence.staged_pictures(tx, order.book_id, order.id, ctx.me, ctx.now)
        cmd = RequestRefund(
            buyer_id=ctx.me,
            order_no=order_no,
            unit_ids=order.ids(ranges.read([given.units])),
            reason=given.reason,
            statement=given.statement,
            route=given.route,
            pictures=[picture.id for picture in waiting],
        )
        done = await request_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=await once_from(ctx))
    except CaseOpen as error:
        number = error.data.get("case_no")
        path = f"/cases/{number}" if number else f"/orders/{order_no}"
        return go(ctx, path, say(ctx, _("这一件已有一个进行中的退款，就是这一个。")), "info")
    except InvalidInput as error:
        return await refill(ctx, "buyer/refund_preview.html", error, **await _preview_values(ctx, order, given))
    return _after(ctx, order_no, done.cases)


routes = [refund, edit, preview, add_pictures, remove_picture, staged_picture, submit]


def _after(ctx: Context, order_no: str, cases: list[CaseBrief]) -> Response[Any]:
    if len(cases) > 1:
        paid = sum(case.approved_fen or 0 for case in cases)
        text = say(ctx, _("分成 %(n)s 个退款单处理，已批准 %(money)s。"), n=len(cases), money=money_text(paid))
        return go(ctx, f"/orders/{order_no}", text)
    (case,) = cases
    if case.state is CaseState.APPROVED:
        text, kind = say(ctx, _("已批准退款 %(money)s。"), money=money_text(case.approved_fen or 0)), "paid"
    elif case.state is CaseState.REJECTED:
        text, kind = say(ctx, _("按规则这次不退，理由在下面，可以要求人工判定。")), "info"
    else:
        text, kind = say(ctx, _("申请已提交，可以随时撤回。")), "done"
    return go(ctx, f"/cases/{case.case_no}", text, kind)


def _reason_values(ctx: Context, order: OrderView, chosen: list[UnitView]) -> dict[str, Any]:
    if not chosen:
        raise InvalidInput("name the pieces", reason="missing", field="units")
    kinds = dict.fromkeys(order.line(unit.line_no).kind for unit in chosen)
    first, rest = choices(kinds, {unit.state for unit in chosen})
    return {
        "order": order,
        "units": ranges.write(unit.no for unit in chosen),
        "units_words": ranges.words((unit.no for unit in chosen), lang_of(ctx)),
        "paid_fen": sum(unit.left_fen for unit in chosen),
        "first": [_option(ctx, code) for code in first],
        "rest": [_option(ctx, code) for code in rest],
        "limit": MAX_STATEMENT,
        "several": sum(unit.state in REFUNDABLE for unit in order.units) > 1,
        "waiting": any(unit.state == "TO_DELIVER" for unit in chosen),
        "left_out": 0,
    }


def _option(ctx: Context, code: ReasonCode) -> dict[str, Any]:
    words = REASONS[code]
    return {"value": str(code), "text": say(ctx, words.label), "note": say(ctx, words.note)}


async def _preview_values(ctx: Context, order: OrderView, given: ClaimForm) -> dict[str, Any]:
    numbers = ranges.read([given.units])
    cmd = PreviewRefund(
        buyer_id=ctx.me,
        book_id=order.book_id,
        order_id=order.id,
        unit_ids=order.ids(numbers),
        reason=given.reason,
        route=given.route,
    )
    found = await preview_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now)
    async with ctx.db.read() as tx:
        waiting = await evidence.staged_pictures(tx, order.book_id, order.id, ctx.me, ctx.now)
    fates = [_fate(ctx, order, found, group) for group in found.groups]
    return {
        "order": order,
        "claim": given,
        "units_words": ranges.words(numbers, lang_of(ctx)),
        "reason": REASONS[given.reason],
        "fates": fates,
        "total_fen": sum(fate.fen for fate in fates),
        "open": any(fate.state is not CaseState.APPROVED for fate in fates),
        "pictures": waiting,
        "room": MAX_PER_CASE - len(waiting),
    }


def _fate(ctx: Context, order: OrderView, found: Preview, group: PreviewGroup) -> Fate:
    lang = lang_of(ctx)
    places = [found.units.index(unit_id) for unit_id in group.units]
    decisions: list[Decision] = [found.decision.units[place] for place in places]
    first = decisions[0]
    number_of = {unit.id: unit.no for unit in order.units}
    numbers = [number_of[unit_id] for unit_id in group.units]
    deciding, rest = decision_words.clause_items(first, lang)
    return Fate(
        units=ranges.words(numbers, lang),
        count=len(numbers),
        state=group.state,
        lead=_lead(first, len(numbers), lang),
        fen=group.amount_max_fen,
        bill=decision_words.bill_rows([one.bill for one in decisions], lang),
        how=decision_words.reckonings(decisions, numbers, lang),
        step=step_text(first.next_step, lang, group.due_at),
        deciding=deciding,
        rest=rest,
        changes=decision_words.change_rows(first.what_would_change, lang),
        human=group.state is CaseState.REJECTED,
    )


def _lead(first: Decision, count: int, lang: str) -> str:
    """The headline of one piece; an amount in it would be wrong for several."""
    if count == 1:
        return headline(first, lang)
    text = headline(first, lang)
    return text.replace(money_text(first.amount_max_fen), "").replace("  ", " ").strip(" ，,")


async def _stage(ctx: Context, order: OrderView, files: list[UploadFile]) -> None:
    """Keeps new pictures of this form; one that is there already is not kept twice."""

    async def keep(name: str, data: bytes) -> None:
        cmd = AttachPicture(party_id=ctx.me, filename=name, data=data, book_id=order.book_id, order_id=order.id)
        await attach_picture(ctx.db, cmd, objects=objects_of(ctx), rules=ctx.app.rules, now=ctx.now)

    await take_pictures(files, keep)


def objects_of(ctx: Context) -> ObjectStore:
    """The store of uploaded bytes. Raises LookupError on an installation that was opened without one."""
    if ctx.app.objects is None:
        raise LookupError("the house has no object store")
    return ctx.app.objects
