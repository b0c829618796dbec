"""An issuer for tests: makes and signs redemption events. Standard library only, no code of liuhen."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

DEMO_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def sign(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` over id.timestamp.body; timestamp in unix seconds."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def signed_headers(body: bytes, now: datetime, *secrets: str, event_id: str = "msg_1") -> dict[str, str]:
    """The headers of a signed event; several secrets give several signatures, as while a secret changes."""
    timestamp = int(now.timestamp())
    signatures = [sign(secret, event_id, timestamp, body) for secret in secrets or (DEMO_SECRET,)]
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def redemption_body(now: datetime, **data: Any) -> bytes:
    """The bytes of a redemption event; a field given as None is left out."""
    fields: dict[str, Any] = {
        "serial": "SN-0001",
        "event": "REDEEMED",
        "state": "USED_UP",
        "value_fen": 10_000,
        "remaining_fen": 0,
        "occurred_at": now.isoformat().replace("+00:00", "Z"),
    } | data
    kept = {name: value for name, value in fields.items() if value is not None}
    return json.dumps({"type": "redemption.updated", "data": kept}, separators=(",", ":")).encode()


def redemption_event(
    now: datetime, *secrets: str, event_id: str = "msg_1", **data: Any
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a signed redemption event, ready to be posted."""
    body = redemption_body(now, **data)
    return signed_headers(body, now, *secrets, event_id=event_id), body
