"""One case gathered for the desk: everything that its one screen shows, read in one snapshot and put into words."""

from typing import Any

from liuhen.edge.context import Context
from liuhen.edge.web import events as told
from liuhen.edge.web.desk import facts, ruling, trace
from liuhen.edge.web.desk.queue import Side, side_list
from liuhen.edge.web.desk.say import STATES, WHY_HERE, Say, why_here
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.view import view_of
from liuhen.edge.web.wording import yuan
from liuhen.evidence.model import Picture
from liuhen.flows.aftersale.study_case import CaseStudied, StudyCase, study_case
from liuhen.policy.decision import Decision
from liuhen.reads import case_page, desk_case, evidence, unit_use
from liuhen.reads.case_page import CaseView
from liuhen.reads.desk_case import Background
from liuhen.reads.desk_queue import Shelf
from liuhen.refunds.model import OPEN, Act, Author, CaseState, acts


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


async def values(ctx: Context, case_no: str, shelf: Shelf) -> dict[str, Any]:
    """What desk/case.html takes. Raises NotFound, Forbidden (his own matter)."""
    w = Say(view_of(ctx.request).lang, ctx.now)
    studied = await study_case(ctx.db, StudyCase(reviewer_id=ctx.me, case_no=case_no), rules=ctx.app.rules, now=ctx.now)
    async with ctx.db.read() as tx:
        view = await case_page.case_of(tx, case_no, ctx.me, staff=True)
        back = await desk_case.background(tx, view.case, since=ctx.now - desk_case.ALIKE_FOR)
        said = await unit_use.sayings(tx, view.case.book_id, [unit.id for unit in view.units])
        record = await evidence.events(tx, view.case.book_id, view.case.order_id)
    side: Side = await side_list(ctx, shelf, view.case)
    table = facts.Told(view, back, studied.judged, said, w)
    entries, older = trace.line(view, record, told.Reader(w.lang, ctx.now, "staff", back.numbers), w)
    first, sums = _decision(view, studied)
    shown = ruling.show(first, sums, w)
    given, part = ruling.proposal(first, studied.proposed_fen, view.case.asked_fen)
    return {
        "case": view.case,
        "it": view,
        "background": back,
        "facts": facts.rows(table),
        "shown": shown,
        "proposal": given,
        "proposed_part": yuan(part) if part else "",
        "reasons": facts.summary(table) if view.case.state in OPEN else "",
        "events": entries,
        "older": older,
        "side": side,
        "counts": {"desk.cases": side.counts.all},
        "headline": _headline(view, w),
        "kicker": _kicker(view, back.numbers, w),
        "review_from": view.case.evidence_asked_at if view.case.owes_proof else view.case.review_from,
        "state_text": w(STATES[view.case.state]),
        "may": _may(ctx, view),
        "pictures": _pictures(view, back),
    }


def _pictures(view: CaseView, back: Background) -> list[tuple[str, Picture]]:
    """(address, picture): what was handed in for the case, then the seller's proofs of delivery."""
    here, there = f"/desk/cases/{view.case.case_no}/pictures", f"/orders/{view.order_no}/proofs"
    found = [(f"{here}/{picture.id}", picture) for picture in view.pictures]
    return found + [(f"{there}/{picture.id}", picture) for hand in back.handed for picture in hand.proofs]


def _decision(view: CaseView, studied: CaseStudied) -> tuple[Decision, ruling.Sums]:
    """An open case as the rules see it now; a decided one as it was decided."""
    numbers = [unit.no for unit in view.units]
    kept = view.kept
    if view.case.state in OPEN:
        joined = studied.joined
        return studied.first, ruling.Sums(
            joined.amount_fen, joined.amount_max_fen, joined.bill, joined.groups, numbers
        )
    joined = kept.joined
    return kept.first, ruling.Sums(joined.amount_fen, joined.amount_max_fen, joined.bill, joined.groups, numbers)


def _headline(view: CaseView, w: Say) -> str:
    """The case in one sentence."""
    case, reason = view.case, w(label_of(view.case.reason))
    match case.state:
        case CaseState.AWAITING_SELLER:
            return w(_("%(reason)s，等卖家答复"), reason=reason)
        case CaseState.AWAITING_BUYER:
            return w(_("%(reason)s，等买家补充材料"), reason=reason)
        case CaseState.APPROVED:
            return w(_("%(reason)s，已决定退款"), reason=reason)
        case CaseState.REJECTED:
            return w(_("%(reason)s，已决定不退"), reason=reason)
        case CaseState.WITHDRAWN:
            return w(_("%(reason)s，买家已撤回"), reason=reason)
        case _:
            pass
    if case.seller_answer == "REFUSED":
        return w(_("买家说%(reason)s，卖家不同意"), reason=reason)
    if case.human_asked_at is not None:
        return w(_("%(reason)s没有通过，买家要求人来看"), reason=reason)
    return w(_("%(reason)s，要人来判断"), reason=reason)


def _kicker(view: CaseView, numbers: dict[str, int], w: Say) -> list[str]:
    case = view.case
    here = why_here(case.human_asked_at is not None, case.seller_answer, case.seller_asked_at is not None)
    pieces = w(_("%(units)s，共 %(total)s 件"), units=w.pieces(unit.no for unit in view.units), total=len(numbers))
    state = WHY_HERE[here] if case.state in (CaseState.UNDER_REVIEW, CaseState.ESCALATED) else STATES[case.state]
    return [pieces, w(state)]


def _may(ctx: Context, view: CaseView) -> dict[str, bool]:
    """What this reviewer may do now; the flows look again."""
    case = view.case
    open_acts = acts(case, Author.REVIEWER, ctx.now)
    mine = case.reviewer_id == ctx.me
    free = case.reviewer_id is None or case.state is CaseState.ESCALATED
    return {
        "claim": Act.CLAIM in open_acts and not mine and free,
        "review": Act.REVIEW in open_acts and case.reviewer_id in (None, ctx.me),
        "ask": Act.ASK_EVIDENCE in open_acts and case.reviewer_id in (None, ctx.me),
        "look": Act.LOOK_AT_KEY in open_acts,
        "note": Act.ADD_NOTE in open_acts,
    }
