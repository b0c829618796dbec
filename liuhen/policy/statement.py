"""A calm statement to copy: what was bought, what happened, what is asked, on what grounds, with what enclosed. Pure.

Only what was said appears. What the writer must still fill in stands in 【】. No threat, no adjective, no blame; what
the decision does not support is asked for as a check, not as a right. Words: words/statement.py.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy.clauses.clause import Layer
from liuhen.policy.decision import Decision, Mark, Outcome, StepKind
from liuhen.policy.facts.claim import Remedy
from liuhen.policy.law import cite_text
from liuhen.policy.words.statement import WORDS
from liuhen.timing.workdays import SHANGHAI

REASONABLE_DAYS = 3  # our own suggestion for an answer; the law says "reasonable" (民法典 563(1) 三)
MAX_LINE = 120  # characters of what is typed into a head line
MOST_CITES = 5
# Layers that say what the thing is; delivery by itself says only that there was one.
_THE_THING = frozenset(layer.value for layer in (Layer.CAPACITY, Layer.DEFECT, Layer.PROMISES, Layer.NO_REASON))
_GAP = {"zh": "", "en": " "}


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, in the words of its reader's language. Empty text and None: not said.

    goods: the product kind in words; item, shop, order_no, bought_on: as typed; happened: sentences; enclosed: what is
    attached; paid_fen: what was paid for this one, fen; written_at: aware UTC; our_rule: number of our clause where it
    holds.
    """

    goods: str
    happened: tuple[str, ...]
    enclosed: tuple[str, ...]
    written_at: datetime
    item: str = ""
    shop: str = ""
    order_no: str = ""
    bought_on: str = ""
    paid_fen: int | None = None
    our_rule: str = ""
    asked_fen: int | None = None  # what was asked for and refused: then a body outside is addressed


def statement(story: Story, decision: Decision, lang: str) -> str:
    """The whole text. Raises InvalidInput for another language than zh and en."""
    words = WORDS.get(lang)
    if words is None:
        raise InvalidInput("no statement in this language", lang=lang)
    sections = [
        (words["happened"], _counted(story.happened)),
        (words["asks"], _asks(story, decision, words, lang)),
        (words["grounds"], _counted(_grounds(story, decision, words, lang))),
        (words["enclosed"], _counted(story.enclosed)),
    ]
    filled = [(name, lines) for name, lines in sections if lines]
    parts = [words["title"], "\n".join(_head(story, words))]
    parts += [
        "\n".join([f"{number}{_GAP[lang]}{name}", *lines])
        for number, (name, lines) in zip(words["numbers"].split(), filled, strict=False)
    ]
    parts.append(words["end"].replace("{date}", day(story.written_at, lang)))
    return "\n\n".join(parts) + "\n"


def _counted(lines: Iterable[str]) -> list[str]:
    return [f"{n}. {line}" for n, line in enumerate(lines, 1)]


def dated(key: str, at: datetime | None, lang: str) -> str:
    """A line of the record, with its day in Asia/Shanghai where it has one."""
    text = WORDS[lang][key]
    return text if at is None else text.replace("{date}", day(at, lang))


def one_line(text: str) -> str:
    """What was typed, as one line of bearable length, without the marks of a blank."""
    return " ".join(text.replace("【", "").replace("】", "").split())[:MAX_LINE]


def _head(story: Story, words: dict[str, str]) -> list[str]:
    blank = words["blank"]
    item = f"{story.goods}{words['comma']}{one_line(story.item)}" if story.item else story.goods
    return [
        words["to"] + (one_line(story.shop) or blank.replace("{what}", words["shop"])),
        words["order"] + (one_line(story.order_no) or blank.replace("{what}", words["order_no"])),
        words["goods"] + item,
        words["bought"] + (one_line(story.bought_on) or blank.replace("{what}", words["bought_on"])),
        words["paid"]
        + (show(story.paid_fen) if story.paid_fen is not None else blank.replace("{what}", words["amount"])),
    ]


def _asks(story: Story, decision: Decision, words: dict[str, str], lang: str) -> list[str]:
    """What is asked, by when. An amount is named only where what was paid is known."""
    if story.asked_fen is not None:
        return [words["ask_mediate"].replace("{amount}", show(story.asked_fen)), words["answer_mediate"]]
    until = day(story.written_at + timedelta(days=REASONABLE_DAYS), lang)
    key = _ask_key(decision)
    known = story.paid_fen is not None
    amount = show(decision.amount_max_fen) if known else words["blank"].replace("{what}", words["amount"])
    if key == "full" and not known:
        key = "full_unnamed"
    text = words[f"ask_{key}"].replace("{until}", until).replace("{amount}", amount)
    others = [
        words[f"or_{remedy.value}"]
        for remedy in decision.remedies
        if f"or_{remedy.value}" in words and not (key == "partial" and remedy is Remedy.DIFFERENCE)
    ]
    lines = [text]
    if others and key in ("full", "full_unnamed", "partial", "check"):
        lines.append(words["or"].replace("{others}", words["or_join"].join(others)))
    lines.append(words["answer"].replace("{until}", until))
    return lines


def _ask_key(decision: Decision) -> str:
    kind, outcome = decision.next_step.kind, decision.outcome
    if outcome is Outcome.BLOCK:
        return "report"
    if kind is StepKind.WAIT_DELIVERY:
        return "deliver"
    if outcome is Outcome.NONE:
        return "explain"
    if decision.outside_fen:
        return "full_unnamed"
    if outcome in (Outcome.FULL, Outcome.PARTIAL) and decision.amount_fen == decision.amount_max_fen:
        return "partial" if outcome is Outcome.PARTIAL else "full"
    return "check"


def _grounds(story: Story, decision: Decision, words: dict[str, str], lang: str) -> list[str]:
    """The articles of what decides: first of the thing itself, then of the way. None where they refuse the asker."""
    if decision.outcome is Outcome.NONE and decision.next_step.kind is not StepKind.WAIT_DELIVERY:
        return []
    own = [one for one in decision.clauses if one.decisive and one.mark is Mark.MET and one.layer in _THE_THING]
    ground = [one for one in decision.clauses if one.id == decision.ground]
    order = [*own, *ground] if ground[0].layer == Layer.PROCEDURE.value else [*ground, *own]
    cites = dict.fromkeys(cite for one in order for cite in one.cites[:MOST_CITES])
    lines = [cite_text(cite, lang) for cite in list(cites)[:MOST_CITES]]
    if story.our_rule:
        lines.insert(0, words["our_rule"].replace("{no}", story.our_rule))
    return lines


def day(at: datetime, lang: str) -> str:
    """The day in Asia/Shanghai, with its year."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日" if lang == "zh" else f"{local:%Y-%m-%d}"
