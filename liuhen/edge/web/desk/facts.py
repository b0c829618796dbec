"""The facts of a case as a reviewer's table: what is asked, what is said, who says so, how it stands. Pure.

Values, sources and standings come from policy's facts and from the records; nothing is weighed here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from liuhen.edge.web import wording
from liuhen.edge.web.channel_words import label as channel_label
from liuhen.edge.web.desk.say import SOURCES, Say
from liuhen.edge.web.events import USE
from liuhen.edge.web.reasons import label_of
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.defects import Defects
from liuhen.policy.facts.redemption import Seal
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, Standing
from liuhen.reads.case_page import CaseUnitView, CaseView, Note
from liuhen.reads.desk_case import Background, Handed
from liuhen.reads.unit_use import Saying
from liuhen.steps.judge import Judged

Row = dict[str, Any]
_NO_REASON = (ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE)
_QUOTED = 160
"""Characters of somebody's words in the table; all of them stand on the line of time."""


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the table is made from."""

    view: CaseView
    background: Background
    judged: Sequence[Judged]
    said: Mapping[UUID, Mapping[str, Saying]]
    w: Say

    @property
    def units(self) -> list[tuple[CaseUnitView, RefundFacts]]:
        by_id = {unit.id: unit for unit in self.view.units}
        return [(by_id[item.unit_id], item.facts) for item in self.judged]


def rows(told: Told) -> list[Row]:
    """All rows, in the order in which a reviewer asks."""
    found = [*_money(told), *_delivery(told), *_first_use(told), *_use(told), *_defects(told)]
    return [*found, *_claims(told), *_terms(told), *_past(told)]


def summary(told: Told) -> str:
    """What the records show, as one sentence that a ruling can begin with."""
    parts = [row["text"] for row in [*_delivery(told), *_first_use(told)] if row["level"] == "established"]
    if not parts:
        return ""
    return told.w(_("记录显示：%(facts)s。"), facts=told.w(_("；")).join(str(part) for part in parts))


def _row(what: str, text: str, who: str, level: Standing | str = Standing.ESTABLISHED, *, strong: bool = False) -> Row:
    return {"what": what, "text": text, "who": who, "level": str(level), "strong": strong}


def _grouped(told: Told, text_of: Callable[[CaseUnitView, RefundFacts], str]) -> str:
    """One text for all units, or which unit has which. Units without a text are left out."""
    groups: dict[str, list[int]] = {}
    for unit, facts in told.units:
        if text := text_of(unit, facts):
            groups.setdefault(text, []).append(unit.no)
    if len(groups) == 1 and len(next(iter(groups.values()))) == len(told.units):
        return next(iter(groups))
    parts = [told.w(_("%(units)s %(text)s"), units=told.w.pieces(nos), text=text) for text, nos in groups.items()]
    return told.w(_("；")).join(parts)


def _money(told: Told) -> list[Row]:
    """What was paid, and where that money is now."""
    w, view = told.w, told.view

    def escrow(unit: CaseUnitView, facts: RefundFacts) -> str:
        released = facts.order.escrow_released_at
        one = len(told.units) == 1
        if facts.capacity.in_flight_fen:
            words = _("正在退回 %(money)s") if one else _("每件正在退回 %(money)s")
            return w(words, money=wording.money_text(facts.capacity.in_flight_fen))
        if facts.capacity.refunded_fen:
            words = _("已退 %(money)s") if one else _("每件已退 %(money)s")
            return w(words, money=wording.money_text(facts.capacity.refunded_fen))
        return w(_("货款已付给卖家，%(at)s"), at=w.short(released)) if released else w(_("货款仍由平台担保"))

    if view.paid_at is None:
        return []
    pieces = len(told.background.numbers)
    values = {"money": wording.money_text(told.background.total_fen), "n": pieces, "at": w.short(view.paid_at)}
    by_channel = view.paid_from == "CHANNEL"
    who = w(_("%(channel)s，有签名"), channel=w(channel_label(view.channel))) if by_channel else w(_("平台余额"))
    paid = w(_("%(money)s，%(n)s 件，%(at)s"), **values)
    return [_row(w(_("付款")), w(_("；")).join([paid, _grouped(told, escrow)]), who)]


def _delivery(told: Told) -> list[Row]:
    w = told.w

    def delivered(unit: CaseUnitView, facts: RefundFacts) -> str:
        at, promised = facts.delivery.delivered_at, facts.delivery.promised_at
        if at is None:
            return w(_("没有送达，承诺 %(at)s 前"), at=w.short(promised)) if promised else w(_("没有送达"))
        words = _("密封送达，%(at)s") if facts.goods.sealed_delivery else _("卖家手工交付，%(at)s")
        return w(words, at=w.short(at))

    def seal(unit: CaseUnitView, facts: RefundFacts) -> str:
        if facts.redemption.seal is Seal.SEALED:
            return w(_("仍密封，没有人看过"))
        at = facts.redemption.revealed_at
        return w(_("拆封于 %(at)s"), at=w.exact(at)) if at else ""

    log = w(SOURCES[Source.PLATFORM_LOG])
    found = [_row(w(_("送达")), _grouped(told, delivered), log)]
    for _source, standing in _facts(told, attrgetter("delivery.started")):
        found.append(_row(w(_("开工")), w(_("卖家说已经开工，时间在记录里")), w(SOURCES[Source.SELLER]), standing))
    if text := _grouped(told, seal):
        found.append(_row(w(_("拆封")), text, log))
    return found + [_proof(hand, w) for hand in told.background.handed]


def _proof(hand: Handed, w: Say) -> Row:
    """What the seller says he delivered: his number and pictures; they prove no more than that he says so."""
    parts = [w(_("单号 %(no)s"), no=hand.receipt_no) if hand.receipt_no else w(_("没有单号"))]
    parts.append(w(_("%(n)s 张图片"), n=len(hand.proofs)) if hand.proofs else w(_("没有图片")))
    who = w(_("卖家，%(at)s"), at=w.short(hand.at))
    return _row(w(_("交付凭证")), w(_("，")).join(parts), who, Standing.ALLEGED)


def _facts(told: Told, fact_of: Callable[[RefundFacts], Fact[Any]]) -> list[tuple[Source, Standing]]:
    """Who says something, and how it stands, over all units; most certain first."""
    seen = {(fact.source, fact.standing) for _unit, facts in told.units if (fact := fact_of(facts)).value is not None}
    order = (Standing.ESTABLISHED, Standing.WITHHELD, Standing.REBUTTED, Standing.ALLEGED, Standing.UNKNOWN)
    return sorted(seen, key=lambda pair: order.index(pair[1]))


def _first_use(told: Told) -> list[Row]:
    w = told.w
    found: list[Row] = []
    for source, standing in _facts(told, attrgetter("redemption.first_used_at")):

        def text(unit: CaseUnitView, facts: RefundFacts, source: Source = source, standing: Standing = standing) -> str:
            fact = facts.redemption.first_used_at
            if fact.value is None or (fact.source, fact.standing) != (source, standing):
                return ""
            seen = facts.redemption.revealed_at
            words = _("%(at)s，早于拆封") if seen is None or fact.value < seen else _("%(at)s，拆封之后")
            return w(words, at=w.exact(fact.value))

        early = any(
            fact.value is not None and (facts.redemption.revealed_at or fact.value) >= fact.value
            for _unit, facts in told.units
            if (fact := facts.redemption.first_used_at).source is source
        )
        found.append(_row(w(_("首次使用")), _grouped(told, text), w(SOURCES[source]), standing, strong=early))
    return found


_SETTLED = {("ISSUER", state) for state in USE} | {("SELLER", "UNUSED"), ("BUYER", "PARTLY_USED"), ("BUYER", "USED_UP")}


def _use(told: Told) -> list[Row]:
    """The newest word of each side on use, next to each other; none overwrites another."""
    w = told.w
    found: list[Row] = []
    for source, who in (("ISSUER", _("发行方，有签名")), ("SELLER", _("卖家")), ("BUYER", _("买家"))):
        groups: dict[tuple[str, str], list[int]] = {}
        for unit, _facts_of in told.units:
            if (saying := told.said.get(unit.id, {}).get(source)) is not None:
                level = "established" if (source, saying.state) in _SETTLED else "alleged"
                groups.setdefault((_said(saying, w), level), []).append(unit.no)
        for (text, level), numbers in groups.items():
            alone = len(numbers) == len(told.units)
            words = text if alone else w(_("%(units)s %(text)s"), units=w.pieces(numbers), text=text)
            found.append(_row(w(_("用没用过")), words, w(who), level))
    if not any(said.get("ISSUER") for said in told.said.values()):
        found.append(_row(w(_("用没用过")), w(_("发行方没有传来使用记录")), w(_("发行方")), Standing.UNKNOWN))
    return found


def _said(saying: Saying, w: Say) -> str:
    text = w(USE[saying.state])
    if saying.remaining_fen is not None:
        text = w(_("%(state)s，还剩 %(money)s"), state=text, money=wording.money_text(saying.remaining_fen))
    if saying.note:
        text = w(_("%(state)s：“%(note)s”"), state=text, note=_cut(saying.note))
    return w(_("%(text)s，%(at)s"), text=text, at=w.short(saying.occurred_at or saying.recorded_at))


_DEFECTS: dict[str, str] = {
    "invalid_key": _("卡密无效"),
    "duplicate_key": _("同一张卡密卖过两次"),
    "already_redeemed": _("买家之前已被用过"),
    "incorrect_amount": _("面额比写的少"),
    "wrong_region": _("区域不符"),
    "not_as_described": _("和描述不一样"),
    "short_validity": _("有效期比承诺的短"),
    "not_credited": _("没有到账"),
    "defective": _("用不了，或有毛病"),
    "fraud": _("卖家欺诈"),
}


def _defects(told: Told) -> list[Row]:
    w = told.w
    found: list[Row] = []
    for name in (field for field in Defects.__struct_fields__ if field in _DEFECTS):
        for source, standing in _facts(told, attrgetter(f"defects.{name}")):
            words = w(_DEFECTS[name])
            nos = [
                unit.no
                for unit, facts in told.units
                if (fact := getattr(facts.defects, name)).value and (fact.source, fact.standing) == (source, standing)
            ]
            if nos and len(nos) < len(told.units):
                words = w(_("%(units)s %(text)s"), units=w.pieces(nos), text=words)
            strong = standing is Standing.ESTABLISHED
            found.append(_row(w(_("商品问题")), words, w(SOURCES[source]), standing, strong=strong))
    return found


def _claims(told: Told) -> list[Row]:
    w, case = told.w, told.view.case
    found: list[Row] = []
    buyer = w(_("买家，%(at)s"), at=w.short(case.opened_at))
    if case.statement:
        found.append(_row(w(_("买家怎么说")), _quote(case.statement, w), buyer, Standing.ALLEGED))
    else:
        found.append(_row(w(_("买家怎么说")), w(label_of(case.reason)), buyer, Standing.ALLEGED))
    answer = _last(told.view.notes, "ANSWER")
    if case.seller_answered_at is not None:
        words = _quote(answer.text, w) if answer else w(_("同意退款"))
        seller = w(_("卖家，%(at)s"), at=w.short(case.seller_answered_at))
        found.append(_row(w(_("卖家怎么说")), words, seller, Standing.ALLEGED))
    elif case.seller_asked_at is not None:
        agreed = any(facts.claim.seller.silence_agreed for _unit, facts in told.units)
        words = _("没有答复，入驻时约定沉默视为同意") if agreed else _("没有答复，入驻时没有约定沉默视为同意")
        found.append(_row(w(_("卖家怎么说")), w(words), w(SOURCES[Source.PLATFORM_LOG])))
    return found


def _terms(told: Told) -> list[Row]:
    w = told.w
    found: list[Row] = []
    snapshot = w(_("平台快照"))
    for line in told.background.lines:
        words = w(_("“%(title)s”，下单快照第 %(version)s 版"), title=_cut(line.title), version=line.version)
        found.append(_row(w(_("商品说明")), words, snapshot))
        if told.view.case.reason not in _NO_REASON or not line.excludes_no_reason:
            continue
        if line.confirmed_at:
            words = w(_("买家 %(at)s 为这一单单独确认"), at=w.short(line.confirmed_at))
            found.append(_row(w(_("不支持无理由")), words, snapshot))
        else:
            found.append(_row(w(_("不支持无理由")), w(_("写了，但买家没有单独确认")), snapshot))
    return found


def _past(told: Told) -> list[Row]:
    w = told.w
    earlier = max((facts.history.earlier_cases for _unit, facts in told.units), default=0)
    if not earlier:
        return []
    return [_row(w(_("此前")), w(_("同一件此前有 %(n)s 个退款单"), n=earlier), w(SOURCES[Source.PLATFORM_LOG]))]


def _last(notes: Sequence[Note], kind: str) -> Note | None:
    return next((note for note in reversed(notes) if note.kind == kind), None)


def _quote(text: str, w: Say) -> str:
    return w(_("“%(words)s”"), words=_cut(" ".join(text.split())))


def _cut(text: str) -> str:
    return text if len(text) <= _QUOTED else text[:_QUOTED] + "…"
