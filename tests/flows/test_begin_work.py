"""The seller says that he has begun: his word, with its time; until then the buyer cancels by himself."""

import asyncio
from datetime import datetime

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import NotFound, StateConflict
from liuhen.flows.trade.begin_work import BeginWork, WorkBegun, begin_work
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.standing import Source, Standing
from liuhen.refunds.model import CaseState
from tests.flows.refunds import Bought

UNWANTED = ReasonCode.CHANGE_OF_MIND
SERVICE = {"kind": GoodsKind.BOOSTING_SERVICE, "promised_delivery_seconds": 7200}


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


async def _begin(world: Bought, placed: PlacedOrder, *, by: object = None) -> WorkBegun:
    cmd = BeginWork(seller_id=by or world.seller_id, order_id=placed.order_id, line_no=1)  # type: ignore[arg-type]
    return await begin_work(world.db, cmd, now=world.now)


async def test_before_it_a_cancellation_is_paid_at_once(world: Bought) -> None:
    placed = await world.bought(**SERVICE)
    case = await world.ask_one(placed, UNWANTED)
    assert (case.state, case.ground, case.approved_fen) == (CaseState.APPROVED, "delivery.cancel", 9800)


async def test_from_it_on_a_person_looks_at_a_cancellation(world: Bought) -> None:
    placed = await world.bought(2, **SERVICE)
    begun = await _begin(world, placed)
    assert (begun.pieces, begun.begun_at) == (2, world.now)
    fact = (await world.preview(placed, UNWANTED)).decision.units[0]
    used = {item.path: item for clause in fact.clauses for item in clause.facts}["delivery.started"]
    assert (used.value, used.source, used.standing) == (True, Source.SELLER, Standing.ALLEGED)
    case = await world.ask_one(placed, UNWANTED)
    assert (case.state, case.ground) == (CaseState.UNDER_REVIEW, "delivery.work_begun")
    reviewer = await world.party("审核员", Role.REVIEWER)
    await world.claim(case, reviewer)
    ruled = await world.rule(case, reviewer, Ruling.PARTLY, fen=15_000)
    assert (ruled.state, ruled.approved_fen) == (CaseState.APPROVED, 15_000)
    assert (await world.events(placed)).count("WORK_BEGUN") == 1
    assert "WORK_BEGUN" in await world.notices(world.buyer_id)
    await world.proven(placed)


async def test_said_twice_is_said_once(world: Bought) -> None:
    placed = await world.bought(**SERVICE)
    first = await _begin(world, placed)
    world.later(minutes=5)
    again = await _begin(world, placed)
    assert (again.pieces, again.begun_at) == (0, first.begun_at)
    assert (await world.events(placed)).count("WORK_BEGUN") == 1
    both = await asyncio.gather(*(_begin(world, placed) for _ in range(4)))
    assert {item.pieces for item in both} == {0}
    await world.proven(placed)


async def test_a_late_delivery_goes_back_all_the_same(world: Bought) -> None:
    placed = await world.bought(**SERVICE)
    await _begin(world, placed)
    world.later(seconds=7200 + 1800, microseconds=1)
    (case,) = (await world.late(placed)).cases
    assert (case.state, case.ground) == (CaseState.APPROVED, "delivery.late")


async def test_only_its_seller_says_so_and_only_while_it_waits(world: Bought) -> None:
    placed = await world.bought(**SERVICE)
    with pytest.raises(NotFound):
        await _begin(world, placed, by=await world.seller("别家"))
    cmd = DeliverByHand(seller_id=world.seller_id, order_id=placed.order_id, line_no=1, text="做完了")
    await deliver_by_hand(world.db, cmd, keys=world.keys, rules=world.rules, now=world.now)
    with pytest.raises(StateConflict):
        await _begin(world, placed)


@pytest.mark.parametrize("pay", [None, "balance"])
async def test_not_of_what_is_not_paid_or_comes_sealed(world: Bought, pay: str | None) -> None:
    placed = await world.bought(pay=pay, **(SERVICE if pay is None else {}))  # type: ignore[arg-type]
    with pytest.raises(StateConflict):
        await _begin(world, placed)


async def test_an_open_case_is_not_turned_by_a_later_word(world: Bought) -> None:
    placed = await world.bought(2, **SERVICE)
    first, second = [row["id"] for row in await world.units(placed)]
    await _begin(world, placed)
    await world.ask_one(placed, UNWANTED, first)
    assert (await _begin(world, placed)).pieces == 0
    await world.ask_one(placed, UNWANTED, second)
    with pytest.raises(StateConflict):
        await _begin(world, placed)


async def test_cancelling_and_beginning_at_once_leave_one_truth(world: Bought) -> None:
    placed = await world.bought(**SERVICE)
    asked, begun = await asyncio.gather(world.ask_one(placed, UNWANTED), _begin(world, placed), return_exceptions=True)
    assert not isinstance(asked, BaseException)
    if isinstance(begun, BaseException):
        assert isinstance(begun, StateConflict) and asked.state is CaseState.APPROVED
    else:
        assert asked.state is CaseState.UNDER_REVIEW
    await world.proven(placed)
