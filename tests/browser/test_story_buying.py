"""Finding, correcting, ordering and paying in a real browser: phone, small phone, desktop, and without scripts."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page

from liuhen.base.db import Database
from liuhen.edge.web import session
from liuhen.policy.facts.goods import GoodsKind
from tests.browser.conftest import DESKTOP, PHONE, Shoot
from tests.browser.served import served
from tests.edge.doors import KEYS, Doors, FrozenClock, build
from tests.edge.house import House
from tests.flows.world import World

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def site() -> Litestar:
    return build()


@pytest.fixture
async def house(site: Litestar, db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[House]:
    doors = Doors(site, db, FrozenClock(now), tmp_path)
    yield House(doors, World(db, now, keys=KEYS))
    await doors.close()


async def sign_in(house: House, context: BrowserContext, address: str, party_id: UUID) -> None:
    browser = await house.doors.browser(party_id)
    value = browser.client.cookies.get(session.cookie_name(False))
    assert value is not None
    await context.add_cookies([{"name": session.cookie_name(False), "value": value, "url": address}])


async def press(page: Page, name: str) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=name, exact=True).first.click()


class Looker:
    """Keeps pictures and refuses pages that are wider than the window."""

    def __init__(self, page: Page, shoot: Shoot, width: str, script: bool) -> None:
        self.page, self.shoot, self.width, self.script = page, shoot, width, script

    async def keep(self, name: str) -> None:
        if self.script:
            assert await self.page.evaluate(_OVERFLOW) == 0, name
            await self.shoot(self.page, f"buying-{name}-{self.width}")


@pytest.mark.parametrize(
    ("width", "size", "script"),
    [("phone", PHONE, True), ("small", SMALL, True), ("desktop", DESKTOP, True), ("plain", PHONE, False)],
)
async def test_buying(
    house: House, browser: Browser, shoot: Shoot, width: str, size: dict[str, int], script: bool
) -> None:
    world = house.world
    seller, buyer = await world.seller("青竹数码专营店"), await world.party("林小北")
    card = await world.listing(
        seller, title="木棉游戏点卡 100 元面值（国服通用）", face_value_fen=10_000, region="国服", max_pieces=50
    )
    await world.shelve(seller, card, 60)
    await world.listing(
        seller, kind=GoodsKind.DIRECT_TOP_UP, title="话费直充 200 元", price=19_760, target_label="手机号"
    )
    await world.fund(buyer, 90_000)
    async with served(house.doors) as address:
        context = await browser.new_context(viewport=size, locale="zh-CN", java_script_enabled=script)  # type: ignore[arg-type]
        await sign_in(house, context, address, buyer)
        page = await context.new_page()
        look = Looker(page, shoot, width, script)
        await page.goto(f"{address}/?q=木棉")
        await look.keep("search")
        async with page.expect_navigation():
            await page.locator(f'a[href="/p/{card}"]').click()
        await look.keep("product")
        assert "规则 6.1" in await page.content()
        await page.locator("input[name=pieces]").fill("2")
        await press(page, "去核对")
        assert "196.00" in await page.title()
        await page.locator(f'input[name="pieces-{card}"]').fill("3")
        await press(page, "更新")
        assert "294.00" in await page.title()
        async with page.expect_navigation():
            await page.get_by_role("button", name="加上 话费直充 200 元").click()
        await page.get_by_label("手机号").fill("13800000000")
        box = page.locator("input[name=no_reason]")
        assert not await box.is_checked()
        await press(page, "提交订单")
        assert "请先看过并勾选" in await page.content()
        assert await page.get_by_label("手机号").input_value() == "13800000000"
        assert not await box.is_checked()
        await look.keep("checkout")
        await box.check()
        await press(page, "提交订单")
        assert "等你付款 ¥491.60" in await page.title()
        await look.keep("pay")
        await page.get_by_label("余额").check()
        await press(page, "付款")
        assert page.url.split("/orders/")[1].startswith("LH")
        await look.keep("paid")
        await page.goto(f"{address}/balance")
        await look.keep("balance")
        assert "408.40" in await page.title()
        await context.close()
    assert await world.balance(buyer) == 90_000 - 49_160
    assert (await world.key_states(card))["SEALED"] == 3


async def test_public_pages_fit_a_small_phone(house: House, browser: Browser, shoot: Shoot) -> None:
    world = house.world
    seller = await world.seller("非常长的店铺名称官方旗舰店授权经销商北方大区总代理专营店铺")
    product = await world.listing(
        seller, title="超长名称的商品" * 28 + "结尾", price=99_999_999, face_value_fen=99_999_900, region="全部地区" * 8
    )
    await world.shelve(seller, product, 3)
    async with served(house.doors) as address:
        for lang in ("zh", "en"):
            context = await browser.new_context(viewport=SMALL)  # type: ignore[arg-type]
            await context.add_cookies([{"name": "lang", "value": lang, "url": address}])
            page = await context.new_page()
            look = Looker(page, shoot, f"small-{lang}", True)
            for path in (
                "/",
                f"/p/{product}",
                f"/shops/{seller}",
                "/rules",
                "/check?kind=card_key&stage=sealed&reason=INVALID_KEY&hours=1",
                "/complaint",
                "/privacy",
                "/help",
            ):
                await page.goto(f"{address}{path}")
                name = path.split("?")[0].strip("/").split("/")[0] or "market"
                await look.keep(f"public-{name}")
            await context.close()
