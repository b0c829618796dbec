"""To-dos as rows of the desk: what, by when, what happens otherwise, and where it is done. Sorted by deadline."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from liuhen.edge.web import wording
from liuhen.edge.web.reasons import label_of
from liuhen.reads.seller_desk import AnswerDue, DeliveryDue, RestockDue, Todos, VoidDue

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Task:
    """One row. group: refund, deliver or other. at and start as ui.due takes them; act: the button's word."""

    group: str
    href: str
    what: str
    fen: int | None
    note: str
    at: datetime | None
    start: datetime | None
    otherwise: str
    act: str


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


def tasks(found: Todos, say: Say, now: datetime, lang: str) -> list[Task]:
    """All rows, the one due first on top; what has no deadline comes last, keys to void before shelves to fill."""
    timed = [*_answers(found, say), *(_delivery(item, say, now, lang) for item in found.deliveries)]
    timed.sort(key=lambda task: task.at or now)
    return [*timed, *(_void(item, say) for item in found.voids), *(_restock(item, say) for item in found.restocks)]


def _answers(found: Todos, say: Say) -> Iterator[Task]:
    otherwise = say(_("视为同意，货款退给买家") if found.silence_agreed else _("转给平台审核"))
    for item in found.answers:
        yield _answer(item, say, otherwise)


def _answer(item: AnswerDue, say: Say, otherwise: str) -> Task:
    return Task(
        group="refund",
        href=f"/cases/{item.case_no}",
        what=say(_("答复退款：%(reason)s"), reason=say(label_of(item.reason))),
        fen=item.asked_fen,
        note=_with_pieces(say, item.title, item.pieces),
        at=item.due_at,
        start=item.asked_at,
        otherwise=otherwise,
        act=say(_("答复")),
    )


def _delivery(item: DeliveryDue, say: Say, now: datetime, lang: str) -> Task:
    notes = [item.order_no]
    if item.target:
        notes.append(item.target if len(item.target) <= 24 else f"{item.target[:24]}…")
    if item.waits:
        notes.append(say(_("买家愿意等")))
    elif item.promised_at < now:
        notes.append(say(_("已过承诺的 %(at)s"), at=wording.near(item.promised_at, now, lang)))
    else:
        notes.append(say(_("承诺 %(at)s 前"), at=wording.near(item.promised_at, now, lang)))
    return Task(
        group="deliver",
        href=f"/seller/orders/{item.order_no}#deliver-{item.line_no}",
        what=say(_("手工发货：%(title)s"), title=_with_pieces(say, item.title, item.pieces)),
        fen=item.fen,
        note=" · ".join(notes),
        at=item.due_at,
        start=item.paid_at,
        otherwise=say(_("自动全额退给买家")),
        act=say(_("发货")),
    )


def _void(item: VoidDue, say: Say) -> Task:
    return Task(
        group="other",
        href="/seller/voids",
        what=say(_("到发行方作废 %(n)s 张已退款的卡密"), n=wording.number(item.keys)),
        fen=None,
        note=say(_("%(title)s · 拆封后退款的不会再卖，但可能还能兑换"), title=item.title),
        at=None,
        start=None,
        otherwise="",
        act=say(_("查看")),
    )


def _restock(item: RestockDue, say: Say) -> Task:
    if item.left == 0:
        note = say(_("已经售完，买家现在买不到"))
    elif item.week:
        note = say(_("在库 %(n)s 件，%(days)s"), n=wording.number(item.left), days=lasts(item.left, item.week, say))
    else:
        note = say(_("在库 %(n)s 件，近 7 天没有售出"), n=wording.number(item.left))
    return Task(
        group="other",
        href=f"/seller/products/{item.product_id}/stock",
        what=say(_("补货：%(title)s"), title=item.title),
        fen=None,
        note=note,
        at=None,
        start=None,
        otherwise=say(_("售完后买家买不到")),
        act=say(_("导入")),
    )


def lasts(left: int, week: int, say: Say) -> str:
    """How long a shelf lasts at the pace of the last seven days, in half days below two."""
    halves = left * 14 // week
    if halves == 0:
        return say(_("按近 7 天约够不到半天"))
    if halves < 4:
        words = {1: _("按近 7 天约够半天"), 2: _("按近 7 天约够 1 天"), 3: _("按近 7 天约够一天半")}
        return say(words[halves])
    return say(_("按近 7 天约够 %(n)s 天"), n=wording.number(halves // 2))


def days_left(left: int | None, week: int, say: Say) -> str:
    """The same as a short cell of a table, "" where nothing can be said."""
    if left is None or not week:
        return ""
    halves = left * 14 // week
    return say(_("半天")) if halves == 1 else say(_("%(n)s 天"), n=wording.number(halves // 2))


def _with_pieces(say: Say, title: str, pieces: int) -> str:
    return title if pieces == 1 else say(_("%(title)s × %(n)s"), title=title, n=wording.number(pieces))


def heading(rows: list[Task], say: Say, now: datetime, lang: str) -> str:
    """The state of the desk in one sentence."""
    if not rows:
        return say(_("没有要做的事"))
    first = rows[0]
    words: dict[str, Any] = {"n": wording.number(len(rows))}
    if first.at is None:
        return say(_("%(n)s 件事要做，都没有期限"), **words)
    left = wording.span(abs(first.at - now), lang)
    if first.at <= now:
        return say(_("%(n)s 件事要做，最近一件已超时 %(left)s"), left=left, **words)
    return say(_("%(n)s 件事要做，最近一件 %(left)s后到期"), left=left, **words)
