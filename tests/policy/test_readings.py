"""The reading that is proven says what the reading that decides says: every clause, every amount, on any facts."""

from functools import cache
from operator import attrgetter
from typing import Any

import z3  # type: ignore[import-untyped]
from hypothesis import given, settings

from liuhen.policy.clauses import follow
from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.registry import CLAUSES
from liuhen.policy.engine import judge
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import schema
from liuhen.policy.proof.copy import Copy, Plain, Said, literal
from liuhen.policy.proof.system import Case, Question, shipped
from liuhen.policy.python_reading import range_reading
from tests.policy.any_facts import any_facts
from tests.policy.world import BOOK

_FOLLOW = (
    *follow.REMEDIES,
    *follow.WHEN_GIVEN_BACK,
    *follow.ALWAYS,
    *((name, when) for name, when, _ in follow.CLAIMS),
)
_RANGES = {name: range_reading(low, high, BOOK.values) for name, (low, high) in FORMULAS.items()}


@cache
def written() -> tuple[Case, tuple[Any, ...], Any]:
    """The formulas of the shipped clauses, all in one term, so that facts are put in once for all of them."""
    case = Question(shipped(BOOK), exact=True).case(Copy(""))
    found: list[Any] = []
    for clause in CLAUSES:
        found += case.formula.marks[clause.id]
    for _, tree in _FOLLOW:
        found += case.formula.truth(tree)
    for pair in FORMULAS.values():
        for term in pair:
            found += case.formula.number(term)
    found += [case.low, case.high, *case.decides.values()]
    return case, tuple(found), _packed(found)


def _packed(found: list[Any]) -> Any:
    terms = [_solver(one) for one in found]
    return z3.Function("all", *[term.sort() for term in terms], z3.BoolSort())(*terms)


def _solver(value: Any) -> Any:
    if isinstance(value, bool):
        return z3.BoolVal(value)
    return z3.IntVal(value) if isinstance(value, int) else value


def pairs(variable: Plain | Said, value: Plain | Said) -> list[tuple[Any, Any]]:
    """Which solver variable stands for which plain value."""
    found: list[tuple[Any, Any]] = []
    for one, plain in zip(variable, value, strict=True):
        if isinstance(one, dict):
            found += [(one[key], _solver(plain[key])) for key in one]
        elif not isinstance(one, bool):
            found.append((one, _solver(plain)))
    return found


def proven_reading(facts: RefundFacts) -> list[Any]:
    """What the formulas come to on these facts: Python truths and numbers, in the order of `written`."""
    case, _, packed = written()
    put: list[tuple[Any, Any]] = []
    for path, variable in case.copy.variables.items():
        put += pairs(variable, literal(schema()[path], attrgetter(path)(facts)))
    answer = z3.simplify(z3.substitute(packed, *put)).children()
    return [one.as_long() if z3.is_int_value(one) else z3.is_true(one) if _plain(one) else None for one in answer]


def _plain(one: Any) -> bool:
    return bool(z3.is_true(one) or z3.is_false(one))


def three(answer: list[Any], at: int) -> bool | None:
    yes, no = answer[at], answer[at + 1]
    assert not (yes and no)
    assert None not in (yes, no), "an open truth"
    return True if yes else False if no else None


@settings(max_examples=250, deadline=None)
@given(any_facts())
def test_python_and_the_solver_read_the_same(facts: RefundFacts) -> None:
    verdict, answer = judge(facts, BOOK), proven_reading(facts)
    for place, (name, mark) in enumerate(
        zip([c.id for c in CLAUSES] + [n for n, _ in _FOLLOW], (*verdict.marks, *verdict.more), strict=True)
    ):
        assert three(answer, 2 * place) is mark, name
    at = 2 * (len(CLAUSES) + len(_FOLLOW))
    for name, run in _RANGES.items():
        for end in run(facts):
            known, value = answer[at], answer[at + 1]
            assert (value if known else None) == end, name
            at += 2
    assert answer[at : at + 2] == [verdict.low, verdict.high]
    deciding = [name for name, hit in zip(written()[0].decides, answer[at + 2 :], strict=True) if hit]
    assert deciding == [verdict.ground.id]
