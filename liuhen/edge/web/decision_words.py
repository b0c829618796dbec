"""A decision as the parts of a page take it: clauses with marks and cites, the small bill, what would change it."""

from collections.abc import Iterable, Sequence
from typing import Any

from liuhen.edge.web import ranges, wording
from liuhen.edge.web.translate import translate
from liuhen.policy.clauses.registry import NUMBERS
from liuhen.policy.decision import BillLine, Change, ClauseResult, Decision, Mark, Outcome
from liuhen.policy.explain import bill_label, change_text, formula, sentence
from liuhen.policy.law import cite_text


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


CITES = 2
"""Articles named beside a clause; the rules page, where each link leads, names them all."""
FEW = 5
"""So many reckonings are shown; the bill sums all of them."""
_WORKED = ("=", "（", "(")
TELLING = ("delivery", "redemption", "defect", "promises")
"""Layers whose clauses, when met, tell the story even where the outcome does not rest on them."""
TELLING_OTHERWISE = frozenset(
    {
        (Mark.NOT_MET, "promise.instant"),
        (Mark.UNKNOWN, "promise.instant"),
        (Mark.NOT_MET, "defect.by_record"),
        (Mark.UNKNOWN, "defect.by_record"),
        (Mark.UNKNOWN, "redemption.used"),
    }
)
"""What a buyer would ask next: why not at once, what the records say, whether it was used."""
_MARKS = {Mark.MET: "met", Mark.NOT_MET: "not", Mark.UNKNOWN: "unknown"}


def rule_href(clause: str, version: str = "") -> str:
    """Where a clause is printed, by its id, which never changes: in that version of the rules, or the one in force."""
    return f"/rules/{version}#clause-{clause}" if version else f"/rules#clause-{clause}"


def rule_number(clause: str, kept: str = "") -> str:
    """The number under which the rules page prints a clause now; `kept` for one that is there no more."""
    return NUMBERS.get(clause, kept)


def rule_cite(clause: str, lang: str, version: str = "", kept: str = "") -> tuple[str, str]:
    """(平台规则 2.1, its address)."""
    return translate(lang, _("平台规则 %(no)s"), no=rule_number(clause, kept)), rule_href(clause, version)


def clause_item(result: ClauseResult, lang: str, reader: str = "buyer", version: str = "") -> dict[str, Any]:
    """One clause as `ui.clauses` takes it: the sentence bold where the outcome rests on it.

    version: of the rules that decided; "" for the one in force.
    """
    said = sentence(result.id, result, lang, reader)
    cites = [rule_cite(result.id, lang, version, result.number)]
    cites += [(cite_text(cite, lang), rule_href(result.id, version)) for cite in result.cites[:CITES]]
    bold, text = (said, "") if result.decisive else ("", said)
    return {"state": _MARKS[result.mark], "bold": bold, "text": text, "cites": cites}


def clause_items(decision: Decision, lang: str, reader: str = "buyer") -> tuple[list[Any], list[Any]]:
    """(those that the outcome rests on and those that tell the story, all others)."""
    ground = [one for one in decision.clauses if one.id == decision.ground]
    deciding = ground + [one for one in decision.clauses if one.decisive and one.id != decision.ground]
    told = [one for one in decision.clauses if _tells(one) and one not in deciding]
    rest = [one for one in decision.clauses if one not in deciding and one not in told]
    return (
        [clause_item(one, lang, reader, decision.rulebook_version) for one in [*deciding, *told]],
        [clause_item(one, lang, reader, decision.rulebook_version) for one in rest],
    )


def _tells(result: ClauseResult) -> bool:
    return (result.mark is Mark.MET and result.layer in TELLING) or (result.mark, result.id) in TELLING_OTHERWISE


def bill_rows(bills: Iterable[Sequence[BillLine]], lang: str) -> list[tuple[str, str]]:
    """The bills of several pieces as one, as `ui.bill` takes it. Amounts sum exactly; the fee is always there."""
    sums: dict[str, int] = {}
    for line in (line for bill in bills for line in bill):
        sums[line.key] = sums.get(line.key, 0) + line.fen
    fee = sums.pop("fee", 0)
    return [(bill_label(key, lang), wording.yuan(fen)) for key, fen in [*sums.items(), ("fee", fee)]]


def reckoned(decision: Decision, lang: str) -> str:
    """How the amount of one piece was worked out, "" where the bill alone says it: all that was paid, or nothing."""
    text = formula(decision, lang)
    return text if any(mark in text for mark in _WORKED) else ""


def reckonings(decisions: Sequence[Decision], numbers: Sequence[int], lang: str) -> list[str]:
    """The same for several pieces with their numbers: once where it is one and the same, at most FEW of them."""
    texts: dict[str, list[int]] = {}
    for decision, number in zip(decisions, numbers, strict=True):
        texts.setdefault(reckoned(decision, lang), []).append(number)
    if len(texts) == 1:
        (text,) = texts
        return [translate(lang, _("每件：%(sum)s"), sum=text) if text and len(numbers) > 1 else text] if text else []
    told = [(pieces, text) for text, pieces in texts.items() if text]
    rows = [translate(lang, _("%(units)s：%(sum)s"), units=ranges.words(p, lang), sum=text) for p, text in told]
    return rows[:FEW]


def first_reckoned(decision: Decision, pieces: int, lang: str) -> list[str]:
    """The same where only the decision on the first of several pieces is kept."""
    text = reckoned(decision, lang)
    if not text:
        return []
    return [text if pieces == 1 else translate(lang, _("第一件：%(sum)s"), sum=text)]


def change_rows(changes: Sequence[Change], lang: str, reader: str = "buyer") -> list[dict[str, Any]]:
    """What would change the result, as `ui.outcomes` takes it."""
    rows: list[dict[str, Any]] = []
    for change in changes:
        if change.outcome is Outcome.NONE:
            amount = wording.money_text(0)
        elif change.amount_fen == change.amount_max_fen:
            amount = wording.money_text(change.amount_fen)
        else:
            amount = translate(lang, _("最多 %(money)s"), money=wording.money_text(change.amount_max_fen))
        note = translate(lang, _DECIDERS[change.decided_by.value])
        rows.append({"when": change_text(change, lang, reader), "text": amount, "note": note})
    return rows


_DECIDERS = {"machine": _("规则直接算出"), "seller": _("由卖家答复"), "human": _("由审核员判断")}
