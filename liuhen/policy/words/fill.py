"""Filling words with data: blanks, amounts, durations and moments, in Chinese and English."""

import re
from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import Any

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy.facts.schema import field_of
from liuhen.policy.words import common, en, zh
from liuhen.timing.workdays import SHANGHAI

_SLOT = re.compile(r"\{([a-z_.]+)\}")
LANGS: dict[str, ModuleType] = {"zh": zh, "en": en}
_YOU = {("zh", "buyer"): "你", ("zh", "other"): "买家", ("en", "buyer"): "you", ("en", "other"): "the buyer"}


def title(clause_id: str, lang: str, params: Mapping[str, int] | None = None, reader: str = "buyer") -> str:
    """What a clause says, as printed on the rules page. `params`: rulebook values (seconds, days) for its blanks."""
    return fill(clause_words(clause_id, lang)[0], dict(params or {}), lang, reader)


def duration(seconds: int, lang: str) -> str:
    """24 小时, 7 天, 10 分钟: the largest unit that divides it, days from three up. Raises InvalidInput if negative."""
    if seconds < 0:
        raise InvalidInput("a duration is not negative", seconds=seconds)
    for name, size in LANGS[lang].DURATION:
        if seconds and seconds % size == 0 and (size < 86_400 or seconds >= 3 * size):
            n = seconds // size
            return f"{n} {name}" if lang == "zh" else f"{n} {name}{'' if n == 1 else 's'}"
    return f"0 {LANGS[lang].DURATION[-1][0]}"


def moment(at: datetime, lang: str) -> str:
    """A moment in Asia/Shanghai: 11月22日 20:14, or 22 Nov 20:14 (China time)."""
    local = at.astimezone(SHANGHAI)
    if lang == "zh":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {common.MONTHS[local.month - 1]} {local:%H:%M} (China time)"


def clause_words(clause_id: str, lang: str) -> tuple[str, str, str]:
    """What a clause says, when it is met, when it is not. Raises InvalidInput for an unknown clause or language."""
    module = LANGS.get(lang)
    words: tuple[str, str, str] | None = module.CLAUSES.get(clause_id) if module else None
    if words is None:
        raise InvalidInput("no words for this clause in this language", clause=clause_id, lang=lang)
    return words


def fill(text: str, data: Mapping[str, Any], lang: str, reader: str) -> str:
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
