"""The reviewers' desk: the queue, claiming, deciding, looking at a key with a reason that both sides are told."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath
from msgspec import Meta

from liuhen.base.db import Once
from liuhen.base.errors import Forbidden, InvalidInput, StateConflict
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, CaseNo, Fen, Given, OrderNo, Words, shape
from liuhen.edge.api.v1.case_shapes import Case
from liuhen.edge.api.v1.cases import read_case, staff
from liuhen.edge.api.v1.goods import Goods
from liuhen.edge.context import Context, Ctx
from liuhen.flows.aftersale.ask_evidence import AskEvidence, ask_evidence
from liuhen.flows.aftersale.claim_case import ClaimCase, claim_case
from liuhen.flows.aftersale.look_at_key import LookAtKey, look_at_key
from liuhen.flows.aftersale.review_refund import Finding, ReviewRefund, review_refund
from liuhen.flows.aftersale.study_case import StudyCase, study_case
from liuhen.policy.decision import Decision, JoinedClause, Mark, Outcome
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.reads import case_page, desk_case, desk_queue
from liuhen.refunds.model import MAX_NOTE, CaseState


class Queue(Asked, frozen=True, kw_only=True):
    """q: a number of a case, order, payment or refund, or part of a name, in any state; it replaces the shelf."""

    shelf: desk_queue.Shelf = desk_queue.Shelf.ALL
    q: Words = ""


class QueueCase(Answer, frozen=True, kw_only=True):
    """A case that waits for a decision. review_from: when it came to the reviewers. human_asked: the buyer wanted a
    person."""

    case_no: CaseNo
    order_no: OrderNo
    reason: ReasonCode
    state: CaseState
    title: str
    pieces: int
    asked_fen: Fen
    approved_fen: Fen | None
    shop_name: str
    buyer_name: str
    seller_answer: str | None
    human_asked: bool
    opened_at: datetime
    review_from: datetime
    due_at: datetime | None
    decided_at: datetime | None
    reviewer_name: str | None
    mine: bool


class QueuePage(Answer, frozen=True, kw_only=True):
    """One page, nearest deadline first."""

    items: list[QueueCase]
    next: str | None


class FoundOnClause(Given, frozen=True, kw_only=True):
    """What the reviewer found on one clause."""

    clause: Annotated[str, Meta(min_length=1, max_length=80, examples=["defect.key_invalid"])]
    mark: Mark


class Decide(Given, frozen=True, kw_only=True):
    """amount_fen: for all units together, with PARTLY alone. reasons: both sides read them."""

    ruling: Ruling
    reasons: Annotated[str, Meta(min_length=1, max_length=MAX_NOTE)]
    amount_fen: Annotated[int, Meta(ge=1, le=9_999_999_999)] | None = None
    findings: Annotated[tuple[FoundOnClause, ...], Meta(max_length=100)] = ()


class WhatIsMissing(Given, frozen=True, kw_only=True):
    """What the buyer is asked to bring; both sides read it."""

    reasons: Annotated[str, Meta(min_length=1, max_length=MAX_NOTE)]


class Why(Given, frozen=True, kw_only=True):
    """Both sides are told that somebody looked, and why."""

    reason: Annotated[str, Meta(min_length=4, max_length=MAX_NOTE)]


class Study(Answer, frozen=True, kw_only=True):
    """What the rules say about a case now. facts and decision: of its first unit; proposed_fen: null for a range."""

    case_no: CaseNo
    outcome: Outcome
    amount_fen: Fen
    amount_max_fen: Fen
    proposed_fen: Fen | None
    clauses: list[JoinedClause]
    facts: RefundFacts
    decision: Decision


class Past(Answer, frozen=True, kw_only=True):
    """Counted over everything that one side has done here. lost: decided for the other side."""

    since: datetime
    orders: int
    cases: int
    lost: int


class Alike(Answer, frozen=True, kw_only=True):
    """A decided case of the same shop and reason."""

    case_no: CaseNo
    title: str
    state: CaseState
    decided_by: str
    decided_at: datetime
    asked_fen: Fen
    approved_fen: Fen | None


class Background(Answer, frozen=True, kw_only=True):
    """What stands beside a case: both sides' past, the channel's number of the payment, cases alike of 90 days."""

    trade_no: str | None
    total_fen: Fen
    buyer: Past
    seller: Past
    alike: list[Alike]
    alike_total: int
    alike_paid: int
    record_holds: bool


@op("GET", "/desk/cases", "review", "The queue")
async def list_queue(ctx: Ctx, asked: Take[Queue]) -> QueuePage:
    """Nobody finds his own matters in it."""
    name = f"desk:{asked.shelf}"
    after = cursors.read(ctx, name, asked.cursor, tuple[datetime, UUID])
    async with ctx.db.read() as tx:
        if asked.q.strip():
            found = await desk_queue.search(tx, ctx.me, asked.q, limit=asked.limit)
        else:
            found = await desk_queue.queue(tx, ctx.me, asked.shelf, ctx.now, after=after, limit=asked.limit + 1)
    shown = found[: asked.limit]
    more = len(found) > asked.limit and not asked.q.strip()
    place = (shown[-1].decided_at or shown[-1].due_at, shown[-1].id) if more else None
    items = [shape(case, QueueCase, mine=case.reviewer_id == ctx.me) for case in shown]
    return QueuePage(items=items, next=cursors.write(ctx, name, place))


@op("POST", "/cases/{case_no:str}/claim", "review", "Take a case on one's desk", StateConflict)
async def claim(ctx: Ctx, case_no: FromPath[str], once: Take[Once]) -> Case:
    """Never in one's own matter."""
    await claim_case(ctx.db, ClaimCase(reviewer_id=ctx.me, case_no=case_no, role=_role(ctx)), now=ctx.now, once=once)
    return await read_case(ctx, case_no)


@op("POST", "/cases/{case_no:str}/decide", "review", "Decide a case", StateConflict, InvalidInput)
async def decide(ctx: Ctx, case_no: FromPath[str], given: Take[Decide], once: Take[Once]) -> Case:
    """With reasons, clause by clause. What the records alone give, no reviewer takes away."""
    cmd = ReviewRefund(
        reviewer_id=ctx.me,
        case_no=case_no,
        ruling=given.ruling,
        reasons=given.reasons,
        amount_fen=given.amount_fen,
        findings=[Finding(item.clause, item.mark) for item in given.findings],
        role=_role(ctx),
    )
    await review_refund(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=once)
    return await read_case(ctx, case_no)


@op("POST", "/cases/{case_no:str}/ask-evidence", "review", "Ask the buyer for better proof", StateConflict)
async def ask_for_proof(ctx: Ctx, case_no: FromPath[str], given: Take[WhatIsMissing], once: Take[Once]) -> Case:
    """Once. The case waits for its buyer until due_at; words or a picture of his bring it back to the reviewer."""
    cmd = AskEvidence(reviewer_id=ctx.me, case_no=case_no, reasons=given.reasons, role=_role(ctx))
    await ask_evidence(ctx.db, cmd, rules=ctx.app.rules, now=ctx.now, once=once)
    return await read_case(ctx, case_no)


@op("POST", "/cases/{case_no:str}/units/{unit_id:uuid}/look", "review", "Look at a revealed key", StateConflict)
async def look_at(ctx: Ctx, case_no: FromPath[str], unit_id: FromPath[UUID], given: Take[Why]) -> Goods:
    """On record, and both sides are told. A sealed key is decrypted for nobody. The answer is stored nowhere."""
    cmd = LookAtKey(reviewer_id=ctx.me, case_no=case_no, unit_id=unit_id, reason=given.reason, role=_role(ctx))
    return shape(await look_at_key(ctx.db, cmd, keys=ctx.app.keys, now=ctx.now), Goods)


@op("GET", "/desk/cases/{case_no:str}/study", "review", "What the rules say now")
async def study(ctx: Ctx, case_no: FromPath[str]) -> Study:
    """Facts with their sources, and the decision on them, as the reviewer sees them before he decides."""
    found = await study_case(ctx.db, StudyCase(reviewer_id=ctx.me, case_no=case_no), rules=ctx.app.rules, now=ctx.now)
    first = found.judged[0]
    return shape(
        found.joined,
        Study,
        case_no=found.case.case_no,
        proposed_fen=found.proposed_fen,
        clauses=list(found.joined.clauses),
        facts=first.facts,
        decision=found.first,
    )


@op("GET", "/desk/cases/{case_no:str}/background", "review", "What stands beside a case")
async def get_background(ctx: Ctx, case_no: FromPath[str]) -> Background:
    """For the reviewer: it decides nothing, and is no fact for the rules."""
    async with ctx.db.read() as tx:
        view = await case_page.case_of(tx, case_no, ctx.me, staff=staff(ctx))
        if ctx.me in (view.case.buyer_id, view.case.book_id):
            raise Forbidden("you are a party of this case", case_no=case_no)
        found = await desk_case.background(tx, view.case, since=ctx.now - desk_case.ALIKE_FOR)
    return shape(
        found,
        Background,
        buyer=shape(found.buyer, Past),
        seller=shape(found.seller, Past),
        alike=[shape(item, Alike) for item in found.alike],
        record_holds=found.record.first_broken is None,
    )


def _role(ctx: Context) -> str:
    return "REVIEWER" if "reviewer" in ctx.visitor.roles else "ADMIN"


routes = [list_queue, claim, decide, ask_for_proof, look_at, study, get_background]
