"""The line that says how an amount was worked out: its figures work out to the amount, for any facts."""

import re
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import show
from liuhen.policy import explain
from liuhen.policy.amount_words import amount_words
from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.decide import decide
from liuhen.policy.decision import Decision, Formula
from liuhen.policy.expr import And, Choose, Compare, Given, In, Ref, Says, Shown, Stands, walk
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.claim import AnswerKind, ReasonCode, SellerAnswer
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.formula import formula_text, reckoned
from liuhen.policy.words import nodes
from tests.policy.any_facts import any_facts
from tests.policy.test_clauses import DECIDES
from tests.policy.test_sentence import RAW, flat
from tests.policy.world import BOOK, sealed

LANGS = ("zh", "en")
FIGURE = re.compile(r"(?P<money>-?¥[\d,]+\.\d\d)|(?P<share>\d+(?:\.\d)?)%|(?P<count>\d+)|(?P<mark>[()×÷−+=])")


def worked_out(line: str) -> str | None:
    """What the figures of a line come to, as money; None where it has no "="."""
    marks = {"×": "*", "÷": "/", "−": "-"}
    text = ""
    for found in FIGURE.finditer(line.replace("（", "(").replace("）", ")")):
        if found["mark"] == "=":
            value = Fraction(eval(text, {"F": Fraction}))  # figures and marks alone
            return show((2 * value.numerator + value.denominator) // (2 * value.denominator))
        if found["money"]:
            text += f"F({int(re.sub('[^0-9-]', '', found['money']))})"
        elif found["share"]:
            text += f"F('{found['share']}')/100"
        elif found["count"]:
            text += f"F({found['count']})"
        else:
            text += marks.get(found["mark"], found["mark"])
    return None


def check(decision: Decision) -> None:
    """All that must hold of the line of a decision."""
    low, high = decision.amount_fen, decision.amount_max_fen
    assert reckoned(decision.formula) == (low, high)
    for lang in LANGS:
        text = explain.formula(decision, lang)
        assert not RAW.search(text), text
        notes = nodes.FIGURES[lang]
        if low == high and notes["floor"].split("{")[0] not in text and notes["cap"].split("{")[0] not in text:
            assert show(low) in text
            assert worked_out(text) in (None, show(low)), text


@pytest.mark.parametrize("name", DECIDES)
def test_every_way_of_deciding_shows_its_reckoning(name: str) -> None:
    check(decide(DECIDES[name], BOOK))


@settings(max_examples=400, deadline=None)
@given(any_facts())
def test_any_amount_is_worked_out_on_the_line(facts: RefundFacts) -> None:
    check(decide(facts, BOOK))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("amount", Amount)
def test_every_amount_is_told_in_general(amount: Amount, lang: str) -> None:
    told = flat(amount_words(amount, lang, BOOK.values))
    for text in told:
        assert text and not RAW.search(text), text
    low, high = FORMULAS[amount]
    cases = {node for node in (*walk(low), *walk(high)) if isinstance(node, Choose)}
    assert (len(told) > 1) == bool(cases), told


def test_amounts_in_general_read_as_they_are_reckoned() -> None:
    def lines(amount: Amount, lang: str) -> list[str]:
        return flat(amount_words(amount, lang, BOOK.values))

    overcharge = lines(Amount.OVERCHARGE, "zh")
    assert overcharge[:2] == ["这样算：", "这件实付 − 付款前显示的价钱，以还能退的钱为限"]
    assert overcharge[2].startswith("买家写明了要退多少的，最多：")
    chosen = lines(Amount.CHOSEN, "zh")
    assert chosen[:4] == [
        "这样算：",
        "从上往下，先符合哪一条就按哪一条：",
        "甲和（这件实付 ×（写明的面值 − 实际的面值）÷ 写明的面值）里较小的，以还能退的钱为限，如果：",
        "买家选了退差价",
    ]
    assert "其他情况：还能退的钱" in chosen
    returned = lines(Amount.RETURNED, "zh")
    assert "其他情况：甲" in returned and any(text.startswith("甲：") for text in returned)
    assert any("30%" in text for text in lines(Amount.MINOR_USED, "en"))


def test_the_formula_survives_the_wire() -> None:
    for facts in DECIDES.values():
        formula = decide(facts, BOOK).formula
        again = msgspec.json.decode(msgspec.json.encode(formula), type=Formula)
        assert formula_text(again, "zh") == formula_text(formula, "zh")


def test_what_a_formula_may_ask_is_what_its_inputs_can_answer() -> None:
    for low, high in FORMULAS.values():
        for node in (*walk(low), *walk(high)):
            if isinstance(node, Choose):
                assert not [one for one in walk(node.test) if isinstance(one, Ref | Says)]
                assert isinstance(node.test, And | Compare | Given | In | Shown | Stands)


def line(name: Amount, lang: str = "zh", **inputs: int) -> str:
    """The line of a formula on these inputs (a double underscore stands for the dot)."""
    return formula_text(Formula(name=name.value, inputs={k.replace("__", "."): v for k, v in inputs.items()}), lang)


PAID = {"capacity__captured_fen": 36_500, "capacity__refunded_fen": 0, "capacity__in_flight_fen": 0}
DAYS = {"measure__total": 365, "measure__had": 30}


def test_a_share_reads_as_it_is_reckoned() -> None:
    assert line(Amount.REMAINDER, **PAID, **DAYS) == (
        "这件实付 ¥365.00 ×（买的份数 365 − 已享受的份数 30）÷ 365 = ¥335.00"
    )
    assert line(Amount.REMAINDER, "en", **PAID, **DAYS) == (
        "¥365.00 paid for this item × (365 parts bought − 30 parts had) ÷ 365 = ¥335.00"
    )


def test_what_went_back_before_is_taken_off_and_nothing_else_is_named() -> None:
    assert line(Amount.ALL, **PAID) == "这件实付 ¥365.00"
    back = {**PAID, "capacity__refunded_fen": 5_000}
    assert line(Amount.ALL, **back) == "这件实付 ¥365.00 − 此前已退 ¥50.00 = ¥315.00"


def test_a_lost_discount_takes_all() -> None:
    facts = sealed()
    lost = replace(
        facts,
        order=replace(facts.order, total_paid_fen=8_000, rest_price_fen=8_000),
        capacity=Capacity(captured_fen=4_000),
        claim=replace(facts.claim, seller=SellerAnswer(kind=AnswerKind.NONE)),
    )
    inputs = {
        "claim.reason": ReasonCode.CHANGE_OF_MIND.value,
        "order.total_paid_fen": 8_000,
        "order.rest_price_fen": 8_000,
        "capacity.captured_fen": 4_000,
        "capacity.refunded_fen": 0,
        "capacity.in_flight_fen": 0,
    }
    assert formula_text(Formula(name="returned", inputs=inputs), "zh") == (
        "整单实付 ¥80.00 − 其余各件按优惠规则的价钱 ¥80.00 = ¥0.00"
    )
    assert decide(lost, BOOK).amount_fen == 0


def test_limits_are_said_and_not_hidden() -> None:
    much = {**PAID, "claim__asked_fen": 50_000}
    assert line(Amount.ASKED, **much) == "这件实付 ¥365.00（要求退的钱 ¥500.00，多于还能退的钱，以还能退的为限）"
    over = {**PAID, **DAYS, "measure__had": 300, "measure__list_price_fen": 200}
    assert line(Amount.REMAINDER_AT_LIST, **over) == (
        "这件实付 ¥365.00 − 已享受的份数 300 × 每份的原价 ¥2.00 = ¥0.00（算出来是 -¥235.00，不够减，所以是 ¥0.00）"
    )
    third = {**PAID, "measure__total": 3, "measure__had": 2, "capacity__captured_fen": 10_000}
    assert line(Amount.REMAINDER, **third) == (
        "这件实付 ¥100.00 ×（买的份数 3 − 已享受的份数 2）÷ 3 = ¥33.33（四舍五入到分）"
    )
    assert line(Amount.MINOR_USED, "en", **PAID, minor_used_floor=300) == (
        "at least ¥365.00 paid for this item × 30% least share after use by a minor = ¥109.50; "
        "at most ¥365.00 paid for this item"
    )


def test_a_decision_kept_since_before_its_formula_changed_shows_none() -> None:
    decision = decide(sealed(), BOOK)
    assert explain.formula(decision, "zh") == "这件实付 ¥98.00"
    assert explain.formula(replace(decision, amount_fen=1, amount_max_fen=1), "zh") == ""
    for older in (Formula(name="none such"), Formula(name="remainder", inputs={"capacity.captured_fen": 9_800})):
        assert explain.formula(replace(decision, formula=older), "zh") == ""


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidInput):
        line(Amount.REMAINDER, **PAID)
    with pytest.raises(InvalidInput):
        formula_text(Formula(name="none such"), "zh")
    with pytest.raises(InvalidInput):
        formula_text(Formula(name="nothing"), "fr")
