"""Fen: exact in, exact out, and parts that sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import MAX_FEN, check, parse, prefix_share, rounded_share, show, split, split_by

amounts = st.integers(0, MAX_FEN)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("98", 9_800),
        ("98.5", 9_850),
        ("98.50", 9_850),
        ("¥1,234.50", 123_450),
        ("¥ 0.01", 1),
        ("￥7", 700),
        (" 12 ", 1_200),
        ("1,000,000.00", 100_000_000),
        ("0", 0),
    ],
)
def test_parse(text: str, fen: int) -> None:
    assert parse(text) == fen


@pytest.mark.parametrize(
    "text", ["", "1.234", "1,23.00", "12,34", "-1", "1e3", "１２", "abc", "1.", ".5", "1 2", "9" * 30, "¥¥1", "1,0000"]
)
def test_what_is_not_exact_money_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse(text)


@given(amounts)
def test_what_is_shown_reads_back(fen: int) -> None:
    assert parse(show(fen)) == fen


def test_show() -> None:
    assert show(123_450) == "¥1,234.50"
    assert show(-5) == "-¥0.05"
    assert show(99_999_999) == "¥999,999.99"


@given(amounts, st.integers(1, 500))
def test_a_split_sums_and_differs_by_a_fen(total: int, parts: int) -> None:
    shares = split(total, parts)
    assert sum(shares) == total
    assert len(shares) == parts
    assert max(shares) - min(shares) <= 1


@given(amounts, st.lists(st.integers(0, 10_000), min_size=1, max_size=20).filter(any))
def test_a_split_by_weight_sums_and_follows_the_weights(total: int, weights: list[int]) -> None:
    shares = split_by(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert share >= 0
        exact = total * weight
        assert abs(share * sum(weights) - exact) <= sum(weights)


@given(amounts, st.integers(1, 1_000), st.data())
def test_prefix_shares_grow_and_end_at_the_total(total: int, whole: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, whole - 1))
    assert prefix_share(total, done, whole) <= prefix_share(total, done + 1, whole)
    assert prefix_share(total, 0, whole) == 0
    assert prefix_share(total, whole, whole) == total


@given(amounts, st.integers(1, 10_000), st.data())
def test_a_rounded_share_is_the_nearest_fen(total: int, whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    share = rounded_share(total, part, whole)
    assert abs(2 * (share * whole - total * part)) <= whole
    assert 0 <= share <= total


def test_half_a_fen_goes_up() -> None:
    assert rounded_share(1, 1, 2) == 1
    assert rounded_share(10_000, 292, 365) == 8_000  # 100 x 292 of 365 days
    assert rounded_share(900, 7, 10) == 630  # coupon: 9 x 7 of 10


def test_limits() -> None:
    assert check(0) == 0
    for bad in (-1, MAX_FEN + 1, True, "1", 1.0):
        with pytest.raises(InvalidInput):
            check(bad)  # type: ignore[arg-type]
    for done, whole in ((1, 0), (2, 1), (-1, 1)):
        with pytest.raises(InvalidInput):
            prefix_share(1, done, whole)
        with pytest.raises(InvalidInput):
            rounded_share(1, done, whole)
    with pytest.raises(InvalidInput):
        split(1, 0)
    for weights in ([], [0], [1, -1]):
        with pytest.raises(InvalidInput):
            split_by(1, weights)
