"""Invented cases under two versions of the rules, for `liuhen rulebook diff`."""

import tempfile
from pathlib import Path

from liuhen.base.calc import Calculator
from liuhen.policy.rulebook import Rulebook
from liuhen.reads.backtest import Backtest, backtest
from liuhen.reads.case_file import write_synthetic


def sample(old: Rulebook, new: Rulebook, cases: int) -> Backtest:
    """What changes in so many invented cases, always the same ones. Raises CalculatorError, InvalidInput."""
    with tempfile.TemporaryDirectory() as folder, Calculator(Path(folder)) as calc:
        file = Path(folder) / "invented.parquet"
        write_synthetic(calc, file, cases)
        return backtest(calc, file, old, new, sellers=0, examples=0)
