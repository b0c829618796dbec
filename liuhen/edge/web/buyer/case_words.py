"""A refund case as each side reads it: the state in a sentence, whose turn it is, what happens otherwise. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from liuhen.edge.web import wording
from liuhen.edge.web.decision_words import rule_cite
from liuhen.edge.web.events import Reader, entry
from liuhen.edge.web.wording import money_text
from liuhen.policy.decision import Decision
from liuhen.policy.explain import ground_sentence
from liuhen.reads.case_page import CaseLine, CaseView, MoneyBack, Note
from liuhen.refunds.model import Author, CaseState, DecidedBy


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


@dataclass(frozen=True, slots=True)
class Turn:
    """The first block of the page as `ui.turn` takes it. otherwise: what happens when the time is up."""

    kind: str
    seat: str = ""
    headline: str = ""
    sub: str = ""
    at: datetime | None = None
    start: datetime | None = None
    otherwise: str = ""
    cites: list[tuple[str, str]] = field(default_factory=list)


_EXPIRY_CLAUSE = {"deemed_approved": "seller.deemed_approved", "to_human": "seller.silent_unagreed"}


def title(view: CaseView, side: Author, w: Reader) -> str:
    """The state in one sentence, for this side."""
    case = view.case
    mine = side is Author.BUYER
    match case.state:
        case CaseState.AWAITING_SELLER:
            return w.say(_("等卖家答复，现在你不用做什么") if mine else _("买家申请退款，轮到你答复"))
        case CaseState.UNDER_REVIEW:
            return w.say(_("审核员在看，现在你不用做什么"))
        case CaseState.ESCALATED:
            return w.say(_("审核超时，主管接着处理"))
        case CaseState.AWAITING_BUYER:
            return w.say(_("审核员请你补充材料") if mine else _("审核员请买家补充材料，现在你不用做什么"))
        case CaseState.WITHDRAWN:
            return w.say(_("你撤回了这次申请") if mine else _("买家撤回了这次申请"))
        case CaseState.REJECTED:
            return w.say(_("这次没有退，理由在下面"))
        case _:
            return _paid_title(view.money, case.approved_fen or 0, mine, w)


def _paid_title(money: MoneyBack | None, fen: int, mine: bool, w: Reader) -> str:
    amount = money_text(fen)
    if not mine:
        return w.say(_("已退给买家 %(money)s"), money=amount)
    if money is None or money.state == "APPROVED":
        return w.say(_("已批准 %(money)s，正在汇出"), money=amount)
    if money.state == "ARRIVED":
        where = _("%(money)s 已退到你的余额") if money.route == "BALANCE" else _("%(money)s 已原路到账")
        return w.say(where, money=amount)
    if money.state == "FAILED":
        return w.say(_("已批准 %(money)s，渠道没有汇成，平台在处理"), money=amount)
    return w.say(_("已批准 %(money)s，钱在银行路上"), money=amount)


def turn(view: CaseView, side: Author, w: Reader) -> Turn:
    """Who must act, by when, and what happens otherwise, with the rule's number."""
    case = view.case
    first = view.kept.first
    match case.state:
        case CaseState.AWAITING_SELLER:
            otherwise, cites = _otherwise(first, side, case.asked_fen, w)
            return Turn("wait", "seller", at=case.due_at, start=case.seller_asked_at, otherwise=otherwise, cites=cites)
        case CaseState.UNDER_REVIEW | CaseState.ESCALATED:
            began = case.review_from
            otherwise = w.say(_("到时没有结果，升级到主管并通知双方。"))
            if case.state is CaseState.ESCALATED:
                otherwise = w.say(_("已升级到主管，双方都收到了通知。结果出来之前，货款不会付给卖家。"))
            return Turn("wait", "staff", at=case.due_at, start=began, otherwise=otherwise)
        case CaseState.AWAITING_BUYER:
            otherwise = w.say(_("到时没有补充，按已有的材料和规则判断；没有经过人的结果，可以再要求人来看。"))
            return Turn("wait", "buyer", at=case.due_at, start=case.evidence_asked_at, otherwise=otherwise)
        case CaseState.APPROVED:
            return _paid_turn(view, side, w)
        case CaseState.REJECTED:
            return Turn("no", headline=w.say(_("这次不退")), sub=ground_sentence(first, w.lang, _reader(side)))
        case _:
            sub = w.say(_("商品和款项都没有变，之后还可以再申请。"))
            return Turn("rest", headline=w.say(_("已撤回")), sub=sub)


def _otherwise(first: Decision, side: Author, asked_fen: int, w: Reader) -> tuple[str, list[tuple[str, str]]]:
    expiry = first.next_step.on_expiry
    named = expiry in _EXPIRY_CLAUSE
    cites = [rule_cite(_EXPIRY_CLAUSE[expiry], w.lang, first.rulebook_version)] if named else []
    money = money_text(asked_fen)
    if expiry == "deemed_approved":
        mine = _("到时卖家没有答复，按约定默认通过，退你 %(money)s。")
        return w.say(
            mine if side is Author.BUYER else _("到时没有答复，按约定默认通过，退 %(money)s。"), money=money
        ), cites
    return w.say(_("到时卖家没有答复，转人工判断。")), cites


def _paid_turn(view: CaseView, side: Author, w: Reader) -> Turn:
    money = view.money
    sub = w.say(_BY[view.case.decided_by or DecidedBy.MACHINE])
    if money is None or money.state == "APPROVED":
        return Turn("rest", headline=w.say(_("正在汇出，几秒内完成")), sub=sub)
    if money.state == "ARRIVED":
        at = wording.day_time(money.arrived_at or money.approved_at, w.now, w.lang)
        return Turn("paid", headline=w.say(_("钱已到账")), sub=w.say(_("%(at)s，%(by)s"), at=at, by=sub))
    if money.state == "FAILED":
        text = w.say(_("平台已经看到，会换一条路退给你，不用重新申请。"))
        return Turn("no", headline=w.say(_("渠道没有汇成")), sub=sub, otherwise=text)
    text = w.say(_("到时还没到，这里会自动向渠道查询。现在你不用做什么。"))
    return Turn("rest", headline=w.say(_("已交给支付渠道，一般 1–3 个工作日到账")), sub=sub, otherwise=text)


_BY = {
    DecidedBy.MACHINE: _("规则直接算出"),
    DecidedBy.SELLER: _("卖家同意"),
    DecidedBy.SILENCE: _("卖家没有答复，按约定默认通过"),
    DecidedBy.REVIEWER: _("审核员判断"),
}


def decided_by(view: CaseView, w: Reader) -> str:
    """Who has decided, "" while nobody has."""
    return w.say(_BY[view.case.decided_by]) if view.case.decided_by else ""


def _reader(side: Author) -> str:
    return "buyer" if side is Author.BUYER else "other"


def money_words(view: CaseView, w: Reader) -> dict[str, Any]:
    """The money line: what is approved, sent, arrived, as `ui.cash_line` takes it, and where it goes."""
    money, case = view.money, view.case
    to_balance = str(case.route) == "BALANCE" or view.paid_from == "BALANCE"
    return {
        "fen": case.approved_fen if case.approved_fen is not None else case.asked_fen,
        "approved_at": money.approved_at if money else None,
        "sent_at": money.sent_at if money else None,
        "arrived_at": money.arrived_at if money else None,
        "again_at": money.again_at if money else None,
        "where": w.say(_("平台余额") if to_balance else _("原路退回")),
    }


_SAID = frozenset({"NOTE_ADDED", "PICTURE_KEPT"})


def asked_for(view: CaseView) -> str:
    """What the reviewer asks the buyer to bring, in the reviewer's words; "" unless the case waits for it."""
    if view.case.state is not CaseState.AWAITING_BUYER:
        return ""
    return next((note.text for note in reversed(view.notes) if note.kind == "EVIDENCE"), "")


def thread(view: CaseView, w: Reader, href: str) -> list[dict[str, Any]]:
    """Events, words and pictures on one line of time, newest first, as `ui.trace` takes them."""
    rows = [entry(event, w) for event in view.events if event.payload["kind"] not in _SAID]
    for row in rows:
        row["order"] = (row["at"], row["no"])
    if view.case.statement:
        rows.append(_say(w, "BUYER", view.case.statement, view.case.opened_at))
    rows += [_note(note, w) for note in view.notes]
    rows += _pictures(view, w, href)
    rows.sort(key=lambda row: row["order"], reverse=True)
    return rows


def _say(w: Reader, role: str, body: str, at: datetime) -> dict[str, Any]:
    mine = role.lower() == w.viewer
    return {"kind": "say", "by": w.who(role), "at": at, "mine": mine, "body": body, "order": (at, 9999)}


_FEET = {
    "ANSWER": _("拒绝的理由"),
    "RULING": _("审核结果的理由"),
    "LOOK": _("为什么查看卡密，双方可见"),
    "HUMAN": _("为什么要人工判定"),
    "EVIDENCE": _("请买家补充的材料"),
}


def _note(note: Note, w: Reader) -> dict[str, Any]:
    row = _say(w, note.author_role, note.text, note.at)
    if note.kind in _FEET:
        row |= {"foot": w.say(_FEET[note.kind]), "foot_icon": "eye" if note.kind == "LOOK" else "doc"}
    return row


def _pictures(view: CaseView, w: Reader, href: str) -> list[dict[str, Any]]:
    """Pictures that came together stand together."""
    groups: dict[tuple[str, datetime], list[Any]] = {}
    for picture in view.pictures:
        at = max(picture.at, view.case.opened_at)
        groups.setdefault((picture.uploader_role, at), []).append(picture)
    rows = []
    for (role, at), pictures in groups.items():
        row = _say(w, role, w.say(_("补充了 %(n)s 张图片"), n=len(pictures)), at)
        row["files"] = [
            {
                "name": picture.filename,
                "href": f"{href}/pictures/{picture.id}",
                "thumb": f"{href}/pictures/{picture.id}",
                "note": w.say(
                    _("%(size)s，已存原件，指纹 %(hash)s…"),
                    size=wording.size(picture.size_bytes),
                    hash=picture.sha256.hex()[:12],
                ),
            }
            for picture in pictures
        ]
        rows.append(row)
    return rows


def ahead(view: CaseView, side: Author, w: Reader) -> list[dict[str, Any]]:
    """The next deadline, on top of the line of time."""
    due = view.case.due_at
    if due is None or due <= w.now:
        return []
    silent = view.kept.first.next_step.on_expiry == "deemed_approved"
    if view.case.state is CaseState.AWAITING_SELLER:
        text = w.say(_("默认通过") if silent else _("转人工判断"))
        return [{"kind": "next", "at": due, "text": text, "note": w.say(_("卖家在此之前没有答复时。"))}]
    if view.case.state is CaseState.AWAITING_BUYER:
        note = w.say(_("买家在此之前没有补充时。"))
        return [{"kind": "next", "at": due, "text": w.say(_("按已有材料判断")), "note": note}]
    return [{"kind": "next", "at": due, "text": w.say(_("审核到期")), "note": w.say(_("到时没有结果，升级到主管。"))}]


def proofs(view: CaseView, w: Reader, href: str) -> list[dict[str, Any]]:
    """What is on the table, and what somebody still owes."""
    channel = w.say(_("支付渠道签名") if view.paid_from == "CHANNEL" else _("平台账本"))
    rows: list[dict[str, Any]] = [{"name": w.say(_("付款记录")), "note": channel, "level": "established"}]
    if any(unit.delivered_at for unit in view.units):
        broken = any(unit.revealed_at for unit in view.units)
        name = _("密封送达与拆封记录") if broken else _("送达记录")
        rows.append({"name": w.say(name), "note": w.say(_("平台日志")), "level": "established"})
    if view.issuer_said:
        rows.append({"name": w.say(_("发行方使用记录")), "note": w.say(_("有签名")), "level": "established"})
    for picture in view.pictures:
        note = w.say(
            _("%(who)s提交，%(at)s"), who=w.who(picture.uploader_role), at=wording.short(picture.at, w.now, w.lang)
        )
        rows.append(
            {"name": picture.filename, "note": note, "level": "alleged", "href": f"{href}/pictures/{picture.id}"}
        )
    if view.case.seller_asked_at is not None:
        rows.append(_seller_proof(view, w))
    return rows


def _seller_proof(view: CaseView, w: Reader) -> dict[str, Any]:
    case = view.case
    row: dict[str, Any] = {"name": w.say(_("卖家的答复与记录"))}
    if case.seller_answered_at:
        at = wording.short(case.seller_answered_at, w.now, w.lang)
        return row | {"note": w.say(_("%(at)s 答复"), at=at), "level": "alleged"}
    if case.state is CaseState.AWAITING_SELLER and case.due_at:
        at = wording.near(case.due_at, w.now, w.lang)
        return row | {"note": w.say(_("卖家应交，最迟 %(at)s"), at=at), "level": "unknown", "owed": True}
    return row | {"note": w.say(_("没有提交")), "level": "unknown"}


def line_state(case: CaseLine, w: Reader) -> tuple[str, str]:
    """(sentence, kind of its colour) of a case in a list."""
    match case.state:
        case "AWAITING_SELLER":
            return w.say(_("等卖家答复")), "wait"
        case "UNDER_REVIEW" | "ESCALATED":
            return w.say(_("审核员在看")), "wait"
        case "AWAITING_BUYER":
            return w.say(_("等你补充材料")), "wait"
        case "REJECTED":
            return w.say(_("这次没有退")), "no"
        case "WITHDRAWN":
            return w.say(_("已撤回")), ""
        case _:
            arrived = case.money_state == "ARRIVED"
            return w.say(_("已到账") if arrived else _("已批准，钱在路上")), "paid" if arrived else ""


def start_of(case: CaseLine) -> datetime:
    """When the running deadline began."""
    if case.due_at is None:
        return case.opened_at
    return (case.seller_asked_at if case.state == "AWAITING_SELLER" else None) or case.due_at - timedelta(days=3)
