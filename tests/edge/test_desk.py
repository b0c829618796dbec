"""The reviewer's desk: queue, record, claim, ruling, words and looks, through the forms as a browser sends them."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from liuhen.base.db import Database
from liuhen.flows.trade.attach_proof import AttachProof, attach_proof
from liuhen.flows.trade.begin_work import BeginWork, begin_work
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Answer
from liuhen.steps.open_case import CaseBrief
from tests.edge.doors import KEYS, Doors
from tests.edge.house import House
from tests.flows.refunds import Bought
from tests.flows.world import rules


@pytest.fixture
async def story(db: Database, now, doors: Doors) -> Bought:  # type: ignore[no-untyped-def]
    return Bought(db, now, keys=KEYS)


@pytest.fixture
def house(doors: Doors, story: Bought) -> House:
    return House(doors, story)


async def _refused(story: Bought, **more: object) -> CaseBrief:
    """A revealed key that does not work, and a seller who says that it did."""
    _placed, case = await story.invalid(**more)  # type: ignore[arg-type]
    await story.answer(case, Answer.REFUSED, "发货前已验过，是买家自己用了")
    return case


async def test_queue_claims_and_searches(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    other = await story.party("吴老师", Role.REVIEWER)
    case = await _refused(story)
    async with house.browser(reviewer) as desk:
        page = await desk.get("/desk")
        assert "1 个案件等判断" in page and case.case_no in page and "卖家已拒绝" in page and "没人认领" in page
        done = await desk.post(f"/desk/cases/{case.case_no}/claim?view=mine")
        assert done.headers["location"] == f"/desk/cases/{case.case_no}?view=mine"
        page = await desk.get("/desk?view=mine")
        assert "周老师" in page and "/claim" not in page
        assert "你的桌上没有案件" not in page
        order_no = re.search(r"LH[0-9]{6}-[0-9A-Z]+", await desk.get(f"/desk/cases/{case.case_no}"))
        assert order_no is not None
        assert (await desk.where(f"/desk?q={order_no.group()}")).startswith(f"/desk/cases/{case.case_no}")
        assert (await desk.where(f"/desk?q={case.case_no.lower()}")).startswith(f"/desk/cases/{case.case_no}")
        assert (await desk.where("/desk?q=青竹")).startswith(f"/desk/cases/{case.case_no}")
        assert "没有找到" in await desk.get("/desk?q=nothing-like-it")
    async with house.browser(other) as desk:
        page = await desk.get(f"/desk/cases/{case.case_no}")
        assert "周老师 在办" in page and "/ruling" not in page
        await desk.post(f"/desk/cases/{case.case_no}/claim", status=409)
        assert "没有等认领的案件" in await desk.get("/desk?view=unclaimed")


async def test_record_on_one_screen(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    case = await _refused(story, pieces=2)
    async with house.browser(reviewer) as desk:
        page = await desk.get(f"/desk/cases/{case.case_no}")
    for words in (
        "买家说卡密无效，卖家不同意",
        "密封送达",
        "拆封于",
        "发行方没有传来使用记录",
        "“打不开”",
        "“发货前已验过，是买家自己用了”",
        "单方陈述",
        "记录链",
        "验证通过",
        "由审核员判断，最多退 ¥196.00",
        "最少",
        "什么会改变结果",
        "审核到期",
        "第 1、2 件",
        "规则只给出范围，由你选",
        "/rules/2026-11-1#clause-procedure.human_asked",
    ):
        assert words in page, words
    assert "KEY-000" not in page, "masks alone"


async def test_begun_work_stands_among_the_facts(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    placed = await story.bought(kind=GoodsKind.BOOSTING_SERVICE)
    said = BeginWork(seller_id=story.seller_id, order_id=placed.order_id, line_no=1)
    await begin_work(story.db, said, now=story.now)
    case = await story.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    async with house.browser(reviewer) as desk:
        page = await desk.get(f"/desk/cases/{case.case_no}")
    for words in ("卖家说已经开工，时间在记录里", "没有送达，承诺", "最多退 ¥98.00", "说第 1 件已经开工"):
        assert words in page, words


async def test_grant_goes_on_to_the_next_case(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    first = await _refused(story)
    first_buyer = story.buyer_id
    story.later(minutes=5)
    second = await _refused(story)
    async with house.browser(reviewer) as desk:
        path = f"/desk/cases/{first.case_no}/ruling?view=all"
        page = (await desk.post(path, {"ruling": "granted"}, status=422)).text
        assert "给双方的理由：请填写" in page and 'value="granted" class="sr-only" checked' in page
        done = await desk.post(
            path, {"ruling": "granted", "reasons": "卖家拿不出记录", "finding-defect.rebutted": "not_met"}
        )
        assert done.headers["location"] == f"/desk/cases/{second.case_no}?view=all"
        page = await desk.get(done.headers["location"])
        assert f"{first.case_no} 已决定：退 ¥98.00" in page
        page = await desk.get(f"/desk/cases/{first.case_no}")
        assert "已决定退款" in page and "卖家拿不出记录" in page and "钱到哪一步" in page and "/ruling" not in page
        await desk.post(path, {"ruling": "refused", "reasons": "晚了"}, status=409)
        assert first.case_no in await desk.get("/desk?view=done")
    assert await story.balance(first_buyer) == 10_000
    await story.check()


async def test_part_within_the_rules(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    case = await _refused(story)
    async with house.browser(reviewer) as desk:
        path = f"/desk/cases/{case.case_no}/ruling?view=mine"
        page = (await desk.post(path, {"ruling": "partly", "reasons": "各担一半"}, status=422)).text
        assert "请填写" in page and "各担一半" in page
        page = (await desk.post(path, {"ruling": "partly", "reasons": "各担一半", "amount": "98.01"}, status=422)).text
        assert "要在 0.01 到 98.00 之间" in page and 'value="98.01"' in page
        done = await desk.post(path, {"ruling": "partly", "reasons": "各担一半", "amount": "49"})
        assert done.headers["location"] == "/desk?view=mine"
    assert (await story.case(case))["approved_fen"] == 4900


async def test_refusing_leaves_the_amount_aside(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    case = await _refused(story)
    async with house.browser(reviewer) as desk:
        said = {"ruling": "refused", "reasons": "买家自己用的", "amount": "49"}
        await desk.post(f"/desk/cases/{case.case_no}/ruling", said)
        assert "已决定不退" in await desk.get(f"/desk/cases/{case.case_no}")
    assert (await story.case(case))["state"] == "REJECTED"


async def test_what_the_records_decide_no_reviewer_takes_away(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    case = await _refused(story)
    async with story.db.read() as tx:
        unit: UUID = await tx.fetchval("select unit_id from refund_case_unit where case_id = $1", case.case_id)
    await _used_before(story, unit)
    async with house.browser(reviewer) as desk:
        page = await desk.get(f"/desk/cases/{case.case_no}")
        assert "已填入规则的建议" in page and "早于拆封" in page
        assert 'value="granted" class="sr-only" checked' in page
        said = {"ruling": "refused", "reasons": "不信"}
        page = (await desk.post(f"/desk/cases/{case.case_no}/ruling", said, status=422)).text
        assert "现有记录已经单独决定这个案件" in page and "不信" in page


async def test_look_at_a_key_is_told_to_both(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    placed = await story.bought(2)
    units = [row["id"] for row in await story.units(placed)]
    await story.reveal(placed, units[0])
    story.later(hours=30)
    case = await story.ask_one(placed, ReasonCode.INVALID_KEY, *units)
    async with house.browser(reviewer) as desk:
        page = await desk.get(f"/desk/cases/{case.case_no}")
        assert "密封中，没有人看过，审核员也不能看" in page and "查看第 1 件的卡密？" in page
        assert "查看第 2 件的卡密？" not in page
        path = f"/desk/cases/{case.case_no}/keys"
        page = (await desk.post(f"{path}/1", {"why": "看"}, status=422)).text
        assert "KEY-0" not in page
        assert re.search(r'id="look-1"[^>]* open>', page) and "理由：要 4 到" in page  # the sheet, and what is wrong
        answer = await desk.post(f"{path}/1", {"why": "核对卡密的格式"}, status=200)
        assert re.search(r"KEY-\d{6}-TEST", answer.text) and "60 秒后收起" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert await desk.where(f"{path}/1") == f"/desk/cases/{case.case_no}"
        await desk.post(f"{path}/2", {"why": "核对卡密的格式"}, status=409)
        await desk.post(f"{path}/9", {"why": "核对卡密的格式"}, status=404)
        page = await desk.get(f"/desk/cases/{case.case_no}")
        assert "核对卡密的格式" in page and "KEY-0" not in page.replace("KEY_LOOKED_AT", "")
    for party in (story.seller_id, story.buyer_id):
        assert "KEY_LOOKED_AT" in await story.notices(party)


async def test_notes_pictures_and_what_is_over(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    admin = await story.party("主管", Role.ADMIN)
    case = await _refused(story)
    async with house.browser(reviewer) as desk:
        page = (await desk.post(f"/desk/cases/{case.case_no}/notes", {"note": ""}, status=422)).text
        assert "说明：请填写" in page
        assert "记录显示：" in page.partition('name="reasons"')[2][:400]  # the form beside it begins as it did
        await desk.post(f"/desk/cases/{case.case_no}/notes", {"note": "请买家补一张截图"})
        assert "请买家补一张截图" in await desk.get(f"/desk/cases/{case.case_no}")
        await desk.get(f"/desk/cases/{case.case_no}/pictures/{case.case_id}", status=404)
        await desk.post(f"/desk/cases/{case.case_no}/claim")
    story.now = (await story.case(case))["due_at"] + timedelta(hours=1)
    await story.escalate(case)
    async with house.browser(admin) as desk:
        page = await desk.get("/desk?view=overdue")
        assert "已升级" in page and "超时" in page and "周老师" in page
        await desk.post(f"/desk/cases/{case.case_no}/claim")
        assert "/ruling" in await desk.get(f"/desk/cases/{case.case_no}")


async def test_never_in_own_matter(house: House, story: Bought) -> None:
    case = await _refused(story)

    async def promote(tx):  # type: ignore[no-untyped-def]
        await tx.execute(
            "update party set roles = '{reviewer}' where book_id = any($1)", [story.seller_id, story.buyer_id]
        )

    await story.db.transact(promote, now=story.now)
    for party in (story.seller_id, story.buyer_id):
        async with house.browser(party) as desk:
            assert case.case_no not in await desk.get("/desk?view=all")
            assert await desk.where(f"/desk/cases/{case.case_no}") == f"/cases/{case.case_no}"
            for act, said in (
                ("claim", {}),
                ("ruling", {"ruling": "granted", "reasons": "我说了算"}),
                ("notes", {"note": "偏向自己"}),
                ("keys/1", {"why": "自己看看"}),
            ):
                await desk.post(f"/desk/cases/{case.case_no}/{act}", said, status=403)


async def test_in_english_too(house: House, story: Bought) -> None:
    admin = await story.party("He An", Role.ADMIN)
    case = await _refused(story)
    async with house.browser(admin) as desk:
        desk.browser.client.cookies.set("lang", "en")
        for path, words in (
            ("/desk", "Waiting for a decision: 1"),
            (f"/desk/cases/{case.case_no}", "What the rules say"),
            ("/admin", "No sign of the worker"),
            ("/admin/people", "People and roles"),
            (f"/admin/people/{story.seller_id}", "Sold"),
            ("/admin/shops", "Shops and fees"),
            (f"/admin/shops/{story.seller_id}", "Change fee"),
            ("/admin/channels", "Channel"),
            ("/admin/issuers", "Add an issuer"),
            ("/admin/acts", "Acts of staff"),
        ):
            assert words in await desk.get(path), path


async def _used_before(story: Bought, unit_id: UUID) -> None:
    """The issuer says that the key was redeemed before its seal was broken."""
    at = story.now
    story.now = at - timedelta(days=1)
    await story.redeemed(unit_id)
    story.now = at


async def test_a_delivery_by_hand_and_its_proof(house: House, story: Bought) -> None:
    reviewer = await story.party("周老师", Role.REVIEWER)
    story.seller_id, story.buyer_id = await story.seller(), await story.party("林")
    product = await story.listing(story.seller_id, kind=GoodsKind.DIRECT_TOP_UP, title="话费直充", price=9800)
    await story.fund(story.buyer_id, 10_000)
    placed = await story.order(story.buyer_id, story.seller_id, product)
    told = DeliverByHand(
        seller_id=story.seller_id, order_id=placed.order_id, line_no=1, text="已充入", receipt_no="2026112288"
    )
    done = await deliver_by_hand(story.db, told, keys=KEYS, rules=rules(), now=story.now)
    out = BytesIO()
    Image.new("RGB", (64, 64), "#c33").save(out, "PNG")
    proof = AttachProof(
        seller_id=story.seller_id,
        order_id=placed.order_id,
        delivery_id=done.delivery_id,
        filename="回执.png",
        data=out.getvalue(),
    )
    assert house.doors.app.objects is not None
    await attach_proof(story.db, proof, objects=house.doors.app.objects, now=story.now)
    case = await story.ask_one(placed, ReasonCode.NOT_RECEIVED)
    async with house.browser(reviewer) as desk:
        page = await desk.get(f"/desk/cases/{case.case_no}")
        assert "单号 2026112288，1 张图片" in page and "回执.png" in page and "已充入" not in page
        assert "卖家手工交付，没有卡密" in page
        picture = re.search(r'<img src="(/orders/[^"]+)"', page)
        assert picture is not None
        await desk.get(picture[1])
