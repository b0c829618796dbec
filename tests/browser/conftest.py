"""One Chromium for the whole run; every test gets a clean phone or desktop and can keep a picture of what it saw."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from liuhen.base.config import Settings
from liuhen.edge.cli.children import Children
from liuhen.edge.cli.demo import prepare
from liuhen.edge.cli.demo_market import Login
from liuhen.timing.clock import SystemClock
from tests.ports import free_port
from tests.runner import chromium

SCREENSHOTS = Path(__file__).resolve().parents[2] / ".cache" / "screenshots"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 1000}

_READY_SECONDS = 60
expect.set_options(timeout=30_000)  # as long as every other wait of Playwright: five seconds are few on a busy machine

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


@dataclass(frozen=True)
class Live:
    """A whole Liuhen with the demo market: web, worker and sandbox channel as processes, on the real clock."""

    address: str
    sandbox_address: str
    dsn: str
    settings: Settings
    logins: dict[str, Login]


@pytest.fixture(scope="session")
async def live(
    fresh_dsn: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    """Shared by all browser tests of a run: make what you need, do not count on what others left alone."""
    dsn = await fresh_dsn()
    settings = Settings(
        data_dir=str(tmp_path_factory.mktemp("live")),
        database_url=dsn,
        port=free_port(),
        sandbox_port=free_port(),
        sandbox_enabled=True,
        cookie_secure=False,
        demo=True,
        staff_second_factor="optional",
    )
    logins = await prepare(settings, dsn, SystemClock().now())
    with Children(settings) as children:
        children.start_all()
        if not children.await_ready(_READY_SECONDS, threading.Event()):
            pytest.fail(children.obituary())
        yield Live(
            address=settings.address,
            sandbox_address=settings.sandbox_address,
            dsn=dsn,
            settings=settings,
            logins={login.role: login for login in logins},
        )
