"""`liuhen books check`: proves that all books balance, or says which do not."""

import argparse
import sys
from datetime import datetime
from typing import Any

from liuhen.edge.cli.shell import in_house
from liuhen.edge.context import App
from liuhen.reads.books import check_books, count_books


def register(commands: Any) -> None:
    """Adds this group's commands."""
    group = commands.add_parser("books", help="prove that the money is right")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="recompute every balance, movement and escrow from its transfers")
    check.set_defaults(run=_check)


def _check(_: argparse.Namespace) -> int:
    """Exit code 1 if a book does not balance."""
    return in_house(_prove)


async def _prove(app: App, _: datetime) -> int:
    async with app.db.read() as tx:
        counted = await count_books(tx)
        faults = await check_books(tx)
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    if not faults:
        print(f"{counted.books} books balance: {counted.transfers} transfers, nothing left in transit.")
    return 1 if faults else 0
