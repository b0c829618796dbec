"""One listing as its page shows it, with what is on the shelf right now."""

from datetime import date
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Row, Tx
from liuhen.catalog.model import Content, Delivery, ListingState
from liuhen.policy.facts.goods import GoodsKind

STOCK_SHOWN = 1000
"""Above this the page says "more than"; counting stops there."""


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a listing. stock: keys good for long enough, at most STOCK_SHOWN + 1; None: done by hand.

    open: the shop sells at present. silence_agreed: its seller agreed that no answer in time means yes.
    issuer: who can tell whether a key of it is good, "" if nobody is connected.
    """

    product_id: UUID
    book_id: UUID
    shop_name: str
    state: ListingState
    open: bool
    version: int
    head_version: int
    delivery: Delivery
    content: Content
    issuer: str
    silence_agreed: bool
    stock: int | None

    @property
    def sealed(self) -> bool:
        return self.delivery is Delivery.AUTO

    @property
    def sold_out(self) -> bool:
        """Nothing that could be sold now: fewer on the shelf than are sold at once."""
        return self.stock is not None and self.stock < self.content.min_pieces

    @property
    def buyable(self) -> bool:
        return self.open and self.state is ListingState.ON_SALE and not self.sold_out


_CONTENT = tuple(Content.__struct_fields__)

_GOODS = f"""
select p.id as product_id, p.book_id, p.state, p.version as head_version, v.version, v.delivery,
    coalesce(s.name, '') as shop_name, s.book_id is not null and s.closed_at is null and y.frozen_at is null as open,
    coalesce(i.name, '') as issuer,
    exists (select from agreement_acceptance a where a.book_id = p.book_id and a.kind = 'seller_agreement')
        as silence_agreed,
    {", ".join(f"v.{name}" for name in _CONTENT)}
from product p
join product_version v on v.book_id = p.book_id and v.product_id = p.id and v.version = coalesce($3, p.version)
join party y on y.book_id = p.book_id
left join shop s on s.book_id = p.book_id
left join issuer i on i.id = v.issuer_id and i.disabled_at is null
where p.book_id = $1 and p.id = $2
"""

_STOCK = """
select count(*) from (select from stock_key where book_id = $1 and product_id = $2 and state = 'AVAILABLE'
    and (valid_until is null or valid_until >= $3::date + $4::int) limit $5) as capped
"""


async def goods(tx: Tx, product_id: UUID, *, today: date, version: int | None = None) -> Goods | None:
    """The listing as it stands, or as one earlier version said. None if there is no such listing or version.

    Parameters: today, in Shanghai, decides which keys are still good for long enough.
    """
    place = await directory.find(tx, "product", str(product_id))
    if place is None:
        return None
    row = await tx.fetchrow(_GOODS, place.book_id, place.id, version)
    if row is None:
        return None
    stock = None
    if row["delivery"] == Delivery.AUTO:
        stock = await tx.fetchval(_STOCK, place.book_id, place.id, today, row["min_validity_days"], STOCK_SHOWN + 1)
    return _goods(row, stock)


def _goods(row: Row, stock: int | None) -> Goods:
    fields = {name: row[name] for name in _CONTENT}
    fields["kind"] = GoodsKind(fields["kind"])
    return Goods(
        product_id=row["product_id"],
        book_id=row["book_id"],
        shop_name=row["shop_name"],
        state=ListingState(row["state"]),
        open=row["open"],
        version=row["version"],
        head_version=row["head_version"],
        delivery=Delivery(row["delivery"]),
        content=Content(**fields),
        issuer=row["issuer"],
        silence_agreed=row["silence_agreed"],
        stock=stock,
    )
