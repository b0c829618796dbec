"""One line of time for the reviewer: deadline, everybody's words, every record of the order, newest on top. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from liuhen.edge.web import events as told
from liuhen.edge.web.desk.say import Say
from liuhen.reads.case_page import CaseView, Note
from liuhen.reads.evidence import ChainEvent
from liuhen.refunds.model import OPEN, CaseState

NEWEST = 80
_IN_WORDS = frozenset({"NOTE_ADDED"})
"""Events whose words stand on the line themselves."""


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


_KINDS = {
    "ANSWER": _("答复退款"),
    "RULING": _("决定的理由"),
    "LOOK": _("查看卡密的理由，双方已收到"),
    "HUMAN": _("要求人工判定"),
}
_ROLES = {"BUYER": _("买家"), "SELLER": _("卖家"), "REVIEWER": _("审核员"), "PLATFORM": _("平台")}


def line(view: CaseView, record: Sequence[ChainEvent], reader: told.Reader, w: Say) -> tuple[list[dict[str, Any]], int]:
    """(entries as `ui.trace` takes them, how many older ones were left out)."""
    seqs = {event.payload["data"].get("note"): event.seq for event in record}
    entries = [_say(view, note, seqs.get(str(note.id)), w) for note in view.notes]
    if view.case.statement:
        entries.append(_statement(view, w))
    entries += [told.entry(event, reader) for event in record if event.payload["kind"] not in _IN_WORDS]
    entries.sort(key=lambda entry: (entry["at"], entry.get("no") or 0), reverse=True)
    return _next(view, w) + entries[:NEWEST], max(0, len(entries) - NEWEST)


def _next(view: CaseView, w: Say) -> list[dict[str, Any]]:
    case = view.case
    if case.due_at is None or case.state not in OPEN:
        return []
    if case.state is CaseState.AWAITING_SELLER:
        return [{"kind": "next", "at": case.due_at, "text": w(_("卖家答复到期")), "note": w(_("到时按规则自动往下走"))}]
    late = case.due_at < w.now
    note = w(_("已超时，主管可以接手")) if late else w(_("到期没做，升级到主管，双方会收到说明"))
    return [{"kind": "next", "at": case.due_at, "text": w(_("审核到期")), "note": note}]


def _say(view: CaseView, note: Note, seq: int | None, w: Say) -> dict[str, Any]:
    his = view.reviewer_name if note.author_id == view.case.reviewer_id else ""
    names = {"BUYER": view.buyer_name, "SELLER": view.shop_name, "REVIEWER": his}
    who = w(_("%(side)s %(name)s"), side=w(_ROLES[note.author_role]), name=names.get(note.author_role, ""))
    feet = [w(_KINDS[note.kind])] if note.kind in _KINDS else []
    if seq is not None:
        feet.append(w(_("记录 %(no)s"), no=f"{seq:02d}"))
    return {
        "kind": "say",
        "by": who.strip(),
        "at": note.at,
        "body": note.text,
        "mine": note.author_role == "REVIEWER",
        "foot": w(_("，")).join(feet),
        "foot_icon": "scale" if note.kind == "RULING" else "doc",
        "no": seq,
    }


def _statement(view: CaseView, w: Say) -> dict[str, Any]:
    case = view.case
    at: datetime = case.opened_at
    who = w(_("%(side)s %(name)s"), side=w(_ROLES["BUYER"]), name=view.buyer_name)
    return {"kind": "say", "by": who, "at": at, "body": case.statement, "foot": w(_("申请时的说明"))}
