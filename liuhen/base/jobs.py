"""The polling loop: ask what is due, do it side by side, rest. What fails waits longer and holds up nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Generic, TypeVar

D = TypeVar("D", bound=Hashable)

_PAUSES = (5, 30, 120, 600)  # seconds that a failed item rests before the next try


class Poller(Generic[D]):
    """Works off due items.

    Parameters: find, returns what is due at a time (UTC); act, does one item; failed, is told of an error;
    now, the clock; side_by_side, items at a time.
    """

    def __init__(
        self,
        find: Callable[[datetime], Awaitable[Sequence[D]]],
        act: Callable[[D, datetime], Awaitable[None]],
        failed: Callable[[D, Exception], None],
        now: Callable[[], datetime],
        side_by_side: int = 6,
    ) -> None:
        self._find, self._act, self._failed, self._now = find, act, failed, now
        self._room = asyncio.Semaphore(side_by_side)
        self._resting: dict[D, tuple[int, datetime]] = {}

    async def tick(self) -> int:
        """One round. Returns how many items were tried."""
        now = self._now()
        ready = [item for item in await self._find(now) if self._resting.get(item, (0, now))[1] <= now]
        await asyncio.gather(*(self._one(item) for item in ready))
        return len(ready)

    async def run(self, stop: asyncio.Event, pause: float = 1.0) -> None:
        """Rounds until `stop`; rests `pause` seconds when nothing was due. Raises what `find` raises."""
        while not stop.is_set():
            if await self.tick() == 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)

    async def _one(self, item: D) -> None:
        async with self._room:
            try:
                await self._act(item, self._now())
            except Exception as error:
                tries, _ = self._resting.get(item, (0, None))
                rest = timedelta(seconds=_PAUSES[min(tries, len(_PAUSES) - 1)])
                self._resting[item] = (tries + 1, self._now() + rest)
                self._failed(item, error)
            else:
                self._resting.pop(item, None)
