"""`liuhen rulebook backtest`: two versions of the rules on the same cases, in figures and in cases."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from liuhen.base.calc import Calculator
from liuhen.base.errors import InvalidInput
from liuhen.edge.cli.rulebook_books import two_books
from liuhen.edge.cli.rulebook_export import export
from liuhen.edge.cli.rulebook_report import lines
from liuhen.policy.engine import Verdict
from liuhen.policy.facts.tables import table_from
from liuhen.reads.backtest import MAX_EXAMPLES, Backtest, Line, backtest, check_file, compare

_MAX_SELLERS = 1_000
_MAX_CHECKED = 1_000_000


def run(chosen: argparse.Namespace) -> int:
    """Exit code 2 (main) for a version or file that cannot be read, or where calculator and engine disagree."""
    for name, most in (("examples", MAX_EXAMPLES), ("sellers", _MAX_SELLERS), ("check", _MAX_CHECKED)):
        if not 0 <= getattr(chosen, name) <= most:
            raise InvalidInput(f"--{name} goes from 0 to {most}.")
    books = two_books(chosen.old, chosen.new)
    with tempfile.TemporaryDirectory() as folder, Calculator(Path(folder)) as calc:
        file = chosen.cases or Path(folder) / "history.parquet"
        if chosen.cases is None:
            export(calc, Path(folder), file)
        held = check_file(calc, file)
        sys.stderr.write(f"{held:,} cases under {books[0].version} and {books[1].version} …\n")
        result = backtest(calc, file, *books, sellers=chosen.sellers, examples=chosen.examples)
        checked = compare(calc, file, books, chosen.check)
    if chosen.out is not None:
        chosen.out.write_bytes(msgspec.json.encode(_plain(result, checked)))
    if chosen.json:
        print(msgspec.json.encode(_plain(result, checked)).decode())
        return 0
    for line in lines(result, chosen.lang):
        print(line)
    print(f"\n{checked:,} random cases were judged again by the engine that decides: no difference.")
    return 0


def _plain(result: Backtest, checked: int) -> dict[str, Any]:
    """The result as JSON has it; amounts fen."""
    return {
        "old": result.old,
        "new": result.new,
        "total": result.total,
        "outcomes": [{"old": old, "new": new, **_line(line)} for (old, new), line in result.outcomes.items()],
        "by_kind": {kind.value: line for kind, line in result.by_kind.items()},
        "by_reason": {reason.value: line for reason, line in result.by_reason.items()},
        "by_seller": {str(seller): line for seller, line in result.by_seller.items()},
        "shifts": result.shifts,
        "examples": [
            {"case": one.case, "facts": table_from(one.facts), "old": _verdict(one.old), "new": _verdict(one.new)}
            for one in result.examples
        ],
        "judged_again": checked,
    }


def _line(line: Line) -> dict[str, Any]:
    return {"cases": line.cases, "changed": line.changed, "money": line.money}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "ground": verdict.ground.id,
        "outcome": verdict.outcome,
        "amount_fen": verdict.low,
        "amount_max_fen": verdict.high,
    }
