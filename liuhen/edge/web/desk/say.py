"""Sentences of the desk in one language at one time, and words that several of its parts share. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from liuhen.edge.web import ranges, wording
from liuhen.edge.web.translate import translate
from liuhen.policy.facts.standing import Side, Source


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


SIDES: dict[Side, str] = {
    Side.BUYER: _("买家"),
    Side.SELLER: _("卖家"),
    Side.PLATFORM: _("平台"),
    Side.ISSUER: _("发行方"),
    Side.OUTSIDE: _("外部"),
    Side.NOBODY: _("待定"),
}
SOURCES: dict[Source, str] = {
    Source.ISSUER: _("发行方，有签名"),
    Source.OPERATOR: _("运营方记录"),
    Source.PLATFORM_LOG: _("平台日志"),
    Source.STAFF: _("审核员认定"),
    Source.SELLER: _("卖家"),
    Source.BUYER: _("买家"),
    Source.NOBODY: _("没有人"),
}
WHY_HERE: dict[str, str] = {
    "human": _("买家要求人工判定"),
    "refused": _("卖家已拒绝，转平台审核"),
    "silent": _("卖家没有答复，转平台审核"),
    "rules": _("规则要求人工判断"),
}
STATES: dict[str, str] = {
    "AWAITING_SELLER": _("等卖家答复"),
    "UNDER_REVIEW": _("等审核"),
    "ESCALATED": _("已超时，升级到主管"),
    "AWAITING_BUYER": _("等买家补充材料"),
    "APPROVED": _("已支持退款"),
    "REJECTED": _("没有支持退款"),
    "WITHDRAWN": _("买家已撤回"),
}


class Say:
    """`say(msgid, **values)`; times and pieces read as everywhere else. now: UTC."""

    def __init__(self, lang: str, now: datetime) -> None:
        self.lang, self.now = lang, now

    def __call__(self, msgid: str, **values: Any) -> str:
        return translate(self.lang, msgid, **values)

    def short(self, at: datetime) -> str:
        return wording.short(at, self.now, self.lang)

    def exact(self, at: datetime) -> str:
        return wording.exact(at, self.now, self.lang)

    def pieces(self, numbers: Iterable[int]) -> str:
        return ranges.words(numbers, self.lang)


def why_here(human_asked: bool, seller_answer: str | None, seller_asked: bool) -> str:
    """A key of WHY_HERE: how a case came to the reviewers."""
    if human_asked:
        return "human"
    if seller_answer == "REFUSED":
        return "refused"
    return "silent" if seller_asked else "rules"
