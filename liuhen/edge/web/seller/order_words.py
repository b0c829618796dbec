"""Orders, pieces and cases in the words that their seller reads."""

from datetime import datetime
from typing import Any

from liuhen.base.masking import mask_text
from liuhen.edge.web import wording
from liuhen.edge.web.events import USE
from liuhen.edge.web.seller.todo import Say
from liuhen.reads.seller_orders import OrderLine, OrderView, UnitView
from liuhen.reads.unit_use import Saying


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


UNITS = {
    "RESERVED": _("等买家付款"),
    "CANCELLED": _("已取消"),
    "TO_DELIVER": _("等你发货"),
    "SEALED": _("已密封送达，买家没拆"),
    "REVEALED": _("买家已拆封"),
    "HANDED_OVER": _("你已交付"),
    "REFUNDED": _("已退款"),
}
ESCROW = {
    "NONE": "",
    "HELD": _("担保中"),
    "RELEASED": _("已付给你"),
    "GIVEN_BACK": _("已退回买家"),
}
CASES = {
    "AWAITING_SELLER": _("等你答复"),
    "UNDER_REVIEW": _("平台在审核"),
    "ESCALATED": _("平台主管在处理"),
    "AWAITING_BUYER": _("等买家补充材料"),
    "APPROVED": _("已通过"),
    "REJECTED": _("没有通过"),
    "WITHDRAWN": _("买家已撤回"),
}
_OPEN = ("AWAITING_SELLER", "UNDER_REVIEW", "ESCALATED", "AWAITING_BUYER")
DECIDED_BY = {
    "MACHINE": _("按规则自动判断"),
    "SELLER": _("你同意的"),
    "SILENCE": _("到时没有答复，视为同意"),
    "REVIEWER": _("平台审核员判断"),
}
SIDES = {"BUYER": _("买家"), "SELLER": _("你"), "ISSUER": _("发行方"), "PLATFORM": _("平台")}
MOVES = {
    "CAPTURE": _("买家付款，进入担保"),
    "HOLD": _("买家用余额付款，进入担保"),
    "RELEASE": _("担保期满或买家确认，货款付给你"),
    "FEE": _("平台服务费"),
    "RECOVER": _("先还你的欠款"),
    "GIVE_BACK": _("担保中的货款退给买家"),
    "GIVE_BACK_FEE": _("退款，服务费退回"),
    "TAKE_BACK": _("结算后退款，从应付款收回"),
    "OWE": _("结算后退款，应付款不够，记为欠款"),
    "EARN": _("你提到余额"),
}


def buyer(name: str) -> str:
    """林小满 -> 林••: enough to tell two orders apart, not enough to find somebody."""
    return f"{name[:1]}••"


def target(text: str, waits: bool) -> str:
    """What the buyer named: in full as long as the seller needs it, masked after."""
    return text if waits or not text else mask_text(text)


def order_state(order: OrderView, say: Say, now: datetime, lang: str) -> str:
    """The state of an order in one sentence."""
    if order.state == "AWAITING_PAYMENT" and order.pay_due_at is not None:
        return say(_("等买家付款，%(at)s 前不付自动关闭"), at=wording.near(order.pay_due_at, now, lang))
    if order.state == "CANCELLED":
        return say(_("买家取消了，没有付款"))
    if order.state == "EXPIRED":
        return say(_("到时没有付款，已关闭"))
    waiting = [u for u in order.units if u.state == "TO_DELIVER"]
    if waiting:
        due = min((u.late_act_at for u in waiting if u.late_act_at), default=None)
        words: dict[str, Any] = {"n": wording.number(len(waiting))}
        if due is None:
            return say(_("等你发货 %(n)s 件"), **words)
        return say(_("等你发货 %(n)s 件，最迟 %(at)s"), at=wording.near(due, now, lang), **words)
    open_cases = [case for case in order.cases if case.state in _OPEN]
    if any(case.state == "AWAITING_SELLER" for case in open_cases):
        return say(_("有退款等你答复"))
    if open_cases:
        return say(_("有退款在平台审核"))
    escrow = {unit.escrow for unit in order.units}
    if "HELD" in escrow:
        return say(_("已送达，货款在担保中"))
    return say(_("货款已付给你")) if "RELEASED" in escrow else say(_("已全部退款"))


def line_state(line: OrderLine, say: Say) -> tuple[str, str]:
    """(state in a few words, kind of its tag) for the list."""
    if line.state == "AWAITING_PAYMENT":
        return say(_("等买家付款")), ""
    if line.state in ("CANCELLED", "EXPIRED"):
        return say(_("没有付款，已关闭")), ""
    if line.waiting:
        return say(_("等你发货")), "wait"
    if line.in_case:
        return say(_("有退款在处理")), "wait"
    if line.held:
        return say(_("担保中")), ""
    return (say(_("已付给你")), "paid") if line.released else (say(_("已全部退款")), "")


def saying(said: Saying, say: Say, now: datetime, lang: str) -> str:
    """已全额使用（买家说，11-22 12:00）."""
    state, who = say(USE[said.state]), said.issuer or say(SIDES[said.source])
    at = wording.short(said.occurred_at or said.recorded_at, now, lang)
    if said.remaining_fen is not None:
        rest = wording.money_text(said.remaining_fen)
        return say(_("%(who)s说：%(state)s，剩 %(rest)s，%(at)s"), who=who, state=state, rest=rest, at=at)
    return say(_("%(who)s说：%(state)s，%(at)s"), who=who, state=state, at=at)


def seal(unit: UnitView, say: Say, now: datetime, lang: str) -> str:
    """What the platform itself knows of a piece's seal, "" where there is none."""
    if unit.revealed_at is not None:
        return say(_("平台记录：%(at)s 拆封"), at=wording.short(unit.revealed_at, now, lang))
    return say(_("平台记录：封条完好")) if unit.state == "SEALED" else ""
