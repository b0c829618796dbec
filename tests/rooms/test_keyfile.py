"""Key files: the six samples, the limits, and nothing that anybody uploads may break the parser."""

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from liuhen.base.errors import InvalidInput, TooLarge
from liuhen.base.masking import DOTS
from liuhen.keyfiles.model import (
    MAX_FILE_BYTES,
    Column,
    Duplicate,
    DuplicateKind,
    Encoding,
    Expect,
    Layout,
    Note,
    ParsedFile,
    Refusal,
    Refused,
    Remark,
    Shape,
    find_expiry,
    read_date,
    read_face_value,
    shapes_of,
)
from liuhen.keyfiles.parsing import parse
from liuhen.policy.facts.goods import GoodsKind

SAMPLES = Path(__file__).parent / "samples" / "keys"
TODAY = date(2026, 11, 22)
CARDS = Expect(shapes_of(GoodsKind.CARD_KEY), False, TODAY, 30)
EXACT_CARDS = replace(CARDS, case_sensitive=True)
ACCOUNTS = Expect(shapes_of(GoodsKind.ACCOUNT_HANDOVER), False, TODAY, 0)


def sample(name: str, expect: Expect) -> ParsedFile:
    return parse((SAMPLES / name).read_bytes(), expect)


def accounted(parsed: ParsedFile) -> int:
    """Every line is in exactly one place."""
    parts = (parsed.rows, parsed.refused, parsed.duplicates, parsed.blanks)
    return sum(map(len, parts)) + parsed.header


def test_steam_100() -> None:
    parsed = sample("steam_100.txt", CARDS)
    assert (parsed.encoding, parsed.byte_order_mark) == (Encoding.UTF_8, True)
    assert (parsed.layout, parsed.shape, parsed.header) == (Layout.LINES, Shape.KEY, False)
    assert len(parsed.rows) == 200
    assert parsed.duplicates == [
        Duplicate(52, 4, DuplicateKind.EXACT),
        Duplicate(123, 62, DuplicateKind.FOLDED),
        Duplicate(183, 11, DuplicateKind.EXACT),
    ]
    assert parsed.blanks == [31, 92]
    assert parsed.refused == [] and parsed.warnings == [] and accounted(parsed) == parsed.lines == 205
    assert parsed.rows[0].raw == b"R2CD-2BL5-99QZ-V3S8" and parsed.rows[0].line_no == 1


def test_steam_100_where_case_matters() -> None:
    parsed = sample("steam_100.txt", EXACT_CARDS)
    assert len(parsed.rows) == 201 and [d.line_no for d in parsed.duplicates] == [52, 183]
    lower = next(row for row in parsed.rows if row.line_no == 123)
    assert lower.raw == b"ebhk-pqnj-at5m-944e  " and lower.fields == ("ebhk-pqnj-at5m-944e",)


def test_mobile_50_gbk() -> None:
    parsed = sample("mobile_50_gbk.txt", CARDS)
    assert (parsed.encoding, parsed.layout, parsed.shape) == (Encoding.GB18030, Layout.DASHES, Shape.CARD)
    assert len(parsed.rows) == 150 and not parsed.duplicates and not parsed.blanks
    assert parsed.refused == [
        Refused(151, Refusal.NO_SEPARATOR, DOTS),
        Refused(152, Refusal.EMPTY_FIELD, f"62{DOTS}34 · –"),
    ]
    first = parsed.rows[0]
    assert first.fields == ("5072564604212487", "9774833265") and first.valid_until == date(2027, 12, 31)
    assert first.raw == "5072564604212487----9774833265----有效期至2027-12-31".encode("gbk")


def test_video_vip_month() -> None:
    parsed = sample("video_vip_month.csv", replace(CARDS, shapes=shapes_of(GoodsKind.MEMBERSHIP)))
    assert (parsed.layout, parsed.shape, parsed.header) == (Layout.CSV, Shape.CARD, True)
    assert parsed.columns == (
        Column.CARD_NUMBER,
        Column.PASSWORD,
        Column.FACE_VALUE,
        Column.REGION,
        Column.VALID_UNTIL,
    )
    assert len(parsed.rows) == 122 and not parsed.refused and not parsed.duplicates
    short = [row for row in parsed.rows if row.short]
    assert len(short) == 43 and {row.valid_until for row in short} == {date(2026, 11, 25)}
    assert parsed.warnings[0] == Remark(Note.EXPIRES_SOON, 43, "2026-11-25")
    wide, quoted = parsed.rows[-2:]
    assert wide.fields == ("VIP123456789012", "ABCDEF,123") and wide.face_value_fen == 3000
    assert "ＡＢＣＤＥＦ，１２３" in wide.raw.decode()
    assert quoted.fields == ("VIP000000000001", '"quoted, key"') and quoted.region == ""
    assert quoted.valid_until == date(2027, 6, 30)


def test_video_vip_month_without_a_least_validity() -> None:
    parsed = sample("video_vip_month.csv", replace(CARDS, min_validity_days=3))
    assert not any(row.short for row in parsed.rows)
    assert sum(row.short for row in sample("video_vip_month.csv", replace(CARDS, min_validity_days=4)).rows) == 43
    later = replace(CARDS, today=date(2026, 11, 26))
    refused = sample("video_vip_month.csv", later).refused
    assert len(refused) == 43 and {line.code for line in refused} == {Refusal.EXPIRED}


def test_game_accounts() -> None:
    parsed = sample("game_accounts.txt", ACCOUNTS)
    assert (parsed.layout, parsed.shape) == (Layout.DASHES, Shape.ACCOUNT)
    assert len(parsed.rows) == 40 and {len(row.fields) for row in parsed.rows} == {4}
    assert not parsed.refused and not parsed.duplicates
    assert parsed.warnings == [Remark(Note.SAME_SERIAL, 1, "30")]  # login of line 14, another password


@pytest.mark.parametrize(
    ("name", "reason"), [("not_a_key_list.txt", "not_text"), ("empty.txt", "empty")]
)
def test_what_is_no_key_file(name: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        sample(name, CARDS)
    assert caught.value.data["reason"] == reason and caught.value.message.count(".") == 0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\r\n \r\n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("\ufeff \n".encode("utf-16-le"), "empty"),
        (b"PK\x03\x04....", "workbook"),
        (b"\xd0\xcf\x11\xe0....", "workbook"),
        (b"A\x00B\n", "not_text"),
        (b"\xff\xfeA", "not_text"),
        (b"\x01\x02\x03\n\x04\x05\n", "not_text"),
        ("卡号,面额\n1,2\n".encode(), "column_missing"),
        ("账号,面额\n1,2\n".encode(), "column_missing"),
    ],
)
def test_files_refused_as_a_whole(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(data, replace(CARDS, shapes=(Shape.CARD,)))
    assert caught.value.data["reason"] == reason


def test_limits_of_a_file() -> None:
    with pytest.raises(TooLarge, match="20 MB"):
        parse(b"A" * (MAX_FILE_BYTES + 1), CARDS)
    with pytest.raises(TooLarge, match="200,000"):
        parse(b"".join(b"%06d\n" % i for i in range(200_001)), CARDS)
    assert len(parse(b"".join(b"%06d\n" % i for i in range(200_000)), CARDS).rows) == 200_000


def test_limit_of_a_line() -> None:
    parsed = parse(b"A" * 4096 + b"\nGOODKEY\n" + b"B" * 4097 + b"\n", CARDS)
    assert [row.line_no for row in parsed.rows] == [1, 2]
    assert parsed.refused == [Refused(3, Refusal.LINE_TOO_LONG, DOTS)]


TEXT = "卡号,密码,有效期\n6212,ＡＢ,2027年1月5日\n6213,CD,2027/01/05\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), Encoding.UTF_8),
        (TEXT.encode("utf-8-sig"), Encoding.UTF_8),
        (TEXT.encode("gbk"), Encoding.GB18030),
        (TEXT.encode("gb18030"), Encoding.GB18030),
        (TEXT.encode("utf-16"), Encoding.UTF_16_LE),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), Encoding.UTF_16_BE),
        (TEXT.replace("\n", "\r\n").encode("utf-16"), Encoding.UTF_16_LE),
        (TEXT.replace("\n", "\r\n").encode(), Encoding.UTF_8),
        (TEXT.replace("\n", "\r").encode(), Encoding.UTF_8),
        (TEXT.rstrip().encode(), Encoding.UTF_8),
    ],
)
def test_encodings_and_line_ends(data: bytes, encoding: Encoding) -> None:
    parsed = parse(data, CARDS)
    assert parsed.encoding is encoding and parsed.header and parsed.lines == 3
    assert [row.fields for row in parsed.rows] == [("6212", "AB"), ("6213", "CD")]
    assert {row.valid_until for row in parsed.rows} == {date(2027, 1, 5)}
    assert [row.raw.decode(encoding) for row in parsed.rows] == TEXT.splitlines()[1:]
    assert all(row.raw in data for row in parsed.rows)


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("A1\tpw1\nA2\tpw2", Layout.TAB),
        ("A1|pw1\nA2｜pw2", Layout.PIPE),
        ("A1----pw1\nA2－－－－pw2\nA3————pw3", Layout.DASHES),
        ("A1,pw1\nA2,pw2", Layout.CSV),
        ("A1,x----pw1\nA2,y----pw2", Layout.DASHES),
    ],
)
def test_separators(text: str, layout: Layout) -> None:
    parsed = parse(text.encode(), CARDS)
    assert parsed.layout is layout and parsed.shape is Shape.CARD and not parsed.refused
    assert [row.fields[1] for row in parsed.rows] == [f"pw{n}" for n in range(1, len(parsed.rows) + 1)]


@pytest.mark.parametrize(
    ("header", "shape", "columns"),
    [
        ("卡密", Shape.KEY, (Column.KEY,)),
        ("激活码,备注", Shape.KEY, (Column.KEY, Column.REMARK)),
        ("密码,卡号", Shape.CARD, (Column.PASSWORD, Column.CARD_NUMBER)),
        ("卡号,卡密", Shape.CARD, (Column.CARD_NUMBER, Column.PASSWORD)),
        ("Card No, PIN ,Face_Value", Shape.CARD, (Column.CARD_NUMBER, Column.PASSWORD, Column.FACE_VALUE)),
        ("序号,卡号,密码", Shape.CARD, (None, Column.CARD_NUMBER, Column.PASSWORD)),
        ("账号,密码", Shape.LOGIN, (Column.LOGIN, Column.PASSWORD)),
        (
            "用户名,密码,邮箱,密码",
            Shape.ACCOUNT,
            (Column.LOGIN, Column.PASSWORD, Column.MAIL, Column.MAIL_PASSWORD),
        ),
    ],
)
def test_headers(header: str, shape: Shape, columns: tuple[Column | None, ...]) -> None:
    line = ",".join("30" if column is Column.FACE_VALUE else "x1" for column in columns)
    parsed = parse(f"{header}\n{line}\n".encode(), replace(CARDS, shapes=shapes_of(GoodsKind.MEMBERSHIP)))
    assert parsed.header and (parsed.shape, parsed.columns) == (shape, columns) and len(parsed.rows) == 1
    assert any(w.note is Note.COLUMN_NOT_USED for w in parsed.warnings) is (None in columns)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("6212", Refusal.NO_SEPARATOR),
        ("6212,", Refusal.EMPTY_FIELD),
        (",pw", Refusal.EMPTY_FIELD),
        ("6212,pw,30,CN,2027-01-01,more", Refusal.TOO_MANY_FIELDS),
        ('6212,"pw,30,CN,2027-01-01', Refusal.BAD_QUOTES),
        ("6212,p\u200bw,30,CN,2027-01-01", Refusal.CONTROL_CHARACTER),
        ("6212,p\x07w,30,CN,2027-01-01", Refusal.CONTROL_CHARACTER),
        ('6212,"p\tw",30,CN,2027-01-01', Refusal.CONTROL_CHARACTER),
        ("6212,pw,30,CN,2027-02-30", Refusal.BAD_DATE),
        ("6212,pw,30,CN,soon", Refusal.BAD_DATE),
        ("6212,pw,30,CN,2026-11-21", Refusal.EXPIRED),
        ("6212,pw,3O,CN,2027-01-01", Refusal.BAD_FACE_VALUE),
        ("6212,pw,30," + "区" * 61 + ",2027-01-01", Refusal.REGION_TOO_LONG),
    ],
)
def test_lines_refused_with_a_reason(line: str, code: Refusal) -> None:
    good = "".join(f"7{n:03d},good{n},30,CN,2027-01-01\n" for n in range(3))
    parsed = parse(f"卡号,密码,面额,地区,有效期\n{good}{line}\n".encode(), CARDS)
    assert [(r.line_no, r.code) for r in parsed.refused] == [(5, code)] and len(parsed.rows) == 3


def test_what_is_shown_of_a_refused_line_is_masked() -> None:
    parsed = parse(b"6212345678901234----SECRETPASSWORD----x\n6212345678909999\n1----\n1----2\n", CARDS)
    assert [line.shown for line in parsed.refused] == [f"62{DOTS}99", f"{DOTS} · –"]


def test_a_bad_line_in_another_encoding_is_refused_alone() -> None:
    good = b"".join("卡{n:04d}----密码\n".replace("{n:04d}", f"{n:04d}").encode() for n in range(50))
    parsed = parse(good + "坏坏----密码\n".encode("gbk"), CARDS)
    assert parsed.encoding is Encoding.UTF_8 and len(parsed.rows) == 50
    assert [(line.line_no, line.code) for line in parsed.refused] == [(51, Refusal.BAD_TEXT)]


def test_other_face_values_and_regions_are_pointed_out() -> None:
    text = "卡号,密码,面额,地区\n1,a,30,中国大陆\n2,b,50,港澳台\n3,c,30,\n"
    expect = replace(CARDS, face_value_fen=3000, region="中国大陆")
    assert parse(text.encode(), expect).warnings == [
        Remark(Note.OTHER_FACE_VALUE, 1, "5000×1"),
        Remark(Note.OTHER_REGION, 1, "港澳台×1"),
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-25", date(2026, 11, 25)),
        ("2026/11/25", date(2026, 11, 25)),
        ("2026.1.5", date(2026, 1, 5)),
        ("20261125", date(2026, 11, 25)),
        ("2026年11月25日", date(2026, 11, 25)),
        ("2026-11-25 23:59:59", date(2026, 11, 25)),
        ("长期有效", None),
        ("", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    assert read_date(text) == day


def test_expiry_in_a_remark() -> None:
    assert find_expiry("有效期至2027-12-31") == date(2027, 12, 31)
    assert find_expiry("有效期 2026年1月1日 至 2027年1月1日") == date(2027, 1, 1)
    assert find_expiry("购于2020-01-01") is None and find_expiry("有效期一年") is None
    with pytest.raises(ValueError, match="day"):
        find_expiry("有效期至2027-02-30")
    parsed = parse("1----a----有效期至2027-02-30\n2----b----好\n".encode(), CARDS)
    assert [line.code for line in parsed.refused] == [Refusal.BAD_DATE]


@pytest.mark.parametrize(
    ("text", "fen"), [("30", 3000), ("30.5", 3050), ("¥30.05", 3005), ("30元", 3000), ("", None)]
)
def test_face_values(text: str, fen: int | None) -> None:
    assert read_face_value(text) == fen


@pytest.mark.parametrize("text", ["0", "-1", "1.234", "1e3", "abc", "99999999999"])
def test_bad_face_values(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        read_face_value(text)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode)))
def test_nothing_uploaded_breaks_it(data: bytes) -> None:
    for expect in (CARDS, ACCOUNTS):
        try:
            parsed = parse(data, expect)
        except (InvalidInput, TooLarge):
            continue
        assert accounted(parsed) == parsed.lines
        assert all(row.raw in data for row in parsed.rows)
        assert all(len(row.fields) == len(parsed.shape.columns) and all(row.fields) for row in parsed.rows)


CELL = st.text(st.sampled_from("Aa1 9-_,\"'|卡ＡＢ，密"), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=8),
    st.sampled_from(["----", "\t", "|", ","]),
    st.sampled_from(["utf-8", "utf-8-sig", "gbk", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_line_has_one_place(lines: list[list[str]], sep: str, codec: str, end: str) -> None:
    data = end.join(sep.join(cells) for cells in lines).encode(codec)
    try:
        parsed = parse(data, CARDS)
    except InvalidInput as error:
        assert error.data["reason"] == "empty"
        return
    assert accounted(parsed) == parsed.lines
    assert len({row.fields for row in parsed.rows}) == len(parsed.rows)


def test_100_000_keys_in_seconds() -> None:
    line = "{0:016d}----{1:010d}----有效期至2027-12-31\n"
    data = "".join(line.format(n, n * 7919) for n in range(100_000)).encode("gbk")
    start = time.perf_counter()
    parsed = parse(data, CARDS)
    assert len(parsed.rows) == 100_000
    assert time.perf_counter() - start < 20, "parsing must take seconds, even on a busy machine"
