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
