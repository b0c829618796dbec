"""Sealing, opening and finding keys again."""

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuhen.base.crypto import KeyRing
from liuhen.base.errors import InvalidInput
from liuhen.base.ids import new_id
from liuhen.base.masking import DOTS
from liuhen.keyfiles.model import Expect, shapes_of
from liuhen.keyfiles.parsing import parse
from liuhen.policy.facts.goods import GoodsKind
from liuhen.stock.seal import KeyContent, fingerprints, fp_from_sha256, mask, seal, serial_fingerprint
from liuhen.stock.vault import open_seal

RING = KeyRing({1: bytes(range(32))})
NOW = datetime(2026, 11, 22, tzinfo=UTC)
BOOK, ROW = UUID(int=1), UUID(int=2)
# exact, folded, serial; computed with hmac and a hand-written HKDF.
VECTOR = [
    "9b5699796abe144dd9b0a6a8da464a3ae22265b0ce12066521bbb24a4bfd9278",
    "ca4e349f142e78d64173bc56b882f6e5cf7603b564024bc6bfb1804557fdeadd",
    "0c45644925c60a70762f7077994f6e1f836abb6cc5373d7006739a536af0fa71",
]
# exact, folded, serial; computed with hmac and a hand-written HKDF.
VECTOR = [
    "9b5699796abe144dd9b0a6a8da464a3ae22265b0ce12066521bbb24a4bfd9278",
    "ca4e349f142e78d64173bc56b882f6e5cf7603b564024bc6bfb1804557fdeadd",
    "0c45644925c60a70762f7077994f6e1f836abb6cc5373d7006739a536af0fa71",
]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)
FIELDS = st.lists(TEXT, min_size=1, max_size=4).map(tuple)


@given(st.binary(max_size=300), FIELDS)
def test_what_went_in_comes_out_of_its_own_row_alone(raw: bytes, fields: tuple[str, ...]) -> None:
    content = KeyContent(raw, "gb18030", fields, ("KEY",) * len(fields))
    sealed = seal(RING, BOOK, ROW, content)
    assert open_seal(RING, BOOK, ROW, sealed) == content
    for book, row in ((BOOK, new_id(NOW)), (new_id(NOW), ROW), (ROW, BOOK)):
        with pytest.raises(InvalidInput):
            open_seal(RING, book, row, sealed)


def test_the_original_bytes_keep_their_encoding() -> None:
    raw = "卡号----密码".encode("gbk")
    content = KeyContent(raw, "gb18030", ("卡号", "密码"), ("CARD_NUMBER", "PASSWORD"))
    opened = open_seal(RING, BOOK, ROW, seal(RING, BOOK, ROW, content))
    assert opened.raw == raw and opened.original == "卡号----密码"


def test_neither_seal_nor_repr_shows_the_key() -> None:
    content = KeyContent(b"ABCD-EFGH", "utf-8", ("ABCD-EFGH",), ("KEY",))
    assert "ABCD" not in repr(content) and "ABCD" not in f"{content}"
    assert b"ABCD" not in seal(RING, BOOK, ROW, content)


@given(FIELDS, FIELDS)
def test_exact_fingerprints_are_equal_if_and_only_if_the_fields_are(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    one, other = fingerprints(RING, first, True), fingerprints(RING, second, True)
    digests = [hashlib.sha256("\t".join(map(_plain, fields)).encode()).digest() for fields in (first, second)]
    assert (one.exact == other.exact) == (digests[0] == digests[1])
    assert fp_from_sha256(RING, digests[0]) == one.exact
    assert one.folded is None


def _plain(field: str) -> str:
    """Full-width forms to ASCII, written differently from the code under test."""
    wide = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in field)
    return wide.strip()


@pytest.mark.parametrize(
    ("left", "right", "exact", "folded"),
    [
        ("EBHK-PQNJ", "ebhk-pqnj  ", False, True),
        ("EBHK-PQNJ", "EBHK PQNJ", False, True),
        ("EBHK-PQNJ", " EBHK-PQNJ ", True, True),
        ("ＡＢＣ１２３", "ABC123", True, True),
        ("EBHK-PQNJ", "EBHK-PQNK", False, False),
        ("---", "___", False, False),
    ],
)
def test_forms(left: str, right: str, exact: bool, folded: bool) -> None:
    one, other = fingerprints(RING, [left], False), fingerprints(RING, [right], False)
    assert (one.exact == other.exact) is exact
    assert (one.folded == other.folded) is folded
    assert one.serial is None


def test_fields_do_not_run_together() -> None:
    assert fingerprints(RING, ["a", "bc"], False) != fingerprints(RING, ["ab", "c"], False)
    assert fingerprints(RING, ["ab", "c"], False).folded != fingerprints(RING, ["abc"], False).folded


def test_serials_are_found_however_they_are_written() -> None:
    card = fingerprints(RING, ["6212 3456-7890", "1"], True).serial
    assert card == serial_fingerprint(RING, "621234567890") == serial_fingerprint(RING, "6212-3456-7890")
    assert serial_fingerprint(RING, "A-B@mail.example") == serial_fingerprint(RING, "a-b@mail.example ")
    assert serial_fingerprint(RING, "a-b@mail.example") != serial_fingerprint(RING, "ab@mail.example")


def test_kinds_of_fingerprint_never_meet() -> None:
    prints = fingerprints(RING, ["SAME"], False)
    assert len({prints.exact, prints.folded, serial_fingerprint(RING, "SAME")}) == 3


def test_fixed_vector() -> None:
    """Stored fingerprints must be found by every later release."""
    prints = fingerprints(RING, ["5072564604212487", "9774833265"], False)
    assert [p.hex() for p in prints if p] == VECTOR


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33)])
def test_a_digest_of_the_wrong_size_is_refused(digest: bytes) -> None:
    with pytest.raises(InvalidInput):
        fp_from_sha256(RING, digest)


def test_nothing_has_no_fingerprint() -> None:
    with pytest.raises(InvalidInput):
        fingerprints(RING, ["", ""], True)


@given(FIELDS)
def test_a_mask_shows_at_most_four_characters_of_a_field(fields: tuple[str, ...]) -> None:
    parts = mask(fields).split(" · ") if " · " not in "".join(fields) else [mask([fields[0]])]
    for field, part in zip(fields, parts, strict=False):
        assert part == (DOTS if len(field) < 10 else field[:2] + DOTS + field[-2:])


def test_masks() -> None:
    assert mask(["5072564604212487", "1234"]) == "50••••••87 · ••••••"
    assert mask(["R2CD-2BL5-99QZ-V3S8", ""]) == "R2••••••S8 · –"


@given(
    st.lists(st.lists(st.text("Aa1 -_,卡ＡＢ密", min_size=1, max_size=9), min_size=2, max_size=2), min_size=1),
    st.sampled_from(["utf-8", "gbk", "utf-16"]),
)
def test_from_file_to_seal_and_back_not_a_byte_is_lost(lines: list[list[str]], codec: str) -> None:
    text = [f"{number}{'----'.join(cells)}" for number, cells in enumerate(lines)]
    data = "\r\n".join(text).encode(codec)
    parsed = parse(data, Expect(shapes_of(GoodsKind.CARD_KEY), True, date(2026, 11, 22), 0))
    for row in parsed.rows:
        content = KeyContent(row.raw, str(parsed.encoding), row.fields, ("KEY",) * len(row.fields))
        opened = open_seal(RING, BOOK, ROW, seal(RING, BOOK, ROW, content))
        assert opened.raw in data and opened.original == text[row.line_no - 1]
        assert opened.fields == row.fields
