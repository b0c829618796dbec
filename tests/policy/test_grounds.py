"""What each deciding clause leads to, line by line: how much, who is liable, who pays, who decides, what next.

The table is grounds.txt beside this file: a clause with what usually comes of it, then lines of facts (rows.py)
under which this clause decides and none before it; behind `>` what comes out otherwise, or besides. Where two clauses
could decide, the line stands under the one that must. Written as the lines of test_marks.py are.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liuhen.policy.clauses.registry import PRECEDENCE
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decision
from tests.policy.rows import read

TABLE = Path(__file__).parent / "grounds.txt"


def lines() -> Iterator[tuple[str, str, str]]:
    """Clause, what must come of it, facts."""
    usual: dict[str, str] = {}
    clause = above = ""
    for line in TABLE.read_text("utf-8").splitlines():
        if not line.lstrip().startswith("+ "):
            clause, *words = line.split()
            usual = _wanted(words)
            continue
        text, _, more = line.lstrip()[2:].partition(">")
        if line.startswith("+"):
            above = text
        for one in text.split("|"):
            whole = one if line.startswith("+") else f"{above}; {one}"
            wanted = usual | _wanted(more.split())
            yield clause, " ".join(f"{key}={value}" for key, value in wanted.items()), whole


def _wanted(words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        key, _, value = word.rpartition("=")
        found[key or ("fen" if word[0].isdigit() else "outcome")] = value
    return found


def came(decision: Decision) -> dict[str, str]:
    """What can stand in the table."""
    fen = f"{decision.amount_fen}..{decision.amount_max_fen}"
    whole = decision.amount_fen == decision.amount_max_fen
    return {
        "outcome": decision.outcome,
        "fen": str(decision.amount_fen) if whole else fen,
        "liable": decision.liable,
        "payer": decision.payer,
        "by": decision.decided_by,
        "step": decision.next_step.kind,
        "formula": decision.formula.name,
        "remedies": _set(decision.remedies),
        "orders": _set(decision.orders),
        "claims": _set(decision.claims_for_human),
    }


def _set(values: Any) -> str:
    return ",".join(sorted(values)) or "-"


@pytest.mark.parametrize(("clause", "wanted", "text"), list(lines()), ids=[text.strip() for *_, text in lines()])
def test_grounds(clause: str, wanted: str, text: str) -> None:
    facts, book = read(text)
    decision = decide(facts, book)
    assert decision.ground == clause
    found = came(decision)
    for key, value in (word.split("=") for word in wanted.split()):
        many = key in ("remedies", "orders", "claims")
        assert found[key] == (_set(value.split(",")) if many and value != "-" else value), key


def test_every_clause_that_decides_has_its_line() -> None:
    assert {clause for clause, *_ in lines()} == set(PRECEDENCE)
