"""Ids and numbers: sortable, unguessable, and a typing error is seen."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from liuhen.base.ids import new_id, short_no, valid_no

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_ids_of_one_moment_keep_their_order() -> None:
    ids = [new_id(NOW) for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(item.version == 7 and item.variant == "specified in RFC 4122" for item in ids)


def test_time_is_in_front() -> None:
    assert new_id(NOW) < new_id(NOW + timedelta(milliseconds=1))
    assert new_id(NOW).int >> 80 == int(NOW.timestamp() * 1000)


def test_numbers_carry_the_day_in_shanghai() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert short_no("LH", late).startswith("LH261123-")
    assert valid_no(short_no("TK", NOW))


@given(st.integers(0, 40), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_seen(place: int, char: str) -> None:
    number = short_no("LH", NOW)
    place %= len(number)
    wrong = number[:place] + char + number[place + 1 :]
    assert valid_no(wrong) == (wrong == number) or number[place] == "-"
