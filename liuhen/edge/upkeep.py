"""What a worker does when nothing is due: seals anew after a key rotation, erases what is past its time."""

import asyncio

from liuhen.edge.context import App
from liuhen.edge.log import frames, logger
from liuhen.flows.outbox.reseal import reseal

_LOOK_EVERY = 10.0  # seconds
_PAUSE = 0.02  # between batches, so that a purchase never waits behind many of them


async def upkeep(app: App, stop: asyncio.Event) -> None:
    """Until the worker stops. A round that fails is said and tried again."""
    while not stop.is_set():
        try:
            await reseal_all(app, stop)
        except Exception as error:
            logger("worker").error("upkeep failed", code=type(error).__name__, frames=frames(error))
        await _rest(stop, _LOOK_EVERY)


async def reseal_all(app: App, stop: asyncio.Event) -> int:
    """Batch by batch until nothing is left or the worker stops; returns the rows that were sealed anew."""
    rows = 0
    while not stop.is_set() and (done := await reseal(app.db, keys=app.keys, now=app.clock.now())).place:
        rows += done.rows
        await _rest(stop, _PAUSE)
    if rows:
        logger("worker").info("sealed anew", rows=rows, version=app.keys.newest)
    return rows


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, or wakes at once when the worker is told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
