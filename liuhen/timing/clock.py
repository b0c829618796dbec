"""The only place that asks what time it is. Everything else is handed a time."""

from datetime import UTC, datetime
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
