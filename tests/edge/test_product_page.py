"""A product's page says what the rules would do, and sells only what can be sold."""

import pytest

from liuhen.base.ids import new_id
from liuhen.catalog.model import ListingState
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.policy.facts.goods import GoodsKind
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World


@pytest.fixture
def house(doors: Doors, world: World) -> House:
    return House(doors, world)


async def test_sealed_goods(house: House) -> None:
    world = house.world
    seller = await world.seller("青竹数码专营店")
    card = await world.listing(seller, face_value_fen=100_00, region="国服", warnings="只充本人账号。", max_pieces=50)
    await world.shelve(seller, card, 3)
    async with house.browser() as nobody:
        page = await nobody.get(f"/p/{card}")
        for words in (
            "未拆封，24 小时内",
            "现货 3 件",
            "只能用于：国服",
            "退款从不收钱",
            "还没有成交",
            'max="3"',
            "#clause-promise.instant",
        ):
            assert words in page, words
        assert "青竹数码专营店" in await nobody.get(f"/shops/{seller}")
        await nobody.get(f"/p/{new_id(world.now)}", status=404)
        await nobody.get(f"/p/{card}?version=2", status=404)
        await nobody.get(f"/shops/{new_id(world.now)}", status=404)
    async with house.browser(seller) as owner:
        assert "不能买" in await owner.get(f"/p/{card}")


async def test_by_hand_sold_out_and_taken_down(house: House) -> None:
    world = house.world
    seller = await world.seller()
    top_up = await world.listing(seller, kind=GoodsKind.DIRECT_TOP_UP, title="话费直充 200 元")
    empty = await world.listing(seller, title="卖完的卡")
    async with house.browser() as nobody:
        page = await nobody.get(f"/p/{top_up}")
        assert "卖家手工交付" in page and 'action="/checkout"' in page
        page = await nobody.get(f"/p/{empty}")
        assert "暂时售完" in page and 'action="/checkout"' not in page
        cmd = SetListingState(seller_id=seller, product_id=top_up, state=ListingState.OFF_SALE)
        await set_listing_state(world.db, cmd, now=world.now)
        page = await nobody.get(f"/p/{top_up}")
        assert "卖家已停售" in page and 'action="/checkout"' not in page


async def test_record_of_a_shop_is_counted(house: House) -> None:
    world = house.world
    seller, buyer = await world.seller(), await world.party("小林")
    card = await world.listing(seller)
    await world.shelve(seller, card, 5)
    await world.fund(buyer, 100_000)
    await world.order(buyer, seller, card, 3)
    async with house.browser() as nobody:
        page = await nobody.get(f"/p/{card}")
        assert "1 单 3 件" in page and "0.0%" in page and "还没有被问过" in page
