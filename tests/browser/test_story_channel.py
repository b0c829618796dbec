"""Money there and back over the sandbox channel, all processes real: web, worker, sandbox, browser."""

import asyncio
import re
import time

from playwright.async_api import BrowserContext, Page

from liuhen.base.db import Database, Row
from tests.browser.conftest import Live, Shoot

SENT_WITHIN = 5.0
"""Seconds from the approval to the worker's call (issue 2, section 2.5)."""


async def _sign_in(page: Page, live: Live, role: str) -> None:
    login = live.logins[role]
    await page.goto(f"{live.address}/sign-in")
    await page.fill("input[name=login]", login.login)
    await page.fill("input[name=password]", login.password)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)


async def _buy_over_the_channel(page: Page, live: Live) -> str:
    """From the market to the order page; returns the order's number."""
    await page.goto(f"{live.address}/?q=石榴文档 专业版")
    await page.locator('a[href^="/p/"]').first.click()
    await page.get_by_text("去核对").first.click()
    for box in await page.locator("main input[type=checkbox]").all():
        await box.check()
    await page.locator("button[value=place]").click()
    await page.wait_for_url("**/pay")
    await page.locator("input[name=way][value=sandbox]").check(force=True)
    await page.get_by_role("button", name="付款", exact=True).click()
    await page.wait_for_url(f"{live.sandbox_address}/**")
    await page.get_by_role("button", name="付款").click()
    await page.wait_for_url(re.compile(rf"{live.address}/orders/LH[^/]+$"), timeout=20_000)
    return page.url.rpartition("/")[2]


async def test_money_goes_and_comes_back_the_same_way(live: Live, phone: BrowserContext, shoot: Shoot) -> None:
    page = await phone.new_page()
    await _sign_in(page, live, "buyer")
    number = await _buy_over_the_channel(page, live)
    assert "密封" in await page.title()
    await page.goto(f"{live.address}/orders/{number}/refund")
    if await page.locator("input[name=u]").count():
        await page.locator("input[name=u]").first.check()
        await page.locator("button:has-text('下一步')").click()
    await page.locator("input[name=reason][value=CHANGE_OF_MIND]").check(force=True)
    await page.locator("button:has-text('结果')").click()
    await page.get_by_role("button", name="提交申请，马上退").click()
    await page.wait_for_url("**/cases/TK*")
    approved = time.monotonic()
    db = await Database.open(live.dsn, size=1)
    try:
        row = await _until(db, number, ("SENT", "ARRIVED"), approved + SENT_WITHIN)
        assert (row["sent_at"] - row["approved_at"]).total_seconds() <= SENT_WITHIN
        await _until(db, number, ("ARRIVED",), approved + 30)
    finally:
        await db.close()
    await page.reload()
    await shoot(page, "channel-arrived-phone")
    assert "已到账" in await page.locator("main").inner_text()


async def _until(db: Database, number: str, states: tuple[str, ...], give_up: float) -> Row:
    while True:
        async with db.read() as tx:
            row = await tx.one(
                "select r.state, r.route, r.approved_at, r.sent_at from refund r join orders o"
                " on o.book_id = r.book_id and o.id = r.order_id where o.order_no = $1",
                number,
            )
        assert row["route"] == "ORIGINAL"
        if row["state"] in states:
            return row
        assert time.monotonic() < give_up, f"still {row['state']}"
        await asyncio.sleep(0.1)
