"""The one way to the database: reading, one transaction per flow, retries and idempotency in one place."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from liuhen.base.errors import IdempotencyMismatch, Unavailable

T = TypeVar("T")
Row = asyncpg.Record
UniqueViolation = asyncpg.UniqueViolationError
CheckViolation = asyncpg.CheckViolationError


class _NoConnection(ConnectionError):
    """The database gave no connection: nothing was asked of it."""


_RETRIES = 5
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
# The reply is lost, not necessarily the work: only a request with an idempotency key may be sent again.
# InternalClientError is what the driver says when it is used between the server's goodbye and its own noticing.
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    ConnectionError,
)
# The database has no time (a lock, a slow or frozen server) or no room (a full disk): not tried again at once, for that
# would only make it worse.
_BUSY = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    TimeoutError,
)
_ACQUIRE_SECONDS = 5
_GIVE_UP_AFTER = 2  # seconds after the server should have: it is frozen, or the way to it is cut


class Once(msgspec.Struct, frozen=True):
    """One request that must take effect once.

    Parameters: book_id, the caller's book; key, his idempotency key; request_hash, over route and body.
    """

    book_id: UUID
    key: str
    request_hash: bytes


class Tx:
    """One open transaction. Stores, reads and steps take it; nobody but this module begins or commits."""

    __slots__ = ("_conn", "_last")

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self._last: list[Callable[[Tx], Awaitable[None]]] = []

    def at_end(self, act: Callable[["Tx"], Awaitable[None]]) -> None:
        """Runs `act` just before the commit, in the order given: for what takes the last lock of the lock order."""
        self._last.append(act)

    async def finish(self) -> None:
        for act in self._last:
            await act(self)

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        rows: list[Row] = await self._conn.fetch(sql, *args)
        return rows

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        row: Row | None = await self._conn.fetchrow(sql, *args)
        return row

    async def fetchval(self, sql: str, *args: Any) -> Any:
        return await self._conn.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> str:
        tag: str = await self._conn.execute(sql, *args)
        return tag

    async def executemany(self, sql: str, args: Sequence[Sequence[Any]]) -> None:
        await self._conn.executemany(sql, args)

    async def copy(self, table: str, columns: Sequence[str], records: Any) -> None:
        await self._conn.copy_records_to_table(table, columns=list(columns), records=records)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone by itself; the transaction goes on."""
        async with self._conn.transaction():
            yield

    async def one(self, sql: str, *args: Any) -> Row:
        """Exactly one row. Raises LookupError if there is none: a bug, not a user's mistake."""
        row = await self.fetchrow(sql, *args)
        if row is None:
            raise LookupError("a row that must exist does not")
        return row


class Database:
    """A pool of connections that act as the application role."""

    tx_type: ClassVar[type[Tx]] = Tx  # tests watch what a transaction does through one of their own

    def __init__(self, pool: Any, patience: int | None = None) -> None:
        self._pool = pool
        self._wait = _ACQUIRE_SECONDS if patience else None

    @classmethod
    async def open(
        cls, dsn: str, *, role: str = "liuhen_app", size: int = 16, patience: int | None = None
    ) -> "Database":
        """Parameters: patience, seconds that a statement may take, half of them for a lock, then Unavailable; None: any
        time, for commands. Raises Unavailable when the database cannot be reached or the role is missing.
        """
        limits = _limits(patience) if patience else {}
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size,
                init=_prepare,
                reset=_keep,
                command_timeout=patience + _GIVE_UP_AFTER if patience else None,
                server_settings={"role": role, "timezone": "UTC", "application_name": "liuhen", **limits},
            )
        except (OSError, asyncpg.PostgresError) as error:
            raise Unavailable(f"the database does not answer: {error}") from error
        return cls(pool, patience)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """One snapshot for one page; the database refuses writes in it. Raises Unavailable."""
        try:
            async with self._connection() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
                yield self.tx_type(conn)
        except _LOST as error:
            raise Unavailable("the database connection was lost") from error

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        try:
            conn = await self._pool.acquire(timeout=self._wait)
        except TimeoutError as error:
            raise Unavailable("no connection to the database is free", retry_after_seconds=_ACQUIRE_SECONDS) from error
        except (OSError, asyncpg.PostgresError) as error:
            raise _NoConnection("the database gives no connection") from error
        try:
            yield conn
        except _BUSY as error:
            if isinstance(error, TimeoutError):
                conn.terminate()  # it does not even answer that it has stopped
            raise Unavailable("the database has no time or no room for this", retry_after_seconds=5) from error
        finally:
            await self._pool.release(conn)

    async def transact(
        self,
        work: Callable[[Tx], Awaitable[T]],
        *,
        now: datetime,
        once: Once | None = None,
        result: Any = None,
    ) -> T:
        """Runs `work` in one transaction, again after a serialization failure, once per idempotency key.

        Parameters: now, UTC; once, the request's key; result, the type of what `work` returns, needed with `once`.
        Raises IdempotencyMismatch if the key came with another request; Unavailable if the reply was lost.
        """
        for attempt in range(_RETRIES):
            try:
                return await self._attempt(work, now, once, result)
            except _AGAIN:
                if attempt == _RETRIES - 1:
                    raise
            except _LOST as error:
                if once is None or attempt == _RETRIES - 1:
                    raise Unavailable("the database connection was lost") from error
            await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    async def _attempt(self, work: Callable[[Tx], Awaitable[T]], now: datetime, once: Once | None, result: Any) -> T:
        async with self._connection() as conn, conn.transaction():
            tx = self.tx_type(conn)
            if once is None:
                alone = await work(tx)
                await tx.finish()
                return alone
            earlier = await _claim(tx, once, now)
            if earlier is not None:
                replay: T = msgspec.json.decode(earlier, type=result)
                return replay
            value = await work(tx)
            await tx.finish()
            await tx.execute(
                "update idempotency set result = $3 where book_id = $1 and key = $2",
                once.book_id,
                once.key,
                msgspec.json.encode(value),
            )
            return value


async def _claim(tx: Tx, once: Once, now: datetime) -> bytes | None:
    """Inserts the key's row, waiting for a twin in flight; returns the twin's stored result if there was one."""
    fresh = await tx.fetchval(
        "insert into idempotency (book_id, key, request_hash, created_at) values ($1, $2, $3, $4)"
        " on conflict do nothing returning true",
        once.book_id,
        once.key,
        once.request_hash,
        now,
    )
    if fresh:
        return None
    row = await tx.one(
        "select request_hash, result from idempotency where book_id = $1 and key = $2", once.book_id, once.key
    )
    if row["request_hash"] != once.request_hash:
        raise IdempotencyMismatch(key=once.key)
    return bytes(row["result"])


def _limits(patience: int) -> dict[str, str]:
    """What the server itself holds a session to; a process that froze with locks in its hands must let go of them."""
    return {
        "statement_timeout": f"{patience}s",
        "lock_timeout": f"{max(1, patience // 2)}s",
        "idle_in_transaction_session_timeout": f"{2 * patience}s",
    }


async def _prepare(conn: Any) -> None:
    await conn.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: value, decoder=lambda text: text, format="text"
    )


async def _keep(conn: Any) -> None:
    """No reset query on release: sessions hold no state of their own (saves a round trip per transaction)."""


async def connect_owner(dsn: str) -> Any:
    """A bare connection as the owner, for migrations and checks alone."""
    return await asyncpg.connect(dsn, server_settings={"timezone": "UTC"})
