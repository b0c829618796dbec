"""A key file, understood: every line is a usable row, refused with a reason, a duplicate or blank. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from liuhen.base.masking import mask_fields, mask_text
from liuhen.base.text import fold_case, fold_serial
from liuhen.keyfiles.model import (
    Column,
    Duplicate,
    DuplicateKind,
    Expect,
    Note,
    ParsedFile,
    Refusal,
    Refused,
    Remark,
    Row,
    find_expiry,
    read_date,
    read_face_value,
)
from liuhen.keyfiles.reading import (
    SAMPLE_LINES,
    Dialect,
    Line,
    Source,
    divide,
    lines,
    open_source,
    recognise,
)

MAX_REGION = 60
_JOIN = "\t"
_SHOWN = 20


class Blank(NamedTuple):
    line_no: int


def parse(data: bytes, expect: Expect) -> ParsedFile:
    """The whole file at once, for previews.

    Raises InvalidInput or TooLarge when the file as such can't be taken; a bad line raises nothing.
    """
    source, dialect = look(data, expect)
    rows: list[Row] = []
    refused: list[Refused] = []
    duplicates: list[Duplicate] = []
    blanks: list[int] = []
    for item in scan(source, dialect, expect):
        match item:
            case Row():
                rows.append(item)
            case Refused():
                refused.append(item)
            case Duplicate():
                duplicates.append(item)
            case Blank():
                blanks.append(item.line_no)
    columns = dialect.columns or dialect.shape.columns
    warnings = _warnings(rows, dialect, expect)
    return ParsedFile(
        source.encoding,
        source.byte_order_mark,
        dialect.layout,
        dialect.shape,
        dialect.header,
        columns,
        source.lines,
        rows,
        refused,
        duplicates,
        blanks,
        warnings,
    )


def look(data: bytes, expect: Expect) -> tuple[Source, Dialect]:
    """Encoding, layout and columns, before any row is read. Raises as `parse` does."""
    source = open_source(data)
    full = (line.text for line in lines(source) if line.refusal is None and line.text.strip())
    return source, recognise(list(islice(full, SAMPLE_LINES)), expect.shapes)


def scan(
    source: Source, dialect: Dialect, expect: Expect
) -> Iterator[Row | Refused | Duplicate | Blank]:
    """One item per line but the header, in order; holds fingerprintable forms of rows, not the rows."""
    reader = _Reader(dialect, expect)
    awaits_header = dialect.header
    for line in lines(source):
        if line.refusal is None and not line.text.strip():
            yield Blank(line.number)
        elif awaits_header and line.refusal is None:
            awaits_header = False
        else:
            yield reader.read(line)


class _Reader:
    """Reads lines of one dialect and remembers what it has seen, for duplicates."""

    def __init__(self, dialect: Dialect, expect: Expect) -> None:
        self._dialect = dialect
        self._expect = expect
        self._sellable_from = expect.today + timedelta(days=expect.min_validity_days)
        secrets = dialect.shape.columns
        self._columns = dialect.columns or (*secrets, Column.REMARK)
        self._at = {column: at for at, column in enumerate(self._columns) if column is not None}
        self._secrets = [self._at[column] for column in secrets]
        self._seen: dict[DuplicateKind, dict[str, int]] = {kind: {} for kind in DuplicateKind}

    def read(self, line: Line) -> Row | Refused | Duplicate:
        if line.refusal is not None:
            return Refused(line.number, line.refusal, mask_text(line.text))
        cells = divide(line.text, self._dialect.layout)
        if isinstance(cells, Refusal):
            return Refused(line.number, cells, mask_text(line.text))
        problem = self._fits(cells)
        if problem is not None:
            return Refused(line.number, problem, mask_fields(cells[:6]))
        row = self._row(line, cells)
        if isinstance(row, Refusal):
            return Refused(line.number, row, mask_fields([cells[at] for at in self._secrets]))
        return self._duplicate(row) or row

    def _fits(self, cells: list[str]) -> Refusal | None:
        needed = max(self._secrets) + 1
        if len(cells) < needed:
            return Refusal.NO_SEPARATOR if len(cells) == 1 else Refusal.TOO_FEW_FIELDS
        if self._dialect.header and any(cells[len(self._columns) :]):
            return Refusal.TOO_MANY_FIELDS
        if not all(cells[at] for at in self._secrets):
            return Refusal.EMPTY_FIELD
        if any(_JOIN in cells[at] for at in self._secrets):
            return Refusal.CONTROL_CHARACTER
        return None

    def _row(self, line: Line, cells: list[str]) -> Row | Refusal:
        try:
            valid_until = self._valid_until(cells)
        except ValueError:
            return Refusal.BAD_DATE
        if valid_until is not None and valid_until < self._expect.today:
            return Refusal.EXPIRED
        try:
            face_value = read_face_value(self._cell(cells, Column.FACE_VALUE))
        except ValueError:
            return Refusal.BAD_FACE_VALUE
        region = self._cell(cells, Column.REGION)
        if len(region) > MAX_REGION:
            return Refusal.REGION_TOO_LONG
        fields = tuple(cells[at] for at in self._secrets)
        short = valid_until is not None and valid_until < self._sellable_from
        return Row(line.number, line.raw, fields, valid_until, face_value, region, short)

    def _valid_until(self, cells: list[str]) -> date | None:
        day = read_date(self._cell(cells, Column.VALID_UNTIL))
        if day is not None or self._dialect.header:
            return day
        return find_expiry(" ".join(cells[len(self._secrets) :]))

    def _cell(self, cells: list[str], column: Column) -> str:
        at = self._at.get(column)
        return cells[at] if at is not None and at < len(cells) else ""

    def _duplicate(self, row: Row) -> Duplicate | None:
        """The first line with the same key; the row is remembered only if there is none."""
        forms = {DuplicateKind.EXACT: _JOIN.join(row.fields)}
        if not self._expect.case_sensitive:
            forms[DuplicateKind.FOLDED] = _JOIN.join(map(fold_case, row.fields))
        for kind, form in forms.items():
            first = self._seen[kind].get(form)
            if first is not None:
                return Duplicate(row.line_no, first, kind)
        for kind, form in forms.items():
            self._seen[kind][form] = row.line_no
        return None


def _warnings(rows: list[Row], dialect: Dialect, expect: Expect) -> list[Remark]:
    found: list[Remark] = []
    soon = [row.valid_until for row in rows if row.short and row.valid_until]
    if soon:
        found.append(Remark(Note.EXPIRES_SOON, len(soon), min(soon).isoformat()))
    again = _same_serial(rows)
    if again:
        found.append(Remark(Note.SAME_SERIAL, len(again), "、".join(map(str, again[:_SHOWN]))))
    faces = Counter(row.face_value_fen for row in rows if row.face_value_fen is not None)
    other = {fen: count for fen, count in faces.items() if fen != expect.face_value_fen}
    if other and (expect.face_value_fen is not None or len(faces) > 1):
        found.append(Remark(Note.OTHER_FACE_VALUE, sum(other.values()), _most(other)))
    regions = Counter(row.region for row in rows if row.region)
    elsewhere = {name: count for name, count in regions.items() if name != expect.region}
    if elsewhere and (expect.region or len(regions) > 1):
        found.append(Remark(Note.OTHER_REGION, sum(elsewhere.values()), _most(elsewhere)))
    if dialect.not_used:
        found.append(Remark(Note.COLUMN_NOT_USED, len(dialect.not_used), "、".join(dialect.not_used)[:200]))
    return found


def _same_serial(rows: list[Row]) -> list[int]:
    """Line numbers of rows whose card number or login stood in an earlier row."""
    if not rows or len(rows[0].fields) == 1:
        return []
    seen: set[str] = set()
    again = []
    for row in rows:
        serial = fold_serial(row.fields[0])
        if serial in seen:
            again.append(row.line_no)
        seen.add(serial)
    return again


def _most(counts: dict[int, int] | dict[str, int]) -> str:
    """The five largest groups, as `name×count`."""
    top = sorted(counts.items(), key=lambda pair: -pair[1])[:5]
    return "、".join(f"{name}×{count}" for name, count in top)
