"""Every version of a listing against the hash that it was written with: orders point at versions. Never writes."""

from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.catalog.model import Content, content_hash, delivery_of

Version = tuple[UUID, UUID, int]  # book, product, version
START: Version = (UUID(int=0), UUID(int=0), 0)
_CONTENT = ", ".join(Content.__struct_fields__)
# What the market shows of a product stands in its own row, so that no list has to read versions.
_SHOWN = """
select case
    when p.id is null then format('product %s of book %s is gone, its versions are still there', h.id, h.book_id)
    when n.version is null then format('version %s of product %s is gone', p.version, h.id)
    when s.book_id is null then format('the shop of book %s is gone, its product %s is still there', h.book_id, h.id)
    when d.ext is null then format('product %s is in no directory: nobody finds it', h.id)
    else format('product %s shows %s, %s, %s fen, its version %s says %s, %s, %s fen',
        h.id, p.kind, p.title, p.price_fen, n.version, n.kind, n.title, n.price_fen) end as fault
from (select book_id, id from product union select book_id, product_id from product_version) as h
left join product p on p.book_id = h.book_id and p.id = h.id
left join product_version n on n.book_id = p.book_id and n.product_id = p.id and n.version = p.version
left join shop s on s.book_id = h.book_id
left join directory d on d.kind = 'product' and d.ext = h.id::text and d.book_id = h.book_id and d.id = h.id
where p.id is null or n.version is null or s.book_id is null or d.ext is null
    or (p.kind, p.title, p.price_fen) <> (n.kind, n.title, n.price_fen) order by 1
"""


async def audit_listings(tx: Tx, after: Version, limit: int) -> tuple[list[str], Version | None]:
    """Looks at the next `limit` versions, and first of all at what the market shows of each product.

    Returns a sentence per fault, and where to go on, None at the end.
    """
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
    if after == START:
        faults += [row["fault"] for row in await tx.fetch(_SHOWN)]
    if len(rows) < limit:
        return faults, None
    return faults, (rows[-1]["book_id"], rows[-1]["product_id"], rows[-1]["version"])


def _holds(row: dict[str, Any]) -> bool:
    try:
        content = msgspec.convert({name: row[name] for name in Content.__struct_fields__}, Content)
    except msgspec.ValidationError:
        return False
    return bool(content_hash(content) == row["sha256"] and row["delivery"] == delivery_of(content.kind))
