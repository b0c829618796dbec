"""Chinese working days with 调休, from announced data. Pure: boot reads the files and passes plain values.

Source of a year's days: the State Council's yearly notice, named in each file under data/workdays.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput, Unavailable

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # fixed at +08:00, no summer time since 1991
MAX_DAYS = 400  # no rule of ours counts further; a loop over days ends here
_SATURDAY = 5


class CalendarMissing(Unavailable):
    """The calendar data does not reach this day; `liuhen check` names the year to add."""

    code = "calendar_missing"


class YearDays(msgspec.Struct, frozen=True, kw_only=True):
    """One year as announced. `off`: days off beyond or among weekends; `on`: weekend days that are worked (调休)."""

    year: int
    off: frozenset[date]
    on: frozenset[date]
    source: str
    provisional: bool = False  # not announced yet: weekends and statutory holidays only


class Calendar:
    """Which days are working days, for the years it was given."""

    def __init__(self, years: Iterable[YearDays]) -> None:
        self._years = {y.year: y for y in years}

    @classmethod
    def of(cls, tables: Iterable[Mapping[str, Any]]) -> "Calendar":
        """From the plain contents of data/workdays/*.toml. Raises InvalidInput when a table is not in that form."""
        return cls(year_days(table) for table in tables)

    @property
    def years(self) -> tuple[YearDays, ...]:
        """The years it knows, in order."""
        return tuple(self._years[y] for y in sorted(self._years))

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day. Raises CalendarMissing outside the known years."""
        known = self._years.get(day.year)
        if known is None:
            raise CalendarMissing("no working-day data for this year", year=day.year, known=sorted(self._years))
        if day in known.on:
            return True
        return day not in known.off and day.weekday() < _SATURDAY

    def nth_workday_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself is not counted. n >= 1.

        Raises InvalidInput for n outside 1..MAX_DAYS, CalendarMissing outside the known years.
        """
        if not 1 <= n <= MAX_DAYS:
            raise InvalidInput("count at least one working day", n=n)
        left = n
        while left:
            day += timedelta(days=1)
            left -= self.is_workday(day)
        return day


def year_days(table: Mapping[str, Any]) -> YearDays:
    """One year from a plain table (year, source, provisional, off, on). Raises InvalidInput when malformed."""
    try:
        days = msgspec.convert(table, YearDays)
    except msgspec.ValidationError as error:
        raise InvalidInput("a working-day table is not in the agreed form", reason=str(error)) from error
    strange = [d for d in days.off | days.on if d.year != days.year] + list(days.off & days.on)
    if strange or any(d.weekday() < _SATURDAY for d in days.on):
        raise InvalidInput("a working-day table contradicts itself", year=days.year)
    return days


def shanghai_day(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai on which an aware moment lies."""
    return moment.astimezone(SHANGHAI).date()


def shanghai(day: date, hour: int) -> datetime:
    """That full hour of that day in Asia/Shanghai, as aware UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).astimezone(UTC)
