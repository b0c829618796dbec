"""Commands whose solver or calculator a newcomer has not installed: loaded by name, when they are called."""

import argparse
import importlib
from collections.abc import Callable

from liuhen.base.errors import Unavailable

RULES = ("z3", "duckdb")  # what requirements/rules.txt adds


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
            raise Unavailable(f"this command needs {error.name}: pip install -r requirements/rules.txt") from error
        code: int = found.run(chosen)
        return code

    return run
