"""The `liuhen` command. Each group of commands is one file here with `register(commands)`."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from liuhen.base.errors import LiuhenError
from liuhen.edge.cli import (
    backup,
    books,
    database,
    demo,
    evidence,
    keys,
    people,
    policy,
    restore,
    retention,
    rulebook,
    serving,
    stock,
)
from liuhen.edge.cli.children import follow_parent

GROUPS = (serving, database, backup, restore, keys, people, stock, books, evidence, retention, demo, rulebook, policy)


class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]
    """What the list of commands says of one stands at the head of its own help too."""

    def add_parser(self, name: str, **options: Any) -> Any:
        said: str = options["help"]
        return super().add_parser(name, description=f"{said[0].upper()}{said[1:]}.", **options)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.register("action", "parsers", _Commands)


def parser() -> argparse.ArgumentParser:
    """All commands."""
    made = _Parser(prog="liuhen", description="Liuhen, run by its operator.")
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        group.register(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 something is not right, 2 it could not be done (one sentence says why)."""
    chosen = parser().parse_args(arguments)
    follow_parent()
    try:
        code: int = chosen.run(chosen)
    except LiuhenError as error:
        sys.stderr.write(f"liuhen: {error.message}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads the output has seen enough; nothing is left to say at the exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a folder that is missing, a right that is lacking, a disk that is full
        sys.stderr.write(f"liuhen: {error.filename or 'The system'}: {error.strerror or error}.\n")
        return 2
    return code


if __name__ == "__main__":
    sys.exit(main())
