"""Deadlines on two clocks: natural hours, and Chinese working days. One function for shown, enforced and served.

A deadline in natural time runs through nights and holidays. One in working days starts the day after (民法典 201:
the day itself is not counted) and ends at 18:00 Asia/Shanghai of the last day, the end of business hours
(民法典 203); the page says so. A thing is in time at or before the deadline, and late after it.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.timing.workdays import Calendar, shanghai, shanghai_day

CLOSE_OF_BUSINESS = 18  # hour in Asia/Shanghai at which a term in working days ends


class Clockwork(StrEnum):
    """Which of the two clocks a deadline runs on."""

    NATURAL = "natural"
    WORKDAYS = "workdays"


class DeadlineRule(msgspec.Struct, frozen=True, kw_only=True):
    """How long somebody has: `amount` seconds of natural time, or `amount` working days."""

    clockwork: Clockwork
    amount: int


def natural(seconds: int) -> DeadlineRule:
    """A rule in natural time, seconds."""
    return DeadlineRule(clockwork=Clockwork.NATURAL, amount=seconds)


def workdays(days: int) -> DeadlineRule:
    """A rule in Chinese working days."""
    return DeadlineRule(clockwork=Clockwork.WORKDAYS, amount=days)


def due_at(rule: DeadlineRule, start: datetime, calendar: Calendar) -> datetime:
    """When the time is up, aware UTC, for a rule that starts at `start` (aware).

    Raises InvalidInput for a naive start or a negative amount, CalendarMissing beyond the calendar data.
    """
    if start.tzinfo is None:
        raise InvalidInput("a deadline starts at an aware time")
    if rule.clockwork is Clockwork.WORKDAYS:
        return shanghai(calendar.nth_workday_after(shanghai_day(start), rule.amount), CLOSE_OF_BUSINESS)
    if rule.amount < 0:
        raise InvalidInput("a deadline cannot lie before its start", amount=rule.amount)
    return start + timedelta(seconds=rule.amount)


def promised_at(paid_at: datetime, promised_seconds: int) -> datetime:
    """When delivery was promised: payment plus the product's promised seconds."""
    return due_at(natural(promised_seconds), paid_at, _NO_CALENDAR)


def overdue_at(promised: datetime, grace_seconds: int, waits_until: datetime | None) -> datetime:
    """When an undelivered unit is refunded by itself: promise plus grace, or the later time the buyer chose."""
    end = due_at(natural(grace_seconds), promised, _NO_CALENDAR)
    return end if waits_until is None else max(end, waits_until)


def is_over(due: datetime, now: datetime) -> bool:
    """Whether a deadline has passed: at the very moment it has not."""
    return now > due


def left(due: datetime, now: datetime) -> timedelta:
    """Time left, never negative."""
    return max(due - now, timedelta(0))


_NO_CALENDAR = Calendar(())
