"""A calculator without state: DuckDB in memory, for questions over millions of rows. It is opened, asked and gone.

Only commands of an operator use it; nothing that serves a page imports this file, because the calculator is installed
apart (requirements/rules.txt).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from liuhen.base.errors import InvalidInput, LiuhenError

MEMORY = "1536MB"  # of its own; the process around it stays below 2 GB
_BATCH = 2_000


class CalculatorError(LiuhenError):
    """The calculator could not do it."""

    code = "calculator"


class Calculator:
    """One calculation after another, in this process. Use it with `with`.

    Parameters: folder, where it may spill what does not fit into memory; threads, how many cores it takes.
    """

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": str(threads),
                "memory_limit": MEMORY,
                "preserve_insertion_order": "false",
                "temp_directory": str(folder),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )

    def __enter__(self) -> "Calculator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def run(self, sql: str) -> None:
        """Does one thing. Raises CalculatorError with what the calculator said."""
        self._execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of an answer that is small. Raises CalculatorError."""
        return list(self.stream(sql))

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of an answer, a few thousand at a time. Raises CalculatorError."""
        answer = self._execute(sql)
        while batch := answer.fetchmany(_BATCH):
            yield from batch

    def _execute(self, sql: str) -> Any:
        try:
            return self._connection.execute(sql)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise CalculatorError(f"The calculator could not do it: {reason}", reason=reason) from error


def quoted(path: Path) -> str:
    """The path of a file as the calculator's text."""
    return "'" + str(path).replace("'", "''") + "'"


def parquet(path: Path) -> str:
    """What reads a Parquet file. Raises InvalidInput when there is no such file."""
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.")
    return f"read_parquet({quoted(path)})"


def listed(numbers: Sequence[int]) -> str:
    """Numbers as a list in a query."""
    return "(" + ", ".join(str(int(number)) for number in numbers) + ")"
