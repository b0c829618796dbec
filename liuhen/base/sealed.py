"""Every column that holds sealed bytes, and the SQL that counts them by the master key they need.

A room seals and opens its own column; here stands the list of all of them, for rotation, backup and loss. A tidy test
holds it to the schema and to what the rooms bind their seals to.
"""

from collections.abc import Collection
from typing import NamedTuple

from liuhen.base.crypto import Purpose
from liuhen.base.db import Tx


class Sealed(NamedTuple):
    """One column of sealed bytes.

    ids: the row's key, all uuid; the seal is bound to `bound` and the bytes of `ids` in this order.
    """

    table: str
    column: str
    ids: tuple[str, ...]
    purpose: Purpose
    bound: bytes

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"


SEALED = (
    Sealed("stock_key", "sealed", ("book_id", "id"), Purpose.SEAL, b"stock_key.sealed"),
    Sealed("hand_delivery", "text_sealed", ("book_id", "id"), Purpose.HANDOVER, b"hand_delivery.text_sealed:"),
    Sealed("stock_import", "staged", ("book_id", "id"), Purpose.STAGED, b"stock_import.staged"),
    Sealed("issuer", "secret_sealed", ("id",), Purpose.WEBHOOK, b"issuer.secret_sealed:"),
    Sealed("totp_factor", "secret_sealed", ("book_id",), Purpose.SECOND_FACTOR, b"totp_factor"),
)
KEYED_HASHES = {
    "stock_key": ("fp_exact", "fp_folded", "fp_serial"),
    "session": ("token_hash",),
    "half_session": ("token_hash",),
    "api_token": ("token_hash",),
    "reset_link": ("token_hash",),
    "backup_code": ("code_hash",),
    "sign_in": ("recovery_hash",),
    "stock_import": ("sha256",),
    "idempotency": ("request_hash",),
    "key_witness": ("witness",),
}
"""Columns of hashes under the lookup keys. They cannot be made anew from what is stored, so those keys never rotate."""


async def by_version(tx: Tx) -> dict[str, dict[int, int]]:
    """`table.column` to version of the master key to the number of rows that need it."""
    found = {}
    for item in SEALED:
        rows = await tx.fetch(
            f"select get_byte({item.column}, 0) as version, count(*) as rows from {item.table}"
            f" where length({item.column}) > 0 group by 1 order by 1"
        )
        found[item.name] = {row["version"]: row["rows"] for row in rows}
    return found


async def keys_by_state(tx: Tx, held: Collection[int]) -> dict[str, int]:
    """Card keys whose master key is none of `held`, by what they are: unsold, sold unopened, sold opened, gone."""
    rows = await tx.fetch(
        "select case when state in ('AVAILABLE', 'HELD_SHORT', 'RESERVED') then 'unsold' when state = 'SEALED'"
        " then 'unopened' when state = 'REVEALED' then 'opened' else 'gone' end as kind, count(*) as rows"
        " from stock_key where length(sealed) > 0 and not get_byte(sealed, 0) = any($1::int[]) group by 1",
        sorted(held),
    )
    return {row["kind"]: row["rows"] for row in rows}
