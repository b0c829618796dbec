"""`liuhen rulebook diff`: what differs between two versions, in words, and which clauses decide otherwise for it."""

import argparse
import importlib
import sys
from collections import Counter
from collections.abc import Iterator

from liuhen.base.errors import InvalidInput
from liuhen.edge.cli.later import HOW, RULES
from liuhen.edge.cli.rulebook_books import two_books
from liuhen.policy.clauses.registry import CLAUSES, NUMBERS
from liuhen.policy.facts.standing import Side
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.rulebook_diff import ValueChange, diff, values_used
from liuhen.policy.sentence import noun, number_text
from liuhen.policy.words.fill import title
from liuhen.policy.words.told import SIDES

_WORDS = {
    "en": {
        "same": "{old} and {new} say the same.",
        "head": "{old} → {new}: {count} values differ",
        "gains": "better for: {side}",
        "both": "cuts both ways",
        "why": "why",
        "rest": "Clauses that rest on them",
        "sources": "The same value, its source worded anew",
        "sample": "Of {cases} invented cases {changed} are decided otherwise",
        "stays": "same clause, another amount",
        "lacking": "To see which clauses decide otherwise on invented cases: {how}",
        "workdays": "{n} working days",
        "switch": ("no", "yes"),
    },
    "zh": {
        "same": "{old} 与 {new} 内容相同。",
        "head": "{old} → {new}：{count} 个数值不同",
        "gains": "对谁更有利：{side}",
        "both": "有利有弊",
        "why": "理由",
        "rest": "用到这些数值的条款",
        "sources": "数值不变，来源改写",
        "sample": "{cases} 个虚构案件中，{changed} 个的决定不同",
        "stays": "条款相同，金额不同",
        "lacking": "想看虚构案件中哪些条款的决定变了，请先运行：{how}",
        "workdays": "{n} 个工作日",
        "switch": ("否", "是"),
    },
}


def run(chosen: argparse.Namespace) -> int:
    """Prints both parts; without the calculator the second is a sentence that says how to get it."""
    if chosen.sample < 0 or chosen.sample % 8:
        raise InvalidInput("--sample is a multiple of 8, or 0.")
    old, new = two_books(chosen.old, chosen.new)
    for line in in_words(old, new, chosen.lang):
        print(line)
    if chosen.sample and old.values != new.values:
        for line in _tried(old, new, chosen.sample, chosen.lang):
            print(line)
    return 0


def in_words(old: Rulebook, new: Rulebook, lang: str) -> Iterator[str]:
    """The values that differ, who gains, why, and the clauses that rest on them. Parameters: lang, zh or en."""
    words, change = _WORDS[lang], diff(old, new)
    if change.empty:
        yield _text(lang, "same").replace("{old}", old.version).replace("{new}", new.version)
        return
    head = _text(lang, "head").replace("{old}", old.version).replace("{new}", new.version)
    yield head.replace("{count}", str(len(change.values)))
    for one in change.values:
        yield from _value(one, lang)
    if change.sources:
        yield f"{words['sources']}: {', '.join(noun(name, lang) for name in change.sources)}"


def _value(one: ValueChange, lang: str) -> Iterator[str]:
    old, new = (_number(value, one.unit, lang) for value in (one.old, one.new))
    yield f"  {noun(one.name, lang)} ({one.name}): {old} → {new}"
    both = one.gains is Side.NOBODY
    yield f"    {_text(lang, 'both') if both else _text(lang, 'gains').replace('{side}', SIDES[lang][one.gains])}"
    if one.why is not None:
        yield f"    {_text(lang, 'why')}: {one.why.en if lang == 'en' else one.why.zh}"
    resting = [clause for clause in CLAUSES if one.name in values_used(clause)]
    if resting:
        yield f"    {_text(lang, 'rest')}: {', '.join(f'{NUMBERS[c.id]} {c.id}' for c in resting)}"


def _number(value: int, unit: str, lang: str) -> str:
    if unit == "workdays":
        return _text(lang, "workdays").replace("{n}", str(value))
    return str(_WORDS[lang]["switch"][value]) if unit == "switch" else number_text(value, unit, lang)


def _text(lang: str, name: str) -> str:
    return str(_WORDS[lang][name])


def _tried(old: Rulebook, new: Rulebook, cases: int, lang: str) -> Iterator[str]:
    """Which clauses decide otherwise on invented cases."""
    try:
        sample = importlib.import_module("liuhen.edge.cli.rulebook_sample")
    except ModuleNotFoundError as error:
        if error.name not in RULES:
            raise
        sys.stderr.write(f"{_text(lang, 'lacking').format(how=HOW)}\n")
        return
    result = sample.sample(old, new, cases)
    head = _text(lang, "sample").replace("{cases}", f"{cases:,}").replace("{changed}", f"{result.total.changed:,}")
    yield f"\n{head}"
    lost: Counter[str] = Counter()
    won: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for shift in result.shifts:
        if shift.old_ground == shift.new_ground:
            same[shift.old_ground] += shift.line.changed
            continue
        lost[shift.old_ground] += shift.line.changed
        won[shift.new_ground] += shift.line.changed
    for clause in CLAUSES:
        if clause.id in lost or clause.id in won:
            moved = f"-{lost[clause.id]:,} +{won[clause.id]:,}"
            yield f"  {NUMBERS[clause.id]:<6}{moved:<20}{title(clause.id, lang, new.values, 'other')} ({clause.id})"
        if clause.id in same:
            yield f"  {NUMBERS[clause.id]:<6}{_text(lang, 'stays')}: {same[clause.id]:,} ({clause.id})"
