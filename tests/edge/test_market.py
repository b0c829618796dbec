"""The market through the real site: what is shown, found and kept away."""

import pytest

from liuhen.policy.facts.goods import GoodsKind
from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World


@pytest.fixture
def house(doors: Doors, world: World) -> House:
    return House(doors, world)


async def test_empty_market(house: House) -> None:
    async with house.browser() as nobody:
        page = await nobody.get("/")
    assert "还没有在售的商品" in page


async def test_two_character_words_find_titles_and_shops(house: House) -> None:
    world = house.world
    seller = await world.seller("青竹数码专营店")
    card = await world.listing(seller, title="木棉游戏点卡 100 元", face_value_fen=10_000)
    await world.shelve(seller, card, 2)
    await world.listing(seller, title="远岸视频季卡", kind=GoodsKind.MEMBERSHIP)
    async with house.browser() as nobody:
        page = await nobody.get("/?q=木棉")
        assert f"/p/{card}" in page and "远岸视频" not in page
        assert f"/shops/{seller}" in await nobody.get("/?q=青竹")
        assert "没有符合的商品" in await nobody.get("/?q=石榴")
        members = await nobody.get("/?kind=membership")
        assert "远岸视频" in members and "木棉游戏" not in members and "暂时售完" in members
        await nobody.get("/?kind=nonsense", status=404)
        await nobody.get("/?after=nonsense", status=404)


async def test_pages_follow_each_other(house: House) -> None:
    world = house.world
    seller = await world.seller()
    for n in range(25):
        world.later(minutes=1)
        await world.listing(seller, title=f"第{n:02d}号商品", kind=GoodsKind.DIRECT_TOP_UP)
    async with house.browser() as nobody:
        first = await nobody.get("/")
        assert "第24号商品" in first and "第00号商品" not in first
        link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
        second = await nobody.get(link.replace("&amp;", "&"))
        assert "第00号商品" in second and "第01号商品" not in second
