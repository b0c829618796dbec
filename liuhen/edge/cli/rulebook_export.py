"""`liuhen rulebook export`: the platform's decided cases as a file for back-tests. Facts and numbers, no names."""

import argparse
import secrets
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from liuhen.base.calc import Calculator
from liuhen.edge.cli.shell import in_house
from liuhen.edge.context import App
from liuhen.policy.facts.codes import row_of
from liuhen.reads.case_file import write_rows
from liuhen.reads.case_history import cases_without_facts, past_cases

_TELL_EVERY = 10_000


def run(chosen: argparse.Namespace) -> int:
    """Writes the file."""
    with tempfile.TemporaryDirectory() as folder, Calculator(Path(folder)) as calc:
        count = export(calc, Path(folder), chosen.file)
    print(f"{chosen.file}: {count:,} decided units.")
    return 0


def export(calc: Calculator, folder: Path, file: Path) -> int:
    """Writes all decided units of the environment's database whose facts were kept. Returns how many.

    Parameters: folder, for what is only needed meanwhile. Raises Unavailable, InvalidInput, CalculatorError.
    """
    rows = folder / "rows.csv"

    async def work(app: App, _: datetime) -> int:
        count = 0
        async with app.db.read() as tx:
            older = await cases_without_facts(tx)
            with rows.open("w", encoding="ascii") as out:
                async for case in past_cases(tx, secrets.token_bytes(32)):
                    cells = (case.case, case.seller, *row_of(case.facts))
                    out.write(",".join(str(int(cell)) for cell in cells) + "\n")
                    count += 1
                    if count % _TELL_EVERY == 0:
                        sys.stderr.write(f"{count:,} units read\n")
        if older:
            sys.stderr.write(f"{older:,} units were decided before facts were kept with them; they are left out.\n")
        return count

    count = in_house(work)
    write_rows(calc, rows, file)
    return count
