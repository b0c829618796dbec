"""Key files as sellers really have them: what may be in one, and what was understood of it. Pure.

A line is a record. Every line ends up in exactly one place: rows, refused, duplicates, blanks or the header.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

from liuhen.base.states import Transitions
from liuhen.policy.facts.goods import GoodsKind

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_LINES = 200_000
MAX_LINE_BYTES = 4096
STAGED_FOR = timedelta(minutes=30)
MAX_FACE_VALUE_FEN = 9_999_999_999

_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{4})(\d{2})(\d{2})"
_WHOLE_DATE = re.compile(rf"(?:{_DATE})(?:[ T]\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?")
_ANY_DATE = re.compile(rf"(?<!\d)(?:{_DATE})(?!\d)")
_EXPIRY_WORD = re.compile(r"有效|到期|过期|截止|expir|valid", re.IGNORECASE)
_FOR_EVER = frozenset({"", "-", "长期", "长期有效", "永久", "永久有效", "无", "无限期"})
_FACE = re.compile(r"[¥￥]?\s*(\d{1,8})(?:\.(\d{1,2}))?\s*(?:元|块|cny|rmb)?", re.IGNORECASE)


class Encoding(StrEnum):
    """The value is the Python codec that reads a single line again."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"  # reads GBK and GB2312 too
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"


class Layout(StrEnum):
    LINES = "LINES"  # the whole line is the key
    DASHES = "DASHES"  # ----
    TAB = "TAB"
    PIPE = "PIPE"
    CSV = "CSV"


class Column(StrEnum):
    KEY = "KEY"
    CARD_NUMBER = "CARD_NUMBER"
    PASSWORD = "PASSWORD"
    LOGIN = "LOGIN"
    MAIL = "MAIL"
    MAIL_PASSWORD = "MAIL_PASSWORD"
    FACE_VALUE = "FACE_VALUE"
    REGION = "REGION"
    VALID_UNTIL = "VALID_UNTIL"
    REMARK = "REMARK"


class Shape(StrEnum):
    """What one piece of the goods consists of."""

    KEY = "KEY"
    CARD = "CARD"
    LOGIN = "LOGIN"
    ACCOUNT = "ACCOUNT"

    @property
    def columns(self) -> tuple[Column, ...]:
        return _COLUMNS[self]


_COLUMNS: Mapping[Shape, tuple[Column, ...]] = {
    Shape.KEY: (Column.KEY,),
    Shape.CARD: (Column.CARD_NUMBER, Column.PASSWORD),
    Shape.LOGIN: (Column.LOGIN, Column.PASSWORD),
    Shape.ACCOUNT: (Column.LOGIN, Column.PASSWORD, Column.MAIL, Column.MAIL_PASSWORD),
}

_KEYS = (Shape.KEY, Shape.CARD)


def shapes_of(kind: GoodsKind) -> tuple[Shape, ...]:
    """The shapes that goods of a kind may have, the likelier first where two have as many fields."""
    match kind:
        case GoodsKind.ACCOUNT_HANDOVER:
            return (Shape.LOGIN, Shape.ACCOUNT)
        case GoodsKind.MEMBERSHIP:
            return (*_KEYS, Shape.LOGIN, Shape.ACCOUNT)
        case _:
            return _KEYS


class Refusal(StrEnum):
    """Why one line is left out."""

    LINE_TOO_LONG = "LINE_TOO_LONG"
    BAD_TEXT = "BAD_TEXT"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"
    BAD_QUOTES = "BAD_QUOTES"
    NO_SEPARATOR = "NO_SEPARATOR"
    TOO_FEW_FIELDS = "TOO_FEW_FIELDS"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    EMPTY_FIELD = "EMPTY_FIELD"
    BAD_DATE = "BAD_DATE"
    EXPIRED = "EXPIRED"
    BAD_FACE_VALUE = "BAD_FACE_VALUE"
    REGION_TOO_LONG = "REGION_TOO_LONG"


class DuplicateKind(StrEnum):
    EXACT = "EXACT"
    FOLDED = "FOLDED"  # the same but for case, width, blanks or dashes


class Note(StrEnum):
    """What is worth a look before confirming; nothing of it is left out by itself."""

    EXPIRES_SOON = "EXPIRES_SOON"  # imported as HELD_SHORT, never sold
    SAME_SERIAL = "SAME_SERIAL"  # a card number or login comes again with another password: sellers do have such
    OTHER_FACE_VALUE = "OTHER_FACE_VALUE"
    OTHER_REGION = "OTHER_REGION"
    COLUMN_NOT_USED = "COLUMN_NOT_USED"


class Expect(msgspec.Struct, frozen=True):
    """What the product asks of a file.

    Fields: shapes, allowed ones; case_sensitive, whether ABC and abc are two keys; today, Shanghai date;
    min_validity_days, a key must be valid on today plus this many days to be sold; face_value_fen (fen) and
    region of the product, None or "" if it has none.
    """

    shapes: tuple[Shape, ...]
    case_sensitive: bool
    today: date
    min_validity_days: int
    face_value_fen: int | None = None
    region: str = ""


class Row(NamedTuple):
    """One usable line. `short`: expires within the product's least validity."""

    line_no: int
    raw: bytes
    fields: tuple[str, ...]
    valid_until: date | None
    face_value_fen: int | None
    region: str
    short: bool

    def __repr__(self) -> str:
        return f"Row(line_no={self.line_no})"  # a traceback or log must not show a key


class Refused(msgspec.Struct, frozen=True):
    line_no: int
    code: Refusal
    shown: str  # masked


class Duplicate(msgspec.Struct, frozen=True):
    line_no: int
    first_line_no: int
    kind: DuplicateKind


class Remark(msgspec.Struct, frozen=True):
    """A note, how many lines (or columns) it is about, and which value."""

    note: Note
    lines: int
    detail: str


class ParsedFile(NamedTuple):
    """All that was understood of a file. `columns` has one entry per column, None where one is not used."""

    encoding: Encoding
    byte_order_mark: bool
    layout: Layout
    shape: Shape
    header: bool
    columns: tuple[Column | None, ...]
    lines: int
    rows: list[Row]
    refused: list[Refused]
    duplicates: list[Duplicate]
    blanks: list[int]
    warnings: list[Remark]


class ImportState(StrEnum):
    STAGED = "STAGED"  # uploaded and understood; the file lies encrypted for 30 minutes
    CONFIRMED = "CONFIRMED"  # the seller said yes; the worker imports it
    DONE = "DONE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


IMPORT_STEPS = Transitions(
    {
        ImportState.STAGED: frozenset({ImportState.CONFIRMED, ImportState.EXPIRED}),
        ImportState.CONFIRMED: frozenset({ImportState.DONE, ImportState.FAILED}),
        ImportState.DONE: frozenset(),
        ImportState.FAILED: frozenset(),
        ImportState.EXPIRED: frozenset(),
    }
)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller is shown before he confirms, and what is kept afterwards. No secret is in it, only masks.

    `rows`: usable lines; `new`: those of them not in the book yet; `short`: new ones that are held back since
    they expire too soon; `in_book`: lines whose key the book has already; `elsewhere`: how many keys another shop
    has too, a hint and no more. Lists are cut at SHOWN entries, the numbers beside them are complete.
    """

    encoding: Encoding
    byte_order_mark: bool
    layout: Layout
    shape: Shape
    header: bool
    columns: list[Column | None]
    lines: int
    rows: int
    new: int
    short: int
    blank: int
    blanks: list[int]
    refused: int
    refusals: list[Refused]
    duplicate: int
    duplicates: list[Duplicate]
    in_book: int
    in_book_lines: list[int]
    elsewhere: int
    warnings: list[Remark]
    sample: list[str]


SHOWN = 200


def read_date(text: str) -> date | None:
    """2026-11-25, 2026/11/25, 2026.11.25, 20261125 or 2026年11月25日, with or without a time; None for no end.

    Raises ValueError for anything else.
    """
    if text in _FOR_EVER:
        return None
    match = _WHOLE_DATE.fullmatch(text)
    if match is None:
        raise ValueError("not a date")
    return _to_date(match)


def find_expiry(remark: str) -> date | None:
    """The last day that a remark such as 有效期至2027-12-31 names after a word for expiry; None if it names none.

    Raises ValueError when what stands there looks like a date but is none, such as 2027-02-30.
    """
    word = _EXPIRY_WORD.search(remark)
    if word is None:
        return None
    days = [_to_date(match) for match in _ANY_DATE.finditer(remark, word.end())]
    return max(days, default=None)


def read_face_value(text: str) -> int | None:
    """30, 30.00, 30元 or ¥30 in fen; None for an empty cell. Raises ValueError for anything else and for zero."""
    if not text:
        return None
    match = _FACE.fullmatch(text)
    if match is None:
        raise ValueError("not an amount")
    fen = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 0 < fen <= MAX_FACE_VALUE_FEN:
        raise ValueError("an amount outside the limits")
    return fen


def _to_date(match: re.Match[str]) -> date:
    year, month, day = (match[1] or match[4]), (match[2] or match[5]), (match[3] or match[6])
    return date(int(year), int(month), int(day))
