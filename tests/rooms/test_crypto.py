"""The key ring: what opens, what does not, and vectors that later versions must still meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuhen.base.crypto import KeyRing, Purpose, new_master_file, new_master_key, new_token, parse_key_file
from liuhen.base.errors import Erased, InvalidInput, KeyMissing
from liuhen.base.passwords import hash_password, needs_rehash, verify_password

ONE = bytes(range(32))
TWO = bytes(range(32, 64))
RING = KeyRing({1: ONE})
BOTH = KeyRing({1: ONE, 2: TWO})
# Computed with hmac and AESGCM directly, not through KeyRing.
VECTOR_SEALED = "016465666768696a6b6c6d6e6fbd1bf8a6d0a4391bd84c76480bb74004833c38536fa0"
VECTOR_HMAC = "c4508c5524be88129fd0fd7784b5c89161e79f1b6120030814eacd598d3eba5b"


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_what_is_sealed_opens_in_its_place_alone(plain: bytes, aad: bytes) -> None:
    sealed = RING.encrypt(Purpose.SEAL, aad, plain)
    assert RING.decrypt(Purpose.SEAL, aad, sealed) == plain
    with pytest.raises(InvalidInput):
        RING.decrypt(Purpose.SEAL, aad + b"x", sealed)
    with pytest.raises(InvalidInput):
        RING.decrypt(Purpose.STAGED, aad, sealed)


@given(st.binary(max_size=80), st.data())
def test_no_bit_of_it_can_be_changed(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(BOTH.encrypt(Purpose.SEAL, b"row", plain))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises((InvalidInput, KeyMissing)):
        BOTH.decrypt(Purpose.SEAL, b"row", bytes(sealed))


def test_two_seals_of_one_text_differ() -> None:
    assert RING.encrypt(Purpose.SEAL, b"", b"same") != RING.encrypt(Purpose.SEAL, b"", b"same")


def test_old_versions_still_open_and_new_ones_seal() -> None:
    old = RING.encrypt(Purpose.SEAL, b"a", b"text")
    assert BOTH.decrypt(Purpose.SEAL, b"a", old) == b"text"
    fresh = BOTH.encrypt(Purpose.SEAL, b"a", b"text")
    assert (old[0], fresh[0]) == (1, 2)
    with pytest.raises(KeyMissing, match="not on the ring"):
        RING.decrypt(Purpose.SEAL, b"a", fresh)


def test_lookups_survive_a_rotation_and_presented_tags_are_accepted_from_any_version() -> None:
    assert BOTH.hmac(Purpose.FINGERPRINT, b"k") == RING.hmac(Purpose.FINGERPRINT, b"k")
    assert BOTH.hash_token("t") == RING.hash_token("t")
    assert BOTH.witness() == RING.witness()
    before = RING.tag(Purpose.CSRF, b"session")
    assert before != BOTH.tag(Purpose.CSRF, b"session")
    assert BOTH.tag_fits(Purpose.CSRF, before, b"session")
    assert not BOTH.tag_fits(Purpose.COOKIE, before, b"session")
    assert not RING.tag_fits(Purpose.CSRF, BOTH.tag(Purpose.CSRF, b"session"), b"session")


def test_parts_do_not_run_together() -> None:
    assert RING.hmac(Purpose.TOKEN, b"ab", b"c") != RING.hmac(Purpose.TOKEN, b"a", b"bc")
    assert RING.hmac(Purpose.TOKEN, b"a") != RING.hmac(Purpose.TOKEN, b"a", b"")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(27), b"\x07" + bytes(40)])
def test_rubbish_is_refused(sealed: bytes) -> None:
    with pytest.raises((InvalidInput, KeyMissing, Erased)):
        RING.decrypt(Purpose.SEAL, b"", sealed)


def test_master_file_round_trip() -> None:
    text = new_master_file() + "\n" + new_master_key(2)
    keys = parse_key_file(text).keys
    assert sorted(keys) == [1, 2] and all(len(key) == 32 for key in keys.values())
    assert KeyRing(keys).versions == (1, 2)


@pytest.mark.parametrize(
    "text", ["1", "1:", "1:c2hvcnQ=", "x:" + "A" * 43 + "=", "1:!!!!", new_master_key(3) + new_master_key(3)]
)
def test_bad_master_files_name_the_line_and_never_show_it(text: str) -> None:
    with pytest.raises(InvalidInput, match="line") as caught:
        parse_key_file(text)
    assert text.strip() not in caught.value.message or len(text) < 3


@pytest.mark.parametrize("keys", [{}, {0: ONE}, {256: ONE}, {1: b"short"}])
def test_bad_rings_are_refused(keys: dict[int, bytes]) -> None:
    with pytest.raises(InvalidInput):
        KeyRing(keys)


def test_fixed_vectors() -> None:
    """Sealed by the first release: if this fails, every key at rest has become unreadable."""
    sealed = bytes.fromhex(VECTOR_SEALED)
    assert RING.decrypt(Purpose.SEAL, b"stock_key.sealed", sealed) == "卡密".encode()
    assert RING.hmac(Purpose.FINGERPRINT, b"exact", b"K").hex() == VECTOR_HMAC


def test_tokens_are_long_and_named() -> None:
    first, second = new_token("lh_s_"), new_token("lh_s_")
    assert first != second and first.startswith("lh_s_") and len(first) == 48


def test_passwords() -> None:
    encoded = hash_password("correct horse")
    assert encoded.startswith("$argon2id$") and not needs_rehash(encoded)
    assert verify_password(encoded, "correct horse")
    assert not verify_password(encoded, "wrong horse")
    assert not verify_password(None, "nobody has this password")
    assert not verify_password("not a hash", "correct horse")
    assert not verify_password(encoded, "x" * 10_000)
    assert verify_password(hash_password("八个字符的密码啊"), "八个字符的密码啊")


@pytest.mark.parametrize("password", ["short", "x" * 257, "密" * 100])
def test_passwords_outside_the_limits(password: str) -> None:
    with pytest.raises(InvalidInput):
        hash_password(password)
