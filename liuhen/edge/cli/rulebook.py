"""`liuhen rulebook`: prove the rules, compare two versions, try them on history.

This file only names the commands. What they need beyond a newcomer's packages is loaded when one is called (`later`).
"""

from typing import Any

from liuhen.edge.cli.backtest import register_backtest
from liuhen.edge.cli.later import later


def register(commands: Any) -> None:
    """Adds this group's commands."""
    group = commands.add_parser("rulebook", help="prove the rules, compare versions, try them on history")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    _register_check(actions)
    register_backtest(actions)


def _register_check(actions: Any) -> None:
    check = actions.add_parser("check", help="prove the rules over the whole space of facts")
    check.add_argument("version", metavar="VERSION", nargs="*", help="versions such as 2026-11-1; without: all")
    check.add_argument("--json", action="store_true", help="one JSON object per theorem instead of text")
    check.set_defaults(run=later("liuhen.edge.cli.rulebook_check"))
