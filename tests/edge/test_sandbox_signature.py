"""The two signature codes of the sandbox channel agree with the page, and with nothing else."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from liuhen.base.errors import InvalidInput
from liuhen.edge.channels import sandbox_client
from liuhen.edge.channels.sandbox import signing
from liuhen.edge.channels.sandbox_client import SandboxChannel
from liuhen.payments.port import BadSignature, Channel, Malformed, PaymentCaptured, RefundFailed, Stale
from tests.edge.sandbox_server import MERCHANT, SECRET, client_config

VECTORS = json.loads(Path(__file__).with_name("sandbox_vectors.json").read_text("utf-8"))
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CAPTURED = {
    "event_id": "evt_1",
    "type": "payment.captured",
    "merchant": MERCHANT,
    "payment_id": "019ab0f2-7c00-7000-8000-000000000001",
    "trade_no": "SB1",
    "amount_fen": 9800,
    "at": "2026-11-22T12:00:00+08:00",
}


@pytest.fixture
def channel() -> SandboxChannel:
    return SandboxChannel(client_config("http://127.0.0.1:1"))


def _signed(body: bytes, at: datetime = NOW, secret: bytes = SECRET, **changes: Any) -> dict[str, str]:
    usual: dict[str, Any] = {"method": "CALLBACK", "path": MERCHANT, "body": body, "now": at}
    return signing.signed_headers("k1", secret, **(usual | changes))


@pytest.mark.parametrize("vector", VECTORS["messages"], ids=lambda vector: vector["name"])
def test_both_sides_sign_as_openssl_does(vector: dict[str, str]) -> None:
    parts: dict[str, Any] = {name: vector[name] for name in ("method", "path", "timestamp", "nonce")}
    parts["body"] = vector["body"].encode()
    secret = VECTORS["secret"].encode()
    assert sandbox_client.signature(secret, **parts) == vector["signature"]
    assert signing.signature(secret, **parts) == vector["signature"]


def test_both_sides_write_the_same_pay_address(channel: SandboxChannel) -> None:
    vector = VECTORS["pay_page"]
    fields = vector["fields"]
    url = channel.pay_url(
        payment_id=UUID(fields["payment_id"]),
        amount_fen=int(fields["amount_fen"]),
        subject=fields["subject"],
        notify_url=fields["notify_url"],
        return_url=fields["return_url"],
        expires_at=datetime.fromtimestamp(int(fields["expires_at"]), UTC),
    )
    assert url == f"http://127.0.0.1:1/pay?{vector['query']}&signature={vector['signature']}"
    assert signing.pay_query(fields) == vector["query"]
    signing.check_pay_query({"k1": SECRET}, fields, vector["signature"])


@pytest.mark.parametrize("name", ["merchant", "payment_id", "amount_fen", "subject", "notify_url", "expires_at"])
def test_a_changed_pay_address_is_refused(name: str) -> None:
    vector = VECTORS["pay_page"]
    fields = vector["fields"] | {name: vector["fields"][name] + "0"}
    with pytest.raises(signing.SignatureRefused, match="BAD_SIGNATURE"):
        signing.check_pay_query({"k1": SECRET}, fields, vector["signature"])


def test_client_is_a_channel(channel: SandboxChannel) -> None:
    as_port: Channel = channel
    assert as_port.name == "sandbox"


def test_a_callback_is_read_with_utc_times(channel: SandboxChannel) -> None:
    body = json.dumps(CAPTURED).encode()
    event = channel.parse_event(_signed(body), body, NOW)
    assert event == PaymentCaptured(
        event_id="evt_1",
        payment_id=UUID(CAPTURED["payment_id"]),
        trade_no="SB1",
        amount_fen=9800,
        at=NOW,
    )
    assert event.at.tzinfo is UTC


def test_a_failed_refund_says_why(channel: SandboxChannel) -> None:
    facts = {name: value for name, value in CAPTURED.items() if name != "payment_id"}
    facts |= {
        "type": "refund.failed",
        "refund_id": CAPTURED["payment_id"],
        "channel_refund_no": "SBR1",
        "detail": "PAYER_CARD_CLOSED",
    }
    body = json.dumps(facts).encode()
    event = channel.parse_event(_signed(body), body, NOW)
    assert isinstance(event, RefundFailed)
    assert event.detail == "PAYER_CARD_CLOSED"


def test_header_names_in_any_case(channel: SandboxChannel) -> None:
    body = json.dumps(CAPTURED).encode()
    shouted = {name.upper(): value for name, value in _signed(body).items()}
    assert channel.parse_event(shouted, body, NOW)


def test_anything_changed_breaks_the_signature(channel: SandboxChannel) -> None:
    body = json.dumps(CAPTURED).encode()
    headers = _signed(body)
    tampered = body.replace(b"9800", b"1")
    for changed, bytes_ in (
        (headers, tampered),
        (headers | {"sandbox-nonce": "other"}, body),
        (headers | {"sandbox-timestamp": str(int(NOW.timestamp()) + 1)}, body),
        (headers | {"sandbox-key-id": "k2"}, body),
        (headers | {"sandbox-signature": headers["sandbox-signature"].upper()}, body),
        (headers | {"sandbox-signature": "v1=ü"}, body),
        (_signed(body, secret=b"another-secret-0123456789abcdefgh"), body),
        (_signed(body, path="another-merchant"), body),
        (_signed(body, method="ANSWER", path="/api/refunds"), body),
        ({}, body),
    ):
        with pytest.raises(BadSignature):
            channel.parse_event(changed, bytes_, NOW)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_tolerated(channel: SandboxChannel, seconds: int) -> None:
    body = json.dumps(CAPTURED).encode()
    assert channel.parse_event(_signed(body), body, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_is_stale(channel: SandboxChannel, seconds: int) -> None:
    body = json.dumps(CAPTURED).encode()
    with pytest.raises(Stale):
        channel.parse_event(_signed(body), body, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_fen": 0},
        {"amount_fen": 98.0},
        {"amount_fen": "9800"},
        {"payment_id": "1"},
        {"at": "2026-11-22T12:00:00"},
        {"type": "payment.refused"},
        {"merchant": "another"},
        {"more": 1},
        {"event_id": ""},
        {"trade_no": "SB 1"},
    ],
)
def test_well_signed_nonsense_is_malformed(channel: SandboxChannel, changes: dict[str, object]) -> None:
    body = json.dumps(CAPTURED | changes).encode()
    with pytest.raises(Malformed):
        channel.parse_event(_signed(body), body, NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"x" * 20_000])
def test_other_bodies_are_malformed(channel: SandboxChannel, body: bytes) -> None:
    with pytest.raises(Malformed):
        channel.parse_event(_signed(body), body, NOW)


@pytest.mark.parametrize(
    ("amount_fen", "subject"), [(0, "x"), (-1, "x"), (10**12 + 1, "x"), (1, ""), (1, "a\nb"), (1, "字" * 121)]
)
def test_limits_are_held_before_signing(channel: SandboxChannel, amount_fen: int, subject: str) -> None:
    with pytest.raises(InvalidInput):
        channel.pay_url(
            payment_id=UUID(int=1),
            amount_fen=amount_fen,
            subject=subject,
            notify_url="http://127.0.0.1/c",
            return_url="http://127.0.0.1/r",
            expires_at=NOW,
        )
