"""What was wrong with a form, as sentences. Reasons are stable; what a code means as a whole stands in messages.py."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from liuhen.base.errors import LiuhenError, RateLimited
from liuhen.edge.problems import status_of
from liuhen.edge.web import wording
from liuhen.edge.web.messages import explain
from liuhen.edge.web.translate import translate


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake of a form. field: the input's name, "" for the form as a whole; text: already translated."""

    field: str
    text: str


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


# reason (data["reason"] of an InvalidInput) -> sentence; %(...)s places come from the error's data
REASONS: dict[str, str] = {
    "missing": _("请填写"),
    "choice": _("请选其中一项"),
    "whole_number": _("请填整数"),
    "money": _("请填金额，最多两位小数，如 98.00"),
    "date_time": _("请填日期和时间"),
    "pattern": _("格式不对"),
    "length": _("要 %(least)s 到 %(most)s 个字"),
    "too_short": _("至少 %(least)s 个字"),
    "too_long": _("最多 %(most)s 个字"),
    "too_small": _("不能小于 %(least)s"),
    "too_big": _("不能大于 %(most)s"),
    "between": _("要在 %(least)s 到 %(most)s 之间"),
    "not_understood": _("没看懂这一项"),
    "control_characters": _("含有看不见的字符，请重新输入"),
    "must_agree": _("请先勾选"),
    "login_length": _("登录名要 3 到 64 个字"),
    "login_characters": _("登录名只能用文字、数字和 . _ - @ +"),
    "password_short": _("密码至少 10 位"),
    "password_long": _("密码太长，最多 256 字节"),
    "password_guessable": _("这个密码太容易猜到"),
    "password_common": _("这个密码太常见，请换一个"),
    "password_wrong": _("现在的密码不对"),
    "code_wrong": _("这个码不对、已用过或已过期，请等下一个再试"),
    "passkey_answer": _("这次没有成功，请再试一次"),
    "passkey_known": _("这个通行密钥已经添加过"),
    "password_repeat": _("两次输入的密码不一样"),
    "recovery_wrong": _("登录名或恢复码不对"),
    "link_over": _("这个链接已用过或已过期，请再要一个"),
    "no_scope": _("至少选一项权限"),
    "not_a_picture": _("%(name)s 不是完整的 JPEG、PNG 或 WebP 图片，其他的都已保留"),
    "picture_too_large": _("%(name)s 超过 10 MB 或像素太多，其他的都已保留"),
    "too_many_pictures": _("最多 6 张图片，%(name)s 没有收下"),
    "too_many": _("已到上限 %(most)s 个，先停用不用的"),
    "range": _("要在 %(least)s 到 %(most)s 之间"),
    "confirm": _("请先勾选"),
    "needed": _("请填写"),
    "least": _("不能小于 %(least)s"),
    "unknown": _("没有这一项，请重新选"),
    "fixed": _("这一项上架后不能改"),
    "empty": _("这个文件是空的"),
    "not_text": _("这不是一行一条的文本文件，没法读出卡密"),
    "workbook": _("这是表格文件，请先另存为 CSV 再上传"),
    "column_missing": _("表头里缺少要用的列：卡密商品要“卡密”或“卡号、密码”，账号商品要“账号、密码”"),
    "file_size": _("文件超过 20 MB，请拆成几个"),
    "file_lines": _("文件超过 20 万行，请拆成几个"),
    "no_seal": _("只有密封交付的商品才有拆封前后之分，这一项用不上"),
    "by_hand": _("这件商品由你手工交付，不用导入卡密"),
    "shape": _("这类商品的卡密不是这种样子，请换一种"),
    "staged_over": _("上传的文件只保留 30 分钟，已经删除，请重新上传"),
    "other_file": _("这不是刚才预览的那个文件，请重新看过再确认"),
    "records_decide": _("现有记录已经单独决定这个案件，不能驳回"),
    "unlawful_term": _("“%(text)s”依法无效，合法的写法在条款检查里"),
    "terms_unread": _("还没有发布：条款检查里有 %(n)s 处提醒，看过后再按一次就会发布"),
    "nothing_new": _("这个文件里没有新的卡密"),
}


def sentence(error: LiuhenError, lang: str) -> str:
    """One translated sentence for an error: by its reason, else what messages.py says about its code."""
    if isinstance(error, RateLimited) and "retry_after_seconds" in error.data:
        wait = wording.span(timedelta(seconds=error.data["retry_after_seconds"]), lang)
        return translate(lang, _("试的次数太多了，请等 %(wait)s再试"), wait=wait)
    msgid = REASONS.get(str(error.data.get("reason", "")))
    if msgid is not None:
        return translate(lang, msgid, **error.data)
    return explain(error.code, status_of(error), lang, error.data).title


def mistakes_of(error: LiuhenError, lang: str) -> tuple[Mistake, ...]:
    """The mistakes of a form: its own list if `form()` found several, else the one sentence of the error."""
    listed = error.data.get("mistakes")
    if listed is not None:
        return tuple(Mistake(name, _labelled(label, reason, lang, data)) for name, label, reason, data in listed)
    faults = error.data.get("fields")  # how flows name several fields: name -> (reason, least, most)
    if faults:
        return tuple(Mistake(name, _fault(lang, *fault)) for name, fault in faults.items())
    said = _titled(str(error.data.get("label", "")), sentence(error, lang), lang)
    return (Mistake(str(error.data.get("field", "")), said),)


def _fault(lang: str, reason: str, least: int, most: int) -> str:
    """One fault as a flow names it. A range whose end lies before its start has no end."""
    if reason == "range" and most < least:
        reason = "too_small"
    return translate(lang, REASONS.get(reason, REASONS["not_understood"]), least=least, most=most)


def _labelled(label: str, reason: str, lang: str, data: dict[str, Any]) -> str:
    """ "登录名：请填写", or the sentence alone where the field has no title."""
    return _titled(label, translate(lang, REASONS[reason], **data), lang)


def _titled(label: str, text: str, lang: str) -> str:
    """The sentence behind the field's name, so that it can also be read away from its field."""
    if not label:
        return text
    mark = "：" if lang == "zh" else ": "
    return f"{translate(lang, label)}{mark}{text}"
