"""A table as a CSV file that spreadsheets open without running anything in it. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what would begin one."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(_STARTS) or text.startswith(_STARTS) else text


def amount(fen: int) -> str:
    """-1234 fen as -12.34: a number, written by us, without thousands marks."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan}.{rest:02d}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The whole file: UTF-8 with a byte order mark, CR LF, quotes where needed. Cells are written as they are."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows(rows)
    return (BOM + out.getvalue()).encode()
