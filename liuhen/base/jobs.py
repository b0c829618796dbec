"""The polling loop: ask what is due, do it side by side, rest. What fails waits longer and holds up nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Generic, TypeVar

D = TypeVar("D")
K = TypeVar("K", bound=Hashable)

_PAUSES = (5, 30, 120, 600)  # seconds that a failed item rests before the next try
_FORGET = timedelta(hours=1)  # after its rest: somebody else has done it, or it is due no longer


class Poller(Generic[D, K]):
    """Works off due items.

    Parameters: find, returns what is due at a time (UTC) without the items that rest; act, does one item; failed, is
    told of an error; now, the clock; key, what an item is known by while its moment moves; side_by_side, at a time.
    """

    def __init__(
        self,
        find: Callable[[datetime, Collection[K]], Awaitable[Sequence[D]]],
        act: Callable[[D, datetime], Awaitable[None]],
        failed: Callable[[D, Exception], None],
        now: Callable[[], datetime],
        key: Callable[[D], K],
        side_by_side: int = 6,
    ) -> None:
        self._find, self._act, self._failed, self._now, self._key = find, act, failed, now, key
        self._room = asyncio.Semaphore(side_by_side)
        self._resting: dict[K, tuple[int, datetime]] = {}

    async def tick(self) -> int:
        """One round. Returns how many items were tried."""
        now = self._now()
        self._resting = {key: rest for key, rest in self._resting.items() if now < rest[1] + _FORGET}
        # Who rests is left out by the search itself: a page full of them would hide everybody behind them.
        ready = await self._find(now, {key for key, (_, until) in self._resting.items() if now < until})
        await asyncio.gather(*(self._one(item) for item in ready))
        return len(ready)

    async def run(self, stop: asyncio.Event, pause: float = 1.0) -> None:
        """Rounds until `stop`; rests `pause` seconds when nothing was due. Raises what `find` raises."""
        while not stop.is_set():
            if await self.tick() == 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)

    async def _one(self, item: D) -> None:
        key = self._key(item)
        async with self._room:
            try:
                await self._act(item, self._now())
            except Exception as error:
                tries, _ = self._resting.get(key, (0, None))
                rest = timedelta(seconds=_PAUSES[min(tries, len(_PAUSES) - 1)])
                self._resting[key] = (tries + 1, self._now() + rest)
                self._failed(item, error)
            else:
                self._resting.pop(key, None)
