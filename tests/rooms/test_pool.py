"""Connections are shared: no more than there may be, the warm one first, nothing lost when somebody stops waiting."""

import asyncio
from typing import Any

import pytest

from liuhen.base.pool import Pool

PATIENCE = 5.0


class Connection:
    """As much of a connection as the pool looks at."""

    def __init__(self) -> None:
        self.closed = self.in_transaction = False

    def is_closed(self) -> bool:
        return self.closed

    def is_in_transaction(self) -> bool:
        return self.in_transaction

    def terminate(self) -> None:
        self.closed = True

    async def close(self) -> None:
        self.closed = True


class Server:
    """Opens connections, or refuses to."""

    def __init__(self) -> None:
        self.opened: list[Connection] = []
        self.down = False

    async def connect(self) -> Connection:
        await asyncio.sleep(0)
        if self.down:
            raise ConnectionRefusedError
        self.opened.append(Connection())
        return self.opened[-1]


@pytest.fixture
def server() -> Server:
    return Server()


async def waits(task: asyncio.Task[Any]) -> bool:
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done()


async def test_the_one_used_last_is_taken_first(server: Server) -> None:
    pool = Pool(server.connect, 4)
    first, second = await pool.take(None), await pool.take(None)
    pool.give_back(second)
    pool.give_back(first)
    assert await pool.take(None) is first
    assert len(server.opened) == 2 and (pool.busy, pool.idle) == (1, 1)


async def test_who_waits_gets_what_comes_back_in_turn(server: Server) -> None:
    pool = Pool(server.connect, 1)
    held = await pool.take(None)
    first, second = (asyncio.create_task(pool.take(PATIENCE)) for _ in range(2))
    assert await waits(first) and pool.waiting == 2
    pool.give_back(held)
    assert await first is held and await waits(second) and pool.waiting == 1
    pool.give_back(held)
    assert await second is held and len(server.opened) == 1


async def test_nobody_waits_longer_than_he_wants(server: Server) -> None:
    pool = Pool(server.connect, 1)
    held = await pool.take(None)
    with pytest.raises(TimeoutError):
        await pool.take(0.01)
    pool.give_back(held)
    assert await pool.take(None) is held


async def test_a_connection_for_somebody_who_has_left_goes_to_the_next(server: Server) -> None:
    pool = Pool(server.connect, 1)
    held = await pool.take(None)
    left, next_one = (asyncio.create_task(pool.take(PATIENCE)) for _ in range(2))
    assert await waits(left)
    pool.give_back(held)
    left.cancel()  # in the very turn of the loop in which it was handed on
    with pytest.raises(asyncio.CancelledError):
        await left
    assert await next_one is held


async def test_what_broke_is_replaced(server: Server) -> None:
    pool = Pool(server.connect, 1)
    broken = await pool.take(None)
    waiting = asyncio.create_task(pool.take(PATIENCE))
    assert await waits(waiting)
    broken.closed = True
    pool.give_back(broken)
    fresh = await waiting
    assert fresh is not broken
    pool.give_back(fresh)
    fresh.closed = True  # the server went away while it was idle
    assert await pool.take(None) not in (broken, fresh)
    assert (pool.busy, pool.idle) == (1, 0)


async def test_a_transaction_that_was_left_open_is_not_inherited(server: Server) -> None:
    pool = Pool(server.connect, 1)
    conn = await pool.take(None)
    conn.in_transaction = True
    pool.give_back(conn)
    assert conn.closed and await pool.take(None) is not conn


async def test_a_server_that_is_down_is_tried_by_each_in_turn(server: Server) -> None:
    pool = Pool(server.connect, 1)
    held = await pool.take(None)
    waiting = [asyncio.create_task(pool.take(PATIENCE)) for _ in range(3)]
    assert await waits(waiting[0])
    server.down = held.closed = True
    pool.give_back(held)
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in told] == [ConnectionRefusedError] * 3
    server.down = False
    assert not (await pool.take(None)).closed


async def test_single_statements_leave_most_of_them_to_the_rest(server: Server) -> None:
    pool = Pool(server.connect, 6)
    brief = [await pool.take(None, brief=True) for _ in range(2)]
    third = asyncio.create_task(pool.take(PATIENCE, brief=True))
    assert await waits(third)
    page = await pool.take(None)
    pool.give_back(page)
    assert await waits(third), "another one's connection is no leave"
    pool.give_back(brief[0], brief=True)
    pool.give_back(await third, brief=True)
    pool.give_back(brief[1], brief=True)
    assert [await pool.take(0.01, brief=True) for _ in range(2)]
    with pytest.raises(TimeoutError):
        await pool.take(0.01, brief=True)


async def test_leave_for_somebody_who_has_left_is_not_lost(server: Server) -> None:
    pool = Pool(server.connect, 2)
    held = await pool.take(None, brief=True)
    left = asyncio.create_task(pool.take(PATIENCE, brief=True))
    assert await waits(left)
    pool.give_back(held, brief=True)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    server.opened[0].closed = server.down = True
    with pytest.raises(ConnectionRefusedError):
        await pool.take(0.01, brief=True)
    server.down = False
    assert await pool.take(0.01, brief=True)


async def test_closing_waits_for_what_is_in_use(server: Server) -> None:
    pool = Pool(server.connect, 2)
    held, other = await pool.take(None), await pool.take(None)
    pool.give_back(other)
    closing = asyncio.create_task(pool.close())
    assert await waits(closing) and other.closed
    pool.give_back(held)
    await closing
    assert held.closed
    with pytest.raises(ConnectionError):
        await pool.take(None)
