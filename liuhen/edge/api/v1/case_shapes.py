"""How a refund case looks from outside: the same resource for buyer, seller and staff, with each one's own actions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from liuhen.edge.api.shapes import Answer, CaseNo, Fen, OrderNo, shape
from liuhen.edge.api.v1.order_shapes import MoneyBack
from liuhen.edge.api.v1.refunds import PictureOut, picture_out
from liuhen.orders.model import UnitState
from liuhen.payments.model import RefundKind
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.case_page import CaseView
from liuhen.refunds import model
from liuhen.refunds.kept import KeptDecision
from liuhen.refunds.model import Act, Author, CaseState, DecidedBy, NoteKind, Opener, Route


class CaseUnit(Answer, frozen=True, kw_only=True):
    """A piece of the case. no: its number within the order. mask: of its key, null while sealed."""

    id: UUID
    no: int
    title: str
    kind: GoodsKind
    state: UnitState
    mask: str | None
    asked_fen: Fen
    approved_fen: Fen | None
    delivered_at: datetime | None
    revealed_at: datetime | None


class CaseNote(Answer, frozen=True, kw_only=True):
    """Words in the thread. kind: WORDS, ANSWER (the seller's reasons), RULING, LOOK (why staff looked), HUMAN,
    EVIDENCE (what the reviewer asks the buyer for)."""

    id: UUID
    author_role: Author
    kind: NoteKind
    text: str
    at: datetime


class Case(Answer, frozen=True, kw_only=True):
    """A refund case as the caller sees it. side: on which one he stands. due_at: the one deadline that runs now.

    decision: what the rules said, clause by clause, with facts and their sources; `first` is the whole decision on the
    first unit, `joined` tells by place which units met which clause.
    """

    case_no: CaseNo
    order_no: OrderNo
    side: Author
    shop_id: UUID
    shop_name: str
    buyer_name: str
    reviewer_name: str | None
    reason: ReasonCode
    statement: str | None
    route: Route
    opened_by: Opener
    state: CaseState
    due_at: datetime | None
    asked_fen: Fen
    approved_fen: Fen | None
    decided_by: DecidedBy | None
    rulebook_version: str
    seller_asked_at: datetime | None
    seller_answer: Annotated[str, Meta(description="AGREED or REFUSED.")] | None
    seller_answered_at: datetime | None
    human_asked_at: datetime | None
    evidence_asked_at: datetime | None
    evidence_brought_at: datetime | None
    claimed_at: datetime | None
    opened_at: datetime
    decided_at: datetime | None
    units: list[CaseUnit]
    notes: list[CaseNote]
    pictures: list[PictureOut]
    money: MoneyBack | None
    decision: KeptDecision
    actions: list[Act]


class CaseInList(Answer, frozen=True, kw_only=True):
    """A case in a list. order_no, title: of its order and first piece. money_state: of its payment."""

    case_no: CaseNo
    order_no: OrderNo
    title: str
    pieces: int
    reason: ReasonCode
    state: CaseState
    due_at: datetime | None
    asked_fen: Fen
    approved_fen: Fen | None
    opened_at: datetime
    decided_at: datetime | None
    money_state: str | None


class Cases(Answer, frozen=True, kw_only=True):
    """One page."""

    items: list[CaseInList]
    next: str | None


def case_of(view: CaseView, me: UUID, now: datetime) -> Case:
    """The case for somebody who may see it; who is no party of it is staff. now: UTC."""
    case = view.case
    side = {case.buyer_id: Author.BUYER, case.book_id: Author.SELLER}.get(me, Author.REVIEWER)
    money = view.money
    return shape(
        case,
        Case,
        order_no=view.order_no,
        side=side,
        shop_id=case.book_id,
        shop_name=view.shop_name,
        buyer_name=view.buyer_name,
        reviewer_name=view.reviewer_name or None,
        units=[shape(unit, CaseUnit) for unit in view.units],
        notes=[shape(note, CaseNote) for note in view.notes],
        pictures=[picture_out(item) for item in view.pictures],
        money=shape(money, MoneyBack, kind=RefundKind.CASE, case_no=case.case_no) if money else None,
        decision=view.kept,
        actions=sorted(model.acts(case, side, now)),
    )
