"""Issuers as doors and admins see them."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Tx


class Issuer(Struct, frozen=True):
    id: UUID
    name: str
    created_at: datetime
    disabled_at: datetime | None


async def issuers(tx: Tx) -> list[Issuer]:
    """All of them, by name; a short list that admins keep."""
    rows = await tx.fetch("select id, name, created_at, disabled_at from issuer order by name limit 500")
    return [Issuer(**dict(row)) for row in rows]


async def secret_of(tx: Tx, issuer_id: UUID) -> bytes | None:
    """The sealed secret of an issuer who is not disabled."""
    sealed: bytes | None = await tx.fetchval(
        "select secret_sealed from issuer where id = $1 and disabled_at is null", issuer_id
    )
    return sealed
