"""The house is open: its first page and the sandbox's answer in a real browser, desktop and phone, without errors."""

import pytest
from playwright.async_api import BrowserContext, Page

from tests.browser.conftest import Live, Shoot


async def _visit(page: Page, address: str) -> list[str]:
    """Everything the browser complained about on the way."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    answer = await page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.ok
    return complaints


@pytest.mark.parametrize("width", ["desktop", "phone"])
async def test_first_page(live: Live, desktop: BrowserContext, phone: BrowserContext, shoot: Shoot, width: str) -> None:
    page = await (phone if width == "phone" else desktop).new_page()
    assert await _visit(page, live.address + "/") == []
    await shoot(page, f"market-{width}")
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0, "nothing sticks out at the side"
    assert await page.evaluate("document.characterSet") == "UTF-8"
