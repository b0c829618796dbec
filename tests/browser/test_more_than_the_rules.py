"""What sellers promise beyond the rules, work that has begun, and a reviewer asking for proof, as people see them."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar
from playwright.async_api import BrowserContext, Page, expect

from liuhen.base.db import Database
from liuhen.edge.web import session
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Answer
from tests.browser.conftest import Shoot
from tests.browser.served import served
from tests.edge.doors import KEYS, Doors, FrozenClock, build
from tests.flows.refunds import Bought
from tests.flows.test_refund_record import picture

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WANTED = "请补一段从拆封到兑换页提示的连续录屏，能看清时间和提示全文。"


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
    return Bought(db, now, keys=KEYS)


@pytest.fixture(params=["desktop", "phone"])
def width(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def window(width: str, desktop: BrowserContext, phone: BrowserContext) -> BrowserContext:
    return desktop if width == "desktop" else phone


async def _as(doors: Doors, window: BrowserContext, address: str, party: UUID) -> Page:
    """A new page of the window, signed in as somebody."""
    value = (await doors.browser(party)).client.cookies.get(session.cookie_name(False))
    assert value is not None
    await window.clear_cookies()
    await window.add_cookies([{"name": session.cookie_name(False), "value": value, "url": address}])
    return await window.new_page()


async def _fits(page: Page) -> None:
    assert await page.evaluate(_OVERFLOW) == 0, page.url


async def test_a_seller_promises_more_and_the_table_follows(
    doors: Doors, story: Bought, window: BrowserContext, width: str, shoot: Shoot
) -> None:
    seller = await story.seller()
    async with served(doors) as address:
        page = await _as(doors, window, address, seller)
        await page.goto(f"{address}/seller/products/new?kind=voucher")
        await page.get_by_label("标题").fill("山南茶饮代金券 50 元")
        await page.get_by_label("价格").fill("45")
        await page.locator("#f-sealed_days").fill("7")
        await page.locator("#f-revealed_hours").select_option("72")
        await expect(page.locator("#refund-preview")).to_contain_text("已拆封未使用，3 天内")
        await page.get_by_label("我能让发行方作废看过的卡密").check()
        await expect(page.locator("#refund-preview tr").last).to_contain_text("全额退")
        await _fits(page)
        await shoot(page, f"listing-promises-{width}")
        await page.get_by_role("button", name="上架", exact=True).click()
        await page.wait_for_url("**/stock")


async def test_work_begins_with_one_press(
    doors: Doors, story: Bought, window: BrowserContext, width: str, shoot: Shoot
) -> None:
    placed = await story.bought(
        kind=GoodsKind.BOOSTING_SERVICE, title="代练：青铜到白银", promised_delivery_seconds=7200
    )
    async with served(doors) as address:
        page = await _as(doors, window, address, story.seller_id)
        await page.goto(f"{address}/seller/orders/{placed.order_no}")
        await shoot(page, f"seller-order-begin-{width}")
        await page.get_by_role("button", name="我已开工").click()
        await expect(page.get_by_text("已记下：开工了")).to_be_visible()
        await _fits(page)
        await shoot(page, f"seller-order-begun-{width}")
        page = await _as(doors, window, address, story.buyer_id)
        await page.goto(f"{address}/orders/{placed.order_no}")
        await expect(page.get_by_text("现在取消，由审核员看做到哪一步再定")).to_be_visible()
        await _fits(page)
        await shoot(page, f"buyer-order-begun-{width}")


async def test_a_buyer_is_asked_for_proof_and_brings_it(
    doors: Doors, story: Bought, window: BrowserContext, width: str, shoot: Shoot
) -> None:
    placed = await story.bought()
    await story.reveal(placed)
    case = await story.ask_one(placed, ReasonCode.INVALID_KEY)
    await story.answer(case, Answer.REFUSED)
    reviewer = await story.party("周老师", Role.REVIEWER)
    async with served(doors) as address:
        desk = await _as(doors, window, address, reviewer)
        await desk.goto(f"{address}/desk/cases/{case.case_no}")
        await desk.get_by_text("请买家补充材料，案件先等他").click()
        await desk.locator("#f-missing").fill(WANTED)
        await shoot(desk, f"desk-ask-{width}")
        await desk.get_by_role("button", name="请买家补充材料", exact=True).click()
        await expect(desk.get_by_text("已请买家补充材料")).to_be_visible()
        await _fits(desk)
        await shoot(desk, f"desk-asked-{width}")
        page = await _as(doors, window, address, story.buyer_id)
        await page.goto(f"{address}/cases/{case.case_no}")
        await expect(page.get_by_text(WANTED).first).to_be_visible()
        await _fits(page)
        await shoot(page, f"buyer-case-asked-{width}")
        files = [{"name": "录屏第 12 秒.png", "mimeType": "image/png", "buffer": picture()}]
        await page.locator("#f-pictures").set_input_files(files)
        await page.locator("#f-text").fill("第 12 秒是兑换页的提示。")
        await page.get_by_role("button", name="交给审核员").click()
        await expect(page.locator("h1")).to_contain_text("审核员在看")
        await _fits(page)
