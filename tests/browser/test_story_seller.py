"""The seller in a real browser: list something, bring a key file to the shelf, see it on sale; deliver by hand."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import BrowserContext, Page, expect

from liuhen.base.db import Database
from liuhen.timing.clock import SystemClock
from tests.browser.conftest import Live, Shoot
from tests.flows.world import World

KEYS = Path(__file__).parents[1] / "rooms" / "samples" / "keys" / "steam_100.txt"
IMPORT_SECONDS = 30


async def _seller(context: BrowserContext, live: Live) -> tuple[Page, list[str]]:
    """A signed-in seller's page, and whatever the browser complains about."""
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{live.address}/sign-in?next=/seller")
    await page.get_by_label("登录名").fill(live.logins["seller"].login)
    await page.get_by_label("密码").fill(live.logins["seller"].password)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.wait_for_url("**/seller")
    return page, complaints


async def _fits(page: Page) -> None:
    over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over == 0, f"{page.url} sticks out by {over} px"


def _file(width: str) -> bytes:
    """The sample as it is, or every line backwards: other keys, since both tests fill the same book."""
    if width == "desktop":
        return KEYS.read_bytes()
    return "\r\n".join(line[::-1] for line in KEYS.read_text("utf-8-sig").splitlines()).encode()


@pytest.mark.parametrize("width", ["desktop", "phone"])
async def test_from_the_form_to_the_market(
    live: Live, desktop: BrowserContext, phone: BrowserContext, shoot: Shoot, width: str
) -> None:
    page, complaints = await _seller(desktop if width == "desktop" else phone, live)
    await shoot(page, f"seller-desk-{width}")
    await _fits(page)
    await page.get_by_role("link", name="上架商品").first.click()
    await page.get_by_role("link", name="卡密", exact=True).last.click()
    title = f"浏览器里上架的卡密 {width}"
    await page.get_by_label("标题").fill(title)
    await page.get_by_label("价格").fill("68.5")
    await page.locator("#f-sealed_days").fill("3")
    await page.locator("#f-sealed_days").blur()
    await expect(page.locator("#refund-preview")).to_contain_text("3 天")
    await _fits(page)
    await page.get_by_role("button", name="上架", exact=True).click()
    await page.wait_for_url("**/stock")
    await page.locator("#f-file").set_input_files({"name": KEYS.name, "mimeType": "text/plain", "buffer": _file(width)})
    await page.get_by_role("button", name="上传，看预览").click()
    await expect(page.locator("h1")).to_have_text("预览：可以入库 200 张")
    await shoot(page, f"seller-preview-{width}")
    await _fits(page)
    await page.get_by_role("button", name="确认入库 200 张").click()
    await expect(page.get_by_text("200 张已加密入库")).to_be_visible(timeout=IMPORT_SECONDS * 1000)
    await page.get_by_role("link", name="看这次导入的卡密").click()
    await expect(page.locator("table").first).to_contain_text("steam_100.txt")
    await _fits(page)
    first = KEYS.read_text().split(maxsplit=1)[0]
    assert first not in await page.content()
    await page.goto(f"{live.address}/?q={title}")
    await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    assert complaints == []


async def _sold_by_hand(live: Live, title: str) -> str:
    """A stranger orders something that the demo's seller delivers by hand; the order's number."""
    db = await Database.open(live.dsn)
    try:
        world = World(db, SystemClock().now())
        async with db.read() as tx:
            seller: UUID = await tx.fetchval(
                "select party_id from sign_in where login = $1", live.logins["seller"].login
            )
        product = await world.listing(
            seller,
            kind="direct_top_up",
            title=title,
            price=9850,
            target_label="手机号",  # type: ignore[arg-type]
        )
        buyer = await world.party("过路买家")
        await world.fund(buyer, 20_000)
        placed = await world.order(buyer, seller, product, target="138 0013 0319")
        return placed.order_no
    finally:
        await db.close()


@pytest.mark.parametrize("width", ["desktop", "phone"])
async def test_delivery_by_hand(
    live: Live, desktop: BrowserContext, phone: BrowserContext, shoot: Shoot, width: str
) -> None:
    title = f"话费直充 100 元 {width}"
    order_no = await _sold_by_hand(live, title)
    page, complaints = await _seller(desktop if width == "desktop" else phone, live)
    await page.get_by_role("row").filter(has_text=title).get_by_role("link", name="发货", exact=True).click()
    await expect(page.locator("h1")).to_contain_text("等你发货 1 件")
    await expect(page.get_by_text("138 0013 0319").first).to_be_visible()
    await shoot(page, f"seller-deliver-{width}")
    await _fits(page)
    await page.get_by_role("button", name="交付 1 件").click()
    await expect(page.get_by_text("交付内容：请填写").first).to_be_visible()
    await page.get_by_label("交付内容").fill("已充值到账，运营商短信已收到")
    await page.get_by_label("凭证号").fill("CM20261122001")
    await page.get_by_role("button", name="交付 1 件").click()
    await expect(page.locator("h1")).to_have_text("已送达，货款在担保中")
    await expect(page.get_by_text("CM20261122001").first).to_be_visible()
    await shoot(page, f"seller-delivered-{width}")
    await _fits(page)
    assert order_no in await page.content()
    assert [line for line in complaints if "422" not in line] == []
