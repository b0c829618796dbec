"""How much: rounding to the fen, bounds, and that more had, more used or less asked never gives more."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.clause import Amount
from liuhen.policy.expr import share
from liuhen.policy.facts.measure import Measure
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Source, established
from liuhen.policy.python_reading import range_reading
from tests.policy.any_facts import any_facts
from tests.policy.world import BOOK, revealed

MANY = settings(max_examples=200, deadline=None)
READ = {name: range_reading(low, high, BOOK.values) for name, (low, high) in FORMULAS.items()}
fen = st.integers(0, 10**11)
counts = st.integers(1, 10_000)


@given(fen, st.integers(-5, 10_000), counts)
def test_a_share_is_rounded_half_up_and_stays_within(of: int, part: int, whole: int) -> None:
    got = share(of, part, whole)
    assert got is not None
    assert 0 <= got <= of
    kept = min(max(part, 0), whole)
    assert abs(got * whole - of * kept) * 2 <= whole  # never more than half a fen away


@given(fen, counts, st.data())
def test_a_share_and_its_rest_are_the_whole_but_for_half_a_fen_each(of: int, whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    one, rest = share(of, part, whole), share(of, whole - part, whole)
    assert one is not None
    assert rest is not None
    assert of <= one + rest <= of + 1
    assert share(of, whole, whole) == of
    assert share(of, 0, whole) == 0


@given(fen, counts, st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_larger_part_is_no_less(of: int, whole: int, a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert (share(of, low, whole) or 0) <= (share(of, high, whole) or 0)


def test_of_nothing_there_is_no_share() -> None:
    assert share(100, 1, 0) is None
    assert share(100, 1, -3) is None
    assert share(None, 1, 2) is None


def test_half_a_fen_goes_to_the_asker() -> None:
    assert share(1, 1, 2) == 1
    assert share(100_00, 1, 3) == 33_33
    assert share(100_00, 2, 3) == 66_67


@MANY
@given(any_facts())
def test_every_formula_is_bounded_by_what_is_there(facts: RefundFacts) -> None:
    (whole, _) = READ[Amount.ALL](replace(facts, claim=replace(facts.claim, asked_fen=None)))
    for name, read in READ.items():
        low, high = read(facts)
        if low is not None and high is not None:
            assert 0 <= low <= high <= whole, name


@MANY
@given(any_facts(), st.integers(0, 100_000))
def test_nobody_gets_more_than_he_asks_for(facts: RefundFacts, asked: int) -> None:
    order = replace(facts.order, list_price_fen=None)
    facts = replace(facts, order=order, claim=replace(facts.claim, asked_fen=asked))
    for name, read in READ.items():
        if name not in (Amount.RULED, Amount.NOTHING):
            low, high = read(facts)
            assert low is None or low <= asked, name
            assert high is None or high <= asked, name


@given(st.integers(0, 1_000_000), counts, st.data())
def test_the_more_was_had_the_less_goes_back(paid: int, total: int, data: st.DataObject) -> None:
    low, high = sorted((data.draw(st.integers(0, total)), data.draw(st.integers(0, total))))

    def left(had: int) -> int:
        facts = revealed()
        facts = replace(
            facts,
            capacity=replace(facts.capacity, captured_fen=paid),
            measure=Measure(total=total, had=established(had, Source.PLATFORM_LOG)),
        )
        return READ[Amount.REMAINDER](facts)[0]

    assert left(high) <= left(low)
    assert left(0) == paid
    assert left(total) == 0
