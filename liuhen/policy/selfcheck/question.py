"""What a question of the self-check is: data. The table of them stands in table.py, their words in words/check_*.py."""

from typing import Any

import msgspec

from liuhen.money.amount import MAX_FEN

# (question, choices): that question was answered with one of these.
Answered = tuple[str, tuple[str, ...]]


class Ago(msgspec.Struct, frozen=True):
    """A moment that many seconds before now."""

    seconds: int


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. sets: facts by path, as they stand if it is so (a moment is `Ago`). only: when it is offered; all of
    them must hold. An answer that sets nothing says "I do not know", or what the others already imply."""

    key: str
    sets: dict[str, Any] = {}
    only: tuple[Answered, ...] = ()


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is typed. path: the fact it becomes. least, most: in fen, or a count. tries: values with which the
    walk finds out whether it matters. settled: it stands on the speaker's word, because it speaks against him or is
    only counted."""

    key: str
    path: str
    money: bool
    tries: tuple[int, int]
    least: int = 1
    most: int = MAX_FEN


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question: choices, or numbers that are typed together and may be left open. when: all must hold. first:
    asked before anything can be ruled out."""

    key: str
    choices: tuple[Choice, ...] = ()
    numbers: tuple[Number, ...] = ()
    when: tuple[Answered, ...] = ()
    first: bool = False
