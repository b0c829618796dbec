"""What a worker does when nothing is due: seals anew after a key rotation, erases what is past its time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from liuhen.base.errors import LiuhenError, Unavailable
from liuhen.edge.context import App
from liuhen.edge.log import frames, logger
from liuhen.flows.outbox.delete_erased import delete_erased
from liuhen.flows.outbox.erase_order import erase_order
from liuhen.flows.outbox.forget_old import forget_old
from liuhen.flows.outbox.reseal import reseal
from liuhen.reads.retention import START, Aged, aged, books

_LOOK_EVERY = 10.0  # seconds
_PAUSE = 0.02  # between batches, so that a purchase never waits behind many of them
_ERASE_EVERY = timedelta(hours=24)
_AT_ONCE = 200  # orders looked at together


async def upkeep(app: App, stop: asyncio.Event) -> None:
    """Until the worker stops. A round that fails is said and tried again."""
    erase_at: datetime | None = None  # the clock is asked inside: it raises while it cannot be believed
    while not stop.is_set():
        try:
            await reseal_all(app, stop)
            if erase_at is None or app.clock.now() >= erase_at:
                await erase_all(app, stop)
                erase_at = app.clock.now() + _ERASE_EVERY
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


async def erase_all(app: App, stop: asyncio.Event) -> int:
    """Walks over all orders that were placed before the time; returns how many were erased.

    Several workers may walk at once: each order is looked at again under its lock. Whoever stops in between begins
    again; what is erased is not met twice.
    """
    now = app.clock.now()
    erased = await _erase_orders(app, stop, now)
    while not stop.is_set() and app.objects is not None and await delete_erased(app.db, objects=app.objects, now=now):
        await _rest(stop, _PAUSE)
    while not stop.is_set() and await forget_old(app.db, days=app.settings.retention_days, now=now):
        await _rest(stop, _PAUSE)
    if erased:
        logger("worker").info("erased", orders=erased, days=app.settings.retention_days)
    return erased


async def _erase_orders(app: App, stop: asyncio.Event, now: datetime) -> int:
    days = app.settings.retention_days
    before, erased = now - timedelta(days=days), 0
    async for order in _aged_orders(app, before):
        if stop.is_set():
            break
        if order.over(before):
            erased += await _erase(app, order, days, now)
            await _rest(stop, _PAUSE)
    return erased


async def _erase(app: App, order: Aged, days: int, now: datetime) -> bool:
    """One that cannot be erased is said and tried again the next day: it must not hold up all the others."""
    try:
        return (await erase_order(app.db, order.book_id, order.id, days=days, now=now)).erased
    except Unavailable:
        raise
    except Exception as error:
        code = error.code if isinstance(error, LiuhenError) else type(error).__name__
        logger("worker").error("could not erase", id=str(order.id), code=code, frames=frames(error))
        return False


async def _aged_orders(app: App, before: datetime) -> AsyncIterator[Aged]:
    """Book by book, so that no question reads more than it needs, however many orders there are."""
    book = START
    while True:
        async with app.db.read() as tx:
            page = await books(tx, book, _AT_ONCE)
        for book in page:
            after = START
            while True:
                async with app.db.read() as tx:
                    found = await aged(tx, book, after, before, _AT_ONCE)
                for order in found:
                    yield order
                if len(found) < _AT_ONCE:
                    break
                after = found[-1].id
        if len(page) < _AT_ONCE:
            return


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, or wakes at once when the worker is told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
