"""A morning at the reviewer's desk in a real browser: the keyboard on a desktop, touch on a phone."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar
from PIL import Image, ImageDraw
from playwright.async_api import BrowserContext, Page

from liuhen.base.db import Database
from liuhen.edge.web import session
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Answer
from liuhen.steps.open_case import CaseBrief
from tests.browser.conftest import Shoot
from tests.browser.served import served
from tests.edge.doors import KEYS, Doors, FrozenClock, build
from tests.flows.refunds import Bought

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
GOODS = (
    ("山南点卡行", "石榴文档 专业版三年授权", GoodsKind.PREPAID_CARD, 39_200, ReasonCode.ALREADY_REDEEMED),
    ("青竹数码专营店", "木棉游戏点卡 100 元面值（国服）", GoodsKind.CARD_KEY, 9_800, ReasonCode.INVALID_KEY),
    ("蓝湾音乐旗舰店", "蓝湾音乐高级会员 12 个月", GoodsKind.MEMBERSHIP, 3_650, ReasonCode.SERVICE_STOPPED),
    ("远岸视频专卖", "远岸视频会员月卡（国际）", GoodsKind.CARD_KEY, 1_990, ReasonCode.WRONG_REGION),
    (
        "企业礼品中心",
        "企业礼品卡 1000 元，全国门店通用，线上线下都可以用，长期有效",
        GoodsKind.VOUCHER,
        99_000,
        ReasonCode.INCORRECT_AMOUNT,
    ),
)


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
    return Bought(db, now - timedelta(days=2), keys=KEYS)


async def _cases(story: Bought, doors: Doors) -> list[CaseBrief]:
    """Five disputes of five shops; the first has proof, words and a past."""
    made: list[CaseBrief] = []
    for shop, title, kind, price, reason in GOODS:
        story.seller_id, story.buyer_id = await story.seller(shop), await story.party("林小北")
        story.product = await story.listing(story.seller_id, kind=kind, title=title, price=price, max_pieces=20)
        await story.shelve(story.seller_id, story.product, 6)
        await story.fund(story.buyer_id, price * 4)
        placed = await story.order(story.buyer_id, story.seller_id, story.product, 4)
        units = [row["id"] for row in await story.units(placed)]
        story.later(minutes=19)
        await story.reveal(placed, *units[1:3])
        story.later(hours=1, minutes=12)
        words = "没用成，提示设备数已满。录屏第 31 秒能看到激活日期是 11 月 18 日，我 20 号才买。"
        (case, *_) = (await story.ask(placed, reason, *units[1:3], statement=words)).cases
        await _evidence(story, doors, case)
        story.later(hours=2)
        await story.answer(case, Answer.REFUSED, "密钥发出前都是好的，激活了就是买家自己激活的，激活后概不退换。")
        made.append(case)
    return made


async def _evidence(story: Bought, doors: Doors, case: CaseBrief) -> None:
    assert doors.app.objects is not None
    for name, party in (
        ("录屏截图.png", story.buyer_id),
        ("激活页面.png", story.buyer_id),
        ("发货记录.png", story.seller_id),
    ):
        picture = Image.new("RGB", (720, 480), "#f4f4f4")
        ImageDraw.Draw(picture).rectangle((40, 100, 680, 360), outline="#c33", width=8)
        out = BytesIO()
        picture.save(out, "PNG")
        given = AttachPicture(party_id=party, filename=name, data=out.getvalue(), case_no=case.case_no)
        await attach_picture(story.db, given, objects=doors.app.objects, rules=story.rules, now=story.now)
    said = AddNote(author_id=story.buyer_id, case_no=case.case_no, text="截图已经补上。")
    await add_note(story.db, said, rules=story.rules, now=story.now)


async def _sign_in(doors: Doors, context: BrowserContext, address: str, party_id: UUID) -> None:
    value = (await doors.browser(party_id)).client.cookies.get(session.cookie_name(False))
    assert value is not None
    await context.add_cookies([{"name": session.cookie_name(False), "value": value, "url": address}])


async def _keep(page: Page, shoot: Shoot, name: str) -> None:
    assert await page.evaluate(_OVERFLOW) == 0, name
    await shoot(page, name)


async def test_keyboard_from_queue_to_decision(
    doors: Doors, story: Bought, desktop: BrowserContext, shoot: Shoot
) -> None:
    cases = await _cases(story, doors)
    reviewer = await story.party("周老师", Role.REVIEWER)
    await story.rule(cases[4], reviewer, Ruling.PARTLY, fen=50_000, reasons="面额少了一半")
    doors.clock.at = (await story.case(cases[1]))["due_at"] - timedelta(hours=3)
    page = await desktop.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    async with served(doors) as address:
        await _sign_in(doors, desktop, address, reviewer)
        await page.goto(f"{address}/desk")
        await _keep(page, shoot, "desk-queue-desktop")
        await page.keyboard.press("?")
        assert await page.locator("dialog[open]").count() == 1
        await _keep(page, shoot, "desk-keys-desktop")
        await page.keyboard.press("Escape")
        for key in ("j", "j", "k"):
            await page.keyboard.press(key)
        assert cases[0].case_no in str(await page.evaluate("document.activeElement.href"))
        await page.keyboard.press("j")
        async with page.expect_navigation():
            await page.keyboard.press("e")
        assert cases[1].case_no in page.url
        assert await page.get_by_role("status").get_by_text("已认领").count() == 1
        await page.goto(f"{address}/desk/cases/{cases[1].case_no}?view=all")
        await _keep(page, shoot, "desk-case-desktop")
        await page.keyboard.press("2")
        assert await page.get_by_label("退多少").is_visible()
        await page.get_by_label("退多少").fill("98.00")
        await page.get_by_label("给双方的理由").fill("卖家拿不出发货前的检测记录，一张按无效处理。")
        await _keep(page, shoot, "desk-ruling-desktop")
        async with page.expect_navigation():
            await page.keyboard.press("Control+Enter")
        assert "已决定：退 ¥98.00" in await page.locator("[role=status]").first.inner_text()
        assert cases[1].case_no not in page.url, "straight on to the next case"
        await _keep(page, shoot, "desk-next-desktop")
        await page.goto(f"{address}/desk/cases/{cases[1].case_no}")
        await _keep(page, shoot, "desk-decided-desktop")
    assert complaints == []
    assert (await story.case(cases[1]))["approved_fen"] == 9_800


async def test_a_look_at_a_key(doors: Doors, story: Bought, desktop: BrowserContext, shoot: Shoot) -> None:
    cases = await _cases(story, doors)
    reviewer = await story.party("周老师", Role.REVIEWER)
    doors.clock.at = story.now
    page = await desktop.new_page()
    await page.clock.install()
    async with served(doors) as address:
        await _sign_in(doors, desktop, address, reviewer)
        await page.goto(f"{address}/desk/cases/{cases[1].case_no}")
        await page.get_by_role("link", name="查看卡密").first.click()
        sheet = page.locator("dialog[open]")
        await sheet.get_by_label("理由，双方都看得到").fill("核对卡密的位数是否完整")
        await _keep(page, shoot, "desk-look-desktop")
        async with page.expect_navigation():
            await sheet.get_by_role("button", name="写进记录，查看").click()
        assert await page.get_by_text("60 秒后收起").count() == 1
        assert "TEST" in await page.locator(".cardkey").first.inner_text()
        await _keep(page, shoot, "desk-looked-desktop")
        await page.get_by_label("给双方的理由").fill("写到一半的理由")
        await page.clock.fast_forward(61_000)
        assert await page.locator(".cardkey").count() == 0
        assert await page.get_by_label("给双方的理由").input_value() == "写到一半的理由", "only the key goes"
        assert page.url == f"{address}/desk/cases/{cases[1].case_no}?view=all", "a reload asks for no second look"


async def test_english_articles_are_not_cut(doors: Doors, story: Bought, desktop: BrowserContext) -> None:
    cases = await _cases(story, doors)
    reviewer = await story.party("周老师", Role.REVIEWER)
    doors.clock.at = story.now
    page = await desktop.new_page()
    async with served(doors) as address:
        await _sign_in(doors, desktop, address, reviewer)
        await desktop.add_cookies([{"name": "lang", "value": "en", "url": address}])
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(f"{address}/desk/cases/{cases[1].case_no}")
            panel = page.locator("section[aria-labelledby=rules] .sheet").first
            assert await panel.evaluate("it => it.scrollWidth - it.clientWidth") == 0, width


async def test_on_a_phone(doors: Doors, story: Bought, phone: BrowserContext, shoot: Shoot) -> None:
    cases = await _cases(story, doors)
    reviewer = await story.party("周老师", Role.REVIEWER)
    doors.clock.at = story.now
    page = await phone.new_page()
    async with served(doors) as address:
        await _sign_in(doors, phone, address, reviewer)
        await page.goto(f"{address}/desk")
        await _keep(page, shoot, "desk-queue-phone")
        async with page.expect_navigation():
            await page.get_by_role("button", name="认领").first.tap()
        await _keep(page, shoot, "desk-case-phone")
        await page.locator("#ruling label").filter(has_text="驳回").tap()
        await page.get_by_label("给双方的理由").fill("发行方记录显示拆封后才激活。")
        async with page.expect_navigation():
            await page.get_by_role("button", name="提交决定").tap()
        assert "已决定：不退" in await page.locator("[role=status]").first.inner_text()
    assert (await story.case(cases[0]))["state"] == "REJECTED"
