"""The case files as facts: all readings say the same of them, they reach the clauses, and no date is built in."""

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from liuhen.edge.boot import load_rulebooks
from liuhen.policy.casecheck import judged as differences
from liuhen.policy.casefile import case_of
from liuhen.policy.clauses.registry import CLAUSES, PRECEDENCE
from liuhen.policy.engine import judge
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.verdict_columns import GROUNDS, judged, outcome_of
from tests.policy.test_columns import asked
from tests.policy.test_readings import test_python_and_the_solver_read_the_same
from tests.policy.world import BOOK

FILES = sorted((Path(__file__).parent / "cases").rglob("*.toml"))
SHIFT = timedelta(days=19, hours=7, seconds=11)


@cache
def units() -> tuple[RefundFacts, ...]:
    """Every unit of every moment of every file, each once."""
    cases = (case_of(tomllib.loads(path.read_text())) for path in FILES)
    return tuple(dict.fromkeys(unit for case in cases for moment in case.moments for unit in moment.units))


def test_the_calculator_agrees() -> None:
    made = judged([BOOK.values], marks=True)
    (one,) = made.versions
    wanted = [one.ground, one.paid, one.low, one.high, *one.marks.values()]
    for facts, row in zip(units(), asked(units(), made.layers, wanted), strict=True):
        verdict = judge(facts, BOOK)
        found = (GROUNDS[row[0]], outcome_of(row[0], row[1]), row[2], row[3])
        assert found == (verdict.ground.id, verdict.outcome, verdict.low, verdict.high)
        assert row[4:] == verdict.marks, [
            c.id for c, a, b in zip(CLAUSES, row[4:], verdict.marks, strict=True) if a is not b
        ]


@pytest.mark.parametrize("facts", units()[::5], ids=str)
def test_the_solver_agrees(facts: RefundFacts) -> None:
    test_python_and_the_solver_read_the_same.hypothesis.inner_test(facts)


def test_every_clause_that_can_decide_decides_a_case() -> None:
    reached = {judge(facts, BOOK).ground.id for facts in units()}
    assert sorted(set(PRECEDENCE) - reached) == []


def _moved(value: Any) -> Any:
    if isinstance(value, datetime):
        return value + SHIFT
    if isinstance(value, dict):
        return {key: _moved(one) for key, one in value.items()}
    return [_moved(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", [p for p in FILES if "version-" not in p.stem], ids=lambda path: path.stem)
def test_the_same_case_weeks_later_comes_out_the_same(path: Path) -> None:
    assert differences(case_of(_moved(tomllib.loads(path.read_text()))), load_rulebooks()) == ()
