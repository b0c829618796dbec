"""Commands whose solver or calculator a newcomer has not installed: loaded by name, when they are called."""

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from liuhen.base.errors import Unavailable

RULES = ("z3", "duckdb")  # what requirements/rules.txt adds
# With this very Python: a server has no pip of its own, or one that puts packages elsewhere.
HOW = f"{sys.executable} -m pip install -r {Path(__file__).parents[3] / 'requirements' / 'rules.txt'}"


def later(module: str) -> Callable[[argparse.Namespace], int]:
    """The function `run` of a module that is imported only when the command is called.

    Raises Unavailable, when called, where a package of requirements/rules.txt is missing.
    """

    def run(chosen: argparse.Namespace) -> int:
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name not in RULES:
                raise
            raise Unavailable(f"this command needs {error.name}: {HOW}") from error
        code: int = found.run(chosen)
        return code

    return run
