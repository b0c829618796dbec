"""What each clause says to facts, line by line: met, not met, not known; at the very second and the very fen.

The tables are in tests/policy/marks: a clause by its id, then lines of facts (rows.py). They are written by
somebody who knew the clauses, from what the law means; a line that came out otherwise was thought through again, and
either the line was wrong or the clause was reported.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from liuhen.policy.clauses.registry import BY_ID, CLAUSES
from liuhen.policy.engine import judge
from tests.policy.rows import rows

TABLES = Path(__file__).parent / "marks"
PLACE = {clause.id: place for place, clause in enumerate(CLAUSES)}
SIGN = {True: "+", False: "-", None: "?"}


def tables() -> Iterator[tuple[str, str]]:
    """Each clause, and its lines."""
    for path in sorted(TABLES.glob("*.txt")):
        name, lines = "", []
        for line in [*path.read_text("utf-8").splitlines(), ""]:
            if line and line[0] in " +-?":
                lines.append(line)
                continue
            if lines:
                yield name, "\n".join(lines)
            name, lines = line, []


@pytest.mark.parametrize(("clause", "table"), list(tables()), ids=[name for name, _ in tables()])
def test_marks(clause: str, table: str) -> None:
    wrong = []
    for row in rows(table):
        came = SIGN[judge(row.facts, row.book).marks[PLACE[clause]]]
        if came != row.sign:
            wrong.append(f"{row.sign} {row.text}: came {came}")
    assert wrong == []


def test_every_clause_has_its_lines() -> None:
    assert {name for name, _ in tables()} == set(BY_ID)
