"""The sandbox's own clock. It stands for a company elsewhere, so it must not borrow liuhen's."""

from datetime import UTC, datetime


def wall() -> datetime:
    """The time on the channel's wall, UTC."""
    return datetime.now(UTC)
