"""Decisions in words, Chinese and English, rendered from data alone. No sentence comes from a flow or a page."""

from datetime import datetime
from typing import Any

from liuhen.money.amount import show
from liuhen.policy.decision import Change, ClauseResult, Decision, Mark, NextStep
from liuhen.policy.expr import Stands
from liuhen.policy.facts.claim import Remedy
from liuhen.policy.facts.schema import field_of
from liuhen.policy.formula import formula_text, reckoned
from liuhen.policy.sentence import sentence as sentence_of
from liuhen.policy.terms_table import TermsRow
from liuhen.policy.whatif import SHOWN
from liuhen.policy.words import common
from liuhen.policy.words.fill import LANGS, clause_words, duration, fill, moment, title
from liuhen.timing.deadlines import Clockwork

__all__ = (
    "bill_label",
    "change_text",
    "duration",
    "formula",
    "ground_sentence",
    "headline",
    "limit_text",
    "moment",
    "row_text",
    "sentence",
    "step_text",
    "title",
)
_PLACES = {Mark.MET: 1, Mark.NOT_MET: 2}


def sentence(clause_id: str, result: ClauseResult, lang: str, reader: str = "buyer") -> str:
    """What a clause gives in this decision, as one plain sentence.

    Parameters: lang, zh or en; reader, buyer (spoken to as 你) or other. Raises InvalidInput for an unknown
    clause or language.
    """
    words = clause_words(clause_id, lang)
    data: dict[str, Any] = {**result.params, **{used.path: used.value for used in result.facts}}
    if result.mark is Mark.UNKNOWN:
        clause = fill(words[0], data, lang, reader)
        unknown: str = LANGS[lang].UNKNOWN
        return unknown.replace("{clause}", clause)
    return fill(words[_PLACES[result.mark]], data, lang, reader)


def ground_sentence(decision: Decision, lang: str, reader: str = "buyer") -> str:
    """The sentence of the clause that decides."""
    result = next(one for one in decision.clauses if one.id == decision.ground)
    return sentence(decision.ground, result, lang, reader)


def headline(decision: Decision, lang: str) -> str:
    """The result in one line: what goes back, or who must act before that is known."""
    table = common.HEADLINES[lang]
    key = f"{decision.outcome.value}.{decision.next_step.kind.value}"
    if decision.outside_fen and not decision.amount_max_fen:
        return table["OUTSIDE"].replace("{amount}", show(decision.outside_fen))
    text = table.get(key) or table[decision.outcome.value]
    if 0 < decision.amount_fen < decision.amount_max_fen:
        text = table["RANGE"].replace("{least}", show(decision.amount_fen))
    return text.replace("{amount}", show(decision.amount_max_fen))


def step_text(step: NextStep, lang: str, due: datetime | None = None) -> str:
    """Who must act and what happens when the time is up. `due`: the computed deadline (aware UTC), if one runs."""
    text = common.STEPS[lang][step.kind.value]
    if step.deadline is None:
        return text
    if due is None and step.deadline.amount == 0:
        due = step.starts_at
    limit = (
        common.UNTIL[lang].replace("{due}", moment(due, lang))
        if due is not None
        else common.WITHIN[lang].replace("{limit}", limit_text(step, lang))
    )
    tail = common.EXPIRIES[lang].get(step.on_expiry, "")
    return text + limit + tail


def change_text(change: Change, lang: str, reader: str = "buyer") -> str:
    """One thing that would change the outcome, as a condition: 发行方证明…"""
    at = moment(change.at, lang) if change.at else common.NOT_GIVEN[lang]
    return common.BOTH[lang].join(_move_text(key, lang, reader, at) for key in change.keys)


def _move_text(key: str, lang: str, reader: str, at: str) -> str:
    if not key.startswith(SHOWN):
        return fill(common.CHANGES[lang][key].replace("{at}", at), {}, lang, reader)
    path, _, value = key.removeprefix(SHOWN).partition("=")
    kind = field_of(path).type
    return sentence_of(Stands(path, (value == "True" if kind is bool else kind(value),)), lang, {})


def row_text(row: TermsRow, lang: str) -> tuple[str, str, str]:
    """A row of the product page's table: situation, result, how long."""
    blanks = {"{a}": duration(row.from_seconds, lang), "{b}": duration(row.to_seconds, lang)}
    situation = common.SITUATIONS[lang][row.key]
    for slot, text in blanks.items():
        situation = situation.replace(slot, text)
    remedies = common.REMEDIES[lang]
    result = common.RESULTS[lang][f"{row.outcome.value}.{row.step.kind.value}"]
    if Remedy.REPLACEMENT in row.remedies:
        result += remedies["or_replacement"]
    kind = row.step.kind.value
    limit = limit_text(row.step, lang) if row.step.deadline else ""
    return situation, result, common.HOW_LONG[lang][kind].replace("{limit}", limit)


def formula(decision: Decision, lang: str) -> str:
    """How the amount was worked out, with the figures of this case: 这件实付 ¥98.00 − 此前已退 ¥20.00 = ¥78.00.

    "" for a decision that was kept since before its formula changed: what today's formula says is not why it was so.
    """
    if reckoned(decision.formula) != (decision.amount_fen, decision.amount_max_fen):
        return ""
    return formula_text(decision.formula, lang)


def bill_label(key: str, lang: str) -> str:
    """The name of a line of the bill."""
    return common.BILL[lang][key]


def limit_text(step: NextStep, lang: str) -> str:
    """How long somebody has: 24 小时, 3 个工作日. For a step that has a deadline."""
    rule = step.deadline
    assert rule is not None
    if rule.clockwork is Clockwork.WORKDAYS:
        text: str = LANGS[lang].WORKDAYS
        return text.replace("{n}", str(rule.amount))
    return duration(rule.amount, lang)
