"""Three values, and what a disputed fact says."""

import itertools

import pytest

from liuhen.policy.expr import (
    And,
    By,
    Compare,
    Const,
    Given,
    In,
    Not,
    Or,
    Param,
    Plus,
    Ref,
    Says,
    Shown,
    Stands,
    Truth,
    Val,
    params,
    paths,
    refs,
    says,
    stands,
)
from liuhen.policy.facts.standing import Fact, Source, Standing, alleged, established, weigh
from liuhen.policy.python_reading import reading
from tests.policy.world import BOOK, HOUR, T0, sealed, undelivered, with_defect

TRUTHS: tuple[Truth, ...] = (True, False, None)


def read(expr: object, facts: object = None, **marks: Truth) -> Truth:
    return reading(expr, BOOK.values)(facts or sealed(), marks)  # type: ignore[arg-type]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(TRUTHS, TRUTHS)))
def test_and_or_not_are_kleenes(a: Truth, b: Truth) -> None:
    order = {False: 0, None: 1, True: 2}
    back = {v: k for k, v in order.items()}
    assert read(And((Ref("a"), Ref("b"))), a=a, b=b) is back[min(order[a], order[b])]
    assert read(Or((Ref("a"), Ref("b"))), a=a, b=b) is back[max(order[a], order[b])]
    assert read(Not(Ref("a")), a=a) is back[2 - order[a]]
    assert read(Shown(Ref("a")), a=a) is (a is True)


def test_empty_and_is_true_empty_or_is_false() -> None:
    assert read(And(())) is True
    assert read(Or(())) is False


def test_compare_needs_both_sides() -> None:
    later = Plus(Val("delivery.delivered_at"), Param("instant_window"))
    assert read(Compare(Val("claim.requested_at"), "<", later)) is True
    assert read(Compare(Val("claim.requested_at"), "<", later), undelivered()) is None
    assert read(Compare(Val("capacity.captured_fen"), "==", Const(9_800))) is True


def test_given_is_never_unknown() -> None:
    assert read(Given("delivery.delivered_at")) is True
    assert read(Given("delivery.delivered_at"), undelivered()) is False


def test_in_and_by() -> None:
    assert read(In("goods.kind", ("card_key",))) is True
    assert read(In("goods.face_value_fen", (1,))) is False
    facts = with_defect(sealed(), "invalid_key", alleged(True, Source.BUYER))
    assert read(By("defects.invalid_key", (Source.BUYER,)), facts) is True
    assert read(Says("defects.invalid_key", (True,)), facts) is True
    assert read(Stands("defects.invalid_key", (True,)), facts) is None


@pytest.mark.parametrize(
    ("standing", "settled", "said"),
    [
        (Standing.UNKNOWN, None, False),
        (Standing.ALLEGED, None, True),
        (Standing.ESTABLISHED, True, True),
        (Standing.WITHHELD, True, True),
        (Standing.REBUTTED, False, False),
    ],
)
def test_how_a_fact_stands(standing: Standing, settled: Truth, said: bool) -> None:
    fact = Fact(value=True, source=Source.BUYER, standing=standing)
    assert stands(fact, frozenset((True,))) is settled
    assert says(fact, frozenset((True,))) is said
    assert fact.holds is (settled is True)


def test_a_rebutted_no_is_a_yes_and_a_rebutted_word_is_only_not_that_word() -> None:
    no = Fact(value=False, source=Source.SELLER, standing=Standing.REBUTTED)
    assert stands(no, frozenset((True,))) is True
    word = Fact(value="unused", source=Source.SELLER, standing=Standing.REBUTTED)
    assert stands(word, frozenset(("unused",))) is False
    assert stands(word, frozenset(("used_up",))) is None


def test_what_a_tree_refers_to() -> None:
    tree = And((Ref("x"), Compare(Val("now"), "<", Plus(Val("delivery.promised_at"), Param("grace_sealed")))))
    assert (paths(tree), params(tree), refs(tree)) == (("now", "delivery.promised_at"), ("grace_sealed",), ("x",))


def test_records_are_weighed_issuer_first_and_none_is_lost() -> None:
    buyer = alleged(False, Source.BUYER)
    log = established(True, Source.PLATFORM_LOG)
    issuer = established(False, Source.ISSUER)
    operator = established(True, Source.OPERATOR)
    assert weigh([buyer, log]) == log
    assert weigh([log, issuer, buyer]) == issuer
    assert weigh([issuer, operator]).standing is Standing.ALLEGED
    assert weigh([]) == Fact()
    assert weigh([buyer, alleged(True, Source.SELLER)]) == buyer
    assert weigh([issuer, issuer]) == issuer
    assert T0 + HOUR > T0
