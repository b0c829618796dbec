"""What cannot be read with the master keys at hand, in numbers. Never writes."""

from collections.abc import Collection

import msgspec

from liuhen.base.db import Tx
from liuhen.base.sealed import by_version, keys_by_state


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """Rows whose master key is not at hand. A card key is unsold, sold unopened, opened by its buyer, or gone (void,
    retired). lookups_lost: the keys that fingerprints, tokens and recovery codes are looked up by are others; then
    parties who sign in again, API tokens and recovery codes count too."""

    unsold: int = 0
    unopened: int = 0
    opened: int = 0
    gone: int = 0
    deliveries: int = 0
    uploads: int = 0
    issuers: int = 0
    authenticators: int = 0
    lookups_lost: bool = False
    sessions: int = 0
    tokens: int = 0
    recovery_codes: int = 0

    @property
    def nothing(self) -> bool:
        return self == Loss()


async def loss(tx: Tx, held: Collection[int], *, lookups_held: bool) -> Loss:
    """Parameters: held, versions at hand; lookups_held, whether their witness is the database's."""
    counted = await by_version(tx)
    gone = {
        name: sum(rows for version, rows in found.items() if version not in held) for name, found in counted.items()
    }
    keys = await keys_by_state(tx, held)
    hashed = {} if lookups_held else await _hashed(tx)
    return Loss(
        **keys,
        deliveries=gone["hand_delivery.text_sealed"],
        uploads=gone["stock_import.staged"],
        issuers=gone["issuer.secret_sealed"],
        authenticators=gone["totp_factor.secret_sealed"],
        lookups_lost=not lookups_held,
        **hashed,
    )


async def _hashed(tx: Tx) -> dict[str, int]:
    row = await tx.one(
        "select (select count(*) from session where revoked_at is null) as sessions,"
        " (select count(*) from api_token where revoked_at is null) as tokens,"
        " (select count(*) from sign_in where recovery_hash is not null) as recovery_codes"
    )
    return dict(row)
