"""Decisions in words, Chinese and English, rendered from data alone. No sentence comes from a flow or a page."""

import re
from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import Any

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy.decision import Change, ClauseResult, Decision, Mark, NextStep
from liuhen.policy.facts.claim import Remedy
from liuhen.policy.facts.schema import field_of
from liuhen.policy.terms_table import TermsRow
from liuhen.policy.words import common, en, zh
from liuhen.timing.deadlines import Clockwork
from liuhen.timing.workdays import SHANGHAI

_SLOT = re.compile(r"\{([a-z_.]+)\}")
_LANGS: dict[str, ModuleType] = {"zh": zh, "en": en}
_YOU = {("zh", "buyer"): "你", ("zh", "other"): "买家", ("en", "buyer"): "you", ("en", "other"): "the buyer"}
_PLACES = {Mark.MET: 1, Mark.NOT_MET: 2}


def title(clause_id: str, lang: str, params: Mapping[str, int] | None = None, reader: str = "buyer") -> str:
    """What a clause says, as printed on the rules page. `params`: rulebook values (seconds, days) for its blanks."""
    return _fill(_words(clause_id, lang)[0], dict(params or {}), lang, reader)


def sentence(clause_id: str, result: ClauseResult, lang: str, reader: str = "buyer") -> str:
    """What a clause gives in this decision, as one plain sentence.

    Parameters: lang, zh or en; reader, buyer (spoken to as 你) or other. Raises InvalidInput for an unknown
    clause or language.
    """
    words = _words(clause_id, lang)
    data: dict[str, Any] = {**result.params, **{used.path: used.value for used in result.facts}}
    if result.mark is Mark.UNKNOWN:
        clause = _fill(words[0], data, lang, reader)
        unknown: str = _LANGS[lang].UNKNOWN
        return unknown.replace("{clause}", clause)
    return _fill(words[_PLACES[result.mark]], data, lang, reader)


def ground_sentence(decision: Decision, lang: str, reader: str = "buyer") -> str:
    """The sentence of the clause that decides."""
    result = next(one for one in decision.clauses if one.id == decision.ground)
    return sentence(decision.ground, result, lang, reader)


def headline(decision: Decision, lang: str) -> str:
    """The result in one line: what goes back, or who must act before that is known."""
    table = common.HEADLINES[lang]
    key = f"{decision.outcome.value}.{decision.next_step.kind.value}"
    text = table.get(key) or table[decision.outcome.value]
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
    parts = [_fill(common.CHANGES[lang][key], {}, lang, reader) for key in change.keys]
    return common.BOTH[lang].join(parts)


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


def bill_label(key: str, lang: str) -> str:
    """The name of a line of the bill."""
    return common.BILL[lang][key]


def duration(seconds: int, lang: str) -> str:
    """24 小时, 7 天, 10 分钟: the largest unit that divides it, days from three up. Raises InvalidInput if negative."""
    if seconds < 0:
        raise InvalidInput("a duration is not negative", seconds=seconds)
    for name, size in _LANGS[lang].DURATION:
        if seconds and seconds % size == 0 and (size < 86_400 or seconds >= 3 * size):
            n = seconds // size
            return f"{n} {name}" if lang == "zh" else f"{n} {name}{'' if n == 1 else 's'}"
    return f"0 {_LANGS[lang].DURATION[-1][0]}"


def moment(at: datetime, lang: str) -> str:
    """A moment in Asia/Shanghai: 11月22日 20:14, or 22 Nov 20:14 (China time)."""
    local = at.astimezone(SHANGHAI)
    if lang == "zh":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {common.MONTHS[local.month - 1]} {local:%H:%M} (China time)"


def limit_text(step: NextStep, lang: str) -> str:
    """How long somebody has: 24 小时, 3 个工作日. For a step that has a deadline."""
    rule = step.deadline
    assert rule is not None
    if rule.clockwork is Clockwork.WORKDAYS:
        text: str = _LANGS[lang].WORKDAYS
        return text.replace("{n}", str(rule.amount))
    return duration(rule.amount, lang)


def _words(clause_id: str, lang: str) -> tuple[str, str, str]:
    module = _LANGS.get(lang)
    words: tuple[str, str, str] | None = module.CLAUSES.get(clause_id) if module else None
    if words is None:
        raise InvalidInput("no words for this clause in this language", clause=clause_id, lang=lang)
    return words


def _fill(text: str, data: Mapping[str, Any], lang: str, reader: str) -> str:
    """Fills the braces: money for *_fen, a duration for seconds, a moment for times."""

    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name == "you":
            return _YOU[lang, "buyer" if reader == "buyer" else "other"]
        return _shown(name, data.get(name), lang)

    return _SLOT.sub(one, text)


def _shown(name: str, value: Any, lang: str) -> str:
    if value is None:
        return common.NOT_GIVEN[lang]
    if name.endswith("_fen"):
        return show(int(value))
    if isinstance(value, str) and field_of(name).type is datetime:
        return moment(datetime.fromisoformat(value), lang)
    counted = "." in name and not name.endswith("_seconds")
    return duration(value, lang) if isinstance(value, int) and not counted else str(value)
