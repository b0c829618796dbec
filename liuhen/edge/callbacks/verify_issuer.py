"""Signed redemption events of issuers, in the form of Standard Webhooks 1.0.0 (symmetric, `v1`).

Source: standard-webhooks, spec/standard-webhooks.md, "Signature scheme" and "Webhook headers".
Pure: bytes in, a verified event out. Nothing of a body that was refused gets into an error or a log, since
a careless issuer may have put a card key into it.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from cryptography.hazmat.primitives import constant_time, hashes, hmac
from msgspec import UNSET, Meta, Struct, UnsetType

from liuhen.base.errors import InvalidInput, Unauthenticated
from liuhen.redemption.model import UseState

TOLERANCE = timedelta(minutes=5)
MAX_BODY_BYTES = 20_000
"""The specification recommends to stay under 20 kB."""
MAX_SIGNATURES = 10
MAX_SECRETS = 10
SECRET_PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
"""192 to 512 bits, as the specification says."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class BadIssuerSignature(Unauthenticated):
    """No signature of this message is by a secret that we share with the issuer."""

    code = "bad_signature"


class StaleIssuerEvent(Unauthenticated):
    """The message is signed, but more than five minutes off; it may be a replay."""

    code = "stale_message"


class MalformedIssuerEvent(InvalidInput):
    """The message is not in the agreed form."""

    code = "malformed_message"


class IssuerFact(StrEnum):
    """What the issuer says has happened to the key."""

    ACTIVATED = "ACTIVATED"
    REDEEMED = "REDEEMED"
    REVERSED = "REVERSED"
    VOIDED = "VOIDED"


_Fen = Annotated[int, Meta(ge=0, le=10**12)]


class RedemptionData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact about one key, named by serial or fingerprint; there is no field for the key itself.

    value_fen: value of this event in fen; remaining_fen: what is left on the key in fen; occurred_at: UTC.
    key_sha256: lower case hex SHA-256 of the key's exact bytes.
    """

    event: IssuerFact
    state: UseState
    occurred_at: Annotated[datetime, Meta(tz=True)]
    serial: Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[!-~]+\Z")] | UnsetType = UNSET
    key_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")] | UnsetType = UNSET
    value_fen: _Fen | UnsetType = UNSET
    remaining_fen: _Fen | UnsetType = UNSET


class _Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    type: Literal["redemption.updated"]
    data: RedemptionData
    timestamp: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET


class RedemptionEvent(Struct, frozen=True, kw_only=True):
    """A verified event. event_id is the issuer's webhook-id: insert it before acting, replays come."""

    event_id: str
    data: RedemptionData


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, Any]:
    """Check headers, time and signature; answer the JSON object that was signed.

    Parameters: headers, names in any case; body, the bytes as received; secrets, `whsec_…` (or bare base64),
    several while a secret is being changed; now, UTC.
    Raises BadIssuerSignature, StaleIssuerEvent, MalformedIssuerEvent; InvalidInput if a secret is not one.
    """
    _verified_id(headers, body, secrets, now)
    try:
        decoded = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise MalformedIssuerEvent("the body is not JSON") from None
    if not isinstance(decoded, dict):
        raise MalformedIssuerEvent("the body is not a JSON object")
    return decoded


def read_redemption(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> RedemptionEvent:
    """Verify, then read strictly: unknown fields (a "key" above all) are refused, never dropped.

    Parameters and errors as `verify`; also refused: neither serial nor key_sha256, or a fact from the future.
    """
    event_id = _verified_id(headers, body, secrets, now)
    try:
        read = msgspec.json.decode(body, type=_Body)
    except msgspec.ValidationError as error:
        raise MalformedIssuerEvent("the body does not fit the schema", at=_where(error)) from None
    except msgspec.DecodeError:
        raise MalformedIssuerEvent("the body is not JSON") from None
    if read.data.serial is UNSET and read.data.key_sha256 is UNSET:
        raise MalformedIssuerEvent("neither serial nor key_sha256 names the key", at="$.data")
    if read.data.occurred_at > now + TOLERANCE:
        raise MalformedIssuerEvent("the fact lies in the future", at="$.data.occurred_at")
    return RedemptionEvent(event_id=event_id, data=read.data)


def _verified_id(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> str:
    if len(body) > MAX_BODY_BYTES:
        raise MalformedIssuerEvent("the body is larger than 20 kB")
    given = {name.lower(): value for name, value in headers.items()}
    event_id = given.get("webhook-id", "")
    timestamp = given.get("webhook-timestamp", "")
    # The id takes part in a text joined by full stops, so it must not contain one.
    if not _ID.fullmatch(event_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise MalformedIssuerEvent("webhook-id or webhook-timestamp is missing or malformed")
    signatures = _signatures(given.get("webhook-signature", ""))
    signed = b".".join((event_id.encode(), timestamp.encode(), body))
    expected = [_sign(secret_key(secret), signed) for secret in secrets[:MAX_SECRETS]]
    # Every pair is compared, so that the time taken does not tell which one fits.
    fits = [constant_time.bytes_eq(ours, theirs) for ours in expected for theirs in signatures]
    if not any(fits):
        raise BadIssuerSignature("no v1 signature fits a secret of this issuer")
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > TOLERANCE:
        raise StaleIssuerEvent("webhook-timestamp is more than 5 minutes off")
    return event_id


def _signatures(header: str) -> list[bytes]:
    """The decoded `v1` signatures; other versions are somebody else's business."""
    entries = header.split(" ")
    if len(entries) > MAX_SIGNATURES:
        raise MalformedIssuerEvent("too many signatures")
    found = []
    for entry in entries:
        version, _, encoded = entry.partition(",")
        if version == "v1":
            found.append(_decoded(encoded))
    return found


def _decoded(encoded: str) -> bytes:
    """The signature's bytes; what is not base64 fits no secret, and another entry may still fit."""
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        return b""


def secret_key(secret: str) -> bytes:
    """The bytes of a `whsec_…` secret, for checking it when it is entered. Raises InvalidInput."""
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        raise InvalidInput("an issuer secret is not base64") from None
    if len(key) not in SECRET_BYTES:
        raise InvalidInput("an issuer secret must have 24 to 64 bytes")
    return key


def _sign(key: bytes, signed: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(signed)
    return mac.finalize()


def _where(error: msgspec.ValidationError) -> str:
    """The path alone: the library's sentence may quote a value."""
    found = re.search(r" - at `([^`]*)`$", str(error))
    return found.group(1) if found else "$"
