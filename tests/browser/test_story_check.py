"""98 yuan for a dead key from another shop: the self-check on phone and desktop, by keyboard, without JavaScript."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, Live, Shoot

WALK = (
    ("kind", "card_key"),
    ("where", "elsewhere"),
    ("topic", "broken"),
    ("detail", "invalid"),
    ("official", "page"),
    ("proof", "recording"),
    ("seller", "silent"),
)


async def _answer(page: Page, key: str, value: str) -> None:
    await page.locator(f'input[name="of"][value="{key}"]').wait_for(state="attached")
    await page.check(f'input[name="{key}"][value="{value}"]')
    await page.get_by_role("button", name="下一题").click()


async def _flat(page: Page) -> None:
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0, "nothing sticks out at the side"


@pytest.mark.parametrize("width", ["desktop", "phone"])
async def test_a_dead_key_from_another_shop(
    live: Live, desktop: BrowserContext, phone: BrowserContext, shoot: Shoot, width: str
) -> None:
    page = await (phone if width == "phone" else desktop).new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    await page.goto(f"{live.address}/check")
    await shoot(page, f"check-first-{width}")
    for key, value in WALK:
        if key == "official":
            await shoot(page, f"check-question-{width}")
        await _answer(page, key, value)
        await _flat(page)
    await page.locator('input[name="of"][value="paid"]').wait_for(state="attached")
    await shoot(page, f"check-amount-{width}")
    await page.fill('input[name="paid.paid"]', "98")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="照你说的，卖家拿不出相反的记录，就应全额退 ¥98.00").wait_for()
    await _flat(page)
    await shoot(page, f"check-answer-{width}")
    statement = await page.locator("#statement-text").input_value()
    assert "退还实付的 ¥98.00" in statement
    assert "【订单号】" in statement

    await page.go_back()
    await page.locator('input[name="paid.paid"]').wait_for()
    await page.go_forward()
    await page.locator("#statement-text").wait_for()
    await page.get_by_text("你说的 8 件事").click()
    await page.get_by_role("link", name="改：跟卖家说过了吗？").click()
    assert await page.locator('input[name="seller"][value="silent"]').is_checked()
    await _answer(page, "seller", "settled")
    await page.get_by_role("heading", name="已经谈好并照办的，一般不能再要").wait_for()
    assert parse_qs(urlsplit(page.url).query)["paid.paid"] == ["98"]
    assert complaints == []


async def test_the_statement_is_copied_as_it_was_corrected(live: Live, desktop: BrowserContext) -> None:
    await desktop.grant_permissions(["clipboard-read", "clipboard-write"])
    page = await desktop.new_page()
    answers = "&".join(f"{key}={value}" for key, value in WALK)
    await page.goto(f"{live.address}/check?{answers}&paid=&paid.paid=98")
    await page.fill("#statement-text", "改过的陈述")
    await page.get_by_role("button", name="复制全文").click()
    await page.get_by_role("button", name="已复制").wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == "改过的陈述"


async def test_by_keyboard_alone(live: Live, desktop: BrowserContext) -> None:
    page = await desktop.new_page()
    await page.goto(f"{live.address}/check")
    await page.locator('input[name="kind"]').first.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await page.locator('input[name="of"][value="where"]').wait_for(state="attached")
    await expect(page.locator("#question")).to_be_focused()  # the new question is read out
    await page.keyboard.press("Tab")
    await expect(page.locator('input[name="where"]').first).to_be_focused()


async def test_without_javascript(live: Live, browser: Browser) -> None:
    async with await browser.new_context(java_script_enabled=False, viewport=PHONE, locale="zh-CN") as context:
        page = await context.new_page()
        await page.goto(f"{live.address}/check")
        for key, value in WALK:
            await _answer(page, key, value)
        await page.get_by_role("button", name="不清楚，跳过").click()
        assert "以 100 元为例" in await page.content()
        assert await page.locator("#statement-text").is_visible()
        assert not await page.get_by_role("button", name="复制全文").is_visible()
        await page.goto(f"{live.address}/check?kind=card_key")
        await page.get_by_role("button", name="下一题").click()
        assert "请选一项" in await page.content()


async def test_in_english(live: Live, browser: Browser, shoot: Shoot) -> None:
    async with await browser.new_context(viewport=PHONE, locale="en-GB") as context:
        page = await context.new_page()
        answers = "&".join(f"{key}={value}" for key, value in WALK)
        await page.goto(f"{live.address}/check?{answers}&paid=&paid.paid=98")
        due = "If it is so, ¥98.00 is due in full unless the seller proves otherwise"
        await page.get_by_role("heading", name=due).wait_for()
        await _flat(page)
        await shoot(page, "check-answer-en")
