"""Codes of an authenticator app: RFC 6238 with SHA-1, 30 seconds, six digits, which is what all apps understand."""

import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp

from liuhen.base.crypto import KeyRing, Purpose

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(seconds=30)
_DRIFT = 1
"""Steps that a phone's clock may be off (RFC 6238, 5.2 allows one for the way)."""
_DIGITS = 6


def new_secret() -> str:
    """160 random bits in base32 (RFC 4226, 4 recommends 160)."""
    return pyotp.random_base32()


def step_of(now: datetime) -> int:
    """The number of whole 30 seconds since 1970 (now in UTC)."""
    return (now - _EPOCH) // _STEP


def code_at(secret: str, step: int, digits: int = _DIGITS) -> str:
    """The code of one step."""
    return pyotp.HOTP(secret, digits=digits).at(step)


def fitting_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step whose code this is, if it was not used: none up to `last_step` counts any more (RFC 6238, 5.2).

    All steps are compared, each in constant time.
    """
    here, found = step_of(now), None
    for step in range(here - _DRIFT, here + _DRIFT + 1):
        fits = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if fits and step > last_step:
            found = step
    return found


def address(secret: str, login: str, site: str) -> str:
    """What the QR code says: `otpauth://totp/…`. Parameters: login and site, as the app lists the code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=site)


def seal_secret(keys: KeyRing, party_id: UUID, secret: str) -> bytes:
    """The secret as it is kept, bound to its party."""
    return keys.encrypt(Purpose.SECOND_FACTOR, b"totp_factor" + party_id.bytes, secret.encode())


def open_secret(keys: KeyRing, party_id: UUID, sealed: bytes) -> str:
    """Raises InvalidInput when the bytes were changed or are another party's."""
    return keys.decrypt(Purpose.SECOND_FACTOR, b"totp_factor" + party_id.bytes, sealed).decode()
