"""The only place that asks what time it is. Everything else is handed a time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Doors and the worker hold one; tests pass a frozen one."""

    def now(self) -> datetime:
        """The current time, aware, UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The current time, aware, UTC."""
        return datetime.now(UTC)


def running() -> timedelta:
    """How long the machine has been running. Nobody can set it; where the system counts it, sleep is included."""
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return timedelta(microseconds=time.clock_gettime_ns(kind) // 1000)


class Steady:
    """Holds a clock against the time that has really passed since it was first looked at.

    Somebody who sets the machine's clock, or a time server that goes wrong, makes it jump; time itself does not.
    """

    def __init__(self, clock: Clock, passed: Callable[[], timedelta] = running) -> None:
        self._clock, self._passed = clock, passed
        self._began, self._from = clock.now(), passed()

    def jumped(self) -> timedelta:
        """How far the clock has jumped ahead since then; below zero: back."""
        return (self._clock.now() - self._began) - (self._passed() - self._from)
