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

    Parameters: find, returns what is due at a time (UTC) without the items that rest; act, does some items in one
    transaction and returns how many were not in other hands; failed, is told of an error; now, the clock; key, what an
    item is known by while its moment moves; bundles, which items are done together (else each alone); side_by_side,
    bundles at a time.
    """

    def __init__(
        self,
        find: Callable[[datetime, Collection[K]], Awaitable[Sequence[D]]],
        act: Callable[[Sequence[D], datetime], Awaitable[int]],
        failed: Callable[[D, Exception], None],
        now: Callable[[], datetime],
        key: Callable[[D], K],
        *,
        bundles: Callable[[Sequence[D]], Sequence[Sequence[D]]] | None = None,
        side_by_side: int = 6,
    ) -> None:
        self._find, self._act, self._failed, self._now, self._key = find, act, failed, now, key
        self._bundles = bundles or _alone
        self._room = asyncio.Semaphore(side_by_side)
        self._resting: dict[K, tuple[int, datetime]] = {}

    async def tick(self) -> int:
        """One round. Returns how many items were done or failed: those in other hands are no reason to come back."""
        now = self._now()
        self._resting = {key: rest for key, rest in self._resting.items() if now < rest[1] + _FORGET}
        # Who rests is left out by the search itself: a page full of them would hide everybody behind them.
        ready = await self._find(now, {key for key, (_, until) in self._resting.items() if now < until})
        return sum(await asyncio.gather(*(self._some(items) for items in self._bundles(ready))))

    @property
    def failing(self) -> int:
        """How many items failed and rest before the next try."""
        return len(self._resting)

    async def run(self, stop: asyncio.Event, pause: float = 1.0) -> None:
        """Rounds until `stop`; rests `pause` seconds when nothing could be done. Raises what `find` raises."""
        while not stop.is_set():
            if await self.tick() == 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)

    async def _some(self, items: Sequence[D]) -> int:
        """A bundle that fails is done item by item: what cannot be done must not hold up its neighbours."""
        async with self._room:
            try:
                done = await self._act(items, self._now())
            except Exception as error:
                if len(items) == 1:
                    self._rest(items[0], error)
                    return 1
            else:
                for item in items:
                    self._resting.pop(self._key(item), None)
                return done
        return sum([await self._some([item]) for item in items])

    def _rest(self, item: D, error: Exception) -> None:
        key = self._key(item)
        tries, _ = self._resting.get(key, (0, None))
        rest = timedelta(seconds=_PAUSES[min(tries, len(_PAUSES) - 1)])
        self._resting[key] = (tries + 1, self._now() + rest)
        self._failed(item, error)


def _alone(items: Sequence[D]) -> list[list[D]]:
    return [[item] for item in items]
