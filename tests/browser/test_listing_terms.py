"""The check of a listing's terms in a real browser: on a phone while typing, and on a desktop without JavaScript."""

from datetime import datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from liuhen.base.db import Database
from liuhen.catalog.model import ListingState
from liuhen.edge.web import session
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.parties.model import Role
from tests.browser.conftest import DESKTOP, Live, Shoot
from tests.browser.served import served
from tests.browser.test_story_seller import _fits, _seller
from tests.edge.doors import Doors, FrozenClock, build
from tests.flows.test_listing_terms import older_than_the_lint
from tests.flows.world import World


async def _fill(page: Page, title: str) -> None:
    await page.get_by_label("标题").fill(title)
    await page.get_by_label("价格").fill("68.5")
    await page.get_by_label("商品说明").fill("正品卡密，全网通用。\n虚拟商品一经售出，概不退換！")
    await page.get_by_label("比规则更宽的退款承诺").fill("未拆封 7 天内可退，最终解释权归本店。")


async def _titles(live: Live) -> set[str]:
    db = await Database.open(live.dsn)
    try:
        async with db.read() as tx:
            return {row["title"] for row in await tx.fetch("select title from product")}
    finally:
        await db.close()


async def test_while_typing_on_a_phone(live: Live, phone: BrowserContext, shoot: Shoot) -> None:
    page, complaints = await _seller(phone, live)
    await page.goto(f"{live.address}/seller/products/new?kind=card_key")
    check = page.locator("#f-terms")
    await expect(check).to_contain_text("没有发现不能写的条款")
    await _fill(page, "手机上检查条款的卡密")
    await page.locator("#f-refund_terms").blur()
    await expect(check).to_contain_text("有 2 处依法无效")
    await shoot(page, "seller-terms-phone-typing")
    await _fits(page)
    await page.get_by_role("button", name="上架", exact=True).click()
    await expect(page.locator("#error-summary")).to_contain_text("最终解释权归本店")
    await expect(page.get_by_label("商品说明")).to_have_value("正品卡密，全网通用。\n虚拟商品一经售出，概不退換！")
    await shoot(page, "seller-terms-phone-refused")
    await _fits(page)
    for left in ("有 1 处依法无效", "有 1 处提醒", "没有发现不能写的条款"):
        await page.get_by_role("button", name="照这样改").first.click()
        await expect(page.locator("#f-terms")).to_contain_text(left)
        await _fits(page)
    await expect(page.locator("#f-sealed_days")).to_have_value("7")
    await shoot(page, "seller-terms-phone-mended")
    await page.get_by_role("button", name="上架", exact=True).click()
    await page.wait_for_url("**/stock")
    assert "手机上检查条款的卡密" in await _titles(live)
    assert [line for line in complaints if "422" not in line] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_without_javascript(live: Live, browser: Browser, shoot: Shoot, language: str) -> None:
    async with await browser.new_context(viewport=DESKTOP, locale=language, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(f"{live.address}/sign-in?next=/seller/products/new%3Fkind%3Dcard_key")
        await page.locator("#f-login").fill(live.logins["seller"].login)
        await page.locator("#f-password").fill(live.logins["seller"].password)
        await page.locator("main button[type=submit], form button[type=submit]").last.click()
        await page.wait_for_url("**/new?kind=card_key")
        await page.locator("#f-title").fill(f"没有脚本的卡密 {language}")
        await page.locator("#f-price").fill("68.5")
        await page.locator("#f-description").fill("拆封不退。拍下即视为同意以上条款。")
        publish = page.locator("button.btn-primary").last
        await publish.click()
        await expect(page.locator("#f-terms mark")).to_have_count(2)
        await shoot(page, f"seller-terms-plain-{language}")
        await page.locator("#f-terms button").first.click()
        await expect(page.locator("#f-terms mark")).to_have_count(1)
        assert "没有脚本的卡密" in await page.locator("#f-title").input_value()
        await publish.click()
        await page.wait_for_url("**/stock")  # the warning was on the page, so it has been read


@pytest.mark.parametrize("width", ["desktop", "phone"])
async def test_admins_look_at_older_listings(
    db: Database,
    now: datetime,
    tmp_path: Path,
    desktop: BrowserContext,
    phone: BrowserContext,
    shoot: Shoot,
    width: str,
) -> None:
    world, doors = World(db, now), Doors(build(), db, FrozenClock(now), tmp_path)
    seller, staff = await world.seller(), await world.party("何安", Role.ADMIN)
    product = await older_than_the_lint(world, seller)
    force = SetListingState(
        seller_id=seller, product_id=product, state=ListingState.ON_SALE, staff_id=staff, reason="以前"
    )
    await set_listing_state(db, force, now=now)
    context = desktop if width == "desktop" else phone
    value = (await doors.browser(staff)).client.cookies.get(session.cookie_name(False))
    async with served(doors) as address:
        await context.add_cookies([{"name": session.cookie_name(False), "value": value, "url": address}])  # type: ignore[typeddict-item]
        page = await context.new_page()
        await page.goto(f"{address}/admin/shops")
        await page.get_by_role("link", name="在售商品的条款").click()
        await expect(page.get_by_text("一经售出，概不退换")).to_be_visible()
        await shoot(page, f"admin-terms-{width}")
        await _fits(page)
    await doors.close()
