"""Connections to share: few and warm. docs/decisions/0072 tells why this is not the driver's own pool."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

_MOST_USES = 50_000  # then a new one: a session's caches in the server only ever grow


class Pool:
    """At most `size` connections, opened when they are needed; the one used last is taken first.

    Taking a free one and giving it back touch neither the event loop nor the server. Those who take one for a single
    statement may have three of eight at a time: more statements at once than the server has processors only slow each
    other down, and the rest is there for pages and whole transactions.
    """

    def __init__(self, connect: Callable[[], Awaitable[Any]], size: int) -> None:
        self.size = size
        self._connect = connect
        self._idle: list[Any] = []
        self._uses: dict[Any, int] = {}  # of each open connection
        self._opening = 0
        self._brief_left = max(1, size * 3 // 8)
        self._waiters: deque[asyncio.Future[Any]] = deque()
        self._brief_waiters: deque[asyncio.Future[Any]] = deque()
        self._returned = asyncio.Event()
        self._closing = False

    @property
    def idle(self) -> int:
        """Connections that are open and free."""
        return len(self._idle)

    @property
    def busy(self) -> int:
        """Connections that somebody has, or that are being opened."""
        return len(self._uses) + self._opening - len(self._idle)

    @property
    def waiting(self) -> int:
        """Who waits for one."""
        return sum(not one.done() for one in (*self._waiters, *self._brief_waiters))

    async def take(self, patience: float | None, *, brief: bool = False) -> Any:
        """A connection for the caller alone, who gives it back.

        Parameters: patience, seconds to wait for a free one; brief, for a single statement.
        Raises TimeoutError, or what opening a connection raises.
        """
        if not brief:
            return await self._take(patience)
        if self._brief_left:
            self._brief_left -= 1
        else:
            await _wait(self._brief_waiters, patience, self._leave)
        try:
            return await self._take(patience)
        except BaseException:
            self._leave()
            raise

    def give_back(self, conn: Any, *, brief: bool = False) -> None:
        """What is closed, or still in a transaction, is used no more. Parameters: brief, as it was taken."""
        if not conn.is_closed() and (conn.is_in_transaction() or self._uses[conn] >= _MOST_USES):
            conn.terminate()
        if conn.is_closed():
            del self._uses[conn]
            self._hand_on(None)
        else:
            self._uses[conn] += 1
            self._hand_on(conn)
        if brief:
            self._leave()
        self._returned.set()

    async def close(self) -> None:
        """Waits for what is in use."""
        self._closing = True
        while self._uses or self._opening:
            while self._idle:
                conn = self._idle.pop()
                del self._uses[conn]
                await conn.close()
            self._returned.clear()
            if self._uses or self._opening:
                await self._returned.wait()

    async def _take(self, patience: float | None) -> Any:
        while True:
            while self._idle:
                conn = self._idle.pop()
                if not conn.is_closed():
                    return conn
                del self._uses[conn]
            if self._closing:
                raise ConnectionError("the pool is closed")
            if len(self._uses) + self._opening < self.size:
                return await self._open()
            conn = await _wait(self._waiters, patience, self._hand_on)
            if conn is not None:
                return conn  # else there may be room for a new one

    async def _open(self) -> Any:
        self._opening += 1
        try:
            conn = await self._connect()
            self._uses[conn] = 0
            return conn
        except BaseException:
            self._hand_on(None)  # whoever waits tries for himself
            raise
        finally:
            self._opening -= 1
            self._returned.set()

    def _hand_on(self, conn: Any) -> None:
        if not _wake(self._waiters, conn) and conn is not None:
            self._idle.append(conn)

    def _leave(self, _: Any = None) -> None:
        if not _wake(self._brief_waiters, None):
            self._brief_left += 1


async def _wait(queue: deque[asyncio.Future[Any]], patience: float | None, too_late: Callable[[Any], None]) -> Any:
    """What is handed on to this one; a timer of the loop costs a tenth of asyncio.timeout. Raises TimeoutError.

    Parameters: patience, seconds; too_late, for what is handed on when nobody waits any more.
    """
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()
    queue.append(waiter)
    timer = None if patience is None else loop.call_later(patience, _give_up, waiter)
    try:
        return await waiter
    except asyncio.CancelledError:
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            too_late(waiter.result())
        raise
    finally:
        if timer is not None:
            timer.cancel()


def _give_up(waiter: asyncio.Future[Any]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


def _wake(queue: deque[asyncio.Future[Any]], what: Any) -> bool:
    """Hands on to the first who still waits. False if nobody does."""
    while queue:
        waiter = queue.popleft()
        if not waiter.done():
            waiter.set_result(what)
            return True
    return False
