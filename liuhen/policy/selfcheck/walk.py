"""Which question comes next: only one whose answer can still change the decision.

Whether it can is found out by asking the laws themselves: the answers given so far are completed, and a question
matters when two of its answers lead to different decisions. Completions go `_DEPTH` later answers deep, each choice of
each question in turn; that finds every question that matters in practice (a test compares it with random walks), and
costs a bounded number of judgements. Results are kept by what was chosen, without amounts, and for nobody.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from liuhen.policy.clauses.follow import CLAIMS
from liuhen.policy.decision import StepKind
from liuhen.policy.engine import Verdict, effect_of
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.selfcheck.question import Choice, Question
from liuhen.policy.selfcheck.said import Said, chosen, facts_of, holds, verdict_of, without
from liuhen.policy.selfcheck.table import BY_KEY, QUESTIONS, UNKNOWN

MOST = 9  # questions on any path
_DEPTH = 2  # later answers that are tried together with the one in question
_NOW = datetime(2026, 1, 1, tzinfo=UTC)  # any moment will do: only distances count
Seen = tuple[Any, ...]


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A question that was left open, or answered with "I do not know", and what other answers would lead to."""

    key: str
    choices: tuple[str, ...]  # those that lead to another decision


def next_question(said: Said, rulebook: Rulebook) -> Question | None:
    """The first question in the order of the table that is open and matters; None when nothing more can change it."""
    if len(said.answers) >= MOST:
        return None
    return _next(_Key(said), rulebook)


def before(said: Said, question: Question) -> Said:
    """What was said before that question: all of it that stands above it in the table."""
    keys = [one.key for one in QUESTIONS[: QUESTIONS.index(question)] if one.key in said.answers]
    numbers = {name: value for name, value in said.numbers.items() if name.split(".")[0] in keys}
    return Said(answers={key: said.answers[key] for key in keys}, numbers=numbers)


def can_ask(question: Question, said: Said) -> bool:
    """That question fits what was said, answered already or not."""
    return holds(question.when, said.answers)


def offered(question: Question, said: Said) -> tuple[Choice, ...]:
    """The choices of a question that fit what was said before it."""
    return tuple(choice for choice in question.choices if holds(choice.only, said.answers))


def still_open(said: Said, rulebook: Rulebook) -> tuple[Open, ...]:
    """What nobody knows yet and would change the decision, each question for itself."""
    now = seen(said, rulebook)
    found = []
    for question in QUESTIONS:
        unknown = said.answers.get(question.key) == UNKNOWN
        left = question.numbers and question.key in said.answers and _first_number(question) not in said.numbers
        if unknown or (left and question.key != "paid"):
            tries = [(word, other) for word, other in _tries(question, said) if seen(other, rulebook) != now]
            if tries:
                found.append(Open(key=question.key, choices=tuple(dict.fromkeys(word for word, _ in tries))))
    return tuple(found)


def seen(said: Said, rulebook: Rulebook) -> Seen:
    """What a decision comes to, for comparing: two that look the same here are the same to whoever asks."""
    return _told(verdict_of(facts_of(said, _NOW, rulebook), rulebook, without(said)))


def _told(verdict: Verdict) -> Seen:
    """Money that comes anyway is the same whoever is at fault; else it matters who must act and what may be chosen."""
    effect = effect_of(verdict.ground)
    money = (verdict.outcome, verdict.low, verdict.high, verdict.more[-len(CLAIMS) :])
    if effect.step.kind is StepKind.PAY:
        return money
    return (*money, effect.liable, effect.payer, effect.decided_by, effect.step.kind, effect.remedies)


class _Key(msgspec.Struct, frozen=True):
    """Answers as something that can be a key. Numbers that were typed count as given, not by their value."""

    said: Said

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.said.answers.items())) + tuple(sorted(self.said.numbers)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and self.said.answers == other.said.answers
            and self.said.numbers.keys() == other.said.numbers.keys()
        )


def _tried(said: Said) -> Said:
    """The same with the table's numbers in place of those that were typed."""
    numbers = {}
    for question in QUESTIONS:
        for number in question.numbers:
            if f"{question.key}.{number.key}" in said.numbers:
                numbers[f"{question.key}.{number.key}"] = number.tries[0]
    return Said(answers=said.answers, numbers=numbers)


@lru_cache(maxsize=8_000)
def _cached(key: _Key, values: tuple[tuple[str, int], ...], book: "_Book") -> str:
    said = _tried(key.said)
    for question in QUESTIONS:
        if _askable(question, said) and (question.first or _matters(question, said, book.rulebook)):
            return question.key
    return ""


class _Book(msgspec.Struct, frozen=True):
    """A rulebook that does not count as part of a key; its values do."""

    rulebook: Rulebook

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Book)


def _next(key: _Key, rulebook: Rulebook) -> Question | None:
    name = _cached(key, rulebook.pairs, _Book(rulebook))
    return BY_KEY[name] if name else None


def _askable(question: Question, said: Said) -> bool:
    if question.key in said.answers or not holds(question.when, said.answers):
        return False
    given = {number.path for key in said.answers for number in BY_KEY[key].numbers}
    given |= {path for choice in chosen(said) for path in choice.sets}
    return not any(number.path in given for number in question.numbers)


def _matters(question: Question, said: Said, rulebook: Rulebook) -> bool:
    """Two answers lead to different decisions, now or with up to `_DEPTH` later answers that are the same for both."""
    ways = [other for _, other in _tries(question, said)]
    found = [seen(way, rulebook) for way in ways]
    if len(set(found)) > 1:
        return True
    later = [q for q in QUESTIONS[QUESTIONS.index(question) + 1 :] if any(_askable(q, way) for way in ways)]
    return any(len(set(outcomes)) > 1 for outcomes in _deeper(ways, later, rulebook, _DEPTH))


def _deeper(ways: list[Said], later: list[Question], rulebook: Rulebook, depth: int) -> Iterator[list[Seen]]:
    """The decisions of all ways, for each combination of later answers."""
    for place, question in enumerate(later):
        for word, numbers in _words(question):
            joined = [_answered(way, question, word, numbers) for way in ways if _askable(question, way)]
            if len(joined) < 2:
                continue
            yield [seen(way, rulebook) for way in joined]
            if depth > 1:
                yield from _deeper(joined, later[place + 1 :], rulebook, depth - 1)


def _words(question: Question) -> list[tuple[str, int]]:
    """Every answer of a question: a choice, or which of the numbers to try (0 and 1; -1 leaves them open)."""
    if question.numbers:
        return [("", 0), ("", 1), ("", -1)]
    return [(choice.key, -1) for choice in question.choices]


def _tries(question: Question, said: Said) -> list[tuple[str, Said]]:
    if question.numbers:
        return [(word, _answered(said, question, word, which)) for word, which in _words(question)]
    return [(choice.key, _answered(said, question, choice.key, -1)) for choice in offered(question, said)]


def _answered(said: Said, question: Question, word: str, which: int) -> Said:
    numbers = dict(said.numbers)
    if question.numbers and which >= 0:
        numbers |= {f"{question.key}.{n.key}": n.tries[which] for n in question.numbers}
    return Said(answers={**said.answers, question.key: word}, numbers=numbers)


def _first_number(question: Question) -> str:
    return f"{question.key}.{question.numbers[0].key}"
