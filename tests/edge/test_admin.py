"""Admin pages: what is stuck, people, shops, channels, issuers, acts; each act asks for a reason and leaves a line."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from liuhen.base.db import Database, Tx
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.outbox.beat import beat
from liuhen.flows.people.wish_reset import WishReset, wish_reset
from liuhen.parties.model import Role
from liuhen.payments import store as payments
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds.model import Answer
from liuhen.steps.arrival import fail
from tests.edge.doors import KEYS, Doors
from tests.edge.house import House
from tests.flows.refunds import Bought


@pytest.fixture
async def story(db: Database, now, doors: Doors) -> Bought:  # type: ignore[no-untyped-def]
    return Bought(db, now, keys=KEYS)


@pytest.fixture
def house(doors: Doors, story: Bought) -> House:
    return House(doors, story)


async def _failed(story: Bought) -> UUID:
    """A refund that the channel refused."""
    placed = await story.bought(pay="channel")
    await story.ask(placed, ReasonCode.CHANGE_OF_MIND)
    async with story.db.read() as tx:
        refund_id: UUID = await tx.fetchval("select id from refund where book_id = $1", story.seller_id)

    async def work(tx: Tx) -> None:
        refund = await payments.lock_refund(tx, story.seller_id, refund_id)
        await fail(tx, refund, "card closed", now=story.now)

    await story.db.transact(work, now=story.now)
    return refund_id


async def test_a_quiet_house(house: House, story: Bought) -> None:
    admin = await story.party("何安", Role.ADMIN)
    async with house.browser(admin) as desk:
        page = await desk.get("/admin")
        assert "后台没有动静" in page and "从没有见过后台进程" in page and "1 件事等你" in page
        await beat(story.db, "worker:7", now=story.now)
        page = await desk.get("/admin")
        assert "都在正常运转" in page and "后台在干活" in page and "没有要你处理的" in page
        assert "页脚还空着" in page and "ICP 备案号" in page and "2027 年的工作日是暂定的" in page
        page = (await desk.post("/admin/books", status=200)).text
        assert "所有账都平" in page and "11-22 12:00:00</time> 核对了" in page


async def test_what_is_stuck_and_what_failed(house: House, story: Bought) -> None:
    admin = await story.party("何安", Role.ADMIN)
    refund_id = await _failed(story)
    failed_book = story.seller_id
    _placed, case = await story.invalid()
    await story.answer(case, Answer.REFUSED)
    story.now = (await story.case(case))["due_at"] + timedelta(hours=1)
    async with house.browser(admin) as desk:
        page = await desk.get("/admin")
        for words in (
            "没有汇成的退款",
            "card closed",
            "审核超时，升级到你",
            case.case_no,
            "审核超时，升级",
            "再汇一次",
        ):
            assert words in page, words
        path = f"/admin/refunds/{failed_book}/{refund_id}/retry"
        page = (await desk.post(path, {"reason": ""}, status=422)).text
        assert "理由：请填写" in page
        done = await desk.post(path, {"reason": "渠道已恢复"})
        assert done.headers["location"] == "/admin"
        assert "重新排队" in await desk.get("/admin")
        await desk.post(path, {"reason": "渠道已恢复"}, status=409)
        page = await desk.get("/admin/acts")
        assert "退款再汇一次" in page and "渠道已恢复" in page and "何安" in page


async def test_books_that_do_not_balance_are_named(house: House, story: Bought) -> None:
    admin = await story.party("何安", Role.ADMIN)
    await story.bought()

    async def break_it(tx: Tx) -> None:
        await tx.execute(
            "update ledger_account set balance_fen = balance_fen + 1"
            " where book_id = $1 and kind = 'escrow' and balance_fen > 0",
            story.seller_id,
        )

    await story.db.transact(break_it, now=story.now)
    async with house.browser(admin) as desk:
        page = (await desk.post("/admin/books", status=200)).text
        assert "处对不上" in page and "9801 fen" in page


async def test_people_roles_and_freezing(house: House, story: Bought, doors: Doors) -> None:
    admin = await story.party("何安", Role.ADMIN)
    someone = await doors.login(await story.party("周宁"), "zhou")
    async with house.browser(admin) as desk:
        page = await desk.get("/admin/people?q=ZHOU")
        assert "周宁" in page and "何安" not in page.split("<main")[1]
        base = f"/admin/people/{someone}"
        page = (await desk.post(f"{base}/roles", {"roles": "reviewer"}, status=422)).text
        assert "理由：请填写" in page and 'value="reviewer" class="mt-1 size-4 flex-none accent-act" checked' in page
        await desk.post(f"{base}/roles", {"roles": "reviewer", "roles_reason": "客服转审核"})
        page = await desk.get(base)
        assert "从没有角色，到审核员" in page and "客服转审核" in page
        await desk.post(f"{base}/freeze", {"reason": "账号被盗"})
        page = await desk.get(base)
        assert "周宁，已冻结" in page and "账号被盗" in page
        assert "周宁" in await desk.get("/admin/people?crowd=frozen")
        assert (await desk.post(f"{base}/freeze", {"reason": "再来一次"}, status=409)).text
        await desk.post(f"{base}/unfreeze", {"reason": "本人已找回"})
        assert "已冻结" not in (await desk.get(base)).split("<h1")[1][:80]
        page = (await desk.post(f"/admin/people/{admin}/roles", {"roles_reason": "不做了"}, status=409)).text
        assert "至少要留一位能登录的管理员" in page
        await desk.get(f"/admin/people/{story.seller_id}", status=404)
    assert await story.notices(someone) == ["PARTY_FROZEN", "PARTY_UNFROZEN"]


async def test_reset_link_is_shown_once(house: House, story: Bought, doors: Doors) -> None:
    admin = await story.party("何安", Role.ADMIN)
    someone = await doors.login(await story.party("林"), "lin")
    await wish_reset(story.db, WishReset("lin", "203.0.113.9"), now=story.now)
    async with house.browser(admin) as desk:
        assert "等重设密码" in await desk.get("/admin") and "林" in await desk.get("/admin/people?crowd=wishes")
        page = (await desk.post(f"/admin/people/{someone}/reset-link", {"reason": " "}, status=422)).text
        assert "lh_r_" not in page
        done = await desk.post(f"/admin/people/{someone}/reset-link", {"reason": "电话核实过"})
        assert done.headers["location"] == "/shown-once"
        link = re.search(r"/reset/(lh_r_[\w-]+)", await desk.get("/shown-once"))
        assert link is not None
        done = await desk.post("/shown-once")
        assert done.headers["location"] == f"/admin/people/{someone}"
        assert "lh_r_" not in await desk.get(f"/admin/people/{someone}")
    async with house.browser() as nobody:
        said = {"new_password": "another one 77", "again_password": "another one 77"}
        await nobody.post(f"/reset/{link[1]}", said)
        await nobody.post(f"/reset/{link[1]}", said, status=422)


async def test_fee_and_ban(house: House, story: Bought) -> None:
    admin = await story.party("何安", Role.ADMIN)
    await story.bought()
    async with house.browser(admin) as desk:
        assert "青竹数码" in await desk.get("/admin/shops?q=青竹")
        base = f"/admin/shops/{story.seller_id}"
        page = await desk.get(base)
        assert 'value="2.0"' in page and "2.0%" in page
        page = (await desk.post(f"{base}/fee", {"fee": "31", "reason": "涨一点"}, status=422)).text
        assert "涨一点" in page and 'value="31"' in page and "要在 0 到 30.0% 之间" in page
        assert "格式不对" in (await desk.post(f"{base}/fee", {"fee": "2,5", "reason": "涨一点"}, status=422)).text
        await desk.post(f"{base}/fee", {"fee": "2.5", "reason": "新店优惠到期"})
        page = await desk.get(base)
        assert "从 2.0%，到 2.5%" in page and "新店优惠到期" in page
        product = f"{base}/products/{story.product}"
        await desk.post(f"{product}/ban", {"reason": "疑似冒充官方"})
        page = await desk.get(base)
        assert "平台已禁售" in page and "疑似冒充官方" in page
        await desk.post(f"{product}/unban", {"reason": "已核实授权"})
        assert "已下架" in await desk.get(base)
    assert await story.notices(story.seller_id) == ["ORDER_SOLD", "FEE_CHANGED", "LISTING_STATE", "LISTING_STATE"]


async def test_issuers_and_channels(house: House, story: Bought) -> None:
    admin = await story.party("何安", Role.ADMIN)
    await story.bought(pay="channel")
    async with house.browser(admin) as desk:
        page = await desk.get("/admin/channels")
        assert "演示支付渠道" in page and "已接通" in page and "98.00" in page
        page = (await desk.post("/admin/issuers", {"name": "木"}, status=422)).text
        assert "名称" in page
        done = await desk.post("/admin/issuers", {"name": "木棉游戏"})
        assert done.headers["location"] == "/shown-once"
        assert "whsec_" in await desk.get("/shown-once")
        await desk.post("/shown-once")
        page = await desk.get("/admin/issuers")
        assert "木棉游戏" in page and "whsec_" not in page and "在用" in page
        await desk.post("/admin/issuers", {"name": "木棉游戏"}, status=409)
        stop = re.search(r"/admin/issuers/[0-9a-f-]{36}/disable", page)
        assert stop is not None
        await desk.post(stop.group(), status=422)
        await desk.post(stop.group(), {"sure": "1"})
        assert "已停用" in await desk.get("/admin/issuers")


async def test_looks_at_keys_are_among_the_acts(house: House, story: Bought) -> None:
    admin, reviewer = await story.party("何安", Role.ADMIN), await story.party("周宁", Role.REVIEWER)
    placed, case = await story.invalid()
    async with house.browser(reviewer) as desk:
        await desk.post(f"/desk/cases/{case.case_no}/keys/1", {"why": "核对位数"}, status=200)
        await desk.get("/admin", status=403)
    withdraw = WithdrawRequest(buyer_id=story.buyer_id, case_no=case.case_no)
    await withdraw_request(story.db, withdraw, now=story.now)
    story.later(minutes=1)
    later = await story.ask_one(placed, ReasonCode.INVALID_KEY)
    async with house.browser(admin) as desk:
        page = await desk.get("/admin/acts?kind=LOOK_AT_KEY")
        assert "查看卡密" in page and "核对位数" in page and "周宁" in page
        assert case.case_no in page and later.case_no not in page, "the case for which he looked"
        assert f"{placed.order_no} · 1-1" in page, "which piece he looked at"
        assert "核对位数" in await desk.get(f"/admin/acts?kind=LOOK_AT_KEY&by={reviewer}")
        assert "还没有这样的记录" in await desk.get(f"/admin/acts?kind=LOOK_AT_KEY&by={admin}")
        assert "还没有这样的记录" in await desk.get("/admin/acts?kind=SET_FEE")
        await desk.get("/admin/acts?after=nonsense", status=404)
