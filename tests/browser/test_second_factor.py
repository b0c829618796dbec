"""Two-step sign-in in a real browser: a passkey of Chromium's virtual authenticator, and an authenticator app without
any script."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from playwright.async_api import Browser, BrowserContext, Page

from liuhen.base.db import Database
from liuhen.factors import totp
from liuhen.flows.people.register_party import RegisterParty, register_party
from liuhen.parties.model import Role
from tests.browser.conftest import DESKTOP, PHONE, Shoot
from tests.browser.served import served
from tests.edge.doors import KEYS, Doors, FrozenClock, build

PASSWORD = "correct horse 9"
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def site() -> Litestar:
    return build()


@pytest.fixture
async def doors(site: Litestar, db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Doors]:
    made = Doors(site, db, FrozenClock(now), tmp_path)
    yield made
    await made.close()


async def _staff(doors: Doors, *logins: str) -> None:
    for login in logins:
        cmd = RegisterParty(
            login=login,
            password=PASSWORD,
            terms_version="2026-11-1",
            display_name="审核员 周宁",
            roles=frozenset({Role.REVIEWER, Role.ADMIN}),
        )
        await register_party(doors.db, cmd, now=doors.clock.now(), keys=KEYS, agreements=doors.agreements)


def _by_name(doors: Doors, address: str) -> str:
    """The site under a name, as passkeys want it; returns its address."""
    named = address.replace("127.0.0.1", "localhost")
    doors.app = replace(doors.app, settings=msgspec.structs.replace(doors.app.settings, base_url=named))
    doors.site.state["house"] = doors.app
    return named


async def _enter(page: Page, site: str, login: str, next_path: str = "/") -> None:
    await page.goto(f"{site}/sign-in?next={next_path}")
    await page.get_by_label("登录名").fill(login)
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await _press(page, "登录")


async def _press(page: Page, text: str) -> None:
    async with page.expect_navigation():
        await page.locator("main").get_by_role("button", name=text, exact=True).first.click()


async def _keep(page: Page, shoot: Shoot, name: str) -> None:
    assert await page.evaluate(_OVERFLOW) == 0, name
    await shoot(page, name)


async def test_a_passkey_is_registered_and_signs_in(doors: Doors, phone: BrowserContext, shoot: Shoot) -> None:
    await _staff(doors, "anna")
    page = await phone.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    chromium = await phone.new_cdp_session(page)
    await chromium.send("WebAuthn.enable")
    made = await chromium.send("WebAuthn.addVirtualAuthenticator", {"options": _KEY})
    async with served(doors) as address:
        site = _by_name(doors, address)
        await _enter(page, site, "anna", "/desk")
        assert page.url == f"{site}/settings/second-factor", "staff sets one up before anything else"
        await _keep(page, shoot, "factor-none-phone")
        await page.get_by_label("名称").fill("周宁的手机")
        await _press(page, "添加通行密钥")
        assert page.url == f"{site}/shown-once"
        assert len((await page.locator("#secret").inner_text()).split()) == 10
        await _keep(page, shoot, "factor-codes-phone")
        await _press(page, "已经记好，继续")
        assert await page.get_by_text("周宁的手机").count() == 1
        await _keep(page, shoot, "factor-passkey-phone")
        await page.goto(f"{site}/desk")
        assert page.url == f"{site}/desk"
        await phone.clear_cookies()

        await _enter(page, site, "anna", "/desk")
        assert page.url == f"{site}/sign-in/code?next=/desk"
        await _keep(page, shoot, "factor-step-phone")
        await _press(page, "用通行密钥")
        assert page.url == f"{site}/desk"
        await page.goto(f"{site}/settings")
        assert await page.get_by_text("密码加通行密钥").count() == 2, "the session that added it, and this one"
        await _keep(page, shoot, "factor-settings-phone")

        doors.clock.at += timedelta(minutes=11)
        await page.goto(f"{site}/settings/second-factor")
        assert page.url == f"{site}/confirm?next=/settings/second-factor"
        await _keep(page, shoot, "factor-confirm-phone")
        await _press(page, "用通行密钥")
        assert page.url == f"{site}/settings/second-factor"

        await phone.clear_cookies()
        await chromium.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
        bare = {**_KEY, "isUserVerified": False, "automaticPresenceSimulation": True}
        await chromium.send("WebAuthn.addVirtualAuthenticator", {"options": bare})
        await _enter(page, site, "anna")
        await page.locator("main").get_by_role("button", name="用通行密钥").click()
        said = page.locator("[data-said]")
        await said.get_by_text("没有成功").wait_for()
        await _keep(page, shoot, "factor-no-key-phone")
    assert complaints == []


async def test_an_authenticator_needs_no_script(doors: Doors, browser: Browser, shoot: Shoot) -> None:
    await _staff(doors, "ben")
    async with served(doors) as address:
        for viewport, name in ((DESKTOP, "desktop"), (PHONE, "phone")):
            async with await browser.new_context(
                viewport=viewport, locale="zh-CN", java_script_enabled=False
            ) as context:
                page = await context.new_page()
                await _enter(page, address, "ben")
                if name == "desktop":
                    await shoot(page, "factor-none-desktop")
                    await _press(page, "设置认证器")
                    secret = (await page.locator("#secret").inner_text()).replace(" ", "")
                    await shoot(page, "factor-app-desktop")
                    await page.get_by_label("动态码").fill("12345")
                    await _press(page, "启用")
                    await shoot(page, "factor-app-wrong-desktop")
                else:
                    await shoot(page, "factor-step-code-phone")
                doors.clock.at += timedelta(seconds=30)
                await page.get_by_label("动态码").fill(totp.code_at(secret, totp.step_of(doors.clock.now())))
                await _press(page, "启用" if name == "desktop" else "登录")
                await page.goto(f"{address}/admin")
                assert page.url == f"{address}/admin"
                await page.goto(f"{address}/settings/second-factor")
                await shoot(page, f"factor-app-on-{name}")
