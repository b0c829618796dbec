"""What is asked of the solver: what would refute a theorem, and how the Python reading confirms a solution."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.proof.decided import Reader
from liuhen.policy.proof.logic import Bool
from liuhen.policy.proof.system import Case, Question


class Theorem(StrEnum):
    """What is proven, by its letter in the issue."""

    ONE = "a"
    RIGHTS = "b"
    WAITING = "c"
    EVIDENCE = "d"
    MONEY = "e"
    ALIVE = "f"


TITLES = {
    Theorem.ONE: "every case has exactly one decision, and it is well formed",
    Theorem.RIGHTS: "no rulebook, seller or product value takes away a statutory right",
    Theorem.WAITING: "waiting never raises a no-reason refund",
    Theorem.EVIDENCE: "better evidence never hurts the side that it serves",
    Theorem.MONEY: "no refund is more than what was captured and is still there",
    Theorem.ALIVE: "no clause is dead",
}
Cases = Sequence[RefundFacts]


class Check(NamedTuple):
    """One question. `formula` must have no solution, or, where `wanted`, must have one.

    wrong: whether the Python reading agrees that these facts are such a solution. `formula` True and no cases: the
    rules are wrong as they are written, whatever the facts.
    """

    theorem: Theorem
    name: str
    formula: Bool
    wrong: Callable[[Reader, Cases], bool]
    wanted: bool = False
    cases: tuple[Case, ...] = ()  # which of the question's cases it is about; none: all of them


class Asked(NamedTuple):
    """Questions about the same copies of the facts."""

    question: Question
    checks: Sequence[Check]


def less(left: int | None, right: int | None) -> bool:
    """Both are known, and the first is the smaller."""
    return left is not None and right is not None and left < right
