"""Next steps: every article stands, nothing is promised, no amount is asked for, the least effort comes first."""

import random

import pytest
from msgspec.structs import replace

from liuhen.policy import outside
from liuhen.policy.decide import decide
from liuhen.policy.decision import Cite
from liuhen.policy.facts.channel import ChannelFacts, PaidFrom
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.parties import Parties
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Side, Source, established
from liuhen.policy.outside import ALL_STEPS, CITES, OutsideStep, Place, next_steps
from liuhen.policy.words.outside import LIMITS, NEEDS, STEPS
from tests.policy.test_cites import resolve
from tests.policy.test_clauses import DECIDES
from tests.policy.world import BOOK, DAY, revealed, sealed

EFFORT = [
    "stop", "guardian", "issuer", "seller", "agreed", "apply", "human", "platform", "payment", "payment_error",
    "association", "regulator", "court", "police",
]  # fmt: skip


def keys(facts: RefundFacts, place: Place) -> list[str]:
    return [step.key for step in next_steps(decide(facts, BOOK), facts, place)]


@pytest.mark.parametrize("cite", sorted(CITES, key=str))
def test_every_article_resolves(cite: Cite) -> None:
    items = resolve(cite)["items"]
    assert cite.paragraph <= len(items)
    if cite.item:
        assert cite.item <= items[max(cite.paragraph, 1) - 1]


def test_the_measures_in_force_are_cited_and_not_the_old_ones() -> None:
    laws = {cite.law for cite in CITES}
    assert "投诉举报办法" in laws
    assert "投诉举报暂行办法" not in laws


def test_times_are_those_of_the_law() -> None:
    limits = {limit.key: limit.amount for step in ALL_STEPS for limit in step.limits}
    assert limits == {
        "accept": 7, "mediate": 60, "complain_within": 3, "small_claim": 2, "sue_within": 3, "rescind": 1, "ratify": 30,
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_words_for_every_step_that_promise_nothing(lang: str) -> None:
    used = {limit.key for step in ALL_STEPS for limit in step.limits} | {"mistake"}
    assert STEPS[lang].keys() == {step.key for step in ALL_STEPS}
    assert NEEDS[lang].keys() == {need for step in ALL_STEPS for need in step.needs}
    assert LIMITS[lang].keys() == used
    everything = " ".join([*(t for pair in STEPS[lang].values() for t in pair), *LIMITS[lang].values()])
    for word in ("一定能", "保证", "必须退", "will get", "guarantee", "!", "！", "黑猫", "淘宝", "微信支付规则"):
        assert word not in everything


def test_steps_stand_in_order_of_effort_for_every_decision() -> None:
    for facts in DECIDES.values():
        for place in Place:
            found = keys(facts, place)
            order = [EFFORT.index(key) for key in found if key not in ("police",)]
            assert order == sorted(order)
            assert len(found) == len(set(found))


def test_what_was_bought_here_begins_inside_and_what_was_refused_here_goes_outside() -> None:
    facts = revealed(ReasonCode.CHANGE_OF_MIND)
    assert keys(facts, Place.HERE)[:2] == ["apply", "human"]
    assert keys(facts, Place.REFUSED_HERE) == ["payment", "association", "regulator", "court"]
    assert keys(facts, Place.ELSEWHERE)[:2] == ["seller", "platform"]
    assert keys(sealed(), Place.HERE) == ["apply"], "what goes back at once needs no body"
    assert keys(sealed(), Place.REFUSED_HERE) == []


def test_a_fee_before_a_refund_stops_everything_else() -> None:
    facts = revealed()
    facts = replace(facts, channel=replace(facts.channel, fee_demanded=established(True, Source.BUYER)))
    assert keys(facts, Place.ELSEWHERE) == ["stop", "police", "payment"]


def test_a_guardian_goes_first_and_learns_of_thirty_days() -> None:
    steps = next_steps(decide(revealed(ReasonCode.MINOR), BOOK), revealed(ReasonCode.MINOR), Place.ELSEWHERE)
    assert steps[0].key == "guardian"
    assert steps[0].limits[0].amount == 30


def test_who_bought_to_sell_on_is_not_sent_to_bodies_for_consumers() -> None:
    trader = Parties(buyer_is_consumer=established(False, Source.BUYER))
    found = keys(replace(revealed(), parties=trader), Place.ELSEWHERE)
    assert "regulator" not in found
    assert "court" in found


def test_a_mistake_has_ninety_days_and_fraud_leads_to_the_police() -> None:
    mistaken = revealed(ReasonCode.WRONG_PURCHASE, 10 * DAY)
    court = _step(mistaken, "court")
    assert (court.limits[0].key, court.limits[0].amount) == ("mistake", 90)
    assert keys(revealed(ReasonCode.FRAUD_ALLEGED), Place.ELSEWHERE)[-1] == "police"
    assert "payment_error" in keys(revealed(ReasonCode.DUPLICATE_CHARGE), Place.ELSEWHERE)


def _step(facts: RefundFacts, key: str) -> OutsideStep:
    return next(step for step in next_steps(decide(facts, BOOK), facts, Place.ELSEWHERE) if step.key == key)


def test_amounts_open_and_close_no_way() -> None:
    dice = random.Random(1)
    for _ in range(50):
        facts = revealed(dice.choice(list(ReasonCode)))
        small, large = (replace(facts, capacity=replace(facts.capacity, captured_fen=fen)) for fen in (100, 900_000))
        assert keys(small, Place.ELSEWHERE) == keys(large, Place.ELSEWHERE)


def test_a_balance_has_no_payment_provider() -> None:
    facts = replace(revealed(ReasonCode.CHANGE_OF_MIND), channel=ChannelFacts(paid_from=PaidFrom.BALANCE))
    assert keys(facts, Place.REFUSED_HERE) == ["association", "regulator", "court"]


def test_where_the_issuer_is_liable_it_is_asked_first() -> None:
    facts = DECIDES["defect.risk_passed"]
    assert decide(facts, BOOK).liable is Side.ISSUER
    assert keys(facts, Place.ELSEWHERE)[0] == "issuer"


def test_words_are_filled() -> None:
    for step in ALL_STEPS:
        for lang in ("zh", "en"):
            texts = [outside.who(step, lang), outside.what(step, lang), *outside.needs(step, lang)]
            texts += [outside.limit_words(limit, lang) for limit in step.limits]
            assert not [text for text in texts if "{" in text or not text]
