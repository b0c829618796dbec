"""Every way a refund can go, told as stories on the real database with a clock that stands still."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from liuhen.base.db import Database, Once
from liuhen.base.errors import CaseOpen, Forbidden, InvalidInput, NotFound, StateConflict
from liuhen.flows.aftersale.choose_to_wait import ChooseToWait, choose_to_wait
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.funds.withdraw_earnings import WithdrawEarnings, withdraw_earnings
from liuhen.flows.outbox.claim_due import DueKind, claim_due
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.money.accounts import AccountKind
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Answer, CaseState, Route
from tests.flows.refunds import Bought, rules

TICK = timedelta(microseconds=1)


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


async def test_sealed_within_a_day_is_paid_at_once_and_the_key_goes_back_to_the_shelf(world: Bought) -> None:
    placed = await world.bought()
    before = await world.balance(world.buyer_id)
    world.later(hours=23)
    seen = await world.preview(placed, ReasonCode.CHANGE_OF_MIND)
    assert [(group.state, group.amount_fen) for group in seen.groups] == [(CaseState.APPROVED, 9800)]
    case = await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    assert (case.state, case.approved_fen, case.due_at) == (CaseState.APPROVED, 9800, None)
    assert await world.balance(world.buyer_id) == before + 9800
    assert await world.unit_states(placed) == ["REFUNDED"]
    assert await world.key_states(world.product) == {"AVAILABLE": 6}
    assert (await world.events(placed))[-4:] == [
        "REFUND_REQUESTED",
        "CASE_DECIDED",
        "REFUND_APPROVED",
        "REFUND_ARRIVED",
    ]
    assert "REFUND_APPROVED" in await world.notices(world.buyer_id)
    assert "REFUND_CHARGED" in await world.notices(world.seller_id)
    await world.proven(placed)


async def test_a_preview_writes_nothing(world: Bought) -> None:
    placed = await world.bought()
    events = await world.events(placed)
    await world.preview(placed, ReasonCode.CHANGE_OF_MIND)
    assert await world.events(placed) == events
    async with world.db.read() as tx:
        assert await tx.fetchval("select count(*) from refund_case") == 0


async def test_over_the_channel_it_goes_back_the_way_it_came_unless_the_balance_was_chosen(world: Bought) -> None:
    placed = await world.bought(2, pay="channel")
    first, second = [row["id"] for row in await world.units(placed)]
    before = await world.balance(world.buyer_id)
    await world.ask(placed, ReasonCode.CHANGE_OF_MIND, first)
    assert await world.balance(world.buyer_id) == before
    assert await world.balance(world.seller_id, AccountKind.REFUND_DUE) == 9800
    assert [due.kind for due in await claim_due(world.db, world.now, 9)] == [DueKind.SEND_REFUND]
    await world.ask(placed, ReasonCode.CHANGE_OF_MIND, second, route=Route.BALANCE)
    assert await world.balance(world.buyer_id) == before + 9800
    await world.proven(placed)


async def test_two_requests_at_once_make_one_case(world: Bought) -> None:
    placed = await world.bought()
    await world.reveal(placed)
    found = await asyncio.gather(*(world.ask(placed, ReasonCode.INVALID_KEY) for _ in range(8)), return_exceptions=True)
    made = [item for item in found if not isinstance(item, BaseException)]
    refused = [item for item in found if isinstance(item, CaseOpen)]
    assert (len(made), len(refused)) == (1, 7)
    assert {error.data["case_no"] for error in refused} == {made[0].cases[0].case_no}
    assert (await world.events(placed)).count("REFUND_REQUESTED") == 1
    await world.proven(placed)


async def test_the_same_request_sent_twice_gets_the_same_answer(world: Bought) -> None:
    placed = await world.bought()
    (unit,) = [row["id"] for row in await world.units(placed)]
    ask = RequestRefund(
        buyer_id=world.buyer_id,
        order_no=placed.order_no,
        unit_ids=[unit],
        reason=ReasonCode.CHANGE_OF_MIND,
    )
    once = Once(world.buyer_id, "k1", b"h")
    both = await asyncio.gather(
        *(request_refund(world.db, ask, rules=rules(), now=world.now, once=once) for _ in range(2))
    )
    assert both[0] == both[1]
    await world.proven(placed)


async def test_sealed_and_revealed_together_become_two_cases_and_neither_waits_for_the_other(world: Bought) -> None:
    placed = await world.bought(3)
    units = [row["id"] for row in await world.units(placed)]
    await world.reveal(placed, units[0])
    cases = (await world.ask(placed, ReasonCode.INVALID_KEY)).cases
    assert {case.state: len(case.units) for case in cases} == {CaseState.APPROVED: 2, CaseState.AWAITING_SELLER: 1}
    assert await world.unit_states(placed) == ["REVEALED", "REFUNDED", "REFUNDED"]
    await world.proven(placed)


async def test_a_dead_key_asks_the_seller_for_24_natural_hours(world: Bought) -> None:
    placed, case = await world.invalid()
    assert (case.state, case.due_at) == (CaseState.AWAITING_SELLER, world.now + timedelta(hours=24))
    assert "SELLER_ANSWER_NEEDED" in await world.notices(world.seller_id)
    with pytest.raises(StateConflict):  # nothing may be released or revealed meanwhile
        await confirm_receipt(
            world.db,
            ConfirmReceipt(buyer_id=world.buyer_id, book_id=world.seller_id, order_id=placed.order_id),
            now=world.now,
        )


async def test_the_seller_agrees_and_the_revealed_key_is_retired(world: Bought) -> None:
    placed, case = await world.invalid()
    world.later(hours=2)
    assert (await world.answer(case, Answer.AGREED, "")).state is CaseState.APPROVED
    assert await world.unit_states(placed) == ["REFUNDED"]
    assert await world.key_states(world.product) == {"AVAILABLE": 5, "RETIRED": 1}
    assert (await world.case(case))["decided_by"] == "SELLER"
    async with world.db.read() as tx:
        assert await tx.fetchval("select count(*) from seller_todo where book_id = $1", world.seller_id) == 1
    await world.proven(placed)


@pytest.mark.parametrize(
    ("moment", "answers", "lapses"), [(-TICK, True, False), (timedelta(0), True, False), (TICK, False, True)]
)
async def test_the_deadline_is_the_same_for_the_seller_and_for_the_worker(
    world: Bought, moment: timedelta, answers: bool, lapses: bool
) -> None:
    """One microsecond before and at 24:00:00 the seller still answers; after it, his silence has spoken."""
    _, case = await world.invalid()
    assert case.due_at is not None
    world.now = case.due_at + moment
    assert (await world.lapse(case) is not None) is lapses
    if answers:
        assert (await world.answer(case, Answer.REFUSED)).state is CaseState.UNDER_REVIEW
    else:
        with pytest.raises(StateConflict):
            await world.answer(case, Answer.REFUSED)


async def test_answer_and_worker_race_at_the_deadline_and_one_wins(world: Bought) -> None:
    placed, case = await world.invalid()
    assert case.due_at is not None
    world.now = case.due_at + TICK
    late, lapsed = await asyncio.gather(world.answer(case, Answer.REFUSED), world.lapse(case), return_exceptions=True)
    assert isinstance(late, StateConflict)
    if lapsed is None:  # the order was in the other's hands just then: the worker comes again
        lapsed = await world.lapse(case)
    assert lapsed is CaseState.APPROVED
    assert (await world.case(case))["state"] == "APPROVED"
    await world.proven(placed)


async def test_silence_approves_as_the_seller_agreed_when_he_joined(world: Bought) -> None:
    placed, case = await world.invalid()
    world.later(hours=24, microseconds=1)
    assert [due.kind for due in await claim_due(world.db, world.now, 9)] == [DueKind.LAPSE_ANSWER]
    assert await world.lapse(case) is CaseState.APPROVED
    row = await world.case(case)
    assert (row["decided_by"], row["approved_fen"], row["due_at"]) == ("SILENCE", 9800, None)
    assert await world.lapse(case) is None
    assert (await world.events(placed))[-4:] == ["ANSWER_LAPSED", "CASE_DECIDED", "REFUND_APPROVED", "REFUND_ARRIVED"]
    await world.proven(placed)


async def test_silence_without_that_agreement_goes_to_a_person(world: Bought) -> None:
    placed, case = await world.invalid(agreed=False)
    world.later(hours=25)
    assert await world.lapse(case) is CaseState.UNDER_REVIEW
    await world.proven(placed)


async def test_the_seller_answers_once(world: Bought) -> None:
    _, case = await world.invalid()
    await world.answer(case, Answer.REFUSED)
    with pytest.raises(StateConflict):
        await world.answer(case, Answer.AGREED)


async def test_a_refusal_needs_reasons_and_only_the_seller_answers(world: Bought) -> None:
    _, case = await world.invalid()
    with pytest.raises(InvalidInput):
        await world.answer(case, Answer.REFUSED, "  ")
    world.seller_id = await world.party("旁人")
    with pytest.raises(NotFound):
        await world.answer(case, Answer.REFUSED)


async def test_refused_then_reviewed_within_three_working_days(world: Bought) -> None:
    placed, case = await world.invalid()
    reviewer = await world.party("审核员", Role.REVIEWER)
    world.later(hours=1)  # Sunday afternoon
    await world.answer(case, Answer.REFUSED)
    due = (await world.case(case))["due_at"]
    assert due == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)  # Wednesday 18:00 in Shanghai
    await world.claim(case, reviewer)
    done = await world.rule(case, reviewer, Ruling.GRANTED)
    assert (done.state, done.approved_fen) == (CaseState.APPROVED, 9800)
    assert await world.unit_states(placed) == ["REFUNDED"]
    assert "CASE_RULED" in await world.events(placed)
    await world.proven(placed)


async def test_a_reviewer_grants_a_part_and_no_more_than_the_rules_allow(world: Bought) -> None:
    placed, case = await world.invalid()
    reviewer = await world.party("审核员", Role.REVIEWER)
    await world.answer(case, Answer.REFUSED)
    with pytest.raises(InvalidInput):
        await world.rule(case, reviewer, Ruling.PARTLY, fen=9801)
    done = await world.rule(case, reviewer, Ruling.PARTLY, fen=4900)
    assert (done.state, done.approved_fen) == (CaseState.APPROVED, 4900)
    assert await world.unit_states(placed) == ["REVEALED"]  # he keeps what he paid for in part
    assert await world.balance(world.seller_id, AccountKind.ESCROW) == 4900
    await world.proven(placed)


async def test_a_reviewer_rejects_with_reasons_and_that_stands(world: Bought) -> None:
    placed, case = await world.invalid()
    reviewer = await world.party("审核员", Role.REVIEWER)
    await world.answer(case, Answer.REFUSED)
    with pytest.raises(InvalidInput):
        await world.rule(case, reviewer, Ruling.REFUSED, reasons=" ")
    assert (await world.rule(case, reviewer, Ruling.REFUSED)).state is CaseState.REJECTED
    assert await world.unit_states(placed) == ["REVEALED"]
    assert "CASE_REJECTED" in await world.notices(world.buyer_id)
    with pytest.raises(StateConflict):  # a person has decided
        await world.human(case)
    await world.proven(placed)


async def test_nobody_judges_his_own_case_and_a_desk_keeps_its_case(world: Bought) -> None:
    _, case = await world.invalid()
    first, second = await world.party("甲", Role.REVIEWER), await world.party("乙", Role.REVIEWER)
    await world.answer(case, Answer.REFUSED)
    for party in (world.buyer_id, world.seller_id):
        with pytest.raises(Forbidden):
            await world.claim(case, party)
        with pytest.raises(Forbidden):
            await world.rule(case, party, Ruling.GRANTED)
    await world.claim(case, first)
    with pytest.raises(StateConflict):
        await world.claim(case, second)
    with pytest.raises(StateConflict):
        await world.rule(case, second, Ruling.GRANTED)


async def test_an_overdue_review_goes_to_the_admin_and_can_still_be_decided(world: Bought) -> None:
    placed, case = await world.invalid()
    admin, reviewer = await world.party("管理员", Role.ADMIN), await world.party("甲", Role.REVIEWER)
    await world.answer(case, Answer.REFUSED)
    await world.claim(case, reviewer)
    world.now = (await world.case(case))["due_at"]
    assert (await world.escalate(case)).done is False
    world.later(microseconds=1)
    assert (await world.escalate(case)).state is CaseState.ESCALATED
    row = await world.case(case)
    assert row["due_at"] is not None
    for party in (admin, reviewer):
        assert "REVIEW_OVERDUE" in await world.notices(party)
    await world.claim(case, admin)
    assert (await world.rule(case, admin, Ruling.GRANTED)).state is CaseState.APPROVED
    await world.proven(placed)


async def test_changed_mind_on_a_redeemed_key_is_refused_with_the_clause_and_a_way_to_a_person(world: Bought) -> None:
    placed = await world.bought()
    (unit,) = await world.reveal(placed)
    world.later(minutes=10)
    await world.redeemed(unit)
    world.later(minutes=10)
    case = await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    assert (case.state, case.ground) == (CaseState.REJECTED, "no_reason.used")
    world.later(minutes=10)
    asked = await world.human(case)
    assert asked.due_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    with pytest.raises(CaseOpen):
        await world.ask(placed, ReasonCode.INVALID_KEY)
    with pytest.raises(StateConflict):  # once
        await world.human(case)
    reviewer = await world.party("审核员", Role.REVIEWER)
    assert (await world.rule(case, reviewer, Ruling.REFUSED)).state is CaseState.REJECTED
    with pytest.raises(StateConflict):
        await world.human(case)
    assert await world.unit_states(placed) == ["REVEALED"]
    await world.proven(placed)


async def test_withdrawn_and_asked_again(world: Bought) -> None:
    placed, case = await world.invalid()
    taken = WithdrawRequest(buyer_id=world.buyer_id, case_no=case.case_no)
    await withdraw_request(world.db, taken, now=world.later(hours=1))
    assert (await world.case(case))["state"] == "WITHDRAWN"
    assert await world.lapse(case) is None
    with pytest.raises(StateConflict):
        await withdraw_request(world.db, taken, now=world.now)
    again = await world.ask_one(placed, ReasonCode.INVALID_KEY)
    assert again.due_at == world.now + timedelta(hours=24)
    await world.proven(placed)


async def test_a_stranger_finds_neither_order_nor_case(world: Bought) -> None:
    placed, case = await world.invalid()
    world.buyer_id = await world.party("旁人")
    for attempt in (
        world.preview(placed, ReasonCode.INVALID_KEY),
        world.ask(placed, ReasonCode.INVALID_KEY),
        world.human(case),
        withdraw_request(world.db, WithdrawRequest(buyer_id=world.buyer_id, case_no=case.case_no), now=world.now),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_not_delivered_in_time_the_platform_opens_the_case_itself(world: Bought) -> None:
    placed = await world.bought(kind=GoodsKind.BOOSTING_SERVICE, promised_delivery_seconds=3600)
    late_at = (await world.units(placed))[0]["late_act_at"]
    assert late_at == world.now + timedelta(seconds=3600 + 1800)
    world.now = late_at
    assert (await world.late(placed)).cases == []
    world.now = late_at + TICK
    assert [due.kind for due in await claim_due(world.db, world.now, 9)] == [DueKind.LATE_DELIVERY]
    (case,) = (await world.late(placed)).cases
    assert (case.state, case.ground, case.approved_fen) == (CaseState.APPROVED, "delivery.late", 9800)
    row = await world.case(case)
    assert (row["opened_by"], row["reason"]) == ("PLATFORM", "LATE_DELIVERY")
    assert (await world.late(placed)).cases == []
    with pytest.raises(StateConflict):  # what comes now is refused and stays with the seller
        await deliver_by_hand(
            world.db,
            DeliverByHand(seller_id=world.seller_id, order_id=placed.order_id, line_no=1, text="done"),
            keys=world.keys,
            rules=world.rules,
            now=world.now,
        )
    await world.proven(placed)


async def test_a_buyer_who_chose_to_wait_is_left_in_peace_until_then(world: Bought) -> None:
    placed = await world.bought(kind=GoodsKind.BOOSTING_SERVICE, promised_delivery_seconds=3600)
    (unit,) = [row["id"] for row in await world.units(placed)]
    wait = ChooseToWait(
        buyer_id=world.buyer_id,
        book_id=world.seller_id,
        order_id=placed.order_id,
        unit_ids=[unit],
        until=world.now + timedelta(days=3),
    )
    with pytest.raises(InvalidInput):
        await choose_to_wait(world.db, replace(wait, until=world.now + timedelta(days=31)), now=world.now)
    await choose_to_wait(world.db, wait, now=world.now)
    world.later(days=2)
    assert await claim_due(world.db, world.now, 9) == []
    assert (await world.late(placed)).cases == []
    world.now = wait.until + TICK
    assert (await world.late(placed)).cases[0].state is CaseState.APPROVED
    await world.proven(placed)


async def test_undelivered_work_can_be_cancelled_before_it_is_late(world: Bought) -> None:
    placed = await world.bought(kind=GoodsKind.BOOSTING_SERVICE)
    case = await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    assert (case.state, case.ground) == (CaseState.APPROVED, "delivery.cancel")
    await world.proven(placed)


async def test_after_release_the_buyer_is_paid_all_the_same(world: Bought) -> None:
    """The fee comes back from the platform, the rest from the seller's payable or as his debt."""
    placed = await world.bought(2)
    units = await world.reveal(placed)
    world.later(hours=1)
    receipt = ConfirmReceipt(buyer_id=world.buyer_id, book_id=world.seller_id, order_id=placed.order_id)
    await confirm_receipt(world.db, receipt, now=world.now)
    assert await world.balance(world.seller_id, AccountKind.SELLER_PAYABLE) == 2 * 9604
    case = await world.ask_one(placed, ReasonCode.INVALID_KEY, units[0])
    await world.answer(case, Answer.AGREED)
    assert await world.balance(world.seller_id, AccountKind.SELLER_PAYABLE) == 9604
    await world.proven(placed)


async def test_what_the_seller_cannot_pay_stands_as_his_debt_and_is_recovered_later(world: Bought) -> None:
    placed = await world.bought()
    await world.reveal(placed)
    receipt = ConfirmReceipt(buyer_id=world.buyer_id, book_id=world.seller_id, order_id=placed.order_id)
    await confirm_receipt(world.db, receipt, now=world.later(hours=1))
    earned = WithdrawEarnings(seller_id=world.seller_id, amount_fen=9604)
    await withdraw_earnings(world.db, earned, now=world.now)
    before = await world.balance(world.buyer_id)
    case = await world.ask_one(placed, ReasonCode.INVALID_KEY)
    assert (await world.answer(case, Answer.AGREED)).state is CaseState.APPROVED
    assert await world.balance(world.buyer_id) == before + 9800
    assert await world.balance(world.seller_id, AccountKind.SELLER_DEBT) == -9604
    await world.proven(placed)


async def test_records_decide_what_no_side_can_argue_away(world: Bought) -> None:
    """The issuer names a use before our seal was broken: it was not this buyer, and no answer is waited for."""
    placed = await world.bought()
    (unit,) = [row["id"] for row in await world.units(placed)]
    world.later(minutes=5)
    await world.redeemed(unit)
    world.later(minutes=5)
    await world.reveal(placed)
    case = await world.ask_one(placed, ReasonCode.ALREADY_REDEEMED)
    assert (case.state, case.ground) == (CaseState.APPROVED, "defect.by_record")
    await world.proven(placed)


async def test_a_reviewer_cannot_refuse_what_the_records_give(world: Bought) -> None:
    placed = await world.bought()
    (unit,) = await world.reveal(placed)
    case = await world.ask_one(placed, ReasonCode.ALREADY_REDEEMED)
    reviewer = await world.party("甲", Role.REVIEWER)
    await world.answer(case, Answer.REFUSED)
    world.now -= timedelta(minutes=6)  # the issuer's record is of a use before the reveal, whosever clock is off
    await world.redeemed(unit)
    world.later(minutes=7)
    with pytest.raises(StateConflict):
        await world.rule(case, reviewer, Ruling.REFUSED)
    assert (await world.rule(case, reviewer, Ruling.GRANTED)).state is CaseState.APPROVED
    await world.proven(placed)


async def test_one_piece_of_five_hundred_and_then_all_the_others(world: Bought) -> None:
    placed = await world.bought(500, max_pieces=500, price=101)
    units = [row["id"] for row in await world.units(placed)]
    await world.ask(placed, ReasonCode.CHANGE_OF_MIND, units[0])
    (case,) = (await world.ask(placed, ReasonCode.CHANGE_OF_MIND, *units[1:])).cases
    assert (case.approved_fen, len(case.units)) == (499 * 101, 499)
    row = await world.case(case)
    assert len(row["decision"]) < 400_000  # not five hundred times the same trace
    assert set(await world.unit_states(placed)) == {"REFUNDED"}
    assert await world.balance(world.buyer_id) == 500 * 10_000
    await world.proven(placed)


async def test_what_is_refunded_cannot_be_asked_for_again(world: Bought) -> None:
    placed = await world.bought()
    await world.ask(placed, ReasonCode.CHANGE_OF_MIND)
    with pytest.raises(StateConflict):
        await world.ask(placed, ReasonCode.INVALID_KEY)


async def test_an_unpaid_order_has_nothing_to_refund(world: Bought) -> None:
    await world.bought()
    unpaid = await world.order(world.buyer_id, world.seller_id, world.product, pay=None)
    with pytest.raises(StateConflict):
        await world.ask(unpaid, ReasonCode.CHANGE_OF_MIND)


async def test_an_open_case_holds_the_escrow(world: Bought) -> None:
    placed, case = await world.invalid()
    await world.answer(case, Answer.REFUSED)
    world.later(days=30)
    assert DueKind.RELEASE_ESCROW not in [due.kind for due in await claim_due(world.db, world.now, 9)]
    await withdraw_request(world.db, WithdrawRequest(buyer_id=world.buyer_id, case_no=case.case_no), now=world.now)
    assert DueKind.RELEASE_ESCROW in [due.kind for due in await claim_due(world.db, world.now, 9)]
    await world.proven(placed)
