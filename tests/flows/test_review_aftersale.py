"""What a hard look at the aftersale flows found, told as stories."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from msgspec.structs import replace

from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, OutOfStock, StateConflict, TooLarge
from liuhen.base.objects import ObjectStore
from liuhen.evidence.model import original_key
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.flows.aftersale.review_refund import Finding, ReviewRefund, review_refund
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.trade.add_issuer import AddIssuer, add_issuer
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.record_issuer_event import IssuerEvent, record_issuer_event
from liuhen.flows.trade.record_redemption import RecordRedemption, record_redemption
from liuhen.parties.model import Role
from liuhen.policy.decision import Mark
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.redemption.model import UseState
from liuhen.refunds.model import Answer, CaseState
from liuhen.stock.seal import fp_from_sha256
from tests.flows.refunds import Bought, rules
from tests.flows.test_refund_record import picture, stage


@pytest.fixture
def world(db: Database, now: datetime) -> Bought:
    return Bought(db, now)


async def _issuer(world: Bought) -> UUID:
    admin = await world.party("周", Role.ADMIN)
    return (
        await add_issuer(world.db, AddIssuer(admin_id=admin, name="木棉游戏"), keys=world.keys, now=world.now)
    ).issuer_id


async def _issuer_says(
    world: Bought, issuer: UUID, event: str, state: UseState, *, event_id: str = "evt_1", key: str = "KEY-000000-TEST"
) -> int:
    said = IssuerEvent(
        issuer_id=issuer,
        event_id=event_id,
        event=event,
        state=state,
        fp_exact=fp_from_sha256(world.keys, hashlib.sha256(key.encode()).digest()),
        occurred_at=world.now,
    )
    return (await record_issuer_event(world.db, said, now=world.now)).recorded


async def _buyer_says(world: Bought, placed: PlacedOrder, at: datetime | None) -> None:
    (unit,) = await world.units(placed)
    said = RecordRedemption(
        by=world.buyer_id,
        book_id=world.seller_id,
        order_id=placed.order_id,
        unit_id=unit["id"],
        state=UseState.USED_UP,
        occurred_at=at,
    )
    await record_redemption(world.db, said, now=world.now)


async def test_a_buyers_own_word_does_not_make_a_sealed_key_used_by_others(world: Bought) -> None:
    placed = await world.bought(excludes_no_reason=True)
    world.later(days=20)
    assert (await world.preview(placed, ReasonCode.CHANGE_OF_MIND)).groups[0].state is CaseState.REJECTED
    await _buyer_says(world, placed, world.now - timedelta(hours=1))
    for reason in (ReasonCode.CHANGE_OF_MIND, ReasonCode.ALREADY_REDEEMED):
        assert (await world.preview(placed, reason)).groups[0].state is not CaseState.APPROVED


async def test_a_buyers_own_word_does_not_date_his_use_before_the_reveal(world: Bought) -> None:
    placed = await world.bought()
    world.later(hours=2)
    await world.reveal(placed)
    world.later(minutes=5)
    await _buyer_says(world, placed, world.now - timedelta(hours=1))
    for reason in (ReasonCode.CHANGE_OF_MIND, ReasonCode.ALREADY_REDEEMED):
        assert (await world.preview(placed, reason)).groups[0].state is not CaseState.APPROVED


async def test_a_sealed_key_that_its_issuer_calls_used_is_refunded_and_never_sold_again(world: Bought) -> None:
    issuer = await _issuer(world)
    placed = await world.bought(issuer_id=issuer)
    await _issuer_says(world, issuer, "REDEEMED", UseState.USED_UP)
    case = await world.ask_one(placed, ReasonCode.ALREADY_REDEEMED)
    assert case.state is CaseState.APPROVED
    assert await world.key_states(world.product) == {"AVAILABLE": 5, "RETIRED": 1}
    async with world.db.read() as tx:
        assert await tx.fetchval("select count(*) from seller_todo where done_at is null") == 1
    await world.proven(placed)


async def test_an_issuers_event_that_comes_again_does_not_reach_the_next_buyer(world: Bought) -> None:
    issuer = await _issuer(world)
    placed = await world.bought(issuer_id=issuer)
    assert await _issuer_says(world, issuer, "ACTIVATED", UseState.UNUSED) == 1
    await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    assert await world.key_states(world.product) == {"AVAILABLE": 6}
    other = await world.party("陈")
    await world.fund(other, 60_000)
    again = await world.order(other, world.seller_id, world.product, 6)
    assert await _issuer_says(world, issuer, "ACTIVATED", UseState.UNUSED) == 0
    assert await _issuer_says(world, issuer, "REDEEMED", UseState.USED_UP, event_id="evt_2") == 1
    assert (await world.events(again)).count("ISSUER_SAID") == 1
    assert (await world.events(placed)).count("ISSUER_SAID") == 1


async def test_what_the_records_give_meanwhile_is_paid_when_a_human_is_asked(world: Bought) -> None:
    issuer = await _issuer(world)
    placed = await world.bought(issuer_id=issuer)
    await world.reveal(placed)
    case = await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    assert case.state is CaseState.REJECTED
    await _issuer_says(world, issuer, "VOIDED", UseState.UNUSED)
    assert (await world.human(case)).state is CaseState.APPROVED
    assert await world.unit_states(placed) == ["REFUNDED"]
    await world.proven(placed)


async def _deliver(world: Bought, placed: PlacedOrder) -> int:
    cmd = DeliverByHand(seller_id=world.seller_id, order_id=placed.order_id, line_no=1, text="已充值")
    return (await deliver_by_hand(world.db, cmd, keys=world.keys, rules=world.rules, now=world.now)).pieces


async def _by_hand(world: Bought, pieces: int = 1) -> PlacedOrder:
    world.seller_id, world.buyer_id = await world.seller(), await world.party("林")
    world.product = await world.listing(world.seller_id, kind=GoodsKind.DIRECT_TOP_UP, target_label="手机号")
    await world.fund(world.buyer_id, 10_000 * pieces)
    return await world.order(world.buyer_id, world.seller_id, world.product, pieces, target="13800000319")


async def test_a_request_about_money_does_not_keep_the_seller_from_delivering(world: Bought) -> None:
    placed = await _by_hand(world, 2)
    first, _ = await world.units(placed)
    case = await world.ask_one(placed, ReasonCode.DUPLICATE_CHARGE, first["id"])
    assert case.state is CaseState.UNDER_REVIEW
    assert await _deliver(world, placed) == 2
    withdraw = WithdrawRequest(buyer_id=world.buyer_id, case_no=case.case_no)
    await withdraw_request(world.db, withdraw, now=world.later(days=2))
    assert (await world.late(placed)).cases == []
    with pytest.raises(StateConflict):
        await _deliver(world, placed)
    assert await world.unit_states(placed) == ["HANDED_OVER", "HANDED_OVER"]


async def test_a_reviewers_findings_name_clauses_and_nothing_else(world: Bought) -> None:
    _, case = await world.invalid(agreed=False)
    await world.answer(case, Answer.REFUSED)
    reviewer = await world.party("周", Role.REVIEWER)
    ask = ReviewRefund(reviewer_id=reviewer, case_no=case.case_no, ruling=Ruling.GRANTED, reasons="双方材料已核")
    words = replace(ask, findings=[Finding("买家电话 13800000319", Mark.MET)])
    with pytest.raises(InvalidInput):
        await review_refund(world.db, words, rules=rules(), now=world.now)
    clause = replace(ask, findings=[Finding("defect.claimed", Mark.MET)])
    assert (await review_refund(world.db, clause, rules=rules(), now=world.now)).state is CaseState.APPROVED


async def test_a_picture_too_many_leaves_no_bytes_and_no_side_fills_the_case_of_the_other(
    world: Bought, tmp_path: Path
) -> None:
    objects = ObjectStore.open(tmp_path / "objects")
    placed = await world.bought()
    await world.reveal(placed)
    ids = [(await stage(world, objects, placed, picture(colour=n))).picture_id for n in range(6)]
    with pytest.raises(TooLarge):
        await stage(world, objects, placed, picture(colour=6))
    (case,) = (await world.ask(placed, ReasonCode.INVALID_KEY, pictures=tuple(ids))).cases
    ask = AttachPicture(party_id=world.buyer_id, filename="x.png", data=picture(colour=7), case_no=case.case_no)
    with pytest.raises(TooLarge):
        await attach_picture(world.db, ask, objects=objects, rules=world.rules, now=world.now)
    for colour in (6, 7):
        digest = hashlib.sha256(picture(colour=colour)).digest()
        assert not await objects.exists(original_key(world.buyer_id, digest))
    theirs = replace(ask, party_id=world.seller_id)
    assert not (await attach_picture(world.db, theirs, objects=objects, rules=world.rules, now=world.now)).staged


async def test_a_key_that_would_be_too_old_when_paid_at_the_last_moment_is_not_sold(world: Bought) -> None:
    world.now = datetime(2026, 11, 22, 15, 50, tzinfo=UTC)  # 23:50 in Shanghai
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller, min_validity_days=7)
    await world.shelve(seller, product, 1)

    async def good_until(day: date) -> None:
        await world.db.transact(lambda tx: tx.execute("update stock_key set valid_until = $1", day), now=world.now)

    await good_until(date(2026, 11, 29))
    with pytest.raises(OutOfStock):
        await world.order(buyer, seller, product, pay=None)
    await good_until(date(2026, 11, 30))
    await world.order(buyer, seller, product, pay=None)
