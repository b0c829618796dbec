"""From a product to a paid order, through the forms as a browser sends them."""

from uuid import UUID

import pytest

from liuhen.catalog.model import Content
from liuhen.flows.trade.publish_listing import PublishListing, publish_listing
from liuhen.policy.facts.goods import GoodsKind
from tests.edge.doors import Doors
from tests.edge.house import House, Visit
from tests.flows.world import World


@pytest.fixture
def house(doors: Doors, world: World) -> House:
    return House(doors, world)


def _line(product: UUID, pieces: int = 1, version: int = 1, **more: str) -> dict[str, object]:
    return {"line": str(product), f"version-{product}": str(version), f"pieces-{product}": str(pieces), **more}


async def _order(browser: Visit, product: UUID, pieces: int = 1) -> str:
    fields = _line(product, pieces, act="place", no_reason="1")
    return str((await browser.post("/checkout", fields)).headers["location"])


async def test_correct_then_order_then_pay_from_balance(house: House) -> None:
    world = house.world
    seller, buyer = await world.seller(), await world.party("小林")
    card = await world.listing(seller)
    await world.shelve(seller, card, 5)
    await world.fund(buyer, 50_000)
    async with house.browser() as nobody:
        assert (await nobody.where(f"/checkout?product={card}&version=1&pieces=2")).startswith("/sign-in?next=")
    async with house.browser(buyer) as browser:
        page = await browser.get(f"/checkout?product={card}&version=1&pieces=2")
        assert "196.00" in page and "请单独确认" in page and "checked" not in page.split('name="no_reason"')[1][:60]
        page = (await browser.post("/checkout", _line(card, 3, act="recount"), status=200)).text
        assert "294.00" in page
        page = (await browser.post("/checkout", _line(card, 3, act="place"), status=422)).text
        assert "请先看过并勾选" in page and "checked" not in page.split('name="no_reason"')[1][:60]
        pay = await _order(browser, card, 3)
        page = await browser.get(pay)
        assert "等你付款" in page and "294.00" in page and "15 分" in page
        done = await browser.post(pay, {"way": "balance"})
        assert done.headers["location"] == pay.removesuffix("/pay")
        assert await world.balance(buyer) == 50_000 - 29_400
        assert await browser.where(pay) == pay.removesuffix("/pay")
    assert (await world.key_states(card))["SEALED"] == 3


async def test_sent_twice_is_one_order(house: House) -> None:
    world = house.world
    seller, buyer = await world.seller(), await world.party("小林")
    card = await world.listing(seller)
    await world.shelve(seller, card, 5)
    async with house.browser(buyer) as browser:
        fields = _line(card, act="place", no_reason="1", once="the-same-form")
        places = {(await browser.post("/checkout", fields)).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert (await world.key_states(card))["RESERVED"] == 1


async def test_changed_listing_is_shown_before_it_is_sold(house: House) -> None:
    world = house.world
    seller, buyer = await world.seller(), await world.party("小林")
    card = await world.listing(seller)
    await world.shelve(seller, card, 5)
    content = Content(kind=GoodsKind.CARD_KEY, title="木棉游戏点卡 100 元", price_fen=10_500)
    edit = PublishListing(seller_id=seller, content=content, product_id=card, base_version=1)
    await publish_listing(world.db, edit, now=world.now)
    async with house.browser(buyer) as browser:
        page = (await browser.post("/checkout", _line(card, act="place", no_reason="1"), status=409)).text
        assert (
            "98.00" in page and "105.00" in page and "没有下单" in page and f'name="version-{card}" value="2"' in page
        )
        assert "刚刚改过" in await browser.get(f"/checkout?product={card}&version=1&pieces=1")
        again = await browser.post("/checkout", _line(card, version=2, act="place", no_reason="1"))
        assert again.headers["location"].endswith("/pay")


async def test_limits_targets_and_stock(house: House) -> None:
    world = house.world
    seller, buyer = await world.seller(), await world.party("小林")
    top_up = await world.listing(
        seller, kind=GoodsKind.DIRECT_TOP_UP, title="话费直充", target_label="手机号", max_pieces=2
    )
    card = await world.listing(seller)
    await world.shelve(seller, card, 2)
    async with house.browser(buyer) as browser:
        page = (await browser.post("/checkout", _line(top_up, 9, act="place", no_reason="1"), status=422)).text
        assert "一次可买 1 到 2 件" in page
        page = (await browser.post("/checkout", _line(top_up, act="place", no_reason="1"), status=422)).text
        assert "请填写手机号" in page
        page = (await browser.post("/checkout", _line(card, 3, act="place", no_reason="1"), status=409)).text
        assert "只剩 2 件了" in page
        both = {
            **_line(top_up, act="place", no_reason="1"),
            f"target-{top_up}": "13800000000",
            f"version-{card}": "1",
            f"pieces-{card}": "1",
            "line": [str(top_up), str(card)],
        }
        pay = (await browser.post("/checkout", both)).headers["location"]
        page = await browser.get(pay)
        assert "196.00" in page and "还差" in page and "disabled" in page
        page = (await browser.post(f"{pay}", {"way": "balance"}, status=409)).text
        assert "余额不够" in page
        page = (await browser.post("/checkout", _line(card, act=f"add:{top_up}"), status=200)).text
        assert "手机号" in page
        page = (await browser.post("/checkout", {**both, "act": f"drop:{top_up}"}, status=200)).text
        assert "手机号" not in page


async def test_channel_expiry_and_cancel(house: House) -> None:
    world = house.world
    seller, buyer, other = await world.seller(), await world.party("小林"), await world.party("小周")
    card = await world.listing(seller)
    await world.shelve(seller, card, 5)
    async with house.browser(buyer) as browser:
        pay = await _order(browser, card)
        there = (await browser.post(pay, {"way": "sandbox"})).headers["location"]
        assert there.startswith("http://127.0.0.1:9/") and "amount" in there
        assert "你去过演示支付渠道" in await browser.get(pay)
        await browser.post(pay, {"way": "nonsense"}, status=422)
        await browser.post(pay.replace("/pay", "/cancel"))
        assert (await world.key_states(card))["AVAILABLE"] == 5
        late = await _order(browser, card)
        world.later(minutes=16)
        assert "付款时间已过" in await browser.get(late)
        assert (await browser.post(late, {"way": "balance"})).headers["location"] == late.removesuffix("/pay")
    async with house.browser(other) as stranger:
        await stranger.get(late, status=404)
        await stranger.post(late, {"way": "balance"}, status=404)
        await stranger.post(late.replace("/pay", "/cancel"), status=404)
        await stranger.get("/orders/LH261122-NONSENSE/pay", status=404)


async def test_back_from_the_channel_to_another_way(house: House) -> None:
    world = house.world
    seller, buyer = await world.seller(), await world.party("小林")
    card = await world.listing(seller)
    await world.shelve(seller, card, 2)
    await world.fund(buyer, 50_000)
    async with house.browser(buyer) as browser:
        pay = await _order(browser, card)
        same = {"once": "the-form-of-before"}
        there = await browser.post(pay, {"way": "sandbox", **same})
        again = await browser.post(pay, {"way": "sandbox", **same})
        assert there.headers["location"] == again.headers["location"]
        for _ in range(2):
            await browser.post(pay, {"way": "balance", **same})
    assert await world.balance(buyer) == 50_000 - 9_800


async def test_unprintable_characters_break_nothing(house: House) -> None:
    world = house.world
    seller, buyer = await world.seller(), await world.party("小林")
    top_up = await world.listing(seller, kind=GoodsKind.DIRECT_TOP_UP, title="话费直充", target_label="手机号")
    async with house.browser(buyer) as browser:
        await browser.get("/?q=%01%02")
        await browser.get("/?q=%00", status=404)
        await browser.get("/orders/LH261122-%00/pay", status=404)
        fields = {**_line(top_up, act="place", no_reason="1"), f"target-{top_up}": "138\x0100\n"}
        pay = (await browser.post("/checkout", fields)).headers["location"]
        assert "等你付款" in await browser.get(pay)
        await browser.post("/checkout", {"line": "nonsense", "act": "place"}, status=404)
        await browser.post("/checkout", {**_line(top_up), f"version-{top_up}": "x"}, status=404)
