"""How much, line by line, to the fen: every formula on facts, its lower and upper end worked out by hand.

A line is facts (rows.py), then `=`, then fen, or both ends where it is open. The key costs 9,800 fen and is to be worth
10,000. What holds for all formulas (nobody gets more than he asked for) is reckoned here anew, in fractions.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import floor

import pytest
from msgspec.structs import replace

from liuhen.policy.clauses.clause import Amount
from liuhen.policy.engine import compiled
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.rulebook import Rulebook
from tests.policy.rows import read

# What is captured and neither paid back nor on its way.
WHOLE = """
opened = 9800
opened; refunded_fen=100 = 9700
opened; in_flight_fen=100 = 9700
opened; refunded_fen=100; in_flight_fen=50 = 9650
opened; refunded_fen=9800 = 0
opened; captured_fen=0 = 0
"""
# The part of days or stages that was not had.
LEFT = """
member; total=10; had=4 = 5880
member; total=10; had=0 = 9800
member; total=3; had=1 = 6533
member; total=3; had=2 = 3267
member; total=1; had=0 = 9800
member; total=10; had=4; refunded_fen=5000 = 4800
member; total=10; had=4; in_flight_fen=5000 = 4800
member; total=10; had=4; refunded_fen=1000 = 5880
member; total=10; had=9; captured_fen=1 = 0
member; total=10; had=5; captured_fen=1 = 1
"""
# What was had or spent in good order stays paid; what is only said counts as nothing.
SPENT = """
opened; use=partly_used; used_permille=300 = 6860
opened; use=partly_used; used_permille=0 = 9800
opened; use=partly_used; used_permille=1 = 9790
opened; use=partly_used; used_permille=1000 = 0
opened; use=partly_used; used_permille=300; used_by=other? = 6860
opened; use=partly_used; used_permille=300; used_by=buyer_side = 6860
opened; use=partly_used; used_permille=300; used_by=other = 9800
opened; use=partly_used; used_permille=300; first_used_at=+10m = 6860
opened; use=partly_used; used_permille=300; first_used_at=+10m-1s? = 6860
opened; use=partly_used; used_permille=300; first_used_at=+10m-1s = 9800
opened; use=partly_used; used_permille=300; reason=MINOR = 9800
opened; use=partly_used; used_permille=300? = 9800
opened; use=partly_used = 9800
opened; use=partly_used?; used_permille=300 = 9800
opened; use=used_up; used_permille=300 = 9800
opened; use=unused; used_permille=300 = 9800
sealed; reason=INVALID_KEY; use=partly_used; used_permille=300 = 9800
hand; reason=INVALID_KEY; use=partly_used; used_permille=300 = 6860
opened; use=partly_used; used_permille=300; refunded_fen=5000 = 4800
opened; use=partly_used; used_permille=300; in_flight_fen=5000 = 4800
opened; use=partly_used; used_permille=300; refunded_fen=1000 = 6860
opened; use=partly_used; used_permille=1000; refunded_fen=1000 = 0
"""
DUE = f"""{WHOLE}{LEFT}{SPENT}
member; total=10; had=10 = 9800
member; total=1; had=1 = 9800
member; total=10; had=4? = 9800
member; total=10 = 9800
member; had=4 = 9800
opened; use=partly_used; used_permille=300; total=10; had=4 = 5880
opened; use=partly_used; used_permille=300; total=10; had=10 = 6860
opened; use=partly_used; used_permille=300; total=1; had=0 = 9800
"""
SHORT = """
opened; incorrect_amount=true; actual_value_fen=5000 = 4900
opened; incorrect_amount=true?; actual_value_fen=5000 = 4900
opened; actual_value_fen=5000 = 4900
opened; incorrect_amount=true; actual_value_fen=9999 = 1
opened; incorrect_amount=true; actual_value_fen=0 = 9800
opened; incorrect_amount=true; actual_value_fen=5000; refunded_fen=6000 = 3800
opened; incorrect_amount=true; actual_value_fen=5000; in_flight_fen=6000 = 3800
opened; incorrect_amount=true; actual_value_fen=5000; refunded_fen=1000 = 4900
"""
# Where the value is not shown to be short, its difference cannot be chosen.
NOT_SHORT = """
opened; incorrect_amount=false; actual_value_fen=5000 = 9800
opened; incorrect_amount=true; actual_value_fen=5000? = 9800
opened; incorrect_amount=true; actual_value_fen=10000 = 9800
opened; incorrect_amount=true; actual_value_fen=10001 = 9800
opened; incorrect_amount=true = 9800
opened; incorrect_amount=true; actual_value_fen=5000; face_value_fen=- = 9800
"""
PROMOTION = """
sealed; rest_price_fen=1000; total_paid_fen=5000 = 4000
sealed; reason=WRONG_PURCHASE; rest_price_fen=1000; total_paid_fen=5000 = 4000
sealed; rest_price_fen=1000; total_paid_fen=20000 = 9800
sealed; rest_price_fen=5000; total_paid_fen=5001 = 1
sealed; rest_price_fen=5000; total_paid_fen=5000 = 0
sealed; rest_price_fen=5000; total_paid_fen=4000 = 0
sealed; reason=INVALID_KEY; rest_price_fen=1000; total_paid_fen=5000 = 9800
sealed; total_paid_fen=5000 = 9800
sealed; rest_price_fen=1000 = 9800
sealed; rest_price_fen=1000; total_paid_fen=5000; refunded_fen=6000 = 3800
sealed; rest_price_fen=1000; total_paid_fen=5000; in_flight_fen=6000 = 3800
"""
PROMOTION_DUE = """
hand; use=partly_used; used_permille=300; rest_price_fen=1000; total_paid_fen=20000 = 6860
hand; use=partly_used; used_permille=300; rest_price_fen=1000; total_paid_fen=5000 = 4000
hand; total=10; had=4; rest_price_fen=1000; total_paid_fen=20000 = 5880
hand; total=10; had=4; rest_price_fen=1000; total_paid_fen=5000 = 4000
"""
# Of a minor's purchase what is left goes back whole, of what was spent at least three in ten.
MINOR = """
opened; use=used_up = 2940
opened; use=partly_used = 2940
opened; use=partly_used; used_permille=400 = 7056
opened; use=partly_used; used_permille=0 = 9800
opened; use=partly_used; used_permille=1000 = 2940
opened; use=partly_used; used_permille=1 = 9793
opened; use=partly_used; used_permille=400? = 2940
opened; use=used_up; used_permille=400 = 2940
opened; use=partly_used; used_permille=400; used_by=other? = 7056
opened; use=partly_used; used_permille=400; refunded_fen=800 = 6480
opened; use=used_up; refunded_fen=800 = 2700
opened; use=partly_used; used_permille=400; in_flight_fen=800 = 6480
opened; use=used_up; in_flight_fen=800 = 2700
opened; use=partly_used; used_permille=400; used_by=other = 2940
opened; use=partly_used; used_permille=400; first_used_at=+10m = 7056
opened; use=partly_used; used_permille=400; first_used_at=+10m-1s? = 7056
opened; use=partly_used; used_permille=400; first_used_at=+10m-1s = 2940
opened; use=partly_used; used_permille=400; reason=MINOR = 7056
opened; use=partly_used?; used_permille=400 = 2940
opened; use=unused; used_permille=400 = 2940
sealed; use=partly_used; used_permille=400 = 2940
hand; use=partly_used; used_permille=400 = 7056
member; total=10; had=8; use=used_up = 1960
member; total=10; had=4; use=used_up = 2940
member; total=10; had=10; use=used_up = 2940
member; total=1; had=1; use=used_up = 2940
member; total=10; had=8?; use=used_up = 2940
member; total=10; had=8; use=used_up; refunded_fen=9000 = 240
member; total=10; had=8; use=used_up; in_flight_fen=9000 = 240
member; total=10; had=9; use=used_up; captured_fen=1 = 0
opened; use=used_up; rule.minor_used_floor=500 = 4900
opened; use=used_up; captured_fen=5 = 2
opened; use=used_up; captured_fen=4 = 1
opened; use=used_up; captured_fen=1 = 0
opened; use=partly_used; used_permille=1000; captured_fen=1 = 0
opened; use=partly_used; used_permille=1000; captured_fen=2 = 1
member; total=10; had=9; use=used_up; captured_fen=4 = 0
"""


def _with(more: str, table: str) -> str:
    """Each line with one more fact."""
    return "\n".join([*(more.join(line.split(" = ")) for line in table.splitlines() if line), ""])


def _wants(remedy: str, table: str) -> str:
    return _with(f"; wants={remedy} = ", table)


# Worth nothing: all that is due is missing, and no more than that.
WORTHLESS = _with("; actual_value_fen=0 = ", DUE)
# Of a promotion that was cheap enough to lose, all that is due comes back.
_UNWANTED = "; reason=CHANGE_OF_MIND; rest_price_fen=0; total_paid_fen=1000000 = "
PROMOTED = _with(_UNWANTED, DUE.replace("; reason=MINOR = 9800", " = 6860"))
# Begun work: what was spent of a card says nothing of it, and where all was had nothing is left.
WORK = f"""{LEFT}
hand; total=4; had=1; use=partly_used; used_permille=900 = 7350
hand; total=1; had=0; use=partly_used; used_permille=900 = 9800
hand; total=4; had=4 = 0
hand; total=4; had=4; use=partly_used = 0
hand; total=4; had=4; use=unused = 0
"""
TABLES: list[tuple[Amount, int, str]] = [  # which end: 0 the lower, 1 the upper, 2 both
    (Amount.NOTHING, 2, "opened = 0"),
    (Amount.ALL, 2, WHOLE),
    (Amount.ASKED, 2, DUE),
    (Amount.RETURNED, 2, DUE + PROMOTION + PROMOTION_DUE + PROMOTED),
    (Amount.CHOSEN, 2, DUE + NOT_SHORT + _wants("difference", SHORT + NOT_SHORT + DUE + WORTHLESS)),
    (Amount.CHOSEN, 2, _wants("make_up", NOT_SHORT) + "\nopened; incorrect_amount=true; actual_value_fen=1 = 9800"),
    (Amount.INSTEAD, 2, DUE + NOT_SHORT + _wants("make_up", SHORT + NOT_SHORT + DUE + WORTHLESS)),
    (Amount.INSTEAD, 2, "opened; incorrect_amount=true; actual_value_fen=5000; wants=replacement = 9800"),
    (Amount.MISSING_VALUE, 2, SHORT + WORTHLESS),
    (Amount.REMAINDER, 2, LEFT),
    (Amount.REMAINDER_AT_LIST, 2, LEFT + _with("; measure.list_price_fen=0 = ", LEFT)),
    (Amount.REMAINDER_AT_LIST, 2, _with("; total=1; had=1; measure.list_price_fen=0 = ", SPENT)),
    (
        Amount.REMAINDER_AT_LIST,
        2,
        "opened; use=partly_used; used_permille=300; total=1; had=0; measure.list_price_fen=0 = 9800",
    ),
    (Amount.REMAINDER_LESS_LOSS, 2, WORK + _with("; seller_loss_fen=350? = ", WORK) + _with(_UNWANTED, WORK)),
    (Amount.REMAINDER_LESS_LOSS, 2, _with("; total=1; had=0 = ", PROMOTION)),
    (Amount.REMAINDER_LESS_LOSS, 2, _with("; total=1; had=0; use=partly_used; used_permille=300 = ", PROMOTION)),
    (Amount.UP_TO_ALL, 0, "opened = 0\nmember; total=10; had=4 = 0"),
    (Amount.UP_TO_ALL, 1, DUE + PROMOTION + PROMOTION_DUE + PROMOTED),
    (Amount.SURE_TO_ALL, 0, DUE + SHORT + NOT_SHORT + WORTHLESS),
    (Amount.SURE_TO_ALL, 1, WHOLE),
    (Amount.MINOR_USED, 0, MINOR),
    (Amount.MINOR_USED, 1, WHOLE + LEFT),
    (Amount.MINOR_USED, 1, "member; total=10; had=10 = 9800\nmember; total=10; had=4? = 9800\nmember; had=4 = 9800"),
    (Amount.MINOR_USED, 1, "member; total=1; had=1 = 9800\nopened; use=partly_used; used_permille=300 = 9800"),
    (
        Amount.REMAINDER_AT_LIST,
        2,
        """member; total=10; had=4; measure.list_price_fen=1000 = 5800
member; total=10; had=0; measure.list_price_fen=1000 = 9800
member; total=10; had=4; measure.list_price_fen=2450 = 0
member; total=10; had=4; measure.list_price_fen=3000 = 0
member; total=10; had=4; measure.list_price_fen=1000; refunded_fen=5000 = 4800
member; total=10; had=4; measure.list_price_fen=1000; refunded_fen=1000 = 5800""",
    ),
    (
        Amount.REMAINDER_LESS_LOSS,
        2,
        """hand; total=4; had=1; seller_loss_fen=350 = 7000
hand; total=4; had=1; seller_loss_fen=0 = 7350
hand; total=4; had=1; seller_loss_fen=7350 = 0
hand; total=4; had=1; seller_loss_fen=8000 = 0
hand; total=4; had=1; seller_loss_fen=350; refunded_fen=5000 = 4800""",
    ),
    (
        Amount.OVERCHARGE,
        2,
        """opened; shown_price_fen=9700 = 100
opened; shown_price_fen=9799 = 1
opened; shown_price_fen=9800 = 0
opened; shown_price_fen=9900 = 0
opened; shown_price_fen=0; refunded_fen=800 = 9000
opened; shown_price_fen=0; in_flight_fen=800 = 9000
opened; shown_price_fen=5000; refunded_fen=800 = 4800""",
    ),
    (
        Amount.DUPLICATE,
        2,
        """opened; duplicate_captured_fen=4900 = 4900
opened; duplicate_captured_fen=0 = 0
opened; duplicate_captured_fen=4900; refunded_fen=6000 = 3800
opened; duplicate_captured_fen=4900; in_flight_fen=6000 = 3800
opened; duplicate_captured_fen=4900; refunded_fen=1000 = 4900""",
    ),
    (
        Amount.RULED,
        2,
        """opened; ruled_fen=3000 = 3000
opened; ruled_fen=0 = 0
opened; ruled_fen=9900 = 9800
opened; ruled_fen=3000; refunded_fen=9000 = 800
opened; ruled_fen=3000; in_flight_fen=9000 = 800
opened; ruled_fen=3000; asked_fen=100 = 3000""",
    ),
]
# Nothing is nothing; a ruling is bound by what is there alone; what the sides agree on has its own lines.
BOUND = [amount for amount in Amount if amount not in (Amount.NOTHING, Amount.RULED, Amount.ASKED)]
Lines = list[tuple[Amount, int, str, int]]


def lines() -> Iterator[tuple[Amount, int, str, int]]:
    """Formula, end, facts, fen."""
    for amount, end, table in TABLES:
        for line in filter(str.strip, table.splitlines()):
            text, _, fen = line.rpartition(" = ")
            yield amount, end, text, int(fen)


def ends(amount: Amount, facts: RefundFacts, book: Rulebook) -> tuple[int, int]:
    """What a formula comes to."""
    return compiled(book).ranges[amount](facts)


def _is(found: tuple[int, int], end: int, fen: int) -> bool:
    return found == (fen, fen) if end == 2 else found[end] == fen


def _asking(facts: RefundFacts, fen: int) -> RefundFacts:
    return replace(facts, claim=replace(facts.claim, asked_fen=fen))


@pytest.mark.parametrize("amount", list(Amount))
def test_sums(amount: Amount) -> None:
    wrong = []
    for _, end, text, fen in (line for line in lines() if line[0] is amount):
        found = ends(amount, *read(text))
        if not _is(found, end, fen):
            wrong.append(f"{text} = {fen}: came {found}")
    assert wrong == []


@pytest.mark.parametrize("amount", BOUND)
def test_nobody_gets_more_than_he_asked_for(amount: Amount) -> None:
    """Asked for less, he gets what he asked for; more or just as much changes nothing."""
    wrong = []
    for _, end, text, fen in (line for line in lines() if line[0] is amount):
        facts, book = read(text)
        for asked in {max(fen - 1, 0), fen, fen + 1, 0, 1}:
            found = ends(amount, _asking(facts, asked), book)
            if not _is(found, end, min(fen, asked)):
                wrong.append(f"{text}, {asked} asked: came {found}")
    assert wrong == []


@pytest.mark.parametrize("amount", BOUND)
def test_a_part_of_a_price_before_coupons_goes_back_as_it_was_paid(amount: Amount) -> None:
    """Of a key at 20,000 that was had for 9,800, 1,000 asked for are 490 paid; at 9,800 there was no coupon.

    So it is where he simply does not want it (七日退货办法 15); for a fault all that he paid may come back.
    """
    wrong = []
    for _, end, text, fen in (line for line in lines() if line[0] is amount):
        facts, book = read(text)
        reasons = {facts.claim.reason}
        if facts.order.rest_price_fen is None and facts.claim.reason is not ReasonCode.MINOR:
            reasons |= {ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE, ReasonCode.INVALID_KEY}
        for reason, price, asked in product(reasons, _prices(facts), (1_000, 5_000, 9_801, 0)):
            share = _share(facts.capacity.captured_fen, asked, price) if reason in UNWANTED else asked
            found = ends(amount, _of_price(facts, reason, price, asked), book)
            if not _is(found, end, min(fen, share)):
                wrong.append(f"{text}, {asked} asked of {price} for {reason}: came {found}")
    assert wrong == []


UNWANTED = (ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE)


def _prices(facts: RefundFacts) -> list[int]:
    paid = facts.capacity.captured_fen
    return [price for price in (paid - 1, paid, paid + 1, 2 * paid + 400) if price > 0]


def _share(paid: int, asked: int, price: int) -> int:
    """The part of what was paid that belongs to the part of the price that is asked for, half a fen up."""
    return floor(Fraction(paid * min(asked, price), price) + Fraction(1, 2)) if price > paid else asked


def _of_price(facts: RefundFacts, reason: ReasonCode, price: int, asked: int) -> RefundFacts:
    claim = replace(facts.claim, reason=reason, asked_fen=asked)
    return replace(facts, claim=claim, order=replace(facts.order, list_price_fen=price))


ASKED = """opened; asked_fen=40 = 40
opened; asked_fen=0 = 0
opened; asked_fen=9900 = 9800
opened; asked_fen=4000; refunded_fen=6000 = 3800
opened; asked_fen=4000; in_flight_fen=6000 = 3800
member; total=10; had=4; asked_fen=9000 = 9000
opened; asked_fen=1000; order.list_price_fen=20000 = 1000
sealed; asked_fen=1000; order.list_price_fen=20000 = 490
sealed; reason=WRONG_PURCHASE; asked_fen=1000; order.list_price_fen=20000 = 490
sealed; asked_fen=1001; order.list_price_fen=20000 = 490
sealed; asked_fen=1002; order.list_price_fen=20000 = 491
sealed; asked_fen=1000; order.list_price_fen=9800 = 1000
sealed; asked_fen=1000; order.list_price_fen=9000 = 1000
sealed; asked_fen=9801; order.list_price_fen=9801 = 9800
sealed; asked_fen=4901; order.list_price_fen=9801 = 4900
sealed; asked_fen=4900; order.list_price_fen=9801 = 4900
sealed; asked_fen=20000; order.list_price_fen=20000; refunded_fen=900 = 8900"""


@pytest.mark.parametrize("line", ASKED.splitlines())
def test_what_the_sides_agree_on_is_what_was_asked(line: str) -> None:
    """It may go beyond what was left, if so much was asked for."""
    text, _, fen = line.rpartition(" = ")
    assert ends(Amount.ASKED, *read(text)) == (int(fen), int(fen))
