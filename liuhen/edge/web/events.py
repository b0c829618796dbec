"""Events of an order's chain as sentences. docs/evidence-chain.md lists the kinds; a test keeps this table complete."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liuhen.edge.web import ranges, wording
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.translate import translate
from liuhen.reads.evidence import ChainEvent


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: viewer is buyer, seller or staff. numbers: unit id as text -> its number in the order."""

    lang: str
    now: datetime
    viewer: str
    numbers: Mapping[str, int]

    def say(self, msgid: str, **values: Any) -> str:
        return translate(self.lang, msgid, **values)

    def who(self, role: str) -> str:
        """你 for the reader himself, else the side."""
        if role.lower() == self.viewer:
            return self.say(_("你"))
        return self.say(_ROLES.get(role, role))

    def units(self, data: Mapping[str, Any]) -> str:
        """第 1、2 件, from whatever an event names its units by."""
        ids = [data["unit"]] if "unit" in data else data.get("units", [])
        named = [item["unit"] if isinstance(item, dict) else item for item in ids]
        return ranges.words((self.numbers[name] for name in named if name in self.numbers), self.lang)

    def time(self, text: str) -> str:
        return wording.day_time(datetime.fromisoformat(text), self.now, self.lang)


_ROLES = {
    "BUYER": _("买家"),
    "SELLER": _("卖家"),
    "REVIEWER": _("审核员"),
    "ADMIN": _("主管"),
    "PLATFORM": _("平台"),
    "CHANNEL": _("支付渠道"),
    "ISSUER": _("发行方"),
}
USE = {
    "UNUSED": _("未激活"),
    "PARTLY_USED": _("部分使用"),
    "USED_UP": _("已全额使用"),
    "UNKNOWN": _("未知"),
}
_WHY_BACK = {"LATE": _("来晚了"), "TWICE": _("重复付款"), "WRONG_AMOUNT": _("金额不对")}
_RULINGS = {"granted": _("支持退款"), "partly": _("部分支持"), "refused": _("不支持退款")}
_Data = Mapping[str, Any]
_Tell = Callable[[Reader, str, _Data], str]


def _money(data: _Data, name: str = "amount_fen") -> str:
    return wording.money_text(int(data[name]))


def _plain(msgid: str) -> _Tell:
    return lambda reader, who, data: reader.say(msgid, who=who)


def _with_units(msgid: str) -> _Tell:
    return lambda reader, who, data: reader.say(msgid, who=who, units=reader.units(data))


def _with_money(msgid: str) -> _Tell:
    return lambda reader, who, data: reader.say(msgid, who=who, money=_money(data))


def _requested(reader: Reader, who: str, data: _Data) -> str:
    asked = wording.money_text(sum(item["asked_fen"] for item in data["units"]))
    reason = reader.say(label_of(data["reason"]))
    return reader.say(
        _("%(who)s申请退款 %(money)s：%(reason)s，%(units)s"),
        who=who,
        money=asked,
        reason=reason,
        units=reader.units(data),
    )


def _decided(reader: Reader, who: str, data: _Data) -> str:
    if data["outcome"] == "REJECTED":
        return reader.say(_("%(who)s决定：这次不退"), who=who)
    fen = wording.money_text(sum(item["fen"] for item in data["units"]))
    if data["by"] == "SILENCE":
        return reader.say(_("卖家没有答复，按约定默认通过，退 %(money)s"), money=fen)
    return reader.say(_("%(who)s决定：退 %(money)s"), who=who, money=fen)


def _answered(reader: Reader, who: str, data: _Data) -> str:
    agreed = data["answer"] == "AGREED"
    return reader.say(_("%(who)s同意退款") if agreed else _("%(who)s拒绝退款，说明了理由"), who=who)


def _use(reader: Reader, who: str, data: _Data) -> str:
    state = reader.say(USE[data["state"]])
    return reader.say(_("%(who)s说%(units)s：%(state)s"), who=who, units=reader.units(data), state=state)


def _released(reader: Reader, who: str, data: _Data) -> str:
    words = {"units": reader.units(data), "money": _money(data, "net_fen")}
    if reader.viewer == "seller":
        return reader.say(_("%(units)s的货款付给卖家，到手 %(money)s"), **words)
    return reader.say(_("%(units)s的货款付给卖家"), units=words["units"])


def _due(reader: Reader, who: str, data: _Data) -> str:
    return reader.say(_("等卖家送达%(units)s，最迟 %(at)s"), units=reader.units(data), at=reader.time(data["due_at"]))


def _erased(reader: Reader, who: str, data: _Data) -> str:
    return reader.say(_("保存期限（交易结束后 %(days)s 天）已过，文字和图片已删除"), days=data["days"])


def _waits(reader: Reader, who: str, data: _Data) -> str:
    return reader.say(_("%(who)s选择等到 %(at)s"), who=who, at=reader.time(data["until"]))


def _review(reader: Reader, who: str, data: _Data) -> str:
    return reader.say(_("轮到审核员判断，最迟 %(at)s"), at=reader.time(data["due_at"]))


def _evidence(reader: Reader, who: str, data: _Data) -> str:
    at = reader.time(data["due_at"])
    return reader.say(_("%(who)s请买家补充材料，最迟 %(at)s"), who=who, at=at)


def _ruled(reader: Reader, who: str, data: _Data) -> str:
    return reader.say(_("%(who)s看过双方材料：%(ruling)s"), who=who, ruling=reader.say(_RULINGS[data["ruling"]]))


def _unused_money(reader: Reader, who: str, data: _Data) -> str:
    why = reader.say(_WHY_BACK[data["why"]])
    return reader.say(_("收到一笔 %(money)s，%(why)s，原路退回"), money=_money(data), why=why)


KINDS: dict[str, _Tell] = {
    "ORDER_PLACED": lambda r, who, d: r.say(
        _("%(who)s核对并提交订单 %(money)s，条款与商品页存成快照"), who=who, money=_money(d, "total_fen")
    ),
    "PAYMENT_STARTED": _with_money(_("%(who)s去付款 %(money)s")),
    "PAID": _with_money(_("付款 %(money)s，货款由平台担保")),
    "ORDER_CANCELLED": _plain(_("%(who)s取消了订单，没有扣款")),
    "ORDER_EXPIRED": _plain(_("到时没有付款，订单关闭")),
    "MONEY_NOT_USED": _unused_money,
    "DELIVERED_SEALED": _with_units(_("%(units)s密封送达")),
    "DELIVERY_DUE": _due,
    "WORK_BEGUN": _with_units(_("%(who)s说%(units)s已经开工")),
    "DELIVERED_BY_HAND": _with_units(_("%(who)s手工交付%(units)s")),
    "WAIT_CHOSEN": _waits,
    "SEAL_BROKEN": _with_units(_("%(who)s拆开%(units)s的密封")),
    "GOODS_SHOWN": _with_units(_("%(who)s完整显示了%(units)s")),
    "KEY_LOOKED_AT": _with_units(_("%(who)s为审核查看了%(units)s的卡密，理由双方可见")),
    "USE_STATED": _use,
    "ISSUER_SAID": _use,
    "RECEIPT_CONFIRMED": _with_units(_("%(who)s确认收货：%(units)s")),
    "ESCROW_RELEASED": _released,
    "REFUND_REQUESTED": _requested,
    "PICTURE_KEPT": _plain(_("%(who)s交了一张图片，原件的指纹已存")),
    "NOTE_ADDED": _plain(_("%(who)s补充了说明")),
    "SELLER_ANSWERED": _answered,
    "ANSWER_LAPSED": _plain(_("卖家到时没有答复")),
    "EVIDENCE_ASKED": _evidence,
    "EVIDENCE_BROUGHT": _plain(_("%(who)s补充了材料，回到审核员")),
    "EVIDENCE_LAPSED": _plain(_("买家到时没有补充材料")),
    "HUMAN_ASKED": _plain(_("%(who)s要求人工判定")),
    "REVIEW_DUE": _review,
    "REVIEW_OVERDUE": _plain(_("审核超时，升级到主管")),
    "CASE_CLAIMED": _plain(_("%(who)s开始处理")),
    "CASE_RULED": _ruled,
    "CASE_DECIDED": _decided,
    "REQUEST_WITHDRAWN": _plain(_("%(who)s撤回了退款申请")),
    "REFUND_APPROVED": _with_money(_("退款批准 %(money)s")),
    "REFUND_SENT": _with_money(_("退款 %(money)s 已汇出")),
    "REFUND_ARRIVED": _with_money(_("退款 %(money)s 已到账")),
    "REFUND_FAILED": _with_money(_("退款 %(money)s 没有汇成，平台在处理")),
    "REFUND_RETRIED": _with_money(_("%(who)s让退款 %(money)s 再汇一次")),
    "ERASED": _erased,
    "KEY_VOIDED_SAID": _with_units(_("%(who)s说已在发行方作废%(units)s")),
}


def erasure(events: Sequence[ChainEvent]) -> dict[str, Any] | None:
    """at (UTC) and days of the event by which the words of an order were erased; None if they are there."""
    for event in reversed(events):
        if event.payload["kind"] == "ERASED":
            return {"at": datetime.fromisoformat(event.payload["at"]), "days": event.payload["data"]["days"]}
    return None


def entry(event: ChainEvent, reader: Reader) -> dict[str, Any]:
    """An event as `ui.trace` takes it. An unknown kind shows by its name, so that nothing on record is hidden."""
    payload = event.payload
    kind, data, role = payload["kind"], payload["data"], payload["actor"]["role"]
    who = reader.who(role)
    tell = KINDS.get(kind)
    return {
        "kind": "cash" if kind == "REFUND_ARRIVED" else "event",
        "text": tell(reader, who, data) if tell else kind,
        "at": datetime.fromisoformat(payload["at"]),
        "by": who,
        "no": event.seq,
    }
