"""Void terms never become public: not in a new listing, nor in a version, nor when an old one goes on sale again."""

from datetime import datetime
from uuid import UUID

import pytest

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import UnlawfulTerms
from liuhen.base.ids import new_id
from liuhen.catalog import store as catalog
from liuhen.catalog.model import DAY, Content, ListingState
from liuhen.edge.cli.demo_goods import SECOND_GOODS, SELLER_GOODS
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.lint.finding import Code
from tests.flows.world import World

CARD = Content(kind=GoodsKind.CARD_KEY, title="木棉游戏点卡 100 元", price_fen=9800)
VOID = Content(kind=GoodsKind.CARD_KEY, title="木棉游戏点卡 100 元", price_fen=9800, warnings="  一经售出，概不退换！")


@pytest.fixture
async def world(db: Database, now: datetime) -> World:
    return World(db, now)


async def older_than_the_lint(world: World, seller: UUID) -> UUID:
    """A listing off sale whose only version holds a void term, as the store would hold it from before."""
    product = new_id(world.now)

    async def work(tx: Tx) -> None:
        await catalog.insert(tx, seller, product, VOID, shop_name="青竹数码", low_stock_at=5, now=world.now)
        await catalog.insert_version(tx, seller, product, 1, VOID, by=seller, now=world.now)
        await catalog.set_state(tx, seller, product, ListingState.OFF_SALE, now=world.now)

    await world.db.transact(work, now=world.now)
    return product


async def test_a_void_term_is_refused_with_its_place_and_a_lawful_wording(world: World) -> None:
    seller = await world.seller()
    with pytest.raises(UnlawfulTerms) as refused:
        await publish_listing(world.db, PublishListing(seller_id=seller, content=VOID), now=world.now)
    (found,) = refused.value.data["findings"]
    assert (found["code"], found["field"], found["text"]) == ("blanket_no_refund", "warnings", "一经售出，概不退换")
    assert VOID.warnings.strip()[found["start"] : found["end"]] == found["text"]
    assert "消费者权益保护法 第26条第3款" in found["cites"] and "密封未拆的在可退期内可退" in found["offer_text"]
    mended = Content(kind=CARD.kind, title=CARD.title, price_fen=9800, warnings=found["offer_text"])
    done = await publish_listing(world.db, PublishListing(seller_id=seller, content=mended), now=world.now)
    assert done.version == 1 and done.warnings == ()


async def test_a_new_version_is_read_too_and_the_old_one_stays(world: World) -> None:
    seller = await world.seller()
    first = await publish_listing(world.db, PublishListing(seller_id=seller, content=CARD), now=world.now)
    edit = PublishListing(seller_id=seller, content=VOID, product_id=first.product_id, base_version=1)
    with pytest.raises(UnlawfulTerms):
        await publish_listing(world.db, edit, now=world.now)
    async with world.db.read() as tx:
        kept = await catalog.find_version(tx, seller, first.product_id, 1)
    assert kept is not None and kept.head_version == 1


async def test_warnings_come_back_and_do_not_block(world: World) -> None:
    seller = await world.seller()
    content = Content(kind=CARD.kind, title=CARD.title, price_fen=9800, refund_terms="未拆封 7 天内可退")
    once = Once(seller, "listing-1", b"hash")
    cmd = PublishListing(seller_id=seller, content=content)
    done = await publish_listing(world.db, cmd, now=world.now, once=once)
    assert await publish_listing(world.db, cmd, now=world.now, once=once) == done, "the same call again, as kept"
    assert [warning.code for warning in done.warnings] == [Code.WINDOW_LONGER]
    assert done.warnings[0].offer.sets == ("sealed_window_seconds", 7 * DAY)


async def test_an_old_listing_is_read_before_it_goes_on_sale_again(world: World) -> None:
    seller = await world.seller()
    product = await older_than_the_lint(world, seller)
    back = SetListingState(seller_id=seller, product_id=product, state=ListingState.ON_SALE)
    with pytest.raises(UnlawfulTerms) as refused:
        await set_listing_state(world.db, back, now=world.now)
    assert refused.value.data["findings"][0]["field"] == "warnings"
    edit = PublishListing(seller_id=seller, content=CARD, product_id=product, base_version=1)
    await publish_listing(world.db, edit, now=world.now)
    assert (await set_listing_state(world.db, back, now=world.now)).state is ListingState.ON_SALE


async def test_the_demo_goods_are_lawful_and_without_warnings(world: World) -> None:
    seller = await world.seller()
    for content, _ in (*SELLER_GOODS, *SECOND_GOODS):
        done = await publish_listing(world.db, PublishListing(seller_id=seller, content=content), now=world.now)
        assert done.warnings == (), content.title
