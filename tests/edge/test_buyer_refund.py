"""From a dead card key to money back, by forms alone: preview, pictures, request, answer, human, money."""

import asyncio
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from liuhen.flows.aftersale.review_refund import ReviewRefund, review_refund
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.money.accounts import AccountKind
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import Ruling
from tests.edge.doors import Browser, Doors
from tests.flows.world import World


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 480)) -> bytes:
    """An invented screenshot."""
    out = BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


class Story:
    """A seller, a buyer with a paid order, and both their browsers."""

    def __init__(self, doors: Doors, world: World) -> None:
        self.doors, self.world = doors, world

    async def begin(self, pieces: int = 1, *, reveal: bool = True, pay: str = "balance") -> "Story":
        self.seller_id, self.buyer_id = await self.world.seller("青竹数码专营店"), await self.world.party("林")
        self.product = await self.world.listing(self.seller_id)
        await self.world.shelve(self.seller_id, self.product, pieces + 1)
        await self.world.fund(self.buyer_id, 9800 * pieces)
        self.placed: PlacedOrder = await self.world.order(self.buyer_id, self.seller_id, self.product, pieces, pay=pay)
        self.buyer: Browser = await self.doors.browser(self.buyer_id)
        self.seller: Browser = await self.doors.browser(self.seller_id)
        self.path = f"/orders/{self.placed.order_no}"
        if reveal:
            assert (await self.buyer.post(f"{self.path}/units/1", {"act": "break"})).status_code == 200
        return self

    async def ask(self, reason: str = "INVALID_KEY", units: str = "1", **more: object) -> str:
        """Submits a request and returns the case's address."""
        answer = await self.buyer.post(f"{self.path}/refund", {"units": units, "reason": reason, **more})
        assert answer.status_code == 303, answer.text[-2000:]
        return str(answer.headers["location"])


@pytest.fixture
def story(doors: Doors, world: World) -> Story:
    return Story(doors, world)


async def test_three_steps_and_the_money(story: Story) -> None:
    await story.begin()
    step = (await story.buyer.get(f"{story.path}/refund")).text
    assert "第 2 步，共 3 步" in step and "卡密无效" in step
    empty = await story.buyer.post(f"{story.path}/refund/preview", {"units": "1", "statement": "输了三次都说不存在"})
    assert empty.status_code == 422 and "输了三次都说不存在" in empty.text
    before = await story.world.events(story.placed)
    claim = {"units": "1", "reason": "INVALID_KEY", "statement": "输了三次都说不存在"}
    seen = (await story.buyer.post(f"{story.path}/refund/preview", claim)).text
    assert "提交前，先看结果" in seen and "98.00" in seen and "手续费" in seen and "轮到卖家答复" in seen
    assert "/rules/2026-11-1#clause-defect.open" in seen and "什么会改变结果" in seen and "输了三次都说不存在" in seen
    assert await story.world.events(story.placed) == before
    assert "提交后可以要求人工判定" not in seen and "你随时可以要求人工判定" not in seen
    case = await story.ask(statement="输了三次都说不存在")
    page = (await story.buyer.get(case)).text
    assert 'id="human"' not in page  # while the seller may answer there is nothing to take to a person
    assert "等卖家答复，现在你不用做什么" in page and "按约定默认通过，退你 ¥98.00" in page
    assert "输了三次都说不存在" in page and "撤回申请" in page
    theirs = (await story.seller.get(case)).text
    assert "买家申请退款，轮到你答复" in theirs and "只能答复一次" in theirs and "KEY-" not in theirs
    none = await story.seller.post(f"{case}/answer", {"answer": "REFUSED"})
    assert none.status_code == 422
    assert (await story.seller.post(f"{case}/answer", {"answer": "AGREED"})).status_code == 303
    page = (await story.buyer.get(case)).text
    assert "¥98.00 已退到你的余额" in page and "钱已到账" in page
    assert await story.world.balance(story.buyer_id) == 9800
    order = (await story.buyer.get(story.path)).text
    assert "已全部退款 ¥98.00" in order and "已对你打码" in order
    assert (await story.buyer.post(f"{story.path}/units/1", {"act": "show"})).status_code == 409
    await story.world.check()
    assert case.removeprefix("/cases/") in (await story.buyer.get("/cases")).text
    inbox = (await story.buyer.get("/inbox")).text
    assert "退款批准 ¥98.00" in inbox


async def test_sealed_is_paid_at_once(story: Story) -> None:
    await story.begin(2, reveal=False)
    units = (await story.buyer.get(f"{story.path}/refund")).text
    assert "哪几件出了问题" in units
    assert 'name="step"' in units
    none = await story.buyer.post(f"{story.path}/pick", {"act": "refund", "step": "1"})
    assert none.headers["location"] == f"{story.path}/refund"  # nothing ticked: the same step again
    picked = await story.buyer.post(f"{story.path}/pick", {"act": "refund", "u": ["1", "2"]})
    assert picked.headers["location"] == f"{story.path}/refund?units=1-2"
    assert "不想要了" in (await story.buyer.get(picked.headers["location"])).text
    seen = await story.buyer.post(f"{story.path}/refund/preview", {"units": "1-2", "reason": "CHANGE_OF_MIND"})
    assert "马上退" in seen.text and "196.00" in seen.text
    case = await story.ask("CHANGE_OF_MIND", "1-2")
    assert "钱已到账" in (await story.buyer.get(case)).text
    assert await story.world.balance(story.buyer_id) == 19_600
    assert (await story.world.key_states(story.product))["AVAILABLE"] == 3


async def test_two_ways_at_once_become_two_cases(story: Story) -> None:
    await story.begin(2)
    seen = (await story.buyer.post(f"{story.path}/refund/preview", {"units": "1-2", "reason": "INVALID_KEY"})).text
    assert "会分成 2 个退款单" in seen
    assert await story.ask(units="1-2") == story.path
    page = (await story.buyer.get(story.path)).text
    assert "分成 2 个退款单处理，已批准 ¥98.00" in page and "1 件在退款中" in page


async def test_changed_mind_after_revealing_and_a_human(story: Story) -> None:
    await story.begin()
    case = await story.ask("CHANGE_OF_MIND")
    page = (await story.buyer.get(case)).text
    assert "这次没有退，理由在下面" in page and "要求人工判定" in page
    assert "平台以外，还可以" not in page  # inside a person can still be asked
    assert (await story.buyer.post(f"{case}/human", {"words": "页面当时没有写清楚"})).status_code == 303
    page = (await story.buyer.get(case)).text
    assert "审核员在看" in page and "页面当时没有写清楚" in page
    assert (await story.buyer.post(f"{case}/human")).status_code == 409
    await review_refund(
        story.doors.db,
        ReviewRefund(
            reviewer_id=await story.world.party("审核员", Role.REVIEWER),
            case_no=case.removeprefix("/cases/"),
            ruling=Ruling.REFUSED,
            reasons="商品页和确认都写明了",
        ),
        rules=story.doors.app.rules,
        now=story.world.now,
    )
    page = (await story.buyer.get(case)).text
    assert "商品页和确认都写明了" in page and "审核员判断" in page
    assert "平台以外，还可以" in page and "市场监管部门（12315）" in page
    assert "平台没有支持这次申请" in page and f"订单号：{story.placed.order_no}" in page
    assert "平台以外，还可以" not in (await story.seller.get(case)).text


async def test_pictures_are_kept_shown_and_given_to_parties_alone(story: Story) -> None:
    await story.begin()
    claim = {"units": "1", "reason": "INVALID_KEY", "statement": "看截图"}
    bad = [("pictures", ("病毒.png", b"not a picture", "image/png"))]
    refused = await story.buyer.post(f"{story.path}/refund/pictures", claim, files=bad)
    assert refused.status_code == 422 and "病毒.png" in refused.text and "看截图" in refused.text
    files = [("pictures", (f"兑换失败{n}.png", picture(size=(320, 480 + n)), "image/png")) for n in range(2)]
    kept = await story.buyer.post(f"{story.path}/refund/pictures", claim, files=files)
    assert "已收好 2 张" in kept.text
    place = kept.text.split("/pictures/")[1].split('"')[0]
    shown = await story.buyer.get(f"{story.path}/refund/pictures/{place}")
    assert shown.headers["content-type"] == "image/jpeg" and "sandbox" in shown.headers["content-security-policy"]
    less = await story.buyer.post(f"{story.path}/refund/pictures/{place}/remove", claim)
    assert "已收好 1 张" in less.text
    assert "看截图" in (await story.buyer.post(f"{story.path}/refund/edit", claim)).text
    more = [("pictures", ("第二张.webp", picture("WEBP"), "image/webp"))]
    sent = await story.buyer.post(f"{story.path}/refund", claim, files=more)
    case = str(sent.headers["location"])
    page = (await story.buyer.get(case)).text
    assert "兑换失败" in page and "第二张.webp" in page
    link = f"{case}/pictures/" + page.split(f"{case}/pictures/")[1].split('"')[0].split("/")[0]
    for reader in (story.buyer, story.seller):
        view = await reader.get(link)
        assert view.status_code == 200 and view.headers["x-content-type-options"] == "nosniff"
        assert view.headers["content-disposition"].startswith("inline")
    whole = await story.seller.get(f"{link}/original")
    assert whole.headers["content-disposition"].startswith("attachment")
    stranger = await story.doors.browser(await story.world.party("路人"))
    assert (await stranger.get(link)).status_code == 404
    assert (await stranger.get(case)).status_code == 404
    assert (await (await story.doors.browser()).get(link)).status_code == 303


async def test_six_pictures_and_not_one_more(story: Story) -> None:
    await story.begin()
    files = [("pictures", (f"{n}.png", picture(size=(40, 40 + n)), "image/png")) for n in range(7)]
    claim = {"units": "1", "reason": "INVALID_KEY", "statement": "七张"}
    refused = await story.buyer.post(f"{story.path}/refund", claim, files=files)
    assert refused.status_code == 422 and "最多 6 张图片，6.png 没有收下" in refused.text and "七张" in refused.text
    assert "已收好 6 张" in refused.text and (await story.buyer.get("/cases")).text.count("/cases/TK") == 0
    huge = [("pictures", ("大.png", b"0" * 10_000_001, "image/png"))]
    place = refused.text.split("/pictures/")[1].split('"')[0]
    await story.buyer.post(f"{story.path}/refund/pictures/{place}/remove", claim)
    large = await story.buyer.post(f"{story.path}/refund/pictures", claim, files=huge)
    assert large.status_code == 422 and "大.png 超过 10 MB" in large.text
    assert (await story.buyer.post(f"{story.path}/refund", claim)).status_code == 303


async def test_bad_addresses_and_forms(story: Story) -> None:
    await story.begin()
    for path, status in (
        (f"{story.path}/refund?units=abc", 422),
        (f"{story.path}/units/0", 404),
        (f"{story.path}/units/2", 404),
        ("/orders/LH261122-XXXXXXXX", 404),
        ("/cases/TK261122-XXXXXXXX", 404),
        ("/cases?after=zzz", 404),
        ("/inbox?after=zzz", 404),
    ):
        assert (await story.buyer.get(path)).status_code == status, path
    for form in ({"units": "1-9", "reason": "INVALID_KEY"}, {"units": "1", "reason": "NONSENSE"}, {"units": "x"}):
        assert (await story.buyer.post(f"{story.path}/refund", form)).status_code in (404, 422), form


async def test_seller_refuses_with_pictures_then_both_speak(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    proof = [("pictures", ("入库单.jpg", picture("JPEG"), "image/jpeg"))]
    refused = await story.seller.post(f"{case}/answer", {"answer": "REFUSED", "reasons": "入库时有效"}, files=proof)
    assert refused.status_code == 303
    page = (await story.buyer.get(case)).text
    assert "审核员在看" in page and "入库时有效" in page and "入库单.jpg" in page
    assert (await story.buyer.post(f"{case}/notes", {"text": "我没有用过"})).status_code == 303
    assert (await story.buyer.post(f"{case}/notes", {"text": ""})).status_code == 422
    assert "我没有用过" in (await story.seller.get(case)).text
    assert (await story.seller.post(f"{case}/answer", {"answer": "AGREED"})).status_code == 409
    assert "退款单里有新的说明" in (await story.seller.get("/inbox")).text


async def test_withdraw_and_ask_again(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    twice = await story.buyer.post(f"{story.path}/refund", {"units": "1", "reason": "INVALID_KEY"})
    assert twice.headers["location"] == case
    assert (await story.seller.post(f"{case}/withdraw")).status_code == 404
    assert (await story.buyer.post(f"{case}/withdraw")).status_code == 303
    assert "你撤回了这次申请" in (await story.buyer.get(case)).text
    assert await story.ask() != case


async def test_submitted_twice_is_one_case(story: Story) -> None:
    await story.begin()
    claim = {"units": "1", "reason": "INVALID_KEY", "once": "the-same-form-twice"}
    answers = await asyncio.gather(*(story.buyer.post(f"{story.path}/refund", claim) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert (await story.buyer.get("/cases")).text.count("/cases/TK") == 1


async def test_over_the_channel_to_the_balance_by_choice(story: Story) -> None:
    await story.begin(1, reveal=False, pay="channel")
    seen = await story.buyer.post(f"{story.path}/refund/preview", {"units": "1", "reason": "WRONG_PURCHASE"})
    assert "原路退回" in seen.text and "退到平台余额" in seen.text
    case = await story.ask("WRONG_PURCHASE", route="ORIGINAL")
    page = (await story.buyer.get(case)).text
    assert "已批准 ¥98.00，正在汇出" in page and "原路退回" in page
    assert await story.world.balance(story.seller_id, AccountKind.REFUND_DUE) == 9800


async def test_staff_is_led_to_the_desk(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    staff = await story.doors.browser(await story.world.party("审核员", Role.REVIEWER))
    answer = await staff.get(case)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/desk")


async def test_overdue_answer_is_shown_as_over(story: Story) -> None:
    await story.begin()
    case = await story.ask()
    story.doors.clock.at = story.world.now + timedelta(hours=25)
    assert "已超时" in (await story.seller.get(case)).text
    assert UUID(int=0) != story.buyer_id
