"""Signed events of issuers: the vector of Standard Webhooks, and everything that must be refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import UNSET

from liuhen.base.errors import InvalidInput
from liuhen.edge.callbacks.verify_issuer import (
    BadIssuerSignature,
    IssuerFact,
    MalformedIssuerEvent,
    StaleIssuerEvent,
    read_redemption,
    secret_key,
    verify,
)
from liuhen.redemption.model import UseState
from tests.edge.fake_issuer import (
    DEMO_SECRET,
    OTHER_SECRET,
    redemption_body,
    redemption_event,
    sign,
    signed_headers,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

# libraries/javascript/src/webhook.test.ts of standard-webhooks/standard-webhooks, "sign function works"
VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_TIME = datetime.fromtimestamp(1614265330, UTC)
VECTOR_HEADERS = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": "1614265330",
    "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_published_vector_verifies() -> None:
    assert verify(VECTOR_HEADERS, VECTOR_BODY, [VECTOR_SECRET], VECTOR_TIME) == {"test": 2432232314}


def test_secret_works_without_its_prefix() -> None:
    bare = VECTOR_SECRET.removeprefix("whsec_")
    assert verify(VECTOR_HEADERS, VECTOR_BODY, [bare], VECTOR_TIME) == {"test": 2432232314}


def test_fake_issuer_agrees_with_the_published_vector() -> None:
    made = sign(VECTOR_SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, VECTOR_BODY)
    assert made == VECTOR_HEADERS["Webhook-Signature"]


def test_one_of_several_signatures_is_enough() -> None:
    other = "Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    headers = VECTOR_HEADERS | {
        "Webhook-Signature": f"v1,{other} v2,{other} v1,?? {VECTOR_HEADERS['Webhook-Signature']} v1a,{other}"
    }
    assert verify(headers, VECTOR_BODY, [OTHER_SECRET, VECTOR_SECRET], VECTOR_TIME)


@pytest.mark.parametrize("signature", ["v1,", "v1", "v1,dawfeoifkpqwoekfpqoekf", "g0hM9SsE", "v1a,g0hM9SsE+OT="])
def test_partial_and_foreign_signatures_fit_nothing(signature: str) -> None:
    with pytest.raises(BadIssuerSignature):
        verify(VECTOR_HEADERS | {"Webhook-Signature": signature}, VECTOR_BODY, [VECTOR_SECRET], VECTOR_TIME)


def test_no_secret_verifies_nothing() -> None:
    with pytest.raises(BadIssuerSignature):
        verify(VECTOR_HEADERS, VECTOR_BODY, [], VECTOR_TIME)


@pytest.mark.parametrize("name", list(VECTOR_HEADERS))
def test_missing_headers_are_refused(name: str) -> None:
    headers = {other: value for other, value in VECTOR_HEADERS.items() if other != name}
    with pytest.raises((MalformedIssuerEvent, BadIssuerSignature)):
        verify(headers, VECTOR_BODY, [VECTOR_SECRET], VECTOR_TIME)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Webhook-Timestamp", "hello"),
        ("Webhook-Timestamp", "-1614265330"),
        ("Webhook-Timestamp", "16142653301614265330"),
        ("Webhook-Id", "msg.1"),
        ("Webhook-Id", "m" * 129),
        ("Webhook-Signature", " ".join(["v1,AAAA"] * 11)),
    ],
)
def test_malformed_headers_are_refused(name: str, value: str) -> None:
    with pytest.raises(MalformedIssuerEvent):
        verify(VECTOR_HEADERS | {name: value}, VECTOR_BODY, [VECTOR_SECRET], VECTOR_TIME)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_either_way_are_tolerated(seconds: int) -> None:
    assert verify(VECTOR_HEADERS, VECTOR_BODY, [VECTOR_SECRET], VECTOR_TIME + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_than_five_minutes_are_stale(seconds: int) -> None:
    with pytest.raises(StaleIssuerEvent):
        verify(VECTOR_HEADERS, VECTOR_BODY, [VECTOR_SECRET], VECTOR_TIME + timedelta(seconds=seconds))


def test_any_changed_part_breaks_the_signature() -> None:
    headers, body = redemption_event(NOW)
    later = str(int(NOW.timestamp()) + 1)
    for changed, bytes_ in (
        (headers, body.replace(b"SN-0001", b"SN-0002")),
        (headers, body + b" "),
        (headers | {"webhook-id": "msg_2"}, body),
        (headers | {"webhook-timestamp": later}, body),
    ):
        with pytest.raises(BadIssuerSignature):
            read_redemption(changed, bytes_, [DEMO_SECRET], NOW)


def test_redemption_is_read_whole() -> None:
    headers, body = redemption_event(NOW, event_id="msg_77", key_sha256="0a" * 32)
    event = read_redemption(headers, body, [DEMO_SECRET], NOW)
    assert event.event_id == "msg_77"
    assert event.data.serial == "SN-0001"
    assert event.data.key_sha256 == "0a" * 32
    assert (event.data.event, event.data.state) == (IssuerFact.REDEEMED, UseState.USED_UP)
    assert (event.data.value_fen, event.data.remaining_fen) == (10_000, 0)
    assert event.data.occurred_at == NOW


def test_what_the_issuer_does_not_say_stays_unset() -> None:
    headers, body = redemption_event(NOW, value_fen=None, remaining_fen=None)
    data = read_redemption(headers, body, [DEMO_SECRET], NOW).data
    assert data.value_fen is UNSET
    assert data.remaining_fen is UNSET
    assert data.key_sha256 is UNSET


def test_both_secrets_work_while_one_replaces_the_other() -> None:
    headers, body = redemption_event(NOW, OTHER_SECRET, DEMO_SECRET)
    assert read_redemption(headers, body, [DEMO_SECRET], NOW)
    assert read_redemption(headers, body, [OTHER_SECRET], NOW)


@pytest.mark.parametrize(
    "data",
    [
        {"key": "ABCD-EFGH-IJKL"},
        {"card_key": "ABCD-EFGH-IJKL"},
        {"serial": None},
        {"serial": ""},
        {"serial": "SN 1\n"},
        {"serial": "S" * 129},
        {"key_sha256": "0A" * 32},
        {"key_sha256": "ABCD-EFGH-IJKL"},
        {"event": "ABCD-EFGH-IJKL"},
        {"event": None},
        {"state": "EMPTY"},
        {"value_fen": -1},
        {"value_fen": 1.0},
        {"value_fen": "100"},
        {"value_fen": True},
        {"remaining_fen": 10**13},
        {"occurred_at": "2026-11-22T04:00:00"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-11-22T04:05:01Z"},
    ],
)
def test_strict_schema_refuses_and_repeats_no_value(data: dict[str, object]) -> None:
    headers, body = redemption_event(NOW, **data)
    with pytest.raises(MalformedIssuerEvent) as caught:
        read_redemption(headers, body, [DEMO_SECRET], NOW)
    assert "ABCD" not in f"{caught.value} {caught.value.data} {caught.value.__cause__}"


def test_key_beside_the_data_is_refused_too() -> None:
    whole = json.loads(redemption_body(NOW)) | {"key": "ABCD"}
    body = json.dumps(whole).encode()
    with pytest.raises(MalformedIssuerEvent):
        read_redemption(signed_headers(body, NOW), body, [DEMO_SECRET], NOW)


def test_envelope_time_of_the_specification_is_allowed() -> None:
    whole = json.loads(redemption_body(NOW)) | {"timestamp": "2026-11-22T04:00:00Z"}
    body = json.dumps(whole).encode()
    assert read_redemption(signed_headers(body, NOW), body, [DEMO_SECRET], NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"text"', b'{"type":"redemption.deleted","data":{}}'])
def test_other_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedIssuerEvent):
        read_redemption(signed_headers(body, NOW), body, [DEMO_SECRET], NOW)


def test_size_is_limited_before_anything_is_computed() -> None:
    body = b'{"type":"' + b"x" * 20_000 + b'"}'
    with pytest.raises(MalformedIssuerEvent, match="20 kB"):
        verify(signed_headers(body, NOW), body, [DEMO_SECRET], NOW)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_AAAA", "whsec_not base64!", "whsec_" + "A" * 88])
def test_secrets_are_checked_when_entered(secret: str) -> None:
    with pytest.raises(InvalidInput):
        secret_key(secret)
