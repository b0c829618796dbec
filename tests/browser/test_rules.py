"""The rules in a real browser: a link to a clause lands on it, conditions unfold, a search finds, all fits.

On the day of the tests' clock, on which the first version holds and the second one is announced.
"""

from datetime import datetime
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from liuhen.base.db import Database
from tests.browser.conftest import Shoot
from tests.browser.served import served
from tests.edge.doors import Doors, FrozenClock, build

DIFF = "/rules/2026-11-1/diff/2027-01-1"


async def _fits(page: Page) -> None:
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0, page.url


@pytest.mark.parametrize("width", ["desktop", "phone"])
async def test_somebody_reads_the_rules(
    db: Database,
    now: datetime,
    tmp_path: Path,
    desktop: BrowserContext,
    phone: BrowserContext,
    shoot: Shoot,
    width: str,
) -> None:
    doors = Doors(build(), db, FrozenClock(now), tmp_path)
    page = await (phone if width == "phone" else desktop).new_page()
    async with served(doors) as address:
        await _reads(page, address, shoot, width)
    await doors.close()


async def _reads(page: Page, address: str, shoot: Shoot, width: str) -> None:
    await page.goto(address + "/rules#clause-promise.instant")
    article = page.locator('[id="clause-promise.instant"]')
    await expect(article).to_be_in_viewport()
    await article.get_by_text("完整条件").click()
    await expect(article.get_by_text("下面每一条都要符合")).to_be_visible()
    await article.get_by_role("link", name="送达").first.click()
    await expect(page.locator('[id="clause-delivery.done"]')).to_be_in_viewport()
    await _fits(page)
    await shoot(page, f"rules-{width}")

    await page.get_by_label("在规则里搜").fill("未成年")
    await page.get_by_role("button", name="搜", exact=True).last.click()
    await expect(page.get_by_role("heading", name="未成年").first).to_be_visible()
    await _fits(page)
    await shoot(page, f"rules-search-{width}")

    await page.goto(address + DIFF)
    await expect(page.get_by_text("怎么过渡")).to_be_visible()
    await _fits(page)
    await shoot(page, f"rules-diff-{width}")
    await page.goto(address + "/rules/2027-01-1")
    await _fits(page)
    await expect(page.get_by_role("link", name="登录后在这里写")).to_be_visible()
    async with page.expect_download() as kept:
        await page.get_by_role("link", name="下载全文").click()
    assert (await kept.value).suggested_filename == "liuhen-rules-2027-01-1.txt"
