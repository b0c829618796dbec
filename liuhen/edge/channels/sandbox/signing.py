"""The channel's own signature code, written from docs/sandbox-channel.md with the standard library alone.

The client on liuhen's side is written from the same page with another library. Shared code would hide a
shared mistake; the fixed vectors in tests/edge/sandbox_vectors.json hold both to the page.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

TOLERANCE_S = 300
PAY_FIELDS = (
    "merchant",
    "payment_id",
    "amount_fen",
    "subject",
    "notify_url",
    "return_url",
    "expires_at",
    "key_id",
)


class SignatureRefused(Exception):
    """The signature is missing, by an unknown key, wrong, or too old. The message is a stable code."""


def signature(secret: bytes, *, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Lower case hex HMAC-SHA256 over the five lines of the page."""
    lines = (method, path, timestamp, nonce, hashlib.sha256(body).hexdigest(), "")
    return hmac.new(secret, "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def pay_query(fields: Mapping[str, str]) -> str:
    """The fields of a pay page address in their fixed order, percent-encoded, without the signature."""
    return "&".join(f"{name}={quote(fields[name], safe='')}" for name in PAY_FIELDS)


def check_pay_query(keys: Mapping[str, bytes], fields: Mapping[str, str], given: str) -> None:
    """Raises SignatureRefused unless `given` signs exactly these fields."""
    secret = keys.get(fields["key_id"])
    if secret is None:
        raise SignatureRefused("UNKNOWN_KEY")
    body = pay_query(fields).encode()
    expected = signature(
        secret,
        method="GET",
        path="/pay",
        timestamp=fields["expires_at"],
        nonce=fields["payment_id"],
        body=body,
    )
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise SignatureRefused("BAD_SIGNATURE")


def check_request(
    keys: Mapping[str, bytes],
    *,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> str:
    """Check a merchant's request; answer its nonce. headers in lower case. Raises SignatureRefused."""
    timestamp = headers.get("sandbox-timestamp", "")
    nonce = headers.get("sandbox-nonce", "")
    secret = keys.get(headers.get("sandbox-key-id", ""))
    if secret is None:
        raise SignatureRefused("UNKNOWN_KEY")
    expected = "v1=" + signature(secret, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body)
    if not hmac.compare_digest(expected.encode(), headers.get("sandbox-signature", "").encode()):
        raise SignatureRefused("BAD_SIGNATURE")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise SignatureRefused("BAD_TIMESTAMP")
    if abs(int(now.timestamp()) - int(timestamp)) > TOLERANCE_S:
        raise SignatureRefused("STALE")
    return nonce


def signed_headers(
    key_id: str, secret: bytes, *, method: str, path: str, body: bytes, now: datetime, nonce: str = ""
) -> dict[str, str]:
    """The four headers of a callback (a fresh nonce) or of an answer (the nonce of its request)."""
    timestamp = str(int(now.timestamp()))
    nonce = nonce or secrets.token_urlsafe(18)
    return {
        "sandbox-key-id": key_id,
        "sandbox-timestamp": timestamp,
        "sandbox-nonce": nonce,
        "sandbox-signature": "v1="
        + signature(secret, method=method, path=path, timestamp=timestamp, nonce=nonce, body=body),
    }
