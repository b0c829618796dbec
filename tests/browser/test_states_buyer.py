"""States that are easy to forget: nothing yet, a batch of 500, by hand and late, refused, in flight, dark, English."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.async_api import Browser

from liuhen.base.db import Database
from liuhen.flows.aftersale.ask_human import AskHuman, ask_human
from liuhen.flows.aftersale.review_refund import ReviewRefund, review_refund
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from tests.browser.conftest import DESKTOP, PHONE, Shoot
from tests.browser.served import served
from tests.browser.test_story_buyer import sign_in
from tests.edge.doors import KEYS, Doors, FrozenClock, build
from tests.flows.refunds import Bought
from tests.flows.world import rules

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = (
    "石榴文档 专业版三年授权密钥（5 台设备，含离线激活与商用许可，可开企业发票，续费同价，适用 2026 及以后版本，"
    "支持视窗、苹果与信创三种系统，附赠模板库一年与团队管理后台，购买前请确认设备数量与系统版本，激活需联网一次，"
    "之后可离线使用一百八十天，超过需重新联网验证，授权绑定企业主体后不可转移）"
)


@pytest.fixture(scope="module")
def site() -> Litestar:
    return build()


@pytest.fixture
async def doors(site: Litestar, db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Doors]:
    made = Doors(site, db, FrozenClock(now), tmp_path)
    yield made
    await made.close()


async def _world(db: Database, now: datetime) -> tuple[Bought, dict[str, str]]:
    """One buyer with an order in each state. Returns the addresses by name."""
    world = Bought(db, now, keys=KEYS)
    paths = {"empty-orders": "/orders", "empty-cases": "/cases", "empty-inbox": "/inbox"}
    batch = await world.bought(500, max_pieces=500, title="木棉游戏点卡 100 元面值（国服）批发")
    seller, buyer = world.seller_id, world.buyer_id
    units = [unit["id"] for unit in await world.units(batch)]
    await world.reveal(batch, *units[:40])
    await world.ask_one(batch, ReasonCode.INVALID_KEY, units[3])
    for _ in range(3):
        await world.fund(buyer, 5_000_000)
    paths["batch"] = f"/orders/{batch.order_no}"
    paths["batch-seal"] = f"/orders/{batch.order_no}/seal?units=41-500"
    paths["batch-refund"] = f"/orders/{batch.order_no}/refund"
    service = await world.listing(
        seller, kind=GoodsKind.BOOSTING_SERVICE, title=LONG, price=9_999_999 // 2, promised_delivery_seconds=7200,
        target_label="游戏账号",
    )  # fmt: skip
    waiting = await world.order(buyer, seller, service, target="夜航船 8842")
    paths["waiting"] = f"/orders/{waiting.order_no}"
    paths["waiting-refund"] = f"/orders/{waiting.order_no}/refund"
    handed = await world.order(buyer, seller, service, target="夜航船 8842")
    cmd = DeliverByHand(
        seller_id=seller, order_id=handed.order_id, line_no=1, text="已上到黄金，账号密码已改回", receipt_no="DL-7731"
    )
    await deliver_by_hand(db, cmd, keys=KEYS, rules=rules(), now=now)
    paths["handed"] = f"/orders/{handed.order_no}"
    unpaid = await world.order(buyer, seller, world.product, 2, pay=None)
    paths["unpaid"] = f"/orders/{unpaid.order_no}"
    flight = await world.order(buyer, seller, world.product, 1, pay="channel")
    case = await world.ask_one(flight, ReasonCode.CHANGE_OF_MIND, (await world.units(flight))[0]["id"])
    paths["case-flight"] = f"/cases/{case.case_no}"
    paths["order-flight"] = f"/orders/{flight.order_no}"
    regret = await world.order(buyer, seller, world.product, 1)
    (unit,) = await world.reveal(regret)
    case = await world.ask_one(regret, ReasonCode.CHANGE_OF_MIND, unit)
    paths["case-refused"] = f"/cases/{case.case_no}"
    paths["case-final"] = await _refused_by_a_person(world, db, now)
    await world.shelve(seller, world.product, 2)
    sealed = await world.order(buyer, seller, world.product, 2)
    paths["sealed"] = f"/orders/{sealed.order_no}"
    paths["orders"] = "/orders"
    paths["inbox"] = "/inbox"
    return world, paths


async def _refused_by_a_person(world: Bought, db: Database, now: datetime) -> str:
    """A case with nothing left inside."""
    placed = await world.order(world.buyer_id, world.seller_id, world.product, 1)
    (unit,) = await world.reveal(placed)
    case = await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND, unit)
    asked = AskHuman(buyer_id=world.buyer_id, case_no=case.case_no, words="请再看一遍")
    await ask_human(db, asked, rules=rules(), now=now)
    reviewer = await world.party("审核员", Role.REVIEWER)
    ruling = ReviewRefund(
        reviewer_id=reviewer, case_no=case.case_no, ruling=Ruling.REFUSED, reasons="已拆封，没有质量问题。"
    )
    await review_refund(db, ruling, rules=rules(), now=now)
    return f"/cases/{case.case_no}"


@pytest.mark.parametrize(
    ("look", "size"), [("phone", PHONE), ("desktop", DESKTOP), ("dark", PHONE), ("english", PHONE)]
)
async def test_states(
    doors: Doors, db: Database, now: datetime, browser: Browser, shoot: Shoot, look: str, size: object
) -> None:
    world, paths = await _world(db, now)
    doors.clock.at = world.later(minutes=9)
    nobody = await world.party("新人")
    scheme = "dark" if look == "dark" else "light"
    async with served(doors) as address:
        for party, names in (
            (nobody, [name for name in paths if name.startswith("empty")]),
            (world.buyer_id, [name for name in paths if not name.startswith("empty")]),
        ):
            context = await browser.new_context(viewport=size, locale="zh-CN", color_scheme=scheme)  # type: ignore[arg-type]
            await sign_in(doors, context, address, party)
            if look == "english":
                await context.add_cookies([{"name": "lang", "value": "en", "url": address}])
            page = await context.new_page()
            for name in names:
                answer = await page.goto(address + paths[name])
                assert answer is not None and answer.status == 200, name
                assert await page.evaluate(_OVERFLOW) == 0, name
                await shoot(page, f"state-{name}-{look}")
            await context.close()


async def test_what_renews_itself_leaves_the_keyboard_where_it_is(
    doors: Doors, db: Database, now: datetime, browser: Browser
) -> None:
    world, paths = await _world(db, now)
    doors.clock.at = world.later(minutes=9)
    async with served(doors) as address:
        context = await browser.new_context(viewport=DESKTOP, locale="zh-CN")
        await sign_in(doors, context, address, world.buyer_id)
        page = await context.new_page()
        await page.clock.install()
        await page.goto(address + paths["case-refused"])
        await page.locator("#turn a[href='#human']").focus()
        async with page.expect_response(lambda it: it.request.headers.get("hx-request") == "true"):
            await page.clock.fast_forward(61_000)
        await page.clock.run_for(1_000)
        assert await page.evaluate("document.activeElement.getAttribute('href')") == "#human"
        await page.locator("body").press("Escape")
        await page.evaluate("document.activeElement.blur()")
        old = await page.locator("#turn").element_handle()
        async with page.expect_response(lambda it: it.request.headers.get("hx-request") == "true"):
            await page.clock.fast_forward(61_000)
        await page.clock.run_for(1_000)
        assert old is not None and not await old.evaluate("it => it.isConnected"), "it goes on renewing itself"
        await context.close()
