"""What changed between two versions of a listing, field by field, as a seller reads it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from liuhen.catalog.model import DAY, Content
from liuhen.edge.web import wording
from liuhen.edge.web.seller.todo import Say

_LONG = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One field. before and after are texts of the page; long ones are cut."""

    label: str
    before: str
    after: str


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


LABELS = {
    "kind": _("种类"),
    "title": _("标题"),
    "price_fen": _("价格"),
    "description": _("商品说明"),
    "face_value_fen": _("面额"),
    "region": _("适用地区"),
    "valid_until": _("有效期至"),
    "min_validity_days": _("卡密至少还要有效"),
    "promised_delivery_seconds": _("承诺多久交付"),
    "escrow_seconds": _("担保期"),
    "sealed_window_seconds": _("密封没拆可退"),
    "revealed_window_seconds": _("拆封没用可退"),
    "issuer_can_void": _("发行方能作废看过的卡密"),
    "excludes_no_reason": _("不适用七日无理由退货"),
    "case_sensitive": _("卡密区分大小写"),
    "min_pieces": _("一单最少"),
    "max_pieces": _("一单最多"),
    "target_label": _("买家要填什么"),
    "refund_terms": _("比规则更宽的退款承诺"),
    "activation_hint": _("怎么用"),
    "warnings": _("特别提醒"),
    "issuer_id": _("发行方"),
}


def differences(before: Content, after: Content, say: Say, issuers: dict[UUID, str]) -> list[Difference]:
    """Only fields that differ, in the order of the form. Parameters: issuers, names by id."""
    found = []
    for name, label in LABELS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found.append(Difference(say(label), _text(name, old, say, issuers), _text(name, new, say, issuers)))
    return found


def _text(name: str, value: Any, say: Say, issuers: dict[UUID, str]) -> str:
    if value is None or value == "":
        return say(_("没有"))
    if isinstance(value, bool):
        return say(_("是")) if value else say(_("否"))
    if isinstance(value, UUID):
        return issuers.get(value, say(_("已停用的发行方")))
    if name.endswith("_fen"):
        return wording.money_text(value)
    if name.endswith("_days"):
        return say(_("%(n)s 天"), n=value)
    if name.endswith("_seconds"):
        return duration(value, say)
    if name.endswith("_pieces"):
        return say(_("%(n)s 件"), n=value)
    text = str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def duration(seconds: int, say: Say) -> str:
    """30 分钟, 2 小时, 7 天: the largest unit that divides it."""
    if seconds % DAY == 0:
        return say(_("%(n)s 天"), n=seconds // DAY)
    if seconds % 3600 == 0:
        return say(_("%(n)s 小时"), n=seconds // 3600)
    return say(_("%(n)s 分钟"), n=max(1, seconds // 60))
