"""`liuhen rulebook invent`: cases that nobody had, for trying rules on."""

import argparse
import tempfile
from pathlib import Path

from liuhen.base.calc import Calculator
from liuhen.reads.case_file import write_synthetic


def run(chosen: argparse.Namespace) -> int:
    """Writes the file."""
    with tempfile.TemporaryDirectory() as folder, Calculator(Path(folder)) as calc:
        write_synthetic(calc, chosen.file, chosen.cases, seed=chosen.seed)
    print(f"{chosen.file}: {chosen.cases:,} invented cases, seed {chosen.seed}.")
    return 0
