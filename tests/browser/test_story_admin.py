"""The admin's pages in a real browser: nothing sticks out on a phone, sheets ask before what can't be undone."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar
from playwright.async_api import BrowserContext, Page

from liuhen.base.db import Database, Tx
from liuhen.base.ids import new_id
from liuhen.edge.web import session
from liuhen.factors import store as factors
from liuhen.factors.model import Passkey
from liuhen.flows.outbox.beat import beat
from liuhen.flows.people.freeze_party import FreezeParty, freeze_party
from liuhen.flows.people.set_fee import SetFee, set_fee
from liuhen.flows.people.wish_reset import WishReset, wish_reset
from liuhen.flows.trade.add_issuer import AddIssuer, add_issuer
from liuhen.parties.model import Role
from liuhen.payments import store as payments
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds.model import Answer
from liuhen.steps.arrival import fail
from tests.browser.conftest import Shoot
from tests.browser.served import served
from tests.edge.doors import KEYS, Doors, FrozenClock, build
from tests.flows.refunds import Bought

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site() -> Litestar:
    return build()


@pytest.fixture
async def doors(site: Litestar, db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Doors]:
    made = Doors(site, db, FrozenClock(now), tmp_path)
    yield made
    await made.close()


@pytest.fixture
def story(db: Database, now: datetime) -> Bought:
    return Bought(db, now - timedelta(days=6), keys=KEYS)


async def _trouble(story: Bought, doors: Doors) -> UUID:
    """An admin with a refund that failed, an overdue review, a frozen shop and somebody locked out."""
    admin = await doors.login(await story.party("何安", Role.ADMIN), "hean")
    for name, login in (("周宁", "zhouning"), ("林小北", "linxiaobei")):
        await doors.login(await story.party(name, *([Role.REVIEWER] if name == "周宁" else [])), login)
    await wish_reset(story.db, WishReset("linxiaobei", "203.0.113.9"), now=story.now)
    placed = await story.bought(pay="channel", title="木棉游戏点卡 100 元面值（国服通用，电脑与手机同账号）")
    await story.ask(placed, ReasonCode.CHANGE_OF_MIND)
    seller = story.seller_id

    async def refuse(tx: Tx) -> None:
        refund_id = await tx.fetchval("select id from refund where book_id = $1", seller)
        refund = await payments.lock_refund(tx, seller, refund_id)
        await fail(tx, refund, "ACCOUNT_CLOSED: the card was closed by its holder", now=story.now)

    await story.db.transact(refuse, now=story.now)
    fee = SetFee(admin_id=admin, book_id=seller, fee_basis_points=350, reason="新店三个月优惠到期，恢复标准费率")
    await set_fee(story.db, fee, now=story.now)
    _placed, case = await story.invalid(title="石榴文档 专业版三年授权")
    await story.answer(case, Answer.REFUSED)
    await freeze_party(story.db, FreezeParty(admin, story.seller_id, "同一张卡密卖给多人，核实中"), now=story.now)
    story.now = (await story.case(case))["due_at"] + timedelta(hours=2)
    await story.escalate(case)
    key = Passkey(new_id(story.now), "店里的电脑", b"credential", b"public key", 0, story.now)
    await story.db.transact(lambda tx: factors.add_passkey(tx, story.seller_id, key), now=story.now)
    await add_issuer(story.db, AddIssuer(admin_id=admin, name="木棉游戏"), keys=KEYS, now=story.now)
    await beat(story.db, "worker:4711", now=story.now)
    return admin


async def _sign_in(doors: Doors, context: BrowserContext, address: str, party_id: UUID) -> None:
    value = (await doors.browser(party_id)).client.cookies.get(session.cookie_name(False))
    assert value is not None
    await context.add_cookies([{"name": session.cookie_name(False), "value": value, "url": address}])


async def _keep(page: Page, shoot: Shoot, name: str) -> None:
    assert await page.evaluate(_OVERFLOW) == 0, name
    await shoot(page, name)


@pytest.mark.parametrize("width", ["desktop", "phone"])
async def test_every_page(
    doors: Doors, story: Bought, desktop: BrowserContext, phone: BrowserContext, shoot: Shoot, width: str
) -> None:
    admin = await _trouble(story, doors)
    doors.clock.at = story.now
    context = desktop if width == "desktop" else phone
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    async with served(doors) as address:
        await _sign_in(doors, context, address, admin)
        for name, path in (
            ("overview", "/admin"),
            ("people", "/admin/people"),
            ("person", f"/admin/people/{story.seller_id}"),
            ("shops", "/admin/shops"),
            ("shop", f"/admin/shops/{story.seller_id}"),
            ("channels", "/admin/channels"),
            ("issuers", "/admin/issuers"),
            ("acts", "/admin/acts"),
            ("upkeep", "/admin/upkeep"),
        ):
            await page.goto(address + path)
            await _keep(page, shoot, f"admin-{name}-{width}")
        await page.goto(f"{address}/admin")
        await page.get_by_role("link", name="再汇一次").click()
        sheet = page.locator("dialog[open]")
        await sheet.get_by_label("理由").fill("渠道说卡已恢复，再试一次")
        await _keep(page, shoot, f"admin-retry-{width}")
        async with page.expect_navigation():
            await sheet.get_by_role("button", name="再汇一次").click()
        assert "重新排队" in await page.get_by_role("status").inner_text()
        await page.goto(f"{address}/admin")
        async with page.expect_navigation():
            await page.get_by_role("button", name="现在核对所有账").click()
        assert await page.get_by_text("所有账都平。").count() == 1
    assert complaints == []
