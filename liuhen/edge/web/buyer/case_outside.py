"""A refused refund from outside: what is left to do, and a statement of what the record holds. Pure."""

from datetime import datetime
from typing import Any

from liuhen.edge.web.outside_rows import step_rows
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.channel import ChannelFacts, PaidFrom
from liuhen.policy.facts.claim import AnswerKind, Claim, ReasonCode, SellerAnswer
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.outside import Place, next_steps
from liuhen.policy.selfcheck.told import goods_text, reason_text
from liuhen.policy.statement import Story, dated, day, statement
from liuhen.reads.case_page import CaseView
from liuhen.refunds.model import CaseState


def outside(view: CaseView, *, inside_left: bool, now: datetime, lang: str) -> dict[str, Any] | None:
    """Next steps and statement for the buyer; None while something can still be done inside."""
    if view.case.state is not CaseState.REJECTED or inside_left:
        return None
    steps = next_steps(view.kept.first, _facts(view, now), Place.REFUSED_HERE)
    return {"steps": step_rows(steps, lang), "statement": _statement(view, now, lang)}


def _facts(view: CaseView, now: datetime) -> RefundFacts:
    """As much of the facts as the choice of steps looks at."""
    case = view.case
    refused = SellerAnswer(asked_at=case.seller_asked_at, kind=AnswerKind.REFUSED, answered_at=case.seller_answered_at)
    return RefundFacts(
        now=now,
        goods=Goods(kind=GoodsKind(view.units[0].kind), sealed_delivery=False),
        order=OrderFacts(placed_at=view.paid_at, paid_at=view.paid_at),
        claim=Claim(
            reason=ReasonCode(case.reason),
            requested_at=case.opened_at,
            seller=refused if case.seller_answered_at else SellerAnswer(asked_at=case.seller_asked_at),
        ),
        capacity=Capacity(captured_fen=_paid(view)),
        channel=ChannelFacts(paid_from=PaidFrom.BALANCE if view.paid_from == "BALANCE" else PaidFrom.CHANNEL),
    )


def _paid(view: CaseView) -> int:
    return sum(line.fen for line in view.kept.joined.bill if line.key == "paid")


def _statement(view: CaseView, now: datetime, lang: str) -> str:
    case, first = view.case, view.units[0]
    moments = (
        ("case_paid", view.paid_at),
        ("case_delivered", first.delivered_at),
        ("case_looked", first.revealed_at),
        ("case_applied", case.opened_at),
        ("case_answered", case.seller_answered_at),
        ("case_refused", case.decided_at),
    )
    happened = [dated(key, at, lang) for key, at in moments if at is not None]
    happened.insert(-1, reason_text(ReasonCode(case.reason), lang))
    story = Story(
        goods=goods_text(GoodsKind(first.kind), lang),
        item=first.title,
        shop=view.shop_name,
        order_no=view.order_no,
        bought_on=day(view.paid_at, lang) if view.paid_at else "",
        paid_fen=_paid(view),
        asked_fen=case.asked_fen,
        happened=tuple(happened),
        enclosed=tuple(dated(key, None, lang) for key in (("case_record", "case_pictures")[: 1 + bool(view.pictures)])),
        written_at=now,
    )
    return statement(story, view.kept.first, lang)
