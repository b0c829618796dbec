"""The master keys that a database knows, by version. Never writes."""

from datetime import datetime

import msgspec

from liuhen.base.db import Tx
from liuhen.base.sealed import by_version


class KeyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version. gone: RETIRED, LOST or None; sealed: rows that need it, by column; times UTC."""

    version: int
    made_at: datetime
    gone: str | None
    gone_at: datetime | None
    sealed: dict[str, int]


async def known_versions(tx: Tx) -> list[KeyVersion]:
    """All versions in their order, without counting what needs them."""
    rows = await tx.fetch("select version, made_at, gone, gone_at from key_version order by version")
    return [msgspec.convert({**dict(row), "sealed": {}}, KeyVersion) for row in rows]


async def key_versions(tx: Tx) -> list[KeyVersion]:
    """All versions in their order; counts every sealed row, which takes seconds where there are millions."""
    counted = await by_version(tx)
    return [
        msgspec.structs.replace(
            item, sealed={name: found[item.version] for name, found in counted.items() if item.version in found}
        )
        for item in await known_versions(tx)
    ]


async def witness_of_lookups(tx: Tx) -> bytes | None:
    """Names the lookup keys that this database was made with."""
    witness: bytes | None = await tx.fetchval("select witness from key_witness")
    return witness
