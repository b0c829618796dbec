"""What the live platform tells policy beside the unit's own record; docs/facts.md names the place of every fact."""

import re
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import NotFound
from liuhen.flows.funds.settle_refund import settle_refund
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.payments.port import RefundArrived
from liuhen.policy.facts.check import checked
from liuhen.policy.facts.claim import Claim, Proof, ReasonCode
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import schema
from liuhen.policy.facts.standing import Fact
from liuhen.reads.refund_facts import gather, look, look_up
from liuhen.refunds.model import Answer, CaseState
from tests.flows.refunds import Bought

DOCS = Path(__file__).resolve().parents[2] / "docs" / "facts.md"
SAYS = {"issuer", "operator", "platform", "seller", "buyer", "staff"}


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


async def _facts(world: Bought, placed: PlacedOrder, unit_id: UUID) -> RefundFacts:
    claim = Claim(reason=ReasonCode.CHANGE_OF_MIND, requested_at=world.now)
    async with world.db.read() as tx:
        ((_, facts),) = await gather(tx, placed.book_id, placed.order_id, [unit_id], claim, world.now)
    return checked(facts)


async def _arrives(world: Bought, case_id: UUID) -> None:
    """The channel says that the case's money has reached the buyer."""
    async with world.db.read() as tx:
        row = await tx.one(
            "select r.id, r.amount_fen, p.trade_no from refund r join payment p on p.book_id = r.payment_book_id"
            " and p.id = r.payment_id where r.case_id = $1",
            case_id,
        )
    event = RefundArrived(
        event_id="A1",
        refund_id=row["id"],
        trade_no=row["trade_no"],
        channel_refund_no="R1",
        amount_fen=row["amount_fen"],
        at=world.now,
    )
    await settle_refund(world.db, "sandbox", event, body=b"{}", now=world.now)


async def test_an_order_is_found_by_its_number_with_its_own_units_only(world: Bought) -> None:
    placed = await world.bought(3)
    buyer = world.buyer_id
    other = await world.bought()
    units = [row["id"] for row in await world.units(placed)]
    (strange,) = [row["id"] for row in await world.units(other)]
    mistyped = placed.order_no[:-1] + ("A" if placed.order_no[-1] != "A" else "B")
    async with world.db.read() as tx:
        for asked in (units[:1], units[1:], units):
            assert await look_up(tx, placed.order_no, asked, buyer) == await look(
                tx, placed.book_id, placed.order_id, asked
            )
        for number, wrong in (
            (mistyped, units),
            (other.order_no, units),
            (placed.order_no, [strange]),
            (placed.order_no, [*units, strange]),
            (placed.order_no, []),
        ):
            with pytest.raises(NotFound):
                await look_up(tx, number, wrong, buyer)
        with pytest.raises(NotFound):
            await look_up(tx, placed.order_no, units, world.buyer_id)


async def test_money_on_its_way_is_not_yet_back_and_the_sum_is_one_truth(world: Bought) -> None:
    placed = await world.bought(pay="channel")
    (unit,) = [row["id"] for row in await world.units(placed)]
    await world.reveal(placed)
    case = await world.ask_one(placed, ReasonCode.INVALID_KEY)
    await world.answer(case, Answer.AGREED, "")
    money = (await _facts(world, placed, unit)).capacity
    assert (money.refunded_fen, money.in_flight_fen) == (0, 9800)
    await _arrives(world, case.case_id)
    money = (await _facts(world, placed, unit)).capacity
    assert (money.refunded_fen, money.in_flight_fen) == (9800, 0)


async def test_balance_money_is_back_at_once(world: Bought) -> None:
    placed = await world.bought(2)
    first, second = [row["id"] for row in await world.units(placed)]
    await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND, first)
    money = (await _facts(world, placed, first)).capacity
    assert (money.refunded_fen, money.in_flight_fen) == (9800, 0)
    facts = await _facts(world, placed, second)
    assert facts.capacity.refunded_fen == 0
    assert facts.order.bad_units == 0, "what goes back for any reason is not bad"


async def test_a_unit_given_for_a_fault_is_bad_and_speaks_for_the_rest(world: Bought) -> None:
    placed = await world.bought(2, excludes_no_reason=False)
    first, second = [row["id"] for row in await world.units(placed)]
    await world.reveal(placed)
    case = await world.ask_one(placed, ReasonCode.INVALID_KEY, first)
    assert (await _facts(world, placed, second)).order.bad_units == 0, "not while it is only said"
    await world.answer(case, Answer.AGREED, "")
    order = (await _facts(world, placed, second)).order
    assert (order.bad_units, order.units_in_order) == (1, 2)
    rest = await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND, second)
    assert (rest.state, rest.ground) == (CaseState.AWAITING_SELLER, "defect.rest_worthless")


async def test_the_price_that_was_shown_and_what_was_paid_for_all(world: Bought) -> None:
    placed = await world.bought(3)
    unit = (await world.units(placed))[0]["id"]
    facts = await _facts(world, placed, unit)
    assert (facts.order.shown_price_fen, facts.order.unit_price_fen, facts.order.total_paid_fen) == (9800, 9800, 29_400)
    assert facts.claim.proof is Proof.PLAIN, "a live claim is never without any proof: the fault is put to the seller"
    assert (await world.ask_one(placed, ReasonCode.OVERCHARGED, unit)).ground != "capacity.overcharged"


def _rows() -> list[tuple[str, str, str]]:
    """(path, who may say it, where it is taken from) of every row of the page."""
    return re.findall(r"^\| `([a-z_.]+)` \| ([^|]*) \| ([^|]*) \|$", DOCS.read_text("utf-8"), re.MULTILINE)


async def test_what_is_not_gathered_stays_at_its_default(world: Bought) -> None:
    placed = await world.bought(2, issuer_can_void=True, revealed_window_seconds=86_400)
    await world.reveal(placed)
    unit = (await world.units(placed))[0]["id"]
    await world.redeemed(unit)
    facts = await _facts(world, placed, unit)
    for path, _, where in _rows():
        if where.startswith(("not gathered", "never", "none")):
            value = attrgetter(path)(facts)
            field = schema()[path]
            assert value == Fact() if field.disputed else value == field.default, path


def test_every_fact_has_its_row() -> None:
    """A new fact needs a line: who may say it, and where it is taken from, or that it is not gathered yet."""
    rows = _rows()
    assert [path for path, _, _ in rows] == list(schema())
    for path, says, where in rows:
        assert {word.strip() for word in says.split(",")} <= SAYS, path
        assert len(where.strip()) > 7, path
