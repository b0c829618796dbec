"""A dead card key, from the product page to the money back, in a real browser on a phone and on a desktop."""

from collections.abc import AsyncIterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar
from PIL import Image, ImageDraw
from playwright.async_api import Browser, BrowserContext, Page

from liuhen.base.db import Database
from liuhen.edge.web import session
from tests.browser.conftest import DESKTOP, PHONE, Shoot
from tests.browser.served import served
from tests.edge.doors import KEYS, Doors, FrozenClock, build
from tests.flows.world import World

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site() -> Litestar:
    return build()


@pytest.fixture
async def doors(site: Litestar, db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Doors]:
    made = Doors(site, db, FrozenClock(now), tmp_path)
    yield made
    await made.close()


@pytest.fixture
def world(db: Database, now: datetime) -> World:
    return World(db, now, keys=KEYS)


async def sign_in(doors: Doors, context: BrowserContext, address: str, party_id: UUID) -> None:
    """Puts a session of this party into the browser."""
    browser = await doors.browser(party_id)
    value = browser.client.cookies.get(session.cookie_name(False))
    assert value is not None
    await context.add_cookies([{"name": session.cookie_name(False), "value": value, "url": address}])


def screenshot_of_failure() -> bytes:
    """An invented picture of a redemption page that refuses a key."""
    picture = Image.new("RGB", (720, 1280), "#f4f4f4")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 300, 680, 560), outline="#c33", width=6)
    pen.text((80, 400), "CODE DOES NOT EXIST", fill="#c33")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


async def press(page: Page, text: str) -> None:
    """A visible button or link of the page's own content or of an open sheet, and the page that follows."""
    async with page.expect_navigation():
        await page.locator("main, dialog[open], dialog:target, .bar-b").get_by_role("button", name=text).first.click()


class Story:
    """One buyer and one seller, each with a browser of the same size. `keep` takes a picture and refuses overflow."""

    def __init__(self, doors: Doors, world: World, browser: Browser, shoot: Shoot, width: str, script: bool) -> None:
        self.doors, self.world, self.browser, self.shoot = doors, world, browser, shoot
        self.width, self.script = width, script
        self.contexts: list[BrowserContext] = []

    async def open(self, address: str, party_id: UUID) -> Page:
        size = PHONE if self.width == "phone" else DESKTOP
        context = await self.browser.new_context(viewport=size, locale="zh-CN", java_script_enabled=self.script)
        self.contexts.append(context)
        await sign_in(self.doors, context, address, party_id)
        return await context.new_page()

    async def keep(self, page: Page, name: str) -> None:
        assert await page.evaluate(_OVERFLOW) == 0, name
        if self.script:
            await self.shoot(page, f"story-{name}-{self.width}")

    async def look(self, page: Page, path: str, name: str) -> None:
        await page.goto(path)
        await self.keep(page, name)

    async def close(self) -> None:
        for context in self.contexts:
            await context.close()


async def buy_two(story: Story, page: Page, address: str, product: UUID) -> str:
    """From the product's page over the correction step to a paid order. Returns the order's address."""
    await page.goto(f"{address}/p/{product}")
    await page.get_by_label("件数", exact=False).first.fill("2")
    await press(page, "去核对")
    await page.get_by_label("我看过，并为这一单确认").check()
    await press(page, "提交订单")
    await page.get_by_label("余额", exact=False).first.check()
    await press(page, "付款")
    assert "/orders/LH" in page.url
    return page.url.split("?")[0].removesuffix("/pay")


async def break_the_seal(story: Story, page: Page, order: str) -> None:
    """The order is sealed, the sheet tells what changes, the key is shown, and then masked."""
    await story.look(page, order, "order-sealed")
    assert await page.title() == "2 件卡密已送达，都还密封着 · 留痕"
    await page.get_by_role("link", name="拆封，查看卡密").click()
    await page.locator("#break-seal-1").get_by_text("拆开第 1 件的密封").wait_for()
    if story.script:
        await story.shoot(page, f"story-order-break-seal-{story.width}")
    await press(page, "拆封，查看第 1 件")
    assert "KEY-" in await page.locator("#goods-1").inner_text()
    await story.keep(page, "unit-shown")
    await story.look(page, order, "order-revealed")
    await story.look(page, f"{order}/units/1", "unit-masked")
    assert "KEY-0" not in await page.content()


async def ask_for_the_money(story: Story, page: Page, order: str) -> str:
    """Reason, picture, preview, request. Returns the case's address."""
    await story.look(page, f"{order}/refund?units=1", "refund-reason")
    await page.get_by_label("卡密无效").check()
    await page.get_by_label("你的说明").fill("在游戏官方兑换页输了三次，都提示“卡密不存在”，截图里能看到网址和时间。")
    await press(page, "下一步，先看结果")
    picture = {"name": "兑换失败.png", "mimeType": "image/png", "buffer": screenshot_of_failure()}
    await page.locator("input[type=file]").set_input_files(picture)  # type: ignore[arg-type]
    await press(page, "先传这些图片")
    assert await page.get_by_text("已收好 1 张").count() == 1
    await story.keep(page, "refund-preview")
    await press(page, "提交申请")
    assert "/cases/TK" in page.url
    return page.url


async def seller_agrees(story: Story, other: Page, case: str) -> None:
    await story.look(other, case, "case-seller")
    await other.get_by_label("同意退款").check()
    await press(other, "提交答复")
    await story.keep(other, "case-seller-done")


@pytest.mark.parametrize(("width", "script"), [("phone", True), ("desktop", True), ("phone", False)])
async def test_dead_card_key(
    doors: Doors, world: World, browser: Browser, shoot: Shoot, width: str, script: bool
) -> None:
    seller, buyer = await world.seller("青竹数码专营店"), await world.party("林小北")
    title = "木棉游戏点卡 100 元面值（国服）"
    product = await world.listing(
        seller, title=title, face_value_fen=10_000, activation_hint="在游戏官网的兑换页输入。"
    )
    await world.shelve(seller, product, 5)
    await world.fund(buyer, 50_000)
    story = Story(doors, world, browser, shoot, width, script)
    async with served(doors) as address:
        page, other = await story.open(address, buyer), await story.open(address, seller)
        order = await buy_two(story, page, address, product)
        doors.clock.at = world.later(minutes=17)
        await story.look(page, f"{address}/orders", "orders")
        await break_the_seal(story, page, order)
        case = await ask_for_the_money(story, page, order)
        doors.clock.at = world.later(hours=12)
        await story.look(page, case, "case-waiting")
        await page.get_by_label("补一句，或补证据").fill("今天又试了一次，还是不行。")
        await press(page, "发送")
        await seller_agrees(story, other, case)
        await story.look(page, case, "case-paid")
        assert await page.get_by_text("钱已到账").count() == 1
        for path, name in (
            (order, "order-one-refunded"),
            (f"{order}/record", "record"),
            (f"{order}/snapshot/1", "snapshot"),
            (f"{address}/inbox", "inbox"),
            (f"{address}/cases", "cases"),
        ):
            await story.look(page, path, name)
        assert await world.balance(buyer) == 50_000 - 2 * 9800 + 9800
        await story.close()
