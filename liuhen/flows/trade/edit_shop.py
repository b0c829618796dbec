"""A seller changes the name or the words of his shop."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, Frozen, InvalidInput
from liuhen.catalog import store as catalog
from liuhen.parties import store as parties
from liuhen.parties.model import check_text
from liuhen.sellers import store as sellers

NAME = (2, 60)
MAX_INTRO = 2000


class EditShop(msgspec.Struct, frozen=True, kw_only=True):
    seller_id: UUID
    name: str
    intro: str = ""


class ShopEdited(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    intro: str


async def edit_shop(db: Database, cmd: EditShop, *, now: datetime, once: Once | None = None) -> ShopEdited:
    """Raises InvalidInput (name, intro), Forbidden without an open shop, Frozen."""
    name, intro = check_text(cmd.name, "shop_name", NAME), cmd.intro.strip()
    if len(intro) > MAX_INTRO:
        raise InvalidInput("the introduction is too long", fields={"intro": ("length", 0, MAX_INTRO)})

    async def work(tx: Tx) -> ShopEdited:
        party = await parties.lock(tx, cmd.seller_id)
        shop = await sellers.find_shop(tx, cmd.seller_id)
        if shop is None or shop["closed_at"] is not None:
            raise Forbidden("open a shop first")
        if party.frozen_at is not None:
            raise Frozen()
        await sellers.edit_shop(tx, cmd.seller_id, name=name, intro=intro)
        if name != shop["name"]:
            await catalog.index_again(tx, cmd.seller_id, shop_name=name)
        return ShopEdited(name=name, intro=intro)

    return await db.transact(work, now=now, once=once, result=ShopEdited)
