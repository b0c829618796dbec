"""A dead card key, from the product page to the money back, in a real browser on a phone and on a desktop."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
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


@pytest.mark.parametrize(("width", "script"), [("phone", True), ("desktop", True), ("phone", False)])
async def test_dead_card_key(
    doors: Doors, world: World, browser: Browser, shoot: Shoot, width: str, script: bool
) -> None:
    seller, buyer = await world.seller("青竹数码专营店"), await world.party("林小北")
    product = await world.listing(
        seller,
        title="木棉游戏点卡 100 元面值（国服）",
        face_value_fen=10_000,
        region="国服",
        activation_hint="在游戏官网的兑换页输入。",
    )
    await world.shelve(seller, product, 5)
    await world.fund(buyer, 50_000)

    async def keep(page: Page, name: str) -> None:
        assert await page.evaluate(_OVERFLOW) == 0, name
        if script:
            await shoot(page, f"story-{name}-{width}")

    size = PHONE if width == "phone" else DESKTOP
    async with served(doors) as address:
        mine = await browser.new_context(viewport=size, locale="zh-CN", java_script_enabled=script)
        theirs = await browser.new_context(viewport=size, locale="zh-CN", java_script_enabled=script)
        await sign_in(doors, mine, address, buyer)
        await sign_in(doors, theirs, address, seller)
        page, other = await mine.new_page(), await theirs.new_page()
        placed = await world.order(buyer, seller, product, 2)
        doors.clock.at = world.later(minutes=17)
        await page.goto(f"{address}/orders")
        await keep(page, "orders")
        await page.goto(f"{address}/orders/{placed.order_no}")
        assert await page.title() == "2 件卡密已送达，都还密封着 · 留痕"
        await keep(page, "order-sealed")
        await page.get_by_role("link", name="拆封，查看卡密").click()
        await page.locator("#break-seal-1").get_by_text("拆开第 1 件的密封").wait_for()
        if script:
            await page.screenshot(path=await shoot(page, f"story-order-break-seal-{width}"))
        await press(page, "拆封，查看第 1 件")
        assert "KEY-" in await page.locator("#goods-1").inner_text()
        await keep(page, "unit-shown")
        await page.goto(f"{address}/orders/{placed.order_no}")
        await keep(page, "order-revealed")
        await page.goto(f"{address}/orders/{placed.order_no}/units/1")
        await keep(page, "unit-masked")
        await page.goto(f"{address}/orders/{placed.order_no}/refund?units=1")
        await keep(page, "refund-reason")
        await page.get_by_label("卡密无效").check()
        await page.get_by_label("你的说明").fill(
            "在游戏官方兑换页输了三次，都提示“卡密不存在”，截图里能看到网址和时间。"
        )
        await press(page, "下一步，先看结果")
        await page.locator("input[type=file]").set_input_files(
            {"name": "兑换失败.png", "mimeType": "image/png", "buffer": screenshot_of_failure()}
        )
        await press(page, "先传这些图片")
        assert await page.get_by_text("已收好 1 张").count() == 1
        await keep(page, "refund-preview")
        await press(page, "提交申请")
        assert "/cases/TK" in page.url
        doors.clock.at = world.later(hours=12)
        await page.goto(page.url)
        await keep(page, "case-waiting")
        case = page.url
        await other.goto(case)
        await keep(other, "case-seller")
        await page.get_by_label("补一句，或补证据").fill("今天又试了一次，还是不行。")
        await press(page, "发送")
        await other.goto(case)
        await other.get_by_label("同意退款").check()
        await press(other, "提交答复")
        await keep(other, "case-seller-done")
        await page.goto(case)
        assert await page.get_by_text("钱已到账").count() == 1
        await keep(page, "case-paid")
        await page.goto(f"{address}/orders/{placed.order_no}")
        await keep(page, "order-one-refunded")
        await page.goto(f"{address}/orders/{placed.order_no}/record")
        await keep(page, "record")
        await page.goto(f"{address}/orders/{placed.order_no}/snapshot/1")
        await keep(page, "snapshot")
        await page.goto(f"{address}/inbox")
        await keep(page, "inbox")
        await page.goto(f"{address}/cases")
        await keep(page, "cases")
        assert await world.balance(buyer) == 50_000 - 2 * 9800 + 9800
        assert doors.clock.at - world.now == timedelta(0)
        await mine.close()
        await theirs.close()
