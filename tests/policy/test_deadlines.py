"""Two clocks: natural hours, and Chinese working days with 调休."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuhen.base.errors import InvalidInput
from liuhen.timing.clock import SystemClock
from liuhen.timing.deadlines import due_at, is_over, left, natural, overdue_at, promised_at, workdays
from liuhen.timing.workdays import SHANGHAI, Calendar, CalendarMissing, shanghai, shanghai_day, year_days
from tests.policy.world import DATA

TABLES: list[dict[str, Any]] = [tomllib.loads(path.read_text()) for path in sorted((DATA / "workdays").glob("*.toml"))]
CALENDAR = Calendar.of(TABLES)


def at(day: str, hour: int = 12, minute: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=SHANGHAI).astimezone(UTC)


def test_natural_hours_run_through_everything() -> None:
    start = at("2026-09-30", 21, 4)
    assert due_at(natural(86_400), start, CALENDAR) == at("2026-10-01", 21, 4)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (at("2026-11-23"), 3, "2026-11-26"),  # Monday
        (at("2026-11-20"), 3, "2026-11-25"),  # Friday
        (at("2026-11-21"), 1, "2026-11-23"),  # Saturday
        (at("2026-09-30"), 1, "2026-10-08"),  # before National Day
        (at("2026-09-30"), 3, "2026-10-10"),  # the Saturday after it is worked
        (at("2026-02-13"), 1, "2026-02-14"),  # a worked Saturday before Spring Festival
        (at("2026-02-14"), 1, "2026-02-24"),
        (at("2025-09-30"), 1, "2025-10-09"),
        (at("2025-12-31"), 1, "2026-01-04"),  # across the year, into a worked Sunday
        (at("2026-11-20", 23, 59), 1, "2026-11-23"),
        (at("2026-11-23", 0, 1), 1, "2026-11-24"),
    ],
)
def test_working_days_end_at_six_in_the_evening(start: datetime, days: int, end: str) -> None:
    assert due_at(workdays(days), start, CALENDAR) == at(end, 18)


def test_the_day_is_the_day_in_shanghai() -> None:
    assert shanghai_day(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert shanghai(date(2026, 11, 23), 18) == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_promise_grace_and_waiting() -> None:
    paid = at("2026-11-22")
    promised = promised_at(paid, 60)
    assert overdue_at(promised, 600, None) == paid + timedelta(seconds=660)
    assert overdue_at(promised, 600, paid + timedelta(days=1)) == paid + timedelta(days=1)
    assert overdue_at(promised, 600, paid) == paid + timedelta(seconds=660)


def test_in_time_at_the_very_moment_late_after_it() -> None:
    due = at("2026-11-22")
    assert not is_over(due, due)
    assert is_over(due, due + timedelta(microseconds=1))
    assert left(due, due + timedelta(days=1)) == timedelta(0)
    assert left(due, due - timedelta(hours=1)) == timedelta(hours=1)


def test_beyond_the_data_is_a_clear_error() -> None:
    with pytest.raises(CalendarMissing) as error:
        due_at(workdays(3), at("2027-12-30"), CALENDAR)
    assert error.value.data["year"] == 2028
    with pytest.raises(CalendarMissing):
        CALENDAR.is_workday(date(2024, 12, 31))


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidInput):
        due_at(natural(1), datetime(2026, 1, 1), CALENDAR)  # noqa: DTZ001 - a naive time is the point
    with pytest.raises(InvalidInput):
        due_at(natural(-1), at("2026-11-22"), CALENDAR)
    for days in (0, -1, 10_000):
        with pytest.raises(InvalidInput):
            due_at(workdays(days), at("2026-11-22"), CALENDAR)


def test_the_years_at_hand() -> None:
    assert [(y.year, y.provisional) for y in CALENDAR.years] == [(2025, False), (2026, False), (2027, True)]
    assert all(y.source for y in CALENDAR.years)
    worked = sum(CALENDAR.is_workday(date(2026, 1, 1) + timedelta(days=i)) for i in range(365))
    assert worked == 248  # 365 less weekends and 13 statutory holidays: the number employers reckon with in 2026


@pytest.mark.parametrize(
    "change",
    [
        {"off": [date(2025, 1, 1)]},
        {"on": [date(2026, 1, 5)]},
        {"on": [date(2026, 1, 4)], "off": [date(2026, 1, 4)]},
        {"year": "soon"},
    ],
)
def test_a_broken_table_is_refused(change: dict[str, Any]) -> None:
    table = {"year": 2026, "source": "x", "off": [], "on": [], **change}
    with pytest.raises(InvalidInput):
        year_days(table)


@given(st.dates(date(2025, 1, 1), date(2027, 11, 1)), st.integers(1, 15))
def test_nth_working_day_counts_only_working_days(day: date, n: int) -> None:
    end = CALENDAR.nth_workday_after(day, n)
    between = [day + timedelta(days=i) for i in range(1, (end - day).days + 1)]
    assert sum(CALENDAR.is_workday(d) for d in between) == n
    assert CALENDAR.is_workday(end)


def test_the_clock_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
