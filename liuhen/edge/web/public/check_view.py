"""The self-check as its page takes it: one question, or the answer with reasons, statement and next steps. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from liuhen.edge.web import decision_words
from liuhen.edge.web.outside_rows import step_rows
from liuhen.edge.web.translate import translate
from liuhen.policy import outside
from liuhen.policy.decision import ClauseResult, Decision, Mark
from liuhen.policy.explain import title
from liuhen.policy.law import cite_text
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.selfcheck import told, walk
from liuhen.policy.selfcheck.question import Question
from liuhen.policy.selfcheck.said import Said, decision_of, facts_of, fault_of, without
from liuhen.policy.selfcheck.table import BY_KEY
from liuhen.policy.statement import statement
from liuhen.policy.whatif import what_would_change
from liuhen.policy.words.told import REMEDIES


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


TYPED = ("order_no", "shop", "item", "bought_on")
"""What may be typed into the head of the statement."""
MOST_TYPED = 120
_FAULTS = {
    "missing": _("两个数都要填，或者都不填"),
    "number": _("请填数字，比如 98 或 98.00"),
    "order": _("第二个数不能比第一个大"),
}
_OUR_LAYERS = ("promises", "procedure", "amount")
"""Elsewhere the rest of these says nothing."""


def pairs_of(said: Said, given: Mapping[str, str], left_out: str = "") -> list[tuple[str, str]]:
    """The answers as they stand in an address. left_out: a question whose answer is asked for anew."""
    found: list[tuple[str, str]] = []
    for key, answer in said.answers.items():
        if key == left_out:
            continue
        found.append((key, answer))
        found += [(f"{key}.{n.key}", given[f"{key}.{n.key}"]) for n in BY_KEY[key].numbers if _kept(said, key, n.key)]
    return found + [(key, given[key]) for key in TYPED if given.get(key)]


def _kept(said: Said, key: str, number: str) -> bool:
    return f"{key}.{number}" in said.numbers


def address(pairs: list[tuple[str, str]], anchor: str = "") -> str:
    """The page with these answers."""
    return f"/check?{urlencode(pairs)}{anchor}" if pairs else "/check"


def asking(
    question: Question, said: Said, given: Mapping[str, str], rulebook: Rulebook, lang: str, *, missed: bool
) -> dict[str, Any]:
    """One question. missed: it was sent without an answer. The answers before it travel along as hidden fields."""
    before = walk.before(said, question)
    text, hint = told.question_text(question, lang)
    fault = fault_of(question.key, given) if question.numbers and given.get(question.key) is not None else ""
    error = translate(lang, _FAULTS[fault]) if fault else translate(lang, _("请选一项")) if missed else ""
    options = []
    for choice in walk.offered(question, before):
        label, note = told.choice_text(question, choice, before, rulebook, lang)
        options.append({"value": choice.key, "text": label, "note": note})
    numbers = [
        {
            "name": f"{question.key}.{number.key}",
            "label": told.number_text(question, number.key, lang),
            "money": number.money,
            "value": given.get(f"{question.key}.{number.key}", "")[:MOST_TYPED],
        }
        for number in question.numbers
    ]
    place = len(before.answers) + 1
    last = list(before.answers)[-1:] or [""]
    return {
        "key": question.key,
        "text": text,
        "hint": hint,
        "error": error,
        "options": options,
        "numbers": numbers,
        "chosen": said.answers.get(question.key, ""),
        "hidden": pairs_of(said, given, left_out=question.key),
        "place": place,
        "most": max(walk.MOST, place),
        "back": address([*pairs_of(before, given), ("edit", last[0])]) if last[0] else "",
    }


def answered(said: Said, given: Mapping[str, str], rulebook: Rulebook, lang: str) -> list[dict[str, str]]:
    """What was said, each with the address at which it is asked again."""
    pairs = pairs_of(said, given)
    return [
        {"question": line.question, "answer": line.text, "href": address([*pairs, ("edit", line.key)])}
        for line in told.lines(said, rulebook, lang)
    ]


def result(said: Said, given: Mapping[str, str], rulebook: Rulebook, now: datetime, lang: str) -> dict[str, Any]:
    """The answer page. Everything on it rests on what was said."""
    decision = decision_of(said, now, rulebook)
    facts = facts_of(said, now, rulebook)
    elsewhere = said.elsewhere()
    deciding, rest = _clauses(said, decision, lang)
    changes = told.changes(said, now, rulebook) if without(said) else what_would_change(facts, rulebook)
    place = outside.Place.ELSEWHERE if elsewhere else outside.Place.HERE
    pairs = pairs_of(said, given)
    typed = {key: given.get(key, "")[:MOST_TYPED] for key in TYPED}
    return {
        "elsewhere": elsewhere,
        "scam": decision.ground == "goods.fee_scam",
        "headline": told.headline(said, decision, lang),
        "turn": told.turn(said, decision, lang),
        "burden": told.burden(decision, lang),
        "how": decision_words.reckoned(decision, lang),
        "example": bool(decision.amount_max_fen) and not told.paid_known(said),
        "pay_href": address([*pairs, ("edit", "paid")]),
        "open": _still_open(said, pairs, rulebook, lang),
        "deciding": deciding,
        "rest": rest,
        "ours": [title(name, lang, rulebook.values) for name in _OURS] if elsewhere else [],
        "choices": [REMEDIES[lang][remedy.value] for remedy in decision.remedies] if len(decision.remedies) > 1 else [],
        "claims": [(text, [cite_text(c, lang) for c in cites]) for text, cites in told.claims(decision, lang)],
        "changes": _change_rows(changes, lang, elsewhere=elsewhere),
        "statement": statement(told.story(said, decision, now, lang, typed=typed), decision, lang),
        "typed": typed,
        "hidden": [(key, value) for key, value in pairs if key not in TYPED],
        "steps": step_rows(outside.next_steps(decision, facts, place), lang),
        "back": address([*pairs, ("edit", list(said.answers)[-1])]) if said.answers else "",
        "refused": not decision.amount_max_fen and not decision.outside_fen,
        "version": decision.rulebook_version,
    }


_OURS = ("promise.instant", "promise.advance", "seller.deemed_approved", "delivery.cancel")


def _clauses(said: Said, decision: Decision, lang: str) -> tuple[list[Any], list[Any]]:
    """Decisive ones first; elsewhere without those of the house alone, and without the numbers of our rules."""
    ground = [one for one in decision.clauses if one.id == decision.ground]
    others = [one for one in decision.clauses if one not in ground]
    if said.elsewhere():
        others = [one for one in others if one.id not in told.HOUSE_ONLY]
    deciding = ground + [one for one in others if one.decisive]
    rest = [one for one in others if not one.decisive and _tells(said, one)]
    return [_item(said, one, lang) for one in deciding], [_item(said, one, lang) for one in rest]


def _tells(said: Said, one: ClauseResult) -> bool:
    return not said.elsewhere() or (one.mark is Mark.MET and one.layer not in _OUR_LAYERS)


def _item(said: Said, result: ClauseResult, lang: str) -> dict[str, Any]:
    item = decision_words.clause_item(result, lang)
    text, cites = told.ground_result(said, result, lang)
    item["bold" if result.decisive else "text"] = text
    href = decision_words.rule_href(result.number)
    law = [(cite_text(cite, lang), href) for cite in cites[: decision_words.CITES]]
    item["cites"] = law if said.elsewhere() else [decision_words.rule_cite(result.number, lang), *law]
    return item


def _change_rows(changes: Any, lang: str, *, elsewhere: bool) -> list[dict[str, Any]]:
    rows = decision_words.change_rows(changes, lang)
    return [{**row, "note": ""} for row in rows] if elsewhere else rows


def _still_open(said: Said, pairs: list[tuple[str, str]], rulebook: Rulebook, lang: str) -> list[dict[str, str]]:
    return [
        {
            "question": told.question_text(BY_KEY[one.key], lang)[0],
            "href": address([*pairs, ("edit", one.key)]),
        }
        for one in walk.still_open(said, rulebook)
    ]
