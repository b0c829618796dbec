"""A piece of which a part came back: the order page says how much, and what was not given."""

from datetime import datetime

from liuhen.base.db import Database
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import Ruling
from liuhen.refunds.model import Answer
from tests.edge.doors import KEYS, Doors
from tests.flows.refunds import Bought


async def test_the_order_says_what_came_back_of_a_piece(doors: Doors, db: Database, now: datetime) -> None:
    story = Bought(db, now, keys=KEYS)
    placed, case = await story.invalid()
    await story.answer(case, Answer.REFUSED)
    reviewer = await story.party("周", Role.REVIEWER)
    await story.claim(case, reviewer)
    await story.rule(case, reviewer, Ruling.PARTLY, fen=4900)
    buyer = await doors.browser(story.buyer_id)
    page = (await buyer.get(f"/orders/{placed.order_no}")).text
    assert "批准退过 <span" in page and "49.00" in page and "没退" in page


async def test_what_is_left_is_worked_out_before_and_after_asking(doors: Doors, db: Database, now: datetime) -> None:
    story = Bought(db, now, keys=KEYS)
    placed, case = await story.invalid()
    await story.answer(case, Answer.REFUSED)
    reviewer = await story.party("周", Role.REVIEWER)
    await story.claim(case, reviewer)
    await story.rule(case, reviewer, Ruling.PARTLY, fen=4900)
    buyer = await doors.browser(story.buyer_id)
    path = f"/orders/{placed.order_no}/refund"
    sum_ = "这件实付 ¥98.00 − 此前已退 ¥49.00 = ¥49.00"
    preview = (await buyer.post(f"{path}/preview", {"units": "1", "reason": "NOT_AS_DESCRIBED"})).text
    assert "怎么算的" in preview and sum_ in preview
    again = await buyer.post(path, {"units": "1", "reason": "NOT_AS_DESCRIBED", "statement": "等级不同"})
    assert sum_ in (await buyer.get(again.headers["location"])).text
    first = (await buyer.get(f"/cases/{case.case_no}")).text
    assert "怎么算的" not in first  # all that was paid was at stake: the bill says it
