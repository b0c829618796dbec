"""The balance page: in over a channel, out the way it came, every movement in words."""

import pytest

from tests.edge.doors import Doors
from tests.edge.house import House
from tests.flows.world import World


@pytest.fixture
def house(doors: Doors, world: World) -> House:
    return House(doors, world)


async def test_top_up_goes_to_the_channel(house: House) -> None:
    world = house.world
    buyer = await world.party("小林")
    async with house.browser(buyer) as browser:
        page = await browser.get("/balance?amount=40.00")
        assert "0.00" in page and 'value="40.00"' in page and "还没有明细" in page
        there = (await browser.post("/balance/top-up", {"amount": "40", "channel": "sandbox"})).headers["location"]
        assert there.startswith("http://127.0.0.1:9/")
        assert "等渠道确认充值 ¥40.00" in await browser.get("/balance")
        for wrong, words in (("0.5", "要在 ¥1.00 到 ¥50,000.00 之间"), ("abc", "请填金额"), ("", "请填写")):
            page = (await browser.post("/balance/top-up", {"amount": wrong, "channel": "sandbox"}, status=422)).text
            assert words in page, wrong


async def test_out_in_parts_newest_first(house: House) -> None:
    world = house.world
    buyer = await world.party("小林")
    await world.fund(buyer, 10_000)
    world.later(minutes=1)
    await world.fund(buyer, 5_000)
    async with house.browser(buyer) as browser:
        page = await browser.get("/balance/pay-out?out_amount=120")
        assert "分成 2 笔" in page and "70.00" in page and "还有" in page
        assert "要在 ¥0.01 到 ¥150.00 之间" in await browser.get("/balance/pay-out?out_amount=150.01", status=422)
        await browser.get("/balance/pay-out?out_amount=x", status=422)
        once = {"out_amount": "120", "once": "one-and-the-same"}
        for _ in range(2):
            await browser.post("/balance/pay-out", once)
        page = await browser.get("/balance")
        assert "原路转回" in page and "已批准" in page and "共 2 笔" in page
    assert await world.balance(buyer) == 3_000


async def test_movements_in_words_and_pages(house: House) -> None:
    world = house.world
    seller, buyer, other = await world.seller(), await world.party("小林"), await world.party("小周")
    card = await world.listing(seller, price=100)
    await world.shelve(seller, card, 25)
    await world.fund(buyer, 10_000)
    for _ in range(22):
        world.later(seconds=1)
        placed = await world.order(buyer, seller, card)
    async with house.browser(buyer) as browser:
        page = await browser.get("/balance")
        assert "付款，由平台担保" in page and placed.order_no in page and "充值到账" not in page
        link = page.split("/balance?before=")[1].split('"')[0]
        assert "充值到账" in await browser.get(f"/balance?before={link}")
        await browser.get("/balance?before=nonsense", status=404)
    async with house.browser(other) as stranger:
        assert placed.order_no not in await stranger.get("/balance")
