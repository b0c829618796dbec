"""Two versions on a file of cases: the sums are the engine's own, the figures fit together, bad files are named."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from liuhen.base.calc import Calculator, CalculatorError, quoted
from liuhen.base.errors import InvalidInput
from liuhen.policy.engine import judge
from liuhen.policy.facts.codes import columns, facts_of
from liuhen.policy.rulebook import Rulebook
from liuhen.policy.verdict_columns import Judged, judged
from liuhen.reads import backtest as reading
from liuhen.reads.backtest import Line, backtest, check_file, compare
from liuhen.reads.case_file import write, write_synthetic
from tests.policy.world import BOOK, book_with

CASES = 1_600
OTHER = book_with(seller_answer=3 * 86_400, no_reason_window=14 * 86_400, instant_window=2 * 86_400)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calc")


@pytest.fixture(scope="module")
def calc(folder: Path) -> Iterator[Calculator]:
    with Calculator(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def file(calc: Calculator, folder: Path) -> Path:
    made = folder / "it's invented.parquet"
    write_synthetic(calc, made, CASES)
    return made


def changed_file(calc: Calculator, file: Path, folder: Path, select: str) -> Path:
    """The same file with another select list."""
    made = folder / "changed.parquet"
    write(calc, f"SELECT {select} FROM read_parquet({quoted(file)})", made)
    return made


def by_hand(calc: Calculator, file: Path, books: tuple[Rulebook, Rulebook]) -> tuple[list[int], int, Counter[str]]:
    """The same figures, case by case with the engine."""
    names = ", ".join(f'"{column.name}"' for column in columns())
    money, changed, kinds = [0, 0, 0, 0], 0, Counter[str]()
    for row in calc.rows(f"SELECT {names} FROM read_parquet({quoted(file)})"):
        facts = facts_of(row)
        old, new = (judge(facts, book) for book in books)
        ends = (old.low, new.low, old.high, new.high)
        money = [total + end for total, end in zip(money, ends, strict=True)]
        if (old.ground.id, old.low, old.high) != (new.ground.id, new.low, new.high):
            changed += 1
            kinds[facts.goods.kind] += 1
    return money, changed, kinds


def test_the_figures_are_those_of_the_engine(calc: Calculator, file: Path) -> None:
    assert check_file(calc, file) == CASES
    result = backtest(calc, file, BOOK, OTHER, sellers=10_000, examples=3)
    money, changed, kinds = by_hand(calc, file, (BOOK, OTHER))
    total = result.total
    assert (total.cases, total.changed) == (CASES, changed)
    assert [total.money.low_old, total.money.low_new, total.money.high_old, total.money.high_new] == money
    assert {kind: line.changed for kind, line in result.by_kind.items() if line.changed} == kinds
    for tables in (result.outcomes, result.by_kind, result.by_reason):
        joined = Line()
        for line in tables.values():
            joined = joined.plus(line)
        assert joined == total
    assert sum(line.changed for line in result.by_seller.values()) == changed
    assert sum(shift.line.changed for shift in result.shifts) == changed
    assert len(result.examples) == 3
    assert compare(calc, file, (BOOK, OTHER), 50) == 50


def test_the_same_version_changes_nothing(calc: Calculator, file: Path) -> None:
    result = backtest(calc, file, BOOK, book_with())
    assert (result.total.changed, result.shifts, result.examples, result.by_seller) == (0, (), (), {})
    assert result.total.money.low_old == result.total.money.low_new > 0


def test_the_same_seed_gives_the_same_cases(calc: Calculator, file: Path, folder: Path) -> None:
    again, other = folder / "again.parquet", folder / "other.parquet"
    write_synthetic(calc, again, CASES)
    write_synthetic(calc, other, CASES, seed=2)
    rows = [f'SELECT * FROM read_parquet({quoted(one)}) ORDER BY "case"' for one in (file, again, other)]
    first, second, third = (calc.rows(query) for query in rows)
    assert first == second != third
    with pytest.raises(InvalidInput):
        write_synthetic(calc, other, 7)


def test_an_empty_file_is_no_case(calc: Calculator, file: Path, folder: Path) -> None:
    empty = folder / "empty.parquet"
    write(calc, f"SELECT * FROM read_parquet({quoted(file)}) LIMIT 0", empty)
    assert check_file(calc, empty) == 0
    assert backtest(calc, empty, BOOK, OTHER).total == Line()
    assert compare(calc, empty, (BOOK, OTHER), 10) == 0


@pytest.mark.parametrize(
    ("select", "sentence"),
    [
        ('* EXCLUDE ("goods.kind")', "lacks the column goods.kind."),
        ('* EXCLUDE ("goods.kind", "now", "case")', "lacks the column case and 2 more."),
        ('* REPLACE ("now"::INTEGER % 9 AS "now")', "the column now is INTEGER, it must be BIGINT."),
        ('* REPLACE (9::UTINYINT AS "claim.proof")', "the column claim.proof goes from 9 to 9, it may go from 0 to 3."),
        ('* REPLACE (-2::BIGINT AS "claim.asked_fen")', "the column claim.asked_fen goes from -2 to -2"),
        ('* REPLACE (NULL::BIGINT AS "now")', "the column now has 1600 empty cells."),
    ],
)
def test_a_bad_column_is_named(calc: Calculator, file: Path, folder: Path, select: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_file(calc, changed_file(calc, file, folder, select.replace('"now"::INTEGER', '("now" % 7)::INTEGER')))
    assert sentence in refused.value.message


def test_what_is_no_file_of_cases_is_told_apart(
    calc: Calculator, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = folder / "text.parquet"
    text.write_text("no parquet")
    for bad, sentence in ((text, "cannot be read as a Parquet file"), (folder / "none.parquet", "There is no file")):
        with pytest.raises(InvalidInput, match=sentence):
            check_file(calc, bad)
    monkeypatch.setattr(reading, "codes_digest", lambda: "another list")
    with pytest.raises(InvalidInput, match="was made for other facts"):
        check_file(calc, file)


def test_a_calculator_that_is_wrong_is_found_out(calc: Calculator, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "judged", judged_backwards)
    with pytest.raises(CalculatorError, match="otherwise than the engine"):
        compare(calc, file, (BOOK, OTHER), 400)


def judged_backwards(versions: list[dict[str, int]]) -> Judged:
    """Both versions, each taken for the other."""
    return judged(versions[::-1])


def test_the_command_starts_without_the_calculator() -> None:
    """A newcomer has no duckdb: every command but these works, and these say what is missing."""
    code = (
        "import sys; sys.modules['duckdb'] = None; from liuhen.edge.cli.main import main;"
        "import liuhen.edge.boot, liuhen.edge.worker; sys.exit(main(['rulebook', 'invent', 'x.parquet']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "requirements/rules.txt" in done.stderr
