"""The worker's clock: it tells the time only as long as it can be believed.

A clock that ran ahead would let deadlines pass that have not: money would be released, silence taken for consent. So
the worker stands still, says why, gives no sign of life (an alarm), and goes on by itself once the clock is right.
"""

from datetime import datetime, timedelta

from liuhen.base.db import Database
from liuhen.base.errors import Unavailable
from liuhen.base.health import database_clock
from liuhen.timing.clock import Clock, Steady

TOLERANCE = timedelta(seconds=10)
"""Deadlines are minutes at the least; machines that keep time are milliseconds apart."""


class ClockOff(Unavailable):
    """This machine's clock cannot be believed: it has jumped, or the database's says another time."""

    code = "clock_off"


class ClockGuard:
    """A Clock. Call `compare` now and then; a jump is noticed without it."""

    def __init__(self, clock: Clock, steady: Steady | None = None) -> None:
        self._clock, self._steady = clock, steady or Steady(clock)
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The current time, aware, UTC. Raises ClockOff."""
        jumped = self._steady.jumped()
        if abs(jumped) > TOLERANCE:
            raise ClockOff(f"the clock has jumped by {jumped}: set it right, or start the worker again if it is right")
        if abs(self._ahead) > TOLERANCE:
            raise ClockOff(f"the clock is {self._ahead} ahead of the database's: synchronise them")
        return self._clock.now()

    async def compare(self, db: Database) -> None:
        """Asks the database what time it is there. Raises Unavailable."""
        async with db.glance() as tx:
            there = await database_clock(tx)
        self._ahead = self._clock.now() - there
