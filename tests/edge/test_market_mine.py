"""What the market says to somebody who is signed in: what needs him first, his numbers, and a shop's counted record."""

import pytest

from liuhen.base.db import Database
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds.model import Answer
from tests.edge.doors import KEYS, Doors
from tests.edge.house import House
from tests.flows.refunds import Bought


@pytest.fixture
async def story(db: Database, doors: Doors) -> Bought:
    return Bought(db, doors.clock.at, keys=KEYS)


async def test_first_an_unpaid_order_then_a_case_then_a_seal(story: Bought, doors: Doors) -> None:
    house = House(doors, story)
    placed = await story.bought(2)
    async with house.browser(story.buyer_id) as browser:
        page = await browser.get("/")
        assert "2 件密封没拆，可以即时退" in page and f"/orders/{placed.order_no}" in page
        (unit, _) = [row["id"] for row in await story.units(placed)]
        await story.reveal(placed, unit)
        case = await story.ask_one(placed, ReasonCode.INVALID_KEY, unit)
        page = await browser.get("/")
        assert "等卖家答复" in page and "到时不答复默认通过" in page and f"/cases/{case.case_no}" in page
        unpaid = await story.order(story.buyer_id, story.seller_id, story.product, pay=None)
        page = await browser.get("/")
        assert "等你付款" in page and f"/orders/{unpaid.order_no}/pay" in page
        story.later(days=3)
    async with house.browser(story.buyer_id) as browser:
        page = await browser.get("/")
        assert "等你付款" not in page and "已过时限，平台会跟进" in page
    async with house.browser(story.seller_id) as seller:
        assert "等卖家答复" not in await seller.get("/")


async def test_numbers_lead_to_ones_own_things_alone(story: Bought, doors: Doors) -> None:
    house = House(doors, story)
    placed = await story.bought()
    await story.reveal(placed)
    case = await story.ask_one(placed, ReasonCode.INVALID_KEY)
    for party_id, own in ((story.buyer_id, "/orders"), (story.seller_id, "/seller/orders")):
        async with house.browser(party_id) as browser:
            assert await browser.where(f"/?q={placed.order_no.lower()}") == f"{own}/{placed.order_no}"
            assert await browser.where(f"/?q=+{case.case_no}+") == f"/cases/{case.case_no}"
    async with house.browser(await story.party("路人")) as stranger:
        assert "没有找到这个单号" in await stranger.get(f"/?q={placed.order_no}")
    async with house.browser() as nobody:
        assert "登录后才能按单号找" in await nobody.get(f"/?q={placed.order_no}")


async def test_rates_and_answers_are_counted(story: Bought, doors: Doors) -> None:
    house = House(doors, story)
    placed = await story.bought(4)
    units = [row["id"] for row in await story.units(placed)]
    await story.ask_one(placed, ReasonCode.CHANGE_OF_MIND, units[0])  # sealed: back at once, nobody's fault
    await story.reveal(placed, units[1])
    case = await story.ask_one(placed, ReasonCode.INVALID_KEY, units[1])
    story.later(minutes=38)
    await story.answer(case, Answer.AGREED)
    async with house.browser() as nobody:
        page = await nobody.get(f"/shops/{story.seller_id}")
    assert "1 单 4 件" in page and "50.0%" in page and "25.0%" in page and "38 分钟" in page
