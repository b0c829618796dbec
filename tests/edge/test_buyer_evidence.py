"""A reviewer asks the buyer for better proof: each side's page, the desk and the API tell the same story."""

import pytest

from liuhen.base.db import Database
from liuhen.edge.worker import poller
from liuhen.parties.model import Role
from liuhen.refunds.model import Answer
from liuhen.steps.open_case import CaseBrief
from tests.edge.callers import Program, refused
from tests.edge.doors import KEYS, Doors
from tests.edge.house import House
from tests.flows.refunds import Bought

WANTED = "请补一段从拆封到兑换页提示的连续录屏"


@pytest.fixture
async def story(db: Database, now, doors: Doors) -> Bought:  # type: ignore[no-untyped-def]
    return Bought(db, now, keys=KEYS)


@pytest.fixture
def house(doors: Doors, story: Bought) -> House:
    return House(doors, story)


async def _refused(story: Bought) -> CaseBrief:
    _placed, case = await story.invalid()
    await story.answer(case, Answer.REFUSED, "发货前已验过")
    return case


async def test_asked_on_the_desk_and_brought_on_the_case_page(house: House, story: Bought) -> None:
    reviewer, case = await story.party("周老师", Role.REVIEWER), await _refused(story)
    here, there = f"/desk/cases/{case.case_no}", f"/cases/{case.case_no}"
    async with house.browser(reviewer) as desk:
        assert "请买家补充材料，案件先等他" in await desk.get(here)
        empty = (await desk.post(f"{here}/evidence?view=mine", {"missing": " "}, status=422)).text
        assert "缺什么、怎样算够：请填写" in empty
        done = await desk.post(f"{here}/evidence?view=mine", {"missing": WANTED})
        assert done.headers["location"] == f"{here}?view=mine"
        page = await desk.get(here)
        assert "卡密无效，等买家补充材料" in page and "/ruling" not in page and f"{here}/evidence" not in page
        assert WANTED in page and "请买家补充材料，最迟" in page
        assert "现在没有案件等判断" in await desk.get("/desk?view=all")
        assert case.case_no in await desk.get("/desk?view=buyer")
        await desk.post(f"{here}/evidence", {"missing": WANTED}, status=409)
    async with house.browser(story.seller_id) as seller:
        page = await seller.get(there)
        assert "审核员请买家补充材料，现在你不用做什么" in page and WANTED in page and "交给审核员" not in page
        assert "等买家补充材料" in await seller.get("/seller/cases?show=review")
    async with house.browser(story.buyer_id) as buyer:
        assert "等你补充材料" in await buyer.get("/")
        assert "等你补充材料" in await buyer.get("/cases")
        assert "审核员请你补充材料" in await buyer.get("/inbox")
        page = await buyer.get(there)
        assert "审核员请你补充材料" in page and WANTED in page and "交给审核员" in page
        assert "到时没有补充，按已有的材料和规则判断" in page
        await buyer.post(f"{there}/notes", {"text": "录屏截图已交，第 12 秒是提示"})
        page = await buyer.get(there)
        assert "审核员在看" in page and "交给审核员" not in page and "补充了材料，回到审核员" in page
    async with house.browser(reviewer) as desk:
        assert "买家补充了材料" in await desk.get("/inbox")
        page = await desk.get(here)
        assert f"{here}/ruling" in page and f"{here}/evidence" not in page and "第 12 秒是提示" in page


async def test_the_same_over_the_api(doors: Doors, story: Bought) -> None:
    case = await _refused(story)
    staff = Program(await doors.api(await story.party("周老师", Role.REVIEWER), "read", "review"))
    buyer = Program(await doors.api(story.buyer_id, "read", "buy"))
    path = f"/cases/{case.case_no}"
    assert "ask_evidence" in (await staff.get(path))["actions"]
    refused(await staff.asks("POST", f"{path}/ask-evidence", {"reasons": ""}), 422, "invalid_input")
    asked = await staff.post(f"{path}/ask-evidence", {"reasons": WANTED})
    assert (asked["state"], asked["due_at"] > asked["evidence_asked_at"]) == ("AWAITING_BUYER", True)
    assert "ask_evidence" not in asked["actions"] and "review" not in asked["actions"]
    assert [item["case_no"] for item in (await staff.get("/desk/cases", shelf="buyer"))["items"]] == [case.case_no]
    refused(await buyer.asks("POST", f"{path}/ask-evidence", {"reasons": WANTED}), 403, "missing_scope")
    seen = await buyer.get(path)
    assert [note["text"] for note in seen["notes"] if note["kind"] == "EVIDENCE"] == [WANTED]
    await buyer.post(f"{path}/notes", {"text": "补上了"}, 201)
    brought = await buyer.get(path)
    assert brought["state"] == "UNDER_REVIEW" and brought["evidence_brought_at"]


async def test_what_lapsed_offers_a_person(house: House, story: Bought) -> None:
    reviewer, case = await story.party("周老师", Role.REVIEWER), await _refused(story)
    async with house.browser(reviewer) as desk:
        await desk.post(f"/desk/cases/{case.case_no}/evidence", {"missing": WANTED})
    story.later(days=3)
    await poller(house.doors.app).tick()
    async with house.browser(story.buyer_id) as buyer:
        assert "审核员请你补充材料" in await buyer.get(f"/cases/{case.case_no}"), (
            "its last microsecond is still the buyer's"
        )
    story.later(microseconds=1)
    await poller(house.doors.app).tick()
    async with house.browser(story.buyer_id) as buyer:
        page = await buyer.get(f"/cases/{case.case_no}")
        assert "这次没有退" in page and "不认可？让人来看" in page and "买家到时没有补充材料" in page
