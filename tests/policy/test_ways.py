"""The ways that run for real, each by name: facts in, decision out."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from liuhen.policy.decide import decide
from liuhen.policy.decision import Decider, Decision, Order, Outcome, RefundRoute, StepKind
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.channel import ChannelFacts, PaidFrom
from liuhen.policy.facts.claim import AnswerKind, OpenedBy, ReasonCode, Remedy, Ruling
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.measure import Measure
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.redemption import Redemption, Seal, UsedBy, UseState
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Side, Source, Standing, alleged, established
from liuhen.timing.deadlines import natural, workdays
from tests.policy.world import (
    BOOK,
    DAY,
    HOUR,
    PAID,
    T0,
    asked,
    by_hand,
    confirmed_exclusion,
    revealed,
    ruled,
    sealed,
    undelivered,
    used,
    with_defect,
)

SECOND = timedelta(seconds=1)
DEFECTS = {
    ReasonCode.INVALID_KEY: "invalid_key",
    ReasonCode.DUPLICATE_KEY: "duplicate_key",
    ReasonCode.INCORRECT_AMOUNT: "incorrect_amount",
    ReasonCode.WRONG_REGION: "wrong_region",
    ReasonCode.ALREADY_REDEEMED: "already_redeemed",
    ReasonCode.NOT_AS_DESCRIBED: "not_as_described",
    ReasonCode.SHORT_VALIDITY: "short_validity",
    ReasonCode.DEFECTIVE: "defective",
}


def paid_in_full(decision: Decision, ground: str, by: Decider = Decider.MACHINE) -> None:
    assert (decision.outcome, decision.ground, decision.decided_by) == (Outcome.FULL, ground, by)
    assert decision.amount_fen == decision.amount_max_fen == PAID
    assert decision.next_step.kind is StepKind.PAY


def refused(decision: Decision, ground: str) -> None:
    assert (decision.outcome, decision.ground) == (Outcome.NONE, ground)
    assert decision.amount_max_fen == 0
    assert decision.decided_by is Decider.MACHINE
    assert decision.human_offered


def to_human(decision: Decision, ground: str) -> None:
    assert (decision.outcome, decision.ground, decision.decided_by) == (Outcome.REVIEW, ground, Decider.HUMAN)
    assert decision.next_step.kind is StepKind.HUMAN_REVIEW
    assert decision.next_step.deadline == workdays(3)
    assert (decision.amount_fen, decision.amount_max_fen) == (0, PAID)


def to_seller(decision: Decision, ground: str, outcome: Outcome) -> None:
    assert (decision.outcome, decision.ground, decision.decided_by) == (outcome, ground, Decider.SELLER)
    assert decision.next_step.kind is StepKind.SELLER_ANSWER
    assert decision.next_step.deadline == natural(86_400)


# sealed


def test_sealed_within_24_hours_is_paid_at_once_and_returns_to_stock() -> None:
    decision = decide(sealed(), BOOK)
    paid_in_full(decision, "promise.instant")
    assert decision.orders == (Order.RESTOCK,)
    assert decision.liable is Side.NOBODY


def test_sealed_exactly_24_hours_is_still_in_time_and_a_second_later_is_not() -> None:
    paid_in_full(decide(sealed(after=DAY), BOOK), "promise.instant")
    assert decide(sealed(after=DAY + SECOND), BOOK).ground != "promise.instant"


def test_sealed_after_24_hours_within_the_sellers_promise_goes_to_the_seller() -> None:
    facts = replace(sealed(after=2 * DAY), promises=Promises(sealed_window_seconds=72 * 3600))
    decision = decide(facts, BOOK)
    to_seller(decision, "promise.sealed_window", Outcome.FULL)
    assert decision.amount_fen == PAID
    assert decision.orders == ()
    paid_in_full(decide(asked(facts, passed=DAY + SECOND), BOOK), "seller.deemed_approved")


def test_sealed_without_confirmed_exclusion_goes_back_within_seven_days_b01() -> None:
    to_seller(decide(sealed(after=2 * DAY), BOOK), "no_reason.seven_days", Outcome.FULL)
    refused(decide(sealed(after=9 * DAY), BOOK), "no_reason.too_late")


def test_sealed_with_confirmed_exclusion_stays_b02() -> None:
    refused(decide(confirmed_exclusion(sealed(after=2 * DAY)), BOOK), "no_reason.excluded")


def test_a_preticked_confirmation_binds_nobody() -> None:
    facts = confirmed_exclusion(sealed(after=2 * DAY), preticked=True)
    to_seller(decide(facts, BOOK), "no_reason.seven_days", Outcome.FULL)


def test_an_exclusion_never_takes_away_the_instant_refund_or_a_promise() -> None:
    paid_in_full(decide(confirmed_exclusion(sealed()), BOOK), "promise.instant")
    facts = confirmed_exclusion(sealed(after=2 * DAY))
    facts = replace(facts, promises=Promises(sealed_window_seconds=72 * 3600))
    to_seller(decide(facts, BOOK), "promise.sealed_window", Outcome.FULL)


def test_a_sealed_key_that_is_known_to_be_bad_is_not_sold_again() -> None:
    facts = with_defect(sealed(), "invalid_key", established(True, Source.ISSUER))
    assert decide(facts, BOOK).orders == (Order.VOID_KEY,)


# delivery


def test_not_delivered_after_promise_and_grace_is_paid_by_machine() -> None:
    facts = undelivered(after=timedelta(minutes=10) + SECOND)
    facts = replace(facts, claim=replace(facts.claim, opened_by=OpenedBy.WORKER))
    decision = decide(facts, BOOK)
    paid_in_full(decision, "delivery.late")
    assert decision.liable is Side.SELLER
    assert decision.orders == (Order.REFUSE_LATE_DELIVERY,)


def test_the_worker_waits_until_grace_is_over() -> None:
    facts = undelivered(after=timedelta(minutes=10))
    facts = replace(facts, claim=replace(facts.claim, opened_by=OpenedBy.WORKER))
    decision = decide(facts, BOOK)
    refused(decision, "delivery.not_due")
    assert decision.next_step.kind is StepKind.WAIT_DELIVERY
    assert decision.next_step.starts_at == T0 + timedelta(minutes=10)


def test_the_worker_respects_that_the_buyer_waits() -> None:
    facts = undelivered(after=HOUR)
    facts = replace(
        facts,
        claim=replace(facts.claim, opened_by=OpenedBy.WORKER),
        delivery=Delivery(promised_at=T0, buyer_waits_until=T0 + DAY),
    )
    decision = decide(facts, BOOK)
    assert decision.ground == "delivery.not_due"
    assert decision.next_step.starts_at == T0 + DAY
    paid_in_full(decide(replace(facts, now=T0 + DAY + SECOND), BOOK), "delivery.late")


def test_delivered_after_the_claim_is_refused_and_still_paid_in_full_a02() -> None:
    facts = undelivered(after=HOUR)
    late = Delivery(promised_at=T0, delivered_at=T0 + HOUR + SECOND)
    facts = replace(facts, delivery=late, now=T0 + 2 * HOUR, redemption=Redemption(seal=Seal.SEALED))
    decision = decide(facts, BOOK)
    paid_in_full(decision, "delivery.late")
    assert Order.REFUSE_LATE_DELIVERY in decision.orders
    assert Order.VOID_KEY in decision.orders


@pytest.mark.parametrize("reason", [ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE, ReasonCode.NOT_RECEIVED])
def test_cancelled_before_delivery_b09(reason: ReasonCode) -> None:
    paid_in_full(decide(undelivered(reason, after=-HOUR), BOOK), "delivery.cancel")


def test_service_cancelled_before_it_began_g01() -> None:
    decision = decide(by_hand(undelivered(ReasonCode.CHANGE_OF_MIND, after=-HOUR)), BOOK)
    paid_in_full(decision, "delivery.cancel")
    assert Order.CANCEL_WORK in decision.orders


def test_service_cancelled_after_it_began_goes_to_a_person() -> None:
    facts = by_hand(undelivered(ReasonCode.CHANGE_OF_MIND, after=-HOUR))
    begun = replace(facts.delivery, started=alleged(True, Source.SELLER))
    to_human(decide(replace(facts, delivery=begun), BOOK), "delivery.work_begun")


def test_service_delivered_and_wrong_goes_the_way_of_defects() -> None:
    to_seller(decide(by_hand(sealed(ReasonCode.NOT_AS_DESCRIBED)), BOOK), "defect.open", Outcome.REVIEW)


# something is wrong


@pytest.mark.parametrize(("reason", "name"), DEFECTS.items())
class TestDefects:
    def test_seller_is_asked_24_natural_hours(self, reason: ReasonCode, name: str) -> None:
        facts = with_defect(revealed(reason), name, alleged(True, Source.BUYER))
        decision = decide(facts, BOOK)
        to_seller(decision, "defect.open", Outcome.REVIEW)
        assert decision.next_step.starts_at == facts.claim.requested_at
        assert decision.next_step.on_expiry == "deemed_approved"
        assert decision.chooser is Side.BUYER
        assert Remedy.REPLACEMENT in decision.remedies

    def test_issuer_says_so(self, reason: ReasonCode, name: str) -> None:
        facts = with_defect(revealed(reason), name, established(True, Source.ISSUER))
        decision = decide(facts, BOOK)
        paid_in_full(decision, "defect.by_record")
        assert Order.VOID_KEY in decision.orders

    def test_seller_silent_as_agreed(self, reason: ReasonCode, name: str) -> None:
        paid_in_full(decide(asked(revealed(reason), passed=DAY + SECOND), BOOK), "seller.deemed_approved")

    def test_silence_at_the_last_moment_is_not_yet_silence(self, reason: ReasonCode, name: str) -> None:
        to_seller(decide(asked(revealed(reason), passed=DAY), BOOK), "defect.open", Outcome.REVIEW)

    def test_seller_silent_without_agreement(self, reason: ReasonCode, name: str) -> None:
        facts = asked(revealed(reason), passed=DAY + SECOND, silence_agreed=False)
        to_human(decide(facts, BOOK), "seller.silent_unagreed")

    def test_seller_agrees(self, reason: ReasonCode, name: str) -> None:
        facts = asked(revealed(reason), AnswerKind.AGREED, answered=HOUR, passed=HOUR)
        paid_in_full(decide(facts, BOOK), "seller.agreed", Decider.SELLER)

    def test_seller_refuses(self, reason: ReasonCode, name: str) -> None:
        facts = asked(revealed(reason), AnswerKind.REFUSED, answered=HOUR, passed=HOUR)
        to_human(decide(facts, BOOK), "seller.refused")

    def test_a_refusal_after_the_deadline_is_silence(self, reason: ReasonCode, name: str) -> None:
        facts = asked(revealed(reason), AnswerKind.REFUSED, answered=DAY + SECOND, passed=2 * DAY)
        paid_in_full(decide(facts, BOOK), "seller.deemed_approved")

    def test_reviewer_finds_so(self, reason: ReasonCode, name: str) -> None:
        facts = asked(revealed(reason), AnswerKind.REFUSED, answered=HOUR, passed=DAY)
        facts = with_defect(facts, name, established(True, Source.STAFF))
        paid_in_full(decide(facts, BOOK), "defect.by_staff", Decider.HUMAN)

    def test_record_refutes_it(self, reason: ReasonCode, name: str) -> None:
        fact = Fact(value=True, source=Source.ISSUER, standing=Standing.REBUTTED)
        refused(decide(with_defect(revealed(reason), name, fact), BOOK), "defect.rebutted")

    def test_no_term_and_no_window_stands_against_it(self, reason: ReasonCode, name: str) -> None:
        facts = confirmed_exclusion(revealed(reason, after=60 * DAY))
        facts = replace(facts, terms=replace(facts.terms, window_seconds=3600, window_shown=True))
        to_seller(decide(facts, BOOK), "defect.open", Outcome.REVIEW)


def test_withheld_logs_count_against_who_holds_them_c06() -> None:
    fact = Fact(value=True, source=Source.BUYER, standing=Standing.WITHHELD)
    facts = with_defect(revealed(ReasonCode.ALREADY_REDEEMED), "already_redeemed", fact)
    paid_in_full(decide(facts, BOOK), "defect.by_record")


def test_used_before_the_buyer_looked_c04() -> None:
    facts = used(revealed(ReasonCode.ALREADY_REDEEMED), UsedBy.OTHER, minutes=5)
    paid_in_full(decide(facts, BOOK), "defect.by_record")


def test_used_by_the_buyer_after_breaking_the_seal() -> None:
    facts = used(revealed(ReasonCode.INVALID_KEY), UsedBy.BUYER_SIDE, minutes=20)
    refused(decide(facts, BOOK), "defect.rebutted")


def test_silence_does_not_beat_a_record() -> None:
    facts = used(revealed(ReasonCode.INVALID_KEY), UsedBy.BUYER_SIDE, minutes=20)
    refused(decide(asked(facts, passed=DAY + SECOND), BOOK), "defect.rebutted")


def short_value(facts: RefundFacts) -> RefundFacts:
    facts = with_defect(facts, "incorrect_amount", established(True, Source.ISSUER))
    worth = established(5_000, Source.ISSUER)
    return replace(facts, defects=replace(facts.defects, actual_value_fen=worth))


def test_short_value_unredeemed_gives_the_choice_c11() -> None:
    paid_in_full(decide(short_value(revealed(ReasonCode.INCORRECT_AMOUNT)), BOOK), "defect.by_record")


def test_short_value_redeemed_gives_the_difference_c12() -> None:
    facts = short_value(used(revealed(ReasonCode.INCORRECT_AMOUNT), UsedBy.BUYER_SIDE, minutes=20))
    decision = decide(facts, BOOK)
    assert (decision.outcome, decision.ground) == (Outcome.PARTIAL, "defect.short_value_used")
    assert decision.amount_fen == PAID * 5_000 // 10_000
    assert decision.orders == ()
    assert [(line.key, line.fen) for line in decision.bill] == [("paid", 9_800), ("kept", -4_900), ("fee", 0)]


def test_partly_credited_top_up_gives_the_difference_d02() -> None:
    facts = short_value(by_hand(sealed(ReasonCode.INCORRECT_AMOUNT), GoodsKind.DIRECT_TOP_UP))
    assert decide(facts, BOOK).amount_fen == 4_900


# no reason


@pytest.mark.parametrize("reason", [ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE])
def test_unwanted_and_redeemed_b08(reason: ReasonCode) -> None:
    refused(decide(used(revealed(reason), UsedBy.BUYER_SIDE, minutes=20), BOOK), "no_reason.used")


def test_unwanted_and_revealed_b04() -> None:
    refused(decide(revealed(ReasonCode.CHANGE_OF_MIND), BOOK), "no_reason.revealed")
    voidable = replace(
        revealed(ReasonCode.CHANGE_OF_MIND),
        goods=replace(revealed().goods, issuer_can_void=True),
    )
    to_seller(decide(voidable, BOOK), "no_reason.voidable", Outcome.FULL)


def test_promised_for_revealed_and_unused_b05() -> None:
    facts = replace(revealed(ReasonCode.CHANGE_OF_MIND), promises=Promises(revealed_window_seconds=86_400))
    to_seller(decide(facts, BOOK), "promise.revealed_window", Outcome.FULL)
    unused = replace(facts.redemption, use=established(UseState.UNUSED, Source.ISSUER))
    decision = decide(replace(facts, redemption=unused), BOOK)
    paid_in_full(decision, "promise.revealed_unused")
    assert decision.orders == (Order.VOID_KEY,)
    refused(decide(used(facts, UsedBy.BUYER_SIDE, minutes=20), BOOK), "no_reason.used")


def test_finished_top_up_b11_made_to_order_b13_software_b16() -> None:
    unwanted = ReasonCode.CHANGE_OF_MIND
    refused(decide(by_hand(sealed(unwanted), GoodsKind.DIRECT_TOP_UP), BOOK), "no_reason.service_done")
    custom = by_hand(sealed(unwanted), GoodsKind.CUSTOM_VOUCHER)
    made = replace(custom, goods=replace(custom.goods, made_to_order=established(True, Source.PLATFORM_LOG)))
    refused(decide(made, BOOK), "no_reason.made_to_order")
    licence = replace(revealed(unwanted), goods=replace(revealed().goods, digital_content=True))
    refused(decide(licence, BOOK), "no_reason.digital_unsealed")


# people


def test_who_asks_for_a_human_gets_one_k19() -> None:
    facts = revealed(ReasonCode.CHANGE_OF_MIND)
    to_human(decide(replace(facts, claim=replace(facts.claim, wants_human=True)), BOOK), "procedure.human_asked")


@pytest.mark.parametrize(
    "reason",
    [
        ReasonCode.DUPLICATE_CHARGE,
        ReasonCode.OVERCHARGED,
        ReasonCode.PLATFORM_FAILURE,
        ReasonCode.FRAUD_ALLEGED,
        ReasonCode.UNDISCLOSED_RENEWAL,
    ],
)
def test_reasons_that_need_a_person(reason: ReasonCode) -> None:
    facts = revealed(reason)
    to_human(decide(facts, BOOK), "procedure.human_reason")


def test_a_double_charge_is_no_reason_to_take_the_sealed_key_back() -> None:
    facts = sealed(ReasonCode.DUPLICATE_CHARGE)
    facts = replace(facts, capacity=Capacity(captured_fen=2 * PAID, duplicate_captured_fen=PAID))
    decision = decide(facts, BOOK)
    assert (decision.ground, decision.outcome, decision.amount_fen) == ("capacity.charged_twice", Outcome.PARTIAL, PAID)
    assert decision.orders == ()


def test_minor_goes_to_a_person() -> None:
    to_human(decide(revealed(ReasonCode.MINOR), BOOK), "capacity.minor")


def test_rulings() -> None:
    facts = asked(revealed(), AnswerKind.REFUSED, answered=HOUR, passed=DAY)
    paid_in_full(decide(ruled(facts, Ruling.GRANTED), BOOK), "ruling.granted", Decider.HUMAN)
    part = decide(ruled(facts, Ruling.PARTLY, 3_000), BOOK)
    assert (part.outcome, part.amount_fen, part.orders) == (Outcome.PARTIAL, 3_000, ())
    no = decide(ruled(facts, Ruling.REFUSED), BOOK)
    assert (no.outcome, no.ground, no.decided_by) == (Outcome.NONE, "ruling.refused", Decider.HUMAN)


def test_a_ruling_stands_against_later_silence() -> None:
    facts = ruled(asked(revealed(), passed=DAY + SECOND), Ruling.REFUSED)
    assert decide(facts, BOOK).ground == "ruling.refused"


def test_who_asks_for_less_gets_what_was_agreed() -> None:
    facts = asked(revealed(), AnswerKind.AGREED, answered=HOUR, passed=HOUR)
    facts = replace(facts, claim=replace(facts.claim, asked_fen=2_000))
    decision = decide(facts, BOOK)
    assert (decision.outcome, decision.amount_fen, decision.orders) == (Outcome.PARTIAL, 2_000, ())


# money and route


def test_forbidden_goods_block() -> None:
    goods = replace(sealed().goods, forbidden=established(True, Source.STAFF))
    decision = decide(replace(sealed(), goods=goods), BOOK)
    assert (decision.outcome, decision.ground) == (Outcome.BLOCK, "goods.forbidden")
    assert Order.DELIST in decision.orders


def test_already_refunded_open_elsewhere_and_never_paid() -> None:
    done = replace(sealed(), capacity=Capacity(captured_fen=PAID, refunded_fen=3_000, in_flight_fen=6_800))
    refused(decide(done, BOOK), "capacity.already_refunded")
    elsewhere = decide(replace(sealed(), capacity=Capacity(captured_fen=PAID, other_case_open=True)), BOOK)
    assert (elsewhere.outcome, elsewhere.ground) == (Outcome.BLOCK, "capacity.other_case")
    refused(decide(replace(sealed(), capacity=Capacity(captured_fen=0)), BOOK), "capacity.nothing_captured")


def test_settled_and_then_reneged_k12() -> None:
    facts = revealed()
    history = replace(facts.history, settled=established(True, Source.PLATFORM_LOG))
    refused(decide(replace(facts, history=history), BOOK), "capacity.settled")


def test_what_went_back_before_is_taken_off() -> None:
    facts = replace(sealed(), capacity=Capacity(captured_fen=PAID, refunded_fen=1_800))
    decision = decide(facts, BOOK)
    assert decision.amount_fen == 8_000
    assert [(x.key, x.fen) for x in decision.bill] == [("paid", 9_800), ("refunded_before", -1_800), ("fee", 0)]


def test_route_is_the_way_it_was_paid_unless_chosen_otherwise_j06() -> None:
    assert decide(sealed(), BOOK).route is RefundRoute.ORIGINAL
    chosen = replace(sealed(), channel=ChannelFacts(balance_chosen=True))
    assert decide(chosen, BOOK).route is RefundRoute.BALANCE
    paid = replace(sealed(), channel=ChannelFacts(paid_from=PaidFrom.BALANCE))
    assert decide(paid, BOOK).route is RefundRoute.BALANCE


def test_after_release_the_seller_makes_it_good() -> None:
    facts = with_defect(revealed(), "invalid_key", established(True, Source.ISSUER))
    released = replace(facts, order=replace(facts.order, escrow_released_at=T0 + DAY))
    assert decide(facts, BOOK).recover_from is Side.NOBODY
    assert decide(released, BOOK).recover_from is Side.SELLER


def test_whatever_no_rule_foresees_goes_to_a_person() -> None:
    facts = undelivered(ReasonCode.INVALID_KEY, after=-HOUR)
    begun = replace(facts.delivery, started=alleged(True, Source.SELLER))
    to_human(decide(replace(facts, delivery=begun), BOOK), "procedure.human_else")


def test_what_is_asked_above_the_price_is_named_for_a_person_k06() -> None:
    facts = with_defect(revealed(), "invalid_key", established(True, Source.ISSUER))
    facts = replace(facts, claim=replace(facts.claim, asked_fen=100_000))
    decision = decide(facts, BOOK)
    paid_in_full(decision, "defect.by_record")
    assert decision.claims_for_human == ("proven_loss",)


def test_what_the_seller_agrees_to_is_still_a_refund_where_a_part_would_be_due() -> None:
    cut = Measure(
        total=100, had=established(40, Source.PLATFORM_LOG), ended_by=established(Side.SELLER, Source.PLATFORM_LOG)
    )
    facts = asked(replace(revealed(ReasonCode.SERVICE_STOPPED), measure=cut), AnswerKind.AGREED, answered=HOUR)
    decision = decide(facts, BOOK)
    assert (decision.ground, decision.remedies) == ("seller.agreed", (Remedy.REFUND,))
