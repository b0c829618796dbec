"""What the tests about stock share: a seller with a shop, a listing, and the way from a file to the shelf."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.ids import new_id
from liuhen.catalog.model import Content
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.import_stock import ImportedStock, import_stock
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.flows.trade.stage_stock import StagedStock, StageStock, stage_stock
from liuhen.parties import store as parties
from liuhen.policy.facts.goods import GoodsKind
from liuhen.sellers import store as sellers

SAMPLES = Path(__file__).parents[1] / "rooms" / "samples" / "keys"
RING = KeyRing({1: bytes(range(32))})


async def a_seller(db: Database, now: datetime, name: str = "小店") -> UUID:
    seller_id = new_id(now)

    async def work(tx: Tx) -> None:
        await parties.add_party(tx, seller_id, name, [], now)
        await sellers.open_shop(tx, seller_id, name=name, intro="", fee_basis_points=100, now=now)

    await db.transact(work, now=now)
    return seller_id


async def a_product(
    db: Database,
    seller_id: UUID,
    now: datetime,
    kind: GoodsKind = GoodsKind.CARD_KEY,
    *,
    case_sensitive: bool = False,
    min_validity_days: int = 7,
) -> UUID:
    content = Content(
        kind=kind,
        title="一张卡",
        price_fen=3000,
        case_sensitive=case_sensitive,
        min_validity_days=min_validity_days,
    )
    published = await publish_listing(db, PublishListing(seller_id=seller_id, content=content), now=now)
    return published.product_id


async def staged(db: Database, seller_id: UUID, product_id: UUID, data: bytes, now: datetime) -> StagedStock:
    cmd = StageStock(seller_id=seller_id, product_id=product_id, filename="keys.txt", data=data)
    return await stage_stock(db, cmd, keys=RING, now=now)


async def imported(
    db: Database,
    seller_id: UUID,
    product_id: UUID,
    data: bytes,
    now: datetime,
    progress: Callable[[int, int], Awaitable[None]] | None = None,
) -> ImportedStock:
    """Upload, yes, import."""
    stage = await staged(db, seller_id, product_id, data, now)
    await confirm_stock(db, ConfirmStock(seller_id=seller_id, import_id=stage.import_id, seal=stage.seal), now=now)
    return await import_stock(db, seller_id, stage.import_id, keys=RING, now=now, progress=progress)


async def shelf_rows(db: Database, product_id: UUID) -> list[dict[str, object]]:
    async with db.read() as tx:
        rows = await tx.fetch(
            "select * from stock_key k join stock_print p on p.book_id = k.book_id and p.key_id = k.id"
            " where product_id = $1 order by line_no",
            product_id,
        )
    return [dict(row) for row in rows]
