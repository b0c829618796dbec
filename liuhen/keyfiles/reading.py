"""From uploaded bytes to lines and cells: encoding, line ends, limits, separators, header. Pure.

Lines keep their own bytes. GB18030 uses neither CR nor LF as a second byte, so its lines are split as bytes;
UTF-16 is split as text, and encoding a line again gives exactly its bytes back.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from liuhen.base.errors import InvalidInput, TooLarge
from liuhen.base.text import fold_width
from liuhen.keyfiles.model import (
    MAX_FILE_BYTES,
    MAX_LINE_BYTES,
    MAX_LINES,
    Column,
    Encoding,
    Layout,
    Refusal,
    Shape,
)

_BOMS = (
    (b"\xef\xbb\xbf", Encoding.UTF_8),
    (b"\xff\xfe", Encoding.UTF_16_LE),
    (b"\xfe\xff", Encoding.UTF_16_BE),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# Characters that nobody sees, zero-width and text direction included: two keys must not differ by one of them.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]"
)
_MOST_NOISE = 20  # one line in so many may be unreadable before the file as a whole counts as no text

SAMPLE_LINES = 2000
_SPLITTERS: Mapping[Layout, re.Pattern[str]] = {
    Layout.DASHES: re.compile("----|－－－－|————"),
    Layout.TAB: re.compile("\t"),
    Layout.PIPE: re.compile("[|｜]"),
    Layout.CSV: re.compile(","),
}
_NAMES: Mapping[Column, str] = {
    Column.KEY: "卡密 密钥 激活码 兑换码 卡券码 券码 序列码 cdk cdkey key code 激活密钥 产品密钥 licence license",
    Column.CARD_NUMBER: "卡号 卡号码 充值卡号 序列号 卡序列号 card cardno cardnumber serial serialnumber sn",
    Column.PASSWORD: "密码 卡密码 充值密码 登录密码 账号密码 password pass passwd pwd pin",
    Column.LOGIN: "账号 帐号 账户 用户名 登录名 user username login account",
    Column.MAIL: "邮箱 邮箱账号 绑定邮箱 电子邮箱 mail email",
    Column.MAIL_PASSWORD: "邮箱密码 mailpassword emailpassword mailpwd",
    Column.FACE_VALUE: "面额 面值 金额 facevalue face amount value",
    Column.REGION: "地区 区域 适用地区 region area",
    Column.VALID_UNTIL: "有效期 有效期至 到期日 到期日期 到期时间 过期日 过期日期 过期时间 截止日期 有效日期 "
    "validuntil expiry expires expirydate expiration",
    Column.REMARK: "备注 说明 附注 remark note comment",
}
_BY_NAME = {name: column for column, names in _NAMES.items() for name in names.split()}
_PUNCTUATION = re.compile(r"[\s_:：()（）.\-]")
_DETAILS = (Column.FACE_VALUE, Column.REGION, Column.VALID_UNTIL, Column.REMARK)
_ALSO: Mapping[Column, tuple[Column, ...]] = {
    Column.KEY: (Column.KEY, Column.PASSWORD, Column.CARD_NUMBER),
    Column.CARD_NUMBER: (Column.CARD_NUMBER,),
    Column.PASSWORD: (Column.PASSWORD, Column.KEY),
    Column.LOGIN: (Column.LOGIN, Column.MAIL),
    Column.MAIL: (Column.MAIL,),
    Column.MAIL_PASSWORD: (Column.MAIL_PASSWORD, Column.PASSWORD),
}


class Source(NamedTuple):
    """An upload whose encoding is known. `body` has no byte order mark; `text` is there for UTF-16 alone."""

    body: bytes
    text: str | None
    encoding: Encoding
    byte_order_mark: bool
    line_end: bytes
    lines: int


class Line(NamedTuple):
    """`text` is None where `refusal` says why it could not be read."""

    number: int
    raw: bytes
    text: str
    refusal: Refusal | None


def open_source(data: bytes) -> Source:
    """Raises TooLarge above 20 MB or 200,000 lines, InvalidInput for what is no text or has nothing in it."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge("the file is larger than 20 MB", reason="file_size", most_bytes=MAX_FILE_BYTES)
    if data.startswith(_WORKBOOKS):
        raise InvalidInput("this is a workbook, not text; save the sheet as CSV first", reason="workbook")
    mark, encoding = next(((bom, enc) for bom, enc in _BOMS if data.startswith(bom)), (b"", None))
    body = data[len(mark) :]
    text = _utf16(body, encoding) if encoding in (Encoding.UTF_16_LE, Encoding.UTF_16_BE) else None
    if not (text if text is not None else body).strip():
        raise InvalidInput("the file is empty", reason="empty")
    if text is None and b"\x00" in body:
        raise _not_text()
    line_end = b"\r" if b"\n" not in body and b"\r" in body else b"\n"
    end = line_end.decode()
    count = text.count(end) + (not text.endswith(end)) if text is not None else _count(body, line_end)
    if count > MAX_LINES:
        raise TooLarge("the file has more than 200,000 lines", reason="file_lines", most_lines=MAX_LINES)
    encoding = encoding or _guess(body, line_end)
    source = Source(body, text, encoding, bool(mark), line_end, count)
    _check_noise(source)
    return source


def lines(source: Source) -> Iterator[Line]:
    """Every line with its number from 1, one at a time."""
    if source.text is not None:
        for number, text in enumerate(_split_text(source.text, source.line_end.decode()), 1):
            raw = text.encode(source.encoding)
            yield Line(number, raw, text, _refusal(raw, text))
        return
    for number, raw in enumerate(_split_bytes(source.body, source.line_end), 1):
        try:
            text = raw[: MAX_LINE_BYTES + 1].decode(source.encoding) if len(raw) <= MAX_LINE_BYTES else ""
        except UnicodeDecodeError:
            yield Line(number, raw, "", Refusal.BAD_TEXT)
            continue
        yield Line(number, raw, text, _refusal(raw, text))


def _refusal(raw: bytes, text: str) -> Refusal | None:
    if len(raw) > MAX_LINE_BYTES:
        return Refusal.LINE_TOO_LONG
    return Refusal.CONTROL_CHARACTER if _CONTROL.search(text) else None


def _utf16(body: bytes, encoding: Encoding | None) -> str:
    try:
        return body.decode(encoding or Encoding.UTF_16_LE)
    except UnicodeDecodeError as error:
        raise _not_text() from error


def _count(body: bytes, line_end: bytes) -> int:
    return body.count(line_end) + (not body.endswith(line_end))


def _split_bytes(body: bytes, line_end: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        end = body.find(line_end, at)
        end = len(body) if end < 0 else end
        yield body[at : end - 1] if end > at and body[end - 1 : end] == b"\r" else body[at:end]
        at = end + 1


def _split_text(text: str, line_end: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = text.find(line_end, at)
        end = len(text) if end < 0 else end
        yield text[at : end - 1] if end > at and text[end - 1] == "\r" else text[at:end]
        at = end + 1


def _guess(body: bytes, line_end: bytes) -> Encoding:
    """UTF-8 if all of it is; else GB18030 if all of it is; else whichever reads more of the lines."""
    for encoding in (Encoding.UTF_8, Encoding.GB18030):
        if _reads(body, encoding):
            return encoding
    wide = [raw for raw in _split_bytes(body, line_end) if not raw.isascii()]
    utf8 = sum(_reads(raw, Encoding.UTF_8) for raw in wide)
    gb = sum(_reads(raw, Encoding.GB18030) for raw in wide)
    return Encoding.UTF_8 if utf8 >= gb else Encoding.GB18030


def _reads(raw: bytes, encoding: Encoding) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _check_noise(source: Source) -> None:
    """Raises InvalidInput when so many lines are no text that the file is wrong, not a line of it."""
    noise = full = 0
    for line in lines(source):
        full += bool(line.raw.strip())
        noise += line.refusal in (Refusal.BAD_TEXT, Refusal.CONTROL_CHARACTER)
    if noise and (noise >= full or noise > max(1, full // _MOST_NOISE)):
        raise _not_text()


def _not_text() -> InvalidInput:
    return InvalidInput("this is not a text file with keys", reason="not_text")


class Dialect(NamedTuple):
    """`columns` is empty where no header names them; then the first fields are those of the shape."""

    layout: Layout
    shape: Shape
    header: bool
    columns: tuple[Column | None, ...]
    not_used: tuple[str, ...]


def recognise(sample: Sequence[str], shapes: Sequence[Shape]) -> Dialect:
    """Parameters: sample, the first lines that are not blank; shapes, those the product allows.

    Raises InvalidInput when there is a header that lacks what every allowed shape needs.
    """
    header = _header(sample[0]) if sample else None
    if header is not None:
        layout, names = header
        return _by_header(layout, names, shapes)
    layout = _layout(sample)
    most = Counter(len(cells) for line in sample if isinstance(cells := divide(line, layout), list))
    width = most.most_common(1)[0][0] if most else 1
    fitting = [shape for shape in shapes if len(shape.columns) <= width]
    longest = max((len(shape.columns) for shape in fitting), default=0)
    shape = next((shape for shape in fitting if len(shape.columns) == longest), None)
    return Dialect(layout, shape or min(shapes, key=lambda s: len(s.columns)), False, (), ())


def divide(line: str, layout: Layout) -> list[str] | Refusal:
    """The cells of a line, width folded and trimmed; BAD_QUOTES if a quoted one does not end."""
    if layout is Layout.LINES:
        return [fold_width(line)]
    if layout is not Layout.CSV or '"' not in line:
        return [fold_width(cell) for cell in _SPLITTERS[layout].split(line)]
    try:
        return [fold_width(cell) for cell in next(csv.reader([line], strict=True))]
    except (csv.Error, StopIteration):
        return Refusal.BAD_QUOTES


def _layout(sample: Sequence[str]) -> Layout:
    """The first separator that more than half of the lines have."""
    for layout, splitter in _SPLITTERS.items():
        if sum(splitter.search(line.strip()) is not None for line in sample) * 2 > len(sample):
            return layout
    return Layout.LINES


def _header(line: str) -> tuple[Layout, list[str]] | None:
    """A first line is a header if every cell of it names a column, or two do and one of them is a secret."""
    for layout in (*_SPLITTERS, Layout.LINES):
        cells = divide(line, layout)
        if isinstance(cells, Refusal) or (len(cells) == 1 and layout is not Layout.LINES):
            continue
        known = [column for cell in cells if (column := _BY_NAME.get(_bare(cell)))]
        secret = any(column in known for shape in Shape for column in shape.columns)
        if secret and (len(known) >= 2 or len(known) == len([cell for cell in cells if cell])):
            return layout, cells
    return None


def _bare(cell: str) -> str:
    return _PUNCTUATION.sub("", cell).lower()


def _by_header(layout: Layout, names: list[str], shapes: Sequence[Shape]) -> Dialect:
    found = [_BY_NAME.get(_bare(name)) for name in names]
    for shape in sorted(shapes, key=lambda shape: -len(shape.columns)):
        columns = _assign(found, shape)
        if columns is not None:
            unknown = tuple(
                name for name, column in zip(names, columns, strict=True) if name and column is None
            )
            return Dialect(layout, shape, True, columns, unknown)
    raise InvalidInput(
        "the header does not name the columns that this product needs",
        reason="column_missing",
        found=[column for column in found if column],
        needed=[list(shape.columns) for shape in shapes],
    )


def _assign(found: list[Column | None], shape: Shape) -> tuple[Column | None, ...] | None:
    """Each column's role for this shape, or None if one is missing. 卡密 is the password beside a card number."""
    roles: list[Column | None] = [column if column in _DETAILS else None for column in found]
    for column in shape.columns:
        at = next((i for name in _ALSO[column] for i, c in enumerate(found) if c is name and not roles[i]), None)
        if at is None:
            return None
        roles[at] = column
    return tuple(roles)
