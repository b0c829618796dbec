"""Inbox messages in words: (kind, data) -> a title and a sentence. A test keeps the table complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liuhen.edge.web import wording
from liuhen.edge.web.proofs import WAYS
from liuhen.edge.web.reasons import label_of
from liuhen.edge.web.translate import translate


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Words:
    """title: what happened, one line. text: what it means, or what to do; may be empty.

    icon: of icons.py. tone: wait where somebody must act, paid where money arrived, no where something failed.
    """

    title: str
    text: str
    icon: str = "bell"
    tone: str = ""


@dataclass(frozen=True, slots=True)
class _Told:
    """Msgids of one kind. Places are filled from `_values`."""

    title: str
    text: str
    icon: str = "bell"
    tone: str = ""


_Data = Mapping[str, Any]

TABLE: dict[str, _Told] = {
    "ORDER_PAID": _Told(
        _("付款成功 %(total)s"), _("货款由平台担保，订单 %(order_no)s。拆封前看清楚，未拆封可退。"), "doc"
    ),
    "ORDER_EXPIRED": _Told(_("订单到时没有付款，已关闭"), _("订单 %(order_no)s 没有扣款，可以重新下单。"), "doc"),
    "ORDER_SOLD": _Told(_("卖出一单 %(total)s"), _("订单 %(order_no)s 已付款。"), "shop"),
    "DELIVERED": _Told(_("卖家已交付：%(title)s"), _("请核对订单 %(order_no)s，有问题可以申请退款。"), "box"),
    "WORK_BEGUN": _Told(
        _("卖家说已经开工：%(title)s"),
        _("订单 %(order_no)s。现在想取消的，由审核员看做到哪一步再定退多少。"),
        "box",
    ),
    "DELIVER_BY_HAND": _Told(
        _("等你发货：%(title)s"), _("订单 %(order_no)s，最迟 %(due_at)s，超时自动退款。"), "clock", "wait"
    ),
    "ESCROW_RELEASED": _Told(_("货款到账 %(net)s"), _("订单 %(order_no)s 的担保已放款。"), "wallet", "paid"),
    "REFUND_APPROVED": _Told(_("退款批准 %(amount)s"), _("订单 %(order_no)s，%(route)s，不收任何费用。"), "undo"),
    "REFUND_ARRIVED": _Told(_("退款到账 %(amount)s"), _("退款流水 %(refund_no)s。"), "check", "paid"),
    "REFUND_FAILED": _Told(
        _("退款 %(amount)s 没有汇成"), _("退款流水 %(refund_no)s，平台已看到，会换一条路退给你。"), "warn", "no"
    ),
    "REFUND_CHARGED": _Told(_("一笔退款从你的货款退出 %(amount)s"), _("订单 %(order_no)s。"), "undo"),
    "MONEY_SENT_BACK": _Told(
        _("收到的 %(amount)s 已原路退回"), _("订单 %(order_no)s：付款%(why)s，没有用掉，自动退回。"), "undo"
    ),
    "TOPPED_UP": _Told(_("充值到账 %(amount)s"), _("可以付款，也可以随时免费提回。"), "wallet", "paid"),
    "SELLER_ANSWER_NEEDED": _Told(
        _("买家申请退款 %(asked)s，等你答复"),
        _("%(reason)s，订单 %(order_no)s。最迟 %(due_at)s，不答复按约定默认通过。"),
        "clock",
        "wait",
    ),
    "CASE_AWAITS_SELLER": _Told(
        _("退款申请已提交，等卖家答复"), _("%(reason)s，应退 %(asked)s。卖家最迟 %(due_at)s 答复。"), "scale"
    ),
    "CASE_IN_REVIEW": _Told(_("退款转到审核员"), _("%(reason)s，申请 %(asked)s。最迟 %(due_at)s 有结果。"), "scale"),
    "EVIDENCE_NEEDED": _Told(
        _("审核员请你补充材料"),
        _("退款单 %(case_no)s，最迟 %(due_at)s。要补什么写在退款单里，补上就接着审。"),
        "clock",
        "wait",
    ),
    "CASE_AWAITS_BUYER": _Told(
        _("审核员请买家补充材料"), _("退款单 %(case_no)s，最迟 %(due_at)s。现在你不用做什么。"), "scale"
    ),
    "EVIDENCE_LAPSED": _Told(
        _("你没有在期限内补充材料"),
        _("退款单 %(case_no)s，期限是 %(due_at)s。结果看退款单，还可以要求人来看。"),
        "clock",
        "no",
    ),
    "EVIDENCE_CAME": _Told(_("买家补充了材料"), _("退款单 %(case_no)s，轮到你接着审。"), "scale", "wait"),
    "CASE_ESCALATED": _Told(_("审核超时，已升级到主管"), _("退款单 %(case_no)s，主管会接着处理。"), "warn"),
    "CASE_REJECTED": _Told(
        _("退款单 %(case_no)s 的结果：这次不退"), _("页面上有每一条理由；没有经过人的，可以要求人工判定。"), "x", "no"
    ),
    "CASE_WITHDRAWN": _Told(_("买家撤回了退款申请"), _("退款单 %(case_no)s，订单 %(order_no)s。"), "undo"),
    "CASE_NOTE": _Told(_("退款单里有新的说明"), _("来自%(from_side)s，退款单 %(case_no)s。"), "chat"),
    "ANSWER_LAPSED": _Told(
        _("你没有在期限内答复退款"), _("退款单 %(case_no)s，期限是 %(due_at)s，按约定处理。"), "clock", "no"
    ),
    "KEY_LOOKED_AT": _Told(_("审核员查看了一张卡密"), _("退款单 %(case_no)s，理由：%(reason_text)s"), "eye"),
    "REVIEW_OVERDUE": _Told(_("一个案件审核超时"), _("退款单 %(case_no)s，请主管处理。"), "warn", "wait"),
    "WAIT_CHOSEN": _Told(
        _("买家选择继续等你发货"), _("订单 %(order_no)s，等到 %(until)s，之后自动退款。"), "clock", "wait"
    ),
    "STOCK_IMPORTED": _Told(_("%(imported)s 条卡密已入库"), _("文件 %(filename)s，已加密上架，明细在库存页。"), "box"),
    "STOCK_IMPORT_FAILED": _Told(
        _("卡密没有入库"), _("文件 %(filename)s，没有收下任何一条，原因在库存页。"), "warn", "no"
    ),
    "LISTING_STATE": _Told(_("平台改变了你的商品状态"), _("理由：%(reason_text)s"), "tag", "wait"),
    "FEE_CHANGED": _Told(
        _("平台费率改为 %(fee)s"), _("原来 %(fee_before)s，之后的订单才按新费率。理由：%(reason_text)s"), "tag"
    ),
    "PARTY_FROZEN": _Told(
        _("账户已被冻结"), _("理由：%(reason_text)s。已有的订单、退款和余额都保留，可以申诉。"), "lock", "no"
    ),
    "SECOND_FACTOR_ADDED": _Told(
        _("两步验证添加了：%(way)s"), _("其他设备都已退出。不是你做的，请马上联系平台。"), "shield"
    ),
    "SECOND_FACTOR_REMOVED": _Told(
        _("两步验证去掉了：%(way)s"), _("其他设备都已退出。不是你做的，请马上联系平台。"), "shield"
    ),
    "SECOND_FACTOR_RESET": _Told(
        _("平台重置了你的两步验证"),
        _("理由：%(reason_text)s。所有设备和密钥都已退出，请重新设置。不是你要求的，请马上联系平台。"),
        "shield",
        "wait",
    ),
    "BACKUP_CODE_USED": _Told(
        _("用掉了一个备用码"), _("它不能再用。不是你用的，请马上换一批备用码并改密码。"), "shield"
    ),
    "PASSKEY_COPIED": _Told(
        _("通行密钥“%(name)s”可能被复制了"), _("它的计数倒退了，这次登录已拒绝。请删掉它，另加一个。"), "warn", "no"
    ),
    "PARTY_UNFROZEN": _Told(_("账户已解除冻结"), _("理由：%(reason_text)s"), "lock"),
}
_SIDES = {"BUYER": _("买家"), "SELLER": _("卖家"), "REVIEWER": _("审核员"), "PLATFORM": _("平台")}
_ROUTES = {"BALANCE": _("已退到平台余额"), "ORIGINAL": _("原路退回，几秒内汇出")}
_WHY = {"LATE": _("来晚了"), "TWICE": _("重复了"), "WRONG_AMOUNT": _("金额不对")}


def words(kind: str, data: _Data, *, lang: str, now: datetime) -> Words:
    """The words of one message, translated. A kind without words says that it has none, so that nothing is lost."""
    told = TABLE.get(kind)
    if told is None:
        return Words(translate(lang, _("有一条新消息")), kind)
    values = _values(kind, data, lang, now)
    return Words(translate(lang, told.title, **values), translate(lang, told.text, **values), told.icon, told.tone)


def _values(kind: str, data: _Data, lang: str, now: datetime) -> dict[str, str]:
    """What the sentences name. Missing data becomes a dash: an old message must not break the page."""

    def say(msgid: str) -> str:
        return translate(lang, msgid)

    known = dict.fromkeys(_PLACES, "–")
    for name, key in (("total", "total_fen"), ("net", "net_fen"), ("amount", "amount_fen"), ("asked", "asked_fen")):
        if isinstance(data.get(key), int):
            known[name] = wording.money_text(data[key])
    for name in ("due_at", "until"):
        if isinstance(data.get(name), str):
            known[name] = wording.day_time(datetime.fromisoformat(data[name]), now, lang)
    for name in ("order_no", "case_no", "refund_no", "title", "imported", "filename", "name"):
        if data.get(name):
            known[name] = str(data[name])
    for name, key in (("fee", "after"), ("fee_before", "before")):
        if isinstance(data.get(key), int):
            known[name] = wording.percent(data[key])
    known["route"] = say(_ROUTES.get(str(data.get("route")), "–"))
    known["way"] = say(WAYS.get(str(data.get("way")), "–"))
    known["why"] = say(_WHY.get(str(data.get("why")), "–"))
    known["from_side"] = say(_SIDES.get(str(data.get("from")), "–"))
    if data.get("reason"):
        known["reason_text"] = str(data["reason"])
        if kind in ("SELLER_ANSWER_NEEDED", "CASE_AWAITS_SELLER", "CASE_IN_REVIEW"):
            known["reason"] = say(label_of(str(data["reason"])))
    return known


_PLACES = (
    "total",
    "net",
    "amount",
    "asked",
    "due_at",
    "until",
    "order_no",
    "case_no",
    "refund_no",
    "title",
    "imported",
    "filename",
    "name",
    "way",
    "reason",
    "reason_text",
    "fee",
    "fee_before",
)
