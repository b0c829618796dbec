"""The commands of `liuhen rulebook` that compare two versions: what differs, and what it does to cases.

This file only names them; the calculator is loaded when one is called (`later`).
"""

from pathlib import Path
from typing import Any

from liuhen.edge.cli.later import later
from liuhen.policy.told import LANGS

SAMPLE = 200_000  # invented cases that stand behind `diff`


def register_backtest(actions: Any) -> None:
    """Adds backtest, diff, export and invent to the group `rulebook`."""
    _backtest(actions)
    diff = _two_versions(actions, "diff", "what differs between two versions, and which clauses decide otherwise")
    diff.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help="invented cases to try; 0: none")
    diff.set_defaults(run=later("liuhen.edge.cli.rulebook_diff"))
    export = actions.add_parser("export", help="write the platform's decided cases as a file for back-tests")
    export.add_argument("file", metavar="FILE", type=Path, help="a Parquet file; facts and numbers only, no names")
    export.set_defaults(run=later("liuhen.edge.cli.rulebook_export"))
    invent = actions.add_parser("invent", help="write invented cases, usual and odd ones, as a file for back-tests")
    invent.add_argument("file", metavar="FILE", type=Path, help="a Parquet file")
    invent.add_argument("--cases", type=int, default=1_000_000, metavar="N", help="how many, a multiple of 8")
    invent.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same cases")
    invent.set_defaults(run=later("liuhen.edge.cli.rulebook_invent"))


def _backtest(actions: Any) -> None:
    test = _two_versions(actions, "backtest", "how many cases and how much money change from one version to another")
    test.add_argument("--cases", type=Path, metavar="FILE", help="a Parquet file; without: the platform's own history")
    test.add_argument("--out", type=Path, metavar="FILE", help="also write the whole result as JSON")
    test.add_argument("--json", action="store_true", help="one JSON object instead of text")
    test.add_argument("--examples", type=int, default=5, metavar="N", help="so many changed cases in full")
    test.add_argument("--sellers", type=int, default=10, metavar="N", help="so many sellers with the most at stake")
    test.add_argument(
        "--check", type=int, default=1_000, metavar="N", help="so many random cases are judged again by the live engine"
    )
    test.set_defaults(run=later("liuhen.edge.cli.rulebook_backtest"))


def _two_versions(actions: Any, name: str, words: str) -> Any:
    parser = actions.add_parser(name, help=words)
    parser.add_argument("old", metavar="A", help="a version such as 2026-11-1, or a TOML file")
    parser.add_argument("new", metavar="B", help="the version to compare it with, or a TOML file")
    parser.add_argument("--lang", choices=LANGS, default="en", help="language of clauses and facts")
    return parser
