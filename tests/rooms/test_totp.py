"""Authenticator codes against the vectors of RFC 6238, appendix B, and what counts as used or too far off."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from liuhen.base.crypto import KeyRing
from liuhen.base.errors import InvalidInput
from liuhen.base.ids import new_id
from liuhen.factors import totp
from liuhen.factors.model import Way, new_backup_codes, place_of, plain_code, ways_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HERE = totp.step_of(NOW)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("1970-01-01 00:00:59", "94287082"),
        ("2005-03-18 01:58:29", "07081804"),
        ("2005-03-18 01:58:31", "14050471"),
        ("2009-02-13 23:31:30", "89005924"),
        ("2033-05-18 03:33:20", "69279037"),
        ("2603-10-11 11:33:20", "65353130"),
    ],
)
def test_the_vectors_of_the_rfc(at: str, code: str) -> None:
    step = totp.step_of(datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert totp.code_at(SECRET, step, digits=8) == code
    assert totp.code_at(SECRET, step) == code[2:]


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(off: int, fits: bool) -> None:
    code = totp.code_at(SECRET, HERE + off)
    assert totp.fitting_step(SECRET, code, NOW, 0) == (HERE + off if fits else None)


def test_a_code_counts_once_and_no_older_one_after_it() -> None:
    codes = [totp.code_at(SECRET, HERE + off) for off in (-1, 0, 1)]
    assert totp.fitting_step(SECRET, codes[1], NOW, HERE) is None
    assert totp.fitting_step(SECRET, codes[0], NOW, HERE) is None
    assert totp.fitting_step(SECRET, codes[2], NOW, HERE) == HERE + 1
    assert totp.fitting_step(SECRET, codes[0], NOW + timedelta(seconds=60), 0) is None


@pytest.mark.parametrize("junk", ["", "0", "1234567", "１２３４５６", "12345\x00", "------"])
def test_junk_is_no_code(junk: str) -> None:
    assert totp.fitting_step(SECRET, junk, NOW, 0) is None


def test_a_sealed_secret_opens_for_its_party_alone() -> None:
    keys, anna, ben = KeyRing({1: bytes(range(32))}), new_id(NOW), new_id(NOW)
    sealed = totp.seal_secret(keys, anna, SECRET)
    assert SECRET.encode() not in sealed and totp.open_secret(keys, anna, sealed) == SECRET
    with pytest.raises(InvalidInput):
        totp.open_secret(keys, ben, sealed)
    assert len(base64.b32decode(totp.new_secret())) == 20


def test_backup_codes_are_read_however_they_are_typed() -> None:
    codes = new_backup_codes()
    assert len(set(codes)) == 10 and all(len(code) == 17 for code in codes)
    assert plain_code("7k3q0-lioab  12345") == plain_code("7K3QO-110AB-12345") == "7K3Q0110AB12345"


def test_backup_codes_alone_are_no_second_factor() -> None:
    assert ways_of(totp=False, passkeys=0) == ()
    assert ways_of(totp=True, passkeys=0) == (Way.TOTP, Way.BACKUP_CODE)


@pytest.mark.parametrize(
    ("address", "origin", "rp_id", "takes"),
    [
        ("https://Shop.example", "https://shop.example", "shop.example", True),
        ("https://shop.example:8443", "https://shop.example:8443", "shop.example", True),
        ("http://shop.example", "http://shop.example", "shop.example", False),
        ("http://localhost:8080", "http://localhost:8080", "localhost", True),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1", False),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", "2001:db8::1", False),
    ],
)
def test_passkeys_are_bound_to_the_address_of_the_site(address: str, origin: str, rp_id: str, takes: bool) -> None:
    place = place_of(address)
    assert (place.origin, place.rp_id, place.takes_passkeys) == (origin, rp_id, takes)
