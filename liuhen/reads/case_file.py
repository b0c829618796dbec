"""Files of cases for a back-test: how they are written. What stands in them: `policy.facts.codes`."""

from pathlib import Path

from liuhen.base.calc import Calculator, quoted
from liuhen.base.errors import InvalidInput
from liuhen.policy.facts.codes import columns
from liuhen.reads.backtest import CODES_KEY, IDS, codes_digest
from liuhen.reads.synthetic import ODD, synthetic

MAX_SYNTHETIC = 100_000_000
_ROWS_AT_ONCE = 122_880  # a row group: what one core takes at a time


def write_synthetic(calc: Calculator, file: Path, cases: int, *, seed: int = 1) -> None:
    """Writes invented cases (`reads.synthetic`) as a Parquet file. The same number and seed give the same cases.

    Raises InvalidInput for a number of cases that is no multiple of 8 or above 100 million.
    """
    if not 0 < cases <= MAX_SYNTHETIC or cases % ODD or not 0 <= seed <= MAX_SYNTHETIC:
        raise InvalidInput(f"The number of cases is a multiple of {ODD}, at most {MAX_SYNTHETIC}.", cases=cases)
    calc.run(f"CREATE OR REPLACE TEMP TABLE rounds AS SELECT range AS k FROM range({cases // ODD})")
    write(calc, synthetic("rounds", seed), file)
    calc.run("DROP TABLE rounds")


def write(calc: Calculator, query: str, file: Path) -> None:
    """Writes the cases of a query, whole or not at all, with what their numbers mean. Raises CalculatorError."""
    part = file.with_name(f"{file.name}.part")
    calc.run(
        f"COPY ({query}) TO {quoted(part)} (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE {_ROWS_AT_ONCE},"
        f" KV_METADATA {{{CODES_KEY}: '{codes_digest()}'}})"
    )
    part.replace(file)


def write_rows(calc: Calculator, rows: Path, file: Path) -> None:
    """Writes a file of cases from lines of numbers: case, seller and the cells of `codes.row_of`, with commas.

    Raises CalculatorError.
    """
    kinds = {**dict.fromkeys(IDS, "BIGINT"), **{column.name: column.type for column in columns()}}
    listed = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
    read = f"read_csv({quoted(rows)}, header = false, auto_detect = false, columns = {{{listed}}})"
    write(calc, f"SELECT * FROM {read}", file)
