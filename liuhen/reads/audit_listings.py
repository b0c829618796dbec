"""Every version of a listing against the hash that it was written with: orders point at versions. Never writes."""

from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.catalog.model import Content, content_hash, delivery_of

Version = tuple[UUID, UUID, int]  # book, product, version
START: Version = (UUID(int=0), UUID(int=0), 0)
_CONTENT = ", ".join(Content.__struct_fields__)


async def audit_listings(tx: Tx, after: Version, limit: int) -> tuple[list[str], Version | None]:
    """Looks at the next `limit` versions. Returns a sentence per fault, and where to go on, None at the end."""
    rows = await tx.fetch(
        f"select book_id, product_id, version, delivery, sha256, {_CONTENT} from product_version"
        " where (book_id, product_id, version) > ($1, $2, $3) order by 1, 2, 3 limit $4",
        *after,
        limit,
    )
    faults = [
        f"version {row['version']} of product {row['product_id']} was changed: it does not have its hash"
        for row in rows
        if not _holds(dict(row))
    ]
    if len(rows) < limit:
        return faults, None
    return faults, (rows[-1]["book_id"], rows[-1]["product_id"], rows[-1]["version"])


def _holds(row: dict[str, Any]) -> bool:
    try:
        content = msgspec.convert({name: row[name] for name in Content.__struct_fields__}, Content)
    except msgspec.ValidationError:
        return False
    return bool(content_hash(content) == row["sha256"] and row["delivery"] == delivery_of(content.kind))
