"""Joining, losing the password, getting back in, signing another device out, opening a shop: in a real browser."""

import secrets

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.conftest import DESKTOP, PHONE, Live, Shoot

PASSWORD, ANOTHER = "correct horse 9", "another one 77"
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def _press(page: Page, text: str) -> None:
    """A button of the page's own content, and the page that follows."""
    async with page.expect_navigation():
        await page.locator("main").get_by_role("button", name=text, exact=True).first.click()


async def _join(page: Page, live: Live, login: str, *, sell: bool = False) -> str:
    """Registers and returns the recovery code."""
    await page.goto(live.address + "/register")
    await page.get_by_label("登录名").fill(login)
    await page.get_by_label("称呼").fill("林小北")
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await page.get_by_label("再输一次密码").fill(PASSWORD)
    await page.get_by_label("我看过并同意用户协议").check()
    if sell:
        await page.get_by_label("我也要卖东西").check()
    await _press(page, "注册")
    assert page.url.endswith("/shown-once")
    return (await page.locator("#secret").inner_text()).strip()


@pytest.mark.parametrize("script", [True, False], ids=["with-js", "without-js"])
async def test_back_in_with_the_recovery_code(live: Live, browser: Browser, shoot: Shoot, script: bool) -> None:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=script)
    page = await context.new_page()
    login = f"lin{secrets.token_hex(4)}"
    code = await _join(page, live, login)
    await page.reload()
    assert (await page.locator("#secret").inner_text()).strip() == code
    if script:
        await shoot(page, "people-code-phone")
    await _press(page, "已经记好，继续")
    await page.goto(live.address + "/settings")
    assert await page.get_by_text(login).count() == 1
    if script:
        assert await page.evaluate(_OVERFLOW) == 0
        await shoot(page, "people-settings-phone")
    await context.clear_cookies()
    await page.goto(live.address + "/settings")
    assert "/sign-in?next=/settings" in page.url
    await page.get_by_label("登录名").fill(login)
    await page.get_by_label("密码", exact=True).fill("not my password")
    await _press(page, "登录")
    assert await page.get_by_role("alert").get_by_text("登录名或密码不对").count() == 1
    assert await page.get_by_label("登录名").input_value() == login
    await page.goto(live.address + "/reset")
    await page.get_by_label("登录名").first.fill(login)
    await page.get_by_label("恢复码", exact=True).fill(code.lower().replace("-", " "))
    await page.get_by_label("新密码", exact=True).fill(ANOTHER)
    await page.get_by_label("再输一次密码").fill(ANOTHER)
    await _press(page, "重设密码")
    assert (await page.locator("#secret").inner_text()).strip() != code
    await _press(page, "已经记好，继续")
    await page.get_by_label("登录名").fill(login)
    await page.get_by_label("密码", exact=True).fill(ANOTHER)
    await _press(page, "登录")
    await page.goto(live.address + "/settings")
    assert page.url.endswith("/settings")
    await context.close()


async def test_another_device_is_signed_out_from_here(live: Live, browser: Browser, desktop: BrowserContext) -> None:
    page, login = await desktop.new_page(), f"lin{secrets.token_hex(4)}"
    await _join(page, live, login)
    async with await browser.new_context(viewport=PHONE, locale="zh-CN") as lost:
        there = await lost.new_page()
        await there.goto(live.address + "/sign-in?next=/settings")
        await there.get_by_label("登录名").fill(login)
        await there.get_by_label("密码", exact=True).fill(PASSWORD)
        await _press(there, "登录")
        assert there.url.endswith("/settings")
        await page.goto(live.address + "/settings")
        await _press(page, "退出")
        assert await page.get_by_role("status").get_by_text("那台设备已退出").count() == 1
        await there.reload()
        assert "/sign-in" in there.url


async def test_a_shop_opens_after_its_agreement_was_accepted(live: Live, desktop: BrowserContext, shoot: Shoot) -> None:
    page, login = await desktop.new_page(), f"lin{secrets.token_hex(4)}"
    await page.set_viewport_size(DESKTOP)
    await _join(page, live, login, sell=True)
    await _press(page, "已经记好，继续")
    assert page.url.endswith("/seller/open")
    await page.get_by_label("店名").fill("青竹数码")
    await _press(page, "同意并开店")
    assert await page.get_by_role("alert").get_by_text("有 2 处要改，其余已保留").count() == 1
    await shoot(page, "people-open-shop-desktop")
    assert await page.get_by_label("店名").input_value() == "青竹数码"
    await page.get_by_label("我自愿约定").check()
    await page.get_by_label("我看过并同意卖家入驻协议全文").check()
    await _press(page, "同意并开店")
    await page.goto(live.address + "/settings")
    assert await page.get_by_text("卖家入驻协议").count() == 1
