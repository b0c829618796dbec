"""All that a new order rests on, in one question: the buyer, the shop, and the versions that he was shown."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound
from liuhen.catalog.model import Content, ListingState
from liuhen.policy.facts.goods import GoodsKind


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a listing, with the state of its head."""

    product_id: UUID
    state: ListingState
    version: int
    head_version: int
    content: Content
    sha256: bytes


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """open: the shop sells at present. fee_basis_points: the platform's fee in 1/10,000. offered: as asked."""

    buyer_frozen: bool
    shop_id: UUID
    shop_name: str
    fee_basis_points: int
    open: bool
    offered: list[Offered]


# `offset 0` keeps one order of joining, index by index: with few shops the planner would read all of them.
_SQL = f"""
select b.frozen_at is not null as buyer_frozen, s.book_id, s.name, s.fee_basis_points,
    s.closed_at is null and o.frozen_at is null as open,
    p.id as product_id, p.state, v.version, p.version as head_version, v.sha256,
    {", ".join(f"v.{name}" for name in Content.__struct_fields__)}
from (select book_id, id from directory where kind = 'product' and ext = $2 offset 0) d
cross join lateral (select * from product where book_id = d.book_id and id = d.id offset 0) p
cross join lateral (
    select * from product_version where book_id = d.book_id and product_id = d.id and version = $3 offset 0) v
cross join lateral (select * from shop where book_id = d.book_id offset 0) s
cross join lateral (select frozen_at from party where book_id = d.book_id offset 0) o
cross join (select frozen_at from party where book_id = $1 offset 0) b
"""


async def deal(tx: Tx, buyer_id: UUID, asked: Sequence[tuple[UUID, int]]) -> list[Deal]:
    """One deal for each shop whose goods are asked for. Parameters: asked, product and version. Raises NotFound.

    Line by line: an order nearly always has one, and an array would be planned anew each time.
    """
    rows = [await tx.fetchrow(_SQL, buyer_id, str(product), version) for product, version in asked]
    found = [row for row in rows if row is not None]
    if len(found) < len(asked):
        raise NotFound("no such listing")
    shops = list(dict.fromkeys(row["book_id"] for row in found))
    return [_deal([row for row in found if row["book_id"] == shop]) for shop in shops]


def _deal(rows: list[Row]) -> Deal:
    first = rows[0]
    return Deal(
        buyer_frozen=first["buyer_frozen"],
        shop_id=first["book_id"],
        shop_name=first["name"],
        fee_basis_points=first["fee_basis_points"],
        open=first["open"],
        offered=[_offered(row) for row in rows],
    )


def _offered(row: Row) -> Offered:
    fields = {name: row[name] for name in Content.__struct_fields__}
    fields["kind"] = GoodsKind(fields["kind"])
    return Offered(
        product_id=row["product_id"],
        state=ListingState(row["state"]),
        version=row["version"],
        head_version=row["head_version"],
        content=Content(**fields),
        sha256=row["sha256"],
    )
