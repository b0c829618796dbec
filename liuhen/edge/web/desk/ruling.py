"""What the rules say about a case, as the desk shows it: bill, clauses that matter, what would change it. Pure."""

from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from liuhen.edge.web import decision_words, wording
from liuhen.edge.web.desk.say import SIDES, Say
from liuhen.policy.clauses.clause import Layer
from liuhen.policy.decision import BillLine, Cite, ClauseResult, Decision, Group, Mark, Order, Outcome, StepKind
from liuhen.policy.explain import headline, title
from liuhen.policy.facts.claim import Remedy, Ruling
from liuhen.policy.law import cite_text

_RULING = "ruling."
_CITES = 3
"""Articles named beside a clause; all of them stand on the rules page, where the link leads."""
_HIS_OWN = ("reviewer_grants",)
"""A change that the reader himself is about to bring about, or not."""
_MATTER = frozenset({Layer.DELIVERY, Layer.REDEMPTION, Layer.DEFECT, Layer.PROMISES, Layer.TERMS, Layer.NO_REASON})
_OPEN = frozenset({Layer.REDEMPTION, Layer.DEFECT})


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


REMEDIES: dict[Remedy, str] = {
    Remedy.REFUND: _("退款"),
    Remedy.DIFFERENCE: _("退差价"),
    Remedy.REPLACEMENT: _("换货"),
    Remedy.MAKE_UP: _("补足"),
    Remedy.REDO: _("重做"),
    Remedy.CONTINUE: _("继续履行"),
}
ORDERS: dict[Order, str] = {
    Order.RESTOCK: _("卡密回到库存"),
    Order.VOID_KEY: _("请卖家作废卡密"),
    Order.REFUSE_LATE_DELIVERY: _("之后送来的不收"),
    Order.CANCEL_WORK: _("卖家停工"),
    Order.DELIST: _("商品下架"),
    Order.SANCTION_CANDIDATE: _("另看是否处理卖家"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """lead: the result in one line. fen: the most that may go back. low: the least. how: the reckoning.

    pairs: who is liable and so on. groups: pieces that go different ways. open_clauses: (id, what it says) of clauses
    that nobody has proven yet and that a reviewer may find on.
    """

    lead: str
    fen: int
    low: int
    bill: list[tuple[str, str]]
    how: list[str]
    pairs: list[tuple[str, str]]
    main: list[dict[str, Any]]
    rest: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    groups: list[str]
    open_clauses: list[tuple[str, str]]
    rulebook: str


@dataclass(frozen=True, slots=True)
class Sums:
    """A decision over several pieces: amounts fen; numbers, of the pieces in the order of the groups' places."""

    low: int
    high: int
    bill: tuple[BillLine, ...]
    groups: tuple[Group, ...]
    numbers: list[int]


def show(first: Decision, sums: Sums, w: Say) -> Shown:
    """first: the whole decision on the first piece, which speaks for all that go its way."""
    whole = replace(first, amount_fen=sums.low, amount_max_fen=sums.high)
    main = [one for one in first.clauses if _matters(one, first)]
    main.sort(key=lambda one: one.id != first.ground)  # the one that decides comes first
    rest = [one for one in first.clauses if one not in main and not one.id.startswith(_RULING)]
    return Shown(
        lead=headline(whole, w.lang),
        fen=sums.high,
        low=sums.low,
        bill=decision_words.bill_rows([sums.bill], w.lang),
        how=decision_words.first_reckoned(first, len(sums.numbers), w.lang),
        pairs=_pairs(first, w),
        main=[_item(one, first, w) for one in main],
        rest=[_item(one, first, w) for one in rest],
        changes=decision_words.change_rows([c for c in first.what_would_change if c.keys != _HIS_OWN], w.lang, "other"),
        groups=_groups(sums, w) if len(sums.groups) > 1 else [],
        open_clauses=[(one.id, title(one.id, w.lang, one.params, "other")) for one in main if one.mark is Mark.UNKNOWN],
        rulebook=first.rulebook_version,
    )


def proposal(decision: Decision, proposed_fen: int | None, whole_fen: int) -> tuple[Ruling | None, int | None]:
    """What the form begins with: the rules' own answer, where they give one. Amount in fen, with a part alone."""
    if proposed_fen is None or decision.outcome in (Outcome.REVIEW, Outcome.NEED_EVIDENCE, Outcome.BLOCK):
        return None, None
    if proposed_fen == 0:
        return Ruling.REFUSED, None
    return (Ruling.GRANTED, None) if proposed_fen == whole_fen else (Ruling.PARTLY, proposed_fen)


def _matters(one: ClauseResult, decision: Decision) -> bool:
    """What the outcome rests on, what speaks to the matter, and what somebody's word has left open there."""
    if one.id == decision.ground or (one.decisive and one.mark is not Mark.NOT_MET):
        return True
    layer = Layer(one.layer)
    if one.mark is Mark.UNKNOWN:
        return layer in _OPEN and any(used.value is not None for used in one.facts)
    return one.mark is Mark.MET and layer in _MATTER


def _item(one: ClauseResult, decision: Decision, w: Say) -> dict[str, Any]:
    """A clause as `ui.clauses` takes it, its articles short: a reviewer knows the laws by their numbers."""
    href = decision_words.rule_href(one.id, decision.rulebook_version)
    short = [(_short(cite, w.lang), href) for cite in one.cites[:_CITES]]
    cites = [(w(_("规则 %(no)s"), no=decision_words.rule_number(one.id, one.number)), href), *short]
    return {**decision_words.clause_item(one, w.lang, "other"), "cites": cites}


def _short(cite: Cite, lang: str) -> str:
    """民法典 582(1), with the law's short name."""
    if lang != "zh":
        return cite_text(cite, lang)
    tail = f"({cite.paragraph})" if cite.paragraph else ""
    return f"{cite.law} {cite.article}{tail}"


def _pairs(decision: Decision, w: Say) -> list[tuple[str, str]]:
    found = [(w(_("责任")), w(SIDES[decision.liable])), (w(_("出款")), w(SIDES[decision.payer]))]
    if decision.remedies:
        words = w(_("、")).join(w(REMEDIES[remedy]) for remedy in decision.remedies)
        found.append((w(_("可以")), words))
    if decision.orders:
        found.append((w(_("随后")), w(_("、")).join(w(ORDERS[order]) for order in decision.orders)))
    return found


_STEPS: dict[StepKind, str] = {
    StepKind.NONE: _("不退"),
    StepKind.PAY: _("马上退"),
    StepKind.SELLER_ANSWER: _("等卖家答复"),
    StepKind.HUMAN_REVIEW: _("由你判断"),
    StepKind.BUYER_EVIDENCE: _("等买家补材料"),
    StepKind.WAIT_DELIVERY: _("等送达"),
}


def _groups(sums: Sums, w: Say) -> list[str]:
    return [
        w(
            _("%(units)s：%(step)s，最多 %(money)s"),
            units=w.pieces(sums.numbers[place] for place in group.units),
            step=w(_STEPS[group.next_step.kind]),
            money=wording.money_text(group.amount_max_fen),
        )
        for group in sums.groups
    ]
