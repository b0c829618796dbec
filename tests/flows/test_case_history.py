"""What is kept of the facts of a decision, and that a back-test on the platform's own history finds them again."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from liuhen.base.calc import Calculator
from liuhen.base.db import Database, connect_owner
from liuhen.parties.model import Role
from liuhen.policy.engine import judge
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.codes import row_of
from liuhen.policy.facts.tables import facts_of
from liuhen.policy.rulebook import in_force
from liuhen.reads.backtest import backtest, check_file
from liuhen.reads.case_file import write_rows
from liuhen.reads.case_history import PastCase, cases_without_facts, past_cases
from liuhen.refunds.kept import unpack
from liuhen.refunds.model import Answer
from tests.flows.refunds import Bought
from tests.flows.world import rules
from tests.policy.world import book_with

SALT = bytes(range(32))


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


async def history(world: Bought, salt: bytes = SALT) -> list[PastCase]:
    async with world.db.read() as tx:
        return [case async for case in past_cases(tx, salt)]


async def several(world: Bought) -> int:
    """A machine's yes and no, a seller's yes, a silence and a ruling; how many units were decided."""
    placed = await world.bought(6)
    units = [row["id"] for row in await world.units(placed)]
    await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND, *units[:2])
    await world.reveal(placed, *units[2:])
    await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND, units[2])
    agreed = await world.ask_one(placed, ReasonCode.INVALID_KEY, units[3])
    silent = await world.ask_one(placed, ReasonCode.INVALID_KEY, units[4])
    ruled = await world.ask_one(placed, ReasonCode.INVALID_KEY, units[5])
    await world.answer(agreed, Answer.AGREED)
    await world.answer(ruled, Answer.REFUSED)
    world.now += timedelta(hours=25)
    await world.lapse(silent)
    reviewer = await world.party("审", Role.REVIEWER)
    await world.claim(ruled, reviewer)
    await world.rule(ruled, reviewer, Ruling.PARTLY, fen=100)
    return 6


async def test_every_decided_unit_keeps_the_facts_that_gave_its_decision(world: Bought) -> None:
    count = await several(world)
    async with world.db.read() as tx:
        rows = await tx.fetch(
            "select c.decision, c.rulebook_version, c.approved_fen, u.approved_fen as fen, u.facts::text as facts,"
            " o.created_at from refund_case c join refund_case_unit u on u.case_id = c.id"
            " join orders o on o.id = c.order_id"
        )
    assert len(rows) == count
    for row in rows:
        verdict = judge(facts_of(json.loads(row["facts"])), in_force(rules().rulebooks, row["created_at"]))
        kept = unpack(row["decision"]).first
        assert (verdict.ground.id, verdict.outcome) == (kept.ground, kept.outcome)
        assert row["fen"] in (None, verdict.low)


async def test_history_names_nobody_and_can_be_tried_under_other_rules(world: Bought, tmp_path: Path) -> None:
    count = await several(world)
    found = await history(world)
    assert len({case.case for case in found}) == len(found) == count
    assert len({case.seller for case in found}) == 1
    assert {case.case for case in await history(world, bytes(32))}.isdisjoint(case.case for case in found)
    rows, file = tmp_path / "rows.csv", tmp_path / "cases.parquet"
    lines = [(case.case, case.seller, *(int(cell) for cell in row_of(case.facts))) for case in found]
    rows.write_text("".join(f"{','.join(str(cell) for cell in line)}\n" for line in lines))
    with Calculator(tmp_path) as calc:
        write_rows(calc, rows, file)
        assert check_file(calc, file) == count
        old = in_force(rules().rulebooks, world.now)
        result = backtest(calc, file, old, book_with(instant_window=30 * 86_400, seller_answer=7 * 86_400))
    assert (result.total.cases, result.total.changed) == (count, 1)  # the silence is no answer yet
    (example,) = result.examples
    assert (example.old.ground.id, example.new.ground.id) == ("seller.deemed_approved", "defect.open")


async def test_what_was_decided_before_facts_were_kept_is_counted(world: Bought, dsn: str) -> None:
    await several(world)
    owner = await connect_owner(dsn)
    try:
        await owner.execute("update refund_case_unit set facts = null where approved_fen is null")
    finally:
        await owner.close()
    async with world.db.read() as tx:
        assert await cases_without_facts(tx) == 1
    assert len(await history(world)) == 5
