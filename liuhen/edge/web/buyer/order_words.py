"""The state of an order as a page says it: one sentence, what comes next and by when. Pure."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from liuhen.edge.web import ranges, wording
from liuhen.edge.web.events import USE
from liuhen.edge.web.translate import translate
from liuhen.reads.buyer_orders import OrderLine
from liuhen.reads.order_page import OrderView, UnitView
from liuhen.reads.unit_use import Saying


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Face:
    """title: the state in one sentence. kicker: what happened last. lead: what may be done."""

    title: str
    kicker: str
    lead: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Pieces of an order by what can be done with them."""

    total: int
    sealed: int
    revealed: int
    handed: int
    waiting: int
    in_case: int
    refunded: int
    held: int


def count(order: OrderView) -> Counts:
    by = Counter(unit.state for unit in order.units)
    return Counts(
        total=len(order.units),
        sealed=by["SEALED"],
        revealed=by["REVEALED"],
        handed=by["HANDED_OVER"],
        waiting=by["TO_DELIVER"],
        in_case=sum(unit.case_open for unit in order.units),
        refunded=by["REFUNDED"],
        held=sum(unit.escrow == "HELD" for unit in order.units),
    )


class Wordy:
    """Sentences in one language at one time."""

    def __init__(self, lang: str, now: datetime) -> None:
        self.lang, self.now = lang, now

    def say(self, msgid: str, **values: Any) -> str:
        return translate(self.lang, msgid, **values)

    def time(self, at: datetime) -> str:
        return wording.day_time(at, self.now, self.lang)

    def units(self, units: list[UnitView]) -> str:
        return ranges.words((unit.no for unit in units), self.lang)


def face(order: OrderView, counts: Counts, w: Wordy) -> Face:
    """The head of the order's page."""
    match order.state:
        case "AWAITING_PAYMENT":
            title = w.say(_("等你付款 %(money)s"), money=wording.money_text(order.total_fen))
            kicker = w.say(_("%(at)s 下单"), at=w.time(order.created_at))
            return Face(title, kicker, w.say(_("商品为你留着，到时没有付款就关闭，不扣款。")))
        case "CANCELLED" | "EXPIRED":
            return _closed(order, w)
        case _:
            return _paid(order, counts, w)


def _closed(order: OrderView, w: Wordy) -> Face:
    title = w.say(_("你取消了这一单") if order.state == "CANCELLED" else _("到时没有付款，这一单已关闭"))
    kicker = w.say(_("%(at)s 关闭"), at=w.time(order.closed_at or order.created_at))
    back = [refund for refund in order.refunds if refund.kind == "LATE_PAYMENT"]
    if not back:
        return Face(title, kicker, w.say(_("没有扣款，可以重新下单。")))
    money = wording.money_text(sum(refund.amount_fen for refund in back))
    return Face(title, kicker, w.say(_("之后到的 %(money)s 已自动原路退回。"), money=money))


def _paid(order: OrderView, counts: Counts, w: Wordy) -> Face:
    paid = w.say(_("%(at)s 付款"), at=w.time(order.paid_at or order.created_at))
    if counts.refunded == counts.total:
        return _refunded(order, w)
    if counts.waiting:
        return _waiting(order, counts, paid, w)
    if counts.in_case:
        lead = w.say(_("退款没有结束之前，货款不会付给卖家。"))
        title = w.say(_("%(n)s 件在退款中"), n=counts.in_case)
        return Face(title, paid, lead)
    return _delivered(order, counts, w)


def _refunded(order: OrderView, w: Wordy) -> Face:
    at = max(unit.refunded_at or order.created_at for unit in order.units)
    money = wording.money_text(sum(unit.refunded_fen for unit in order.units))
    kicker = w.say(_("%(at)s 退款"), at=w.time(at))
    if any(refund.state != "ARRIVED" for refund in order.refunds):
        lead = w.say(_("原路退回，到账时间看支付渠道，一般 1–3 个工作日。"))
        return Face(w.say(_("已批准全部退款 %(money)s，钱在路上"), money=money), kicker, lead)
    return Face(w.say(_("已全部退款 %(money)s"), money=money), kicker, w.say(_("这一单已结束，记录一直留着。")))


def _waiting(order: OrderView, counts: Counts, paid: str, w: Wordy) -> Face:
    units = [unit for unit in order.units if unit.state == "TO_DELIVER"]
    due = min(unit.deliver_due_at or w.now for unit in units)
    waits = [unit.wait_until for unit in units if unit.wait_until]
    if waits:
        title = w.say(_("你选择继续等，到 %(at)s"), at=w.time(max(waits)))
        return Face(title, paid, w.say(_("到时还没送达，自动全额退。你随时可以改为退款。")))
    if due < w.now:
        title = w.say(_("卖家还没送达，已过承诺时间"))
        return Face(title, paid, w.say(_("马上会自动全额退。愿意再等，可以选一个日子。")))
    title = w.say(_("等卖家送达，现在你不用做什么"))
    if counts.waiting < counts.total:
        title = w.say(_("%(n)s 件已到，%(m)s 件等卖家送达"), n=counts.total - counts.waiting, m=counts.waiting)
    begun = [unit.work_begun_at for unit in units if unit.work_begun_at]
    if begun:
        lead = _("卖家说 %(at)s 已开工。到时没有送达仍自动全额退；现在取消，由审核员看做到哪一步再定。")
        return Face(title, paid, w.say(lead, at=w.time(min(begun))))
    return Face(title, paid, w.say(_("货款由平台担保。到时没有送达，自动全额退。")))


def _delivered(order: OrderView, counts: Counts, w: Wordy) -> Face:
    first = max((unit.delivered_at or order.created_at) for unit in order.units)
    sent = w.say(_("%(at)s 送达"), at=w.time(first))
    left = counts.total - counts.refunded
    if counts.sealed == left and counts.refunded:
        title = w.say(_("%(n)s 件已退款，%(m)s 件还密封着"), n=counts.refunded, m=left)
        return Face(title, sent, w.say(_("由你决定：拆封使用，或到期前即时退掉。")))
    if counts.sealed == left:
        both = _("%(n)s 件卡密已送达，都还密封着") if left > 1 else _("卡密已送达，还密封着")
        return Face(w.say(both, n=left), sent, w.say(_("由你决定：拆封使用，或到期前即时退掉。")))
    opened = max((unit.revealed_at for unit in order.units if unit.revealed_at), default=None)
    kicker = w.say(_("%(at)s 拆封"), at=w.time(opened)) if opened else sent
    if not counts.held:
        title = w.say(_("这一单已完成"))
        return Face(title, kicker, w.say(_("货款已付给卖家。之后发现问题，仍可申请退款。")))
    if counts.sealed:
        title = w.say(_("%(n)s 件已拆封，%(m)s 件仍密封"), n=counts.revealed, m=counts.sealed)
        return Face(title, kicker, w.say(_("请兑换试用，用不了就告诉我们。")))
    held = [unit.release_due_at for unit in order.units if unit.release_due_at]
    lead = w.say(_("货款由平台担保到 %(at)s，到时没有争议才付给卖家。"), at=w.time(min(held))) if held else ""
    if counts.handed:
        return Face(w.say(_("卖家已交付，请核对，有问题就告诉我们")), kicker, lead)
    return Face(w.say(_("请兑换试用，用不了就告诉我们")), kicker, lead)


def coming(order: OrderView, instant_seconds: int, w: Wordy) -> list[dict[str, Any]]:
    """Deadlines that lie ahead, the nearest first, as `ui.trace` takes them."""
    found: list[tuple[datetime, str, str, bool]] = []
    if order.state == "AWAITING_PAYMENT" and order.pay_due_at:
        found.append((order.pay_due_at, w.say(_("付款到期")), w.say(_("到时没有付款，订单关闭，不扣款。")), True))
    ends: dict[tuple[str, datetime], list[UnitView]] = {}
    for unit in order.units:
        promised = order.line(unit.line_no).revealed_window_seconds
        for key, at in _clocks(unit, instant_seconds, promised):
            if at > w.now:
                ends.setdefault((key, at), []).append(unit)
    for (key, at), units in ends.items():
        text, note, wait = _COMING[key]
        found.append((at, w.say(text, units=w.units(units)), w.say(note), wait))
    found += [
        (case.due_at, w.say(_("退款单 %(no)s 的期限"), no=case.case_no), w.say(_("到时会怎样，看退款单。")), True)
        for case in order.cases
        if case.due_at and case.due_at > w.now
    ]
    found.sort(key=lambda item: item[0])
    return [
        {"kind": "next" if wait else "rest", "at": at, "text": text, "note": note} for at, text, note, wait in found[:2]
    ]


def _clocks(unit: UnitView, instant_seconds: int, promised: int | None) -> list[tuple[str, datetime]]:
    """What runs for one piece. A case stops the clocks.

    Parameters: promised, how long after delivery the seller takes back what was looked at and not used, in seconds.
    """
    if unit.case_open:
        return []
    found: list[tuple[str, datetime]] = []
    if unit.state == "SEALED" and unit.delivered_at:
        found.append(("instant", unit.delivered_at + timedelta(seconds=instant_seconds)))
    if unit.state == "REVEALED" and unit.delivered_at and promised:
        found.append(("unused", unit.delivered_at + timedelta(seconds=promised)))
    if unit.state == "TO_DELIVER" and unit.late_act_at:
        found.append(("deliver", unit.late_act_at))
    if unit.escrow == "HELD" and unit.release_due_at:
        found.append(("release", unit.release_due_at))
    return found


_COMING = {
    "instant": (_("即时退到期，%(units)s"), _("之后的退款要先由卖家确认。"), True),
    "unused": (_("拆封没用可退到期，%(units)s"), _("卖家承诺到这时为止，没用过又不想要的可以退。"), True),
    "deliver": (_("没送达就自动退款，%(units)s"), _("承诺时间加上宽限，之后平台自己退。"), True),
    "release": (_("货款付给卖家，%(units)s"), _("有没结束的退款时不会付。"), False),
}


def standing(said: dict[str, Saying], w: Wordy) -> tuple[str, str]:
    """(use in a word, who says so and when): the issuer's word first, then the newest of the two sides."""
    known = [saying for saying in said.values() if saying.state != "UNKNOWN"]
    if not known:
        return w.say(USE["UNKNOWN"]), w.say(_("还没有人说明"))
    best = next((saying for saying in known if saying.source == "ISSUER"), None)
    best = best or max(known, key=lambda saying: saying.recorded_at)
    who = w.say({"ISSUER": _("发行方"), "SELLER": _("卖家"), "BUYER": _("你"), "PLATFORM": _("平台")}[best.source])
    at = wording.short(best.occurred_at or best.recorded_at, w.now, w.lang)
    return w.say(USE[best.state]), w.say(_("%(who)s说，%(at)s"), who=who, at=at)


def claims(unit: UnitView, said: dict[str, Saying], w: Wordy, *, mine: str = "") -> list[dict[str, Any]]:
    """All sources side by side, as `ui.claims` takes them. mine: address where the buyer adds his own word."""
    rows = [_platform(unit, w)]
    for source, who in (("ISSUER", _("发行方")), ("SELLER", _("卖家")), ("BUYER", _("你"))):
        saying = said.get(source)
        row: dict[str, Any] = {"who": w.say(who), "level": "unknown", "text": w.say(_SILENT[source])}
        if saying is not None:
            row |= _said(saying, w)
        if source == "BUYER" and mine:
            row |= {"link": w.say(_("补充一句")), "href": mine}
        rows.append(row)
    return rows


_SILENT = {"ISSUER": _("还没有传来使用记录"), "SELLER": _("还没有说明"), "BUYER": _("还没有说明")}
_SETTLED = {("ISSUER", state) for state in USE} | {("SELLER", "UNUSED"), ("BUYER", "PARTLY_USED"), ("BUYER", "USED_UP")}


def _said(saying: Saying, w: Wordy) -> dict[str, Any]:
    text = w.say(USE[saying.state])
    if saying.remaining_fen is not None:
        text = w.say(_("%(state)s，还剩 %(money)s"), state=text, money=wording.money_text(saying.remaining_fen))
    if saying.note:
        text = w.say(_("%(state)s：“%(note)s”"), state=text, note=saying.note)
    at = wording.short(saying.occurred_at or saying.recorded_at, w.now, w.lang)
    note = at if not saying.issuer else w.say(_("%(issuer)s，%(at)s，有签名"), issuer=saying.issuer, at=at)
    level = "established" if (saying.source, saying.state) in _SETTLED else "alleged"
    return {"text": text, "note": note, "level": level}


def _platform(unit: UnitView, w: Wordy) -> dict[str, Any]:
    who = w.say(_("平台记录"))
    if unit.revealed_at:
        text = w.say(_("%(at)s 你拆封"), at=wording.exact(unit.revealed_at, w.now, w.lang))
        return {"who": who, "text": text, "note": w.say(_("拆封前无人看过")), "level": "established"}
    if unit.handed_at:
        text = w.say(_("%(at)s 卖家交付"), at=wording.exact(unit.handed_at, w.now, w.lang))
        note = w.say(_("卖家自己的单号 %(no)s"), no=unit.receipt_no) if unit.receipt_no else ""
        return {"who": who, "text": text, "note": note, "level": "established"}
    return {"who": who, "text": w.say(_("密封完好，没有人看过")), "level": "established"}


def row_state(order: OrderLine, w: Wordy) -> tuple[str, str, datetime | None]:
    """(sentence, kind of its colour, deadline) of an order in a list."""
    n = order.pieces
    match order.state:
        case "AWAITING_PAYMENT":
            return w.say(_("等你付款")), "wait", order.pay_due_at
        case "CANCELLED":
            return w.say(_("已取消")), "", None
        case "EXPIRED":
            return w.say(_("没有付款，已关闭")), "", None
        case _:
            pass
    if order.in_case:
        return w.say(_("%(n)s 件退款中"), n=order.in_case), "wait", order.case_due_at
    if order.refunded == n:
        arrived = _("已全部退款") if not order.money_out else _("已全部退款，钱在路上")
        return w.say(arrived), "" if order.money_out else "paid", None
    if order.waiting:
        return w.say(_("等卖家送达 %(n)s 件"), n=order.waiting), "wait", order.deliver_due_at
    if order.sealed:
        return w.say(_("%(n)s 件未拆封"), n=order.sealed), "", None
    if order.released and order.released + order.refunded >= n:
        return w.say(_("已完成")), "", None
    return w.say(_("已送达，请核对")), "", None
