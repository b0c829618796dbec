"""What is on sale, with all its texts: for admins, who look whether older listings hold void terms."""

from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Tx
from liuhen.catalog.model import Content
from liuhen.policy.facts.goods import GoodsKind

PAGE = 100
_FIELDS = tuple(Content.__struct_fields__)
_CONTENT = ", ".join(f"v.{name}" for name in _FIELDS)


class OnSale(Struct, frozen=True, kw_only=True):
    """A listing at its current version."""

    book_id: UUID
    shop: str
    product_id: UUID
    version: int
    content: Content


class OnSalePage(Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    listings: tuple[OnSale, ...]
    next: UUID | None


async def on_sale(tx: Tx, *, after: UUID | None = None, limit: int = PAGE) -> OnSalePage:
    """Oldest listings first: those are from before the lint of terms."""
    rows = await tx.fetch(
        f"select p.book_id, s.name as shop, p.id as product_id, p.version, {_CONTENT}"
        " from product p join shop s on s.book_id = p.book_id"
        " join product_version v on v.book_id = p.book_id and v.product_id = p.id and v.version = p.version"
        " where p.state = 'ON_SALE' and ($1::uuid is null or p.id > $1) order by p.id limit $2",
        after,
        limit + 1,
    )
    found = []
    for row in rows[:limit]:
        fields = {name: row[name] for name in _FIELDS}
        fields["kind"] = GoodsKind(fields["kind"])
        found.append(
            OnSale(
                book_id=row["book_id"],
                shop=row["shop"],
                product_id=row["product_id"],
                version=row["version"],
                content=Content(**fields),
            )
        )
    return OnSalePage(tuple(found), found[-1].product_id if len(rows) > limit else None)
