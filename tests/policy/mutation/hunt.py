"""Tries every mutant against what the tests say of the policy, and names those that nobody noticed.

Run: python -m tests.policy.mutation.hunt [--part I/N] [--only TEXT]. What counts as noticing: a case file whose
expectation fails, a test function of the modules below that fails, a statutory right or a bound that breaks on random
facts. Nothing here knows what the clauses are.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from liuhen.policy import engine
from tests.policy import test_cases, test_clauses, test_ways, test_whatif
from tests.policy.mutation.mutants import Mutant, mutants

MODULES: tuple[ModuleType, ...] = (test_clauses, test_ways, test_whatif, test_cases)
Check = tuple[str, Callable[[], None]]


def checks() -> list[Check]:
    """Every test function of the modules, each with each of its parameters, as a call without arguments."""
    found: list[Check] = []
    for module in MODULES:
        for name, function in vars(module).items():
            if name.startswith("test_") and callable(function) and not hasattr(function, "hypothesis"):
                found += [(f"{module.__name__}.{name}", call) for call in _calls(function)]
    return found


def _calls(function: Callable[..., None]) -> Iterator[Callable[[], None]]:
    axes = []
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            names = mark.args[0]
            keys = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
            axes.append([dict(zip(keys, _values(row, keys), strict=True)) for row in mark.args[1]])
    for rows in itertools.product(*axes):
        arguments: dict[str, Any] = {key: value for row in rows for key, value in row.items()}
        yield lambda arguments=arguments: function(**arguments)  # type: ignore[misc]


def _values(row: Any, keys: list[str]) -> tuple[Any, ...]:
    values = getattr(row, "values", row)  # pytest.param(...)
    values = values if not callable(values) else row
    return tuple(values) if len(keys) > 1 or hasattr(row, "marks") else (values,)


@contextmanager
def ruled_by(mutant: Mutant) -> Iterator[None]:
    """The engine under other laws, for as long as it takes. A tool of this hunt alone."""
    kept = engine.LAWS
    engine.LAWS = mutant.laws
    _forget()
    try:
        yield
    finally:
        engine.LAWS = kept
        _forget()


def _forget() -> None:
    engine._known.clear()
    engine._compiled_for.cache_clear()


def noticed_by(mutant: Mutant, tried: list[Check]) -> str | None:
    """The first check that fails under the mutant; it moves to the front, for the next one is often noticed there."""
    with ruled_by(mutant):
        for place, (name, call) in enumerate(tried):
            try:
                call()
            except Exception:  # any failure is a notice: an assertion, an unknown amount, a missing deadline
                tried.insert(0, tried.pop(place))
                return name
    return None


def survivors(part: int = 0, of: int = 1, only: str = "") -> tuple[int, list[str]]:
    """(how many were tried, the names of those that nobody noticed)."""
    tried = checks()
    for name, call in tried:
        try:
            call()
        except Exception as error:
            raise SystemExit(f"{name} fails without any mutant: {error}") from error
    lot = [m for i, m in enumerate(mutants()) if i % of == part and only in m.name]
    return len(lot), [m.name for m in lot if noticed_by(m, tried) is None]


def main() -> int:
    """Prints the survivors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    part, of = (int(x) for x in chosen.part.split("/"))
    began = time.monotonic()
    total, left = survivors(part, of, chosen.only)
    print("\n".join(left))
    print(f"{len(left)} of {total} survive, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
