"""A party begins to sell: it accepts the seller agreement (24 hours to answer, silence agrees) and gets a shop."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.agreements import Agreements
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Conflict, Frozen
from liuhen.parties import model, store
from liuhen.parties.model import Agreement
from liuhen.sellers import store as sellers

FEE_BASIS_POINTS = 500
"""The platform's share of what is sold, in 1/10,000, for a new shop; an admin may change it per shop."""
_NAME = (2, 60)
_INTRO = (0, 2000)


class ShopExists(Conflict):
    """This party has a shop already."""

    code = "shop_exists"


class OpenShop(Struct, frozen=True, kw_only=True):
    party_id: UUID
    name: str
    agreement_version: str
    intro: str = ""


class ShopOpened(Struct, frozen=True):
    party_id: UUID
    fee_basis_points: int


async def open_shop(
    db: Database, cmd: OpenShop, *, now: datetime, once: Once | None = None, agreements: Agreements
) -> ShopOpened:
    """Parameters: now, UTC. Raises InvalidInput (name), StateConflict (other version in force), ShopExists, Frozen."""
    name = model.check_text(cmd.name, "shop_name", _NAME)
    intro = cmd.intro.strip()[: _INTRO[1]]
    text = agreements.accepting(Agreement.SELLER_AGREEMENT, cmd.agreement_version, now)

    async def work(tx: Tx) -> ShopOpened:
        party = await store.lock(tx, cmd.party_id)
        if party.frozen_at is not None:
            raise Frozen()
        if await sellers.find_shop(tx, cmd.party_id) is not None:
            raise ShopExists()
        await store.accept(tx, cmd.party_id, Agreement.SELLER_AGREEMENT, text.version, text.sha256, now)
        await sellers.open_shop(tx, cmd.party_id, name=name, intro=intro, fee_basis_points=FEE_BASIS_POINTS, now=now)
        return ShopOpened(cmd.party_id, FEE_BASIS_POINTS)

    return await db.transact(work, now=now, once=once, result=ShopOpened)
