"""The list of sealed columns and keyed hashes is whole: a column that it forgets would be lost with its old key."""

from typing import Any
from uuid import UUID

import pytest

from liuhen.base.crypto import KeyRing, Purpose
from liuhen.base.db import connect_owner
from liuhen.base.sealed import KEYED_HASHES, SEALED
from liuhen.catalog.model import issuer_place
from liuhen.factors import totp
from liuhen.keyfiles import store as keyfiles
from liuhen.orders import store as orders
from liuhen.stock import seal

# Bytes that need no key: plain hashes and chains, salts, snapshots, public keys, what a channel sent.
PLAIN = {
    "agreement_acceptance.sha256",
    "case_note.salt",
    "chain_event.hash",
    "chain_event.payload",
    "chain_head.hash",
    "channel_event.body",
    "evidence_item.sha256",
    "evidence_staged.sha256",
    "idempotency.result",
    "key_version.witness",
    "migration.sha256",
    "order_line.snapshot",
    "order_line.snapshot_sha256",
    "passkey.credential_id",
    "passkey.public_key",
    "passkey_challenge.challenge",
    "product_version.sha256",
    "refund_case.decision",
    "refund_case.salt",
}
BOOK, ROW = UUID(int=1), UUID(int=2)


@pytest.fixture
async def owner(dsn: str) -> Any:
    conn = await connect_owner(dsn)
    yield conn
    await conn.close()


async def test_every_column_of_bytes_is_classified(owner: Any) -> None:
    rows = await owner.fetch(
        "select table_name || '.' || column_name as name from information_schema.columns"
        " where table_schema = 'public' and data_type = 'bytea'"
    )
    sealed = {item.name for item in SEALED}
    hashed = {f"{table}.{column}" for table, columns in KEYED_HASHES.items() for column in columns}
    text = {"sign_in.recovery_hash"}
    assert not sealed & PLAIN and not hashed & PLAIN and not sealed & hashed
    assert {row["name"] for row in rows} == (sealed | hashed | PLAIN) - text


async def test_the_application_may_write_sealed_columns_again(owner: Any) -> None:
    for item in SEALED:
        assert await owner.fetchval(
            "select has_column_privilege('liuhen_app', $1, $2, 'update')", item.table, item.column
        ), item.name


def test_seals_are_bound_to_what_their_rooms_bind_them_to() -> None:
    ring = KeyRing({1: bytes(32)})
    places = {
        "stock_key.sealed": (seal.place(BOOK, ROW), (BOOK, ROW), Purpose.SEAL),
        "hand_delivery.text_sealed": (orders.handover_place(BOOK, ROW), (BOOK, ROW), Purpose.HANDOVER),
        "stock_import.staged": (keyfiles.place(BOOK, ROW), (BOOK, ROW), Purpose.STAGED),
        "issuer.secret_sealed": (issuer_place(ROW), (ROW,), Purpose.WEBHOOK),
    }
    for item in SEALED:
        if item.table == "totp_factor":
            fresh = item.reseal(ring, [BOOK], totp.seal_secret(ring, BOOK, "SECRET"))
            assert totp.open_secret(ring, BOOK, fresh) == "SECRET"
            continue
        place, ids, purpose = places[item.name]
        fresh = item.reseal(ring, ids, ring.encrypt(purpose, place, b"text"))
        assert ring.decrypt(purpose, place, fresh) == b"text"
