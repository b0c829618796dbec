"""One Chromium for the whole run; every test gets a clean phone or desktop and can keep a picture of what it saw."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.runner import chromium

SCREENSHOTS = Path(__file__).resolve().parents[2] / ".cache" / "screenshots"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 1000}

Shoot = Callable[[Page, str], Awaitable[Path]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, told nothing about our user (root needs --no-sandbox)."""
    program = chromium()
    if program is None:
        pytest.fail("Chromium was not found: run bin/test setup, or name one with LIUHEN_CHROMIUM.")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
        )
        yield running
        await running.close()


@pytest.fixture
async def desktop(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A desktop, 1440 x 1000, in Chinese, in Shanghai, signed in nowhere."""
    async with await browser.new_context(viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai") as context:
        yield context


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A phone, 390 x 844, with touch, in Chinese, in Shanghai, signed in nowhere."""
    async with await browser.new_context(
        viewport=PHONE,
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    ) as context:
        yield context


@pytest.fixture(scope="session")
def shoot() -> Shoot:
    """Keeps a picture of the whole page as .cache/screenshots/NAME.png, to be looked at; never in git."""

    async def keep(page: Page, name: str) -> Path:
        path = SCREENSHOTS / f"{name}.png"
        await page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    return keep
