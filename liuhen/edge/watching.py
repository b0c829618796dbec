"""The worker looks at the whole by itself: do the books balance, do the records hold, what fails again and again.

What it finds is noted (base/watch.py) for /metrics, and said in the log with the order or the sentence.
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress

from liuhen.base.watch import Look
from liuhen.edge.context import App
from liuhen.edge.log import frames, logger
from liuhen.flows.outbox.look_at_books import look_at_books
from liuhen.flows.outbox.look_at_chains import look_at_chains
from liuhen.flows.outbox.note_look import FAILING, note_look

_EVERY = 60.0  # seconds
_ORDERS = 100  # records a minute: 144,000 a day
_BOOKS_EVERY = 900.0
_BOOKS_FIRST = 120.0  # a worker that starts has something else to catch up with
_SHARE = 50  # the books are looked at for at most a fiftieth of the time, however long that takes


async def watching(app: App, stop: asyncio.Event, failing: Callable[[], int]) -> None:
    """Until the worker stops. Parameters: failing, how many items of due work rest after a failure."""
    books_due = time.monotonic() + _BOOKS_FIRST
    while not stop.is_set():
        try:
            await look(app, failing())
            began = time.monotonic()
            if began >= books_due:
                await _books(app)
                took = time.monotonic() - began
                books_due = began + max(_BOOKS_EVERY, took * _SHARE)
        except Exception as error:
            logger("worker").error("could not look", code=type(error).__name__, frames=frames(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _EVERY)


async def look(app: App, failing: int) -> None:
    """The next records, and what fails."""
    now = app.clock.now()
    await note_look(app.db, Look(name=f"{FAILING}{os.getpid()}", looked_at=now, faults=failing), now=now)
    for found in await look_at_chains(app.db, limit=_ORDERS, now=now):
        logger("worker").error("a record does not hold", order=found.order_no, faults=list(found.faults)[:5])


async def _books(app: App) -> None:
    for fault in (await look_at_books(app.db, now=app.clock.now()))[:20]:
        logger("worker").error("the books do not balance", fault=fault)
