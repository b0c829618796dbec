"""The one way to the database: reading, one transaction per flow, retries and idempotency in one place."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from liuhen.base.errors import IdempotencyMismatch, LiuhenError, Unavailable
from liuhen.base.faults import point
from liuhen.base.pool import Pool

T = TypeVar("T")
Row = asyncpg.Record
UniqueViolation = asyncpg.UniqueViolationError
Refusals = Mapping[str, Callable[[str], LiuhenError]]
"""What a SQL function refuses: by its own error code, by the table whose check fails, or by the constraint that a row
is not unique under; the text is the detail."""


class _NoConnection(ConnectionError):
    """The database gave no connection: nothing was asked of it."""


_RETRIES = 5
_WRITES = re.compile(r"\b(?:insert into|update \w+ (?:\w+ )?set|delete from|for update)\b")
# The last: a migration changed a table under a statement that was prepared before; the driver has forgotten it by now.
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.InvalidCachedStatementError)
# Numbers that people read to each other are drawn at random, 35 bits for a day: with 100,000 orders a day one in seven
# days has one that is taken. All is done again, with another one.
_DRAWN = frozenset({"directory_pkey", "refund_book_id_refund_no_key"})
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
_GIVE_UP_AFTER = 2  # seconds after the server should have: it is frozen, or the way to it is cut


class Once(msgspec.Struct, frozen=True):
    """One request that must take effect once.

    Parameters: book_id, the caller's book; key, his idempotency key; request_hash, over route and body.
    """

    book_id: UUID
    key: str
    request_hash: bytes


class _NeedsTransactionError(Exception):
    """A statement was asked that must not stand on its own."""


class _SeenBefore(Unavailable):
    """The idempotency key has its row: its answer is the answer."""


class Tx:
    """One open transaction. Stores, reads and steps take it; nobody but this module begins or commits.

    Writes whose answer nobody waits for are queued (`later`) and sent together, in order, before the next question and
    before the commit: one round trip for all of them.
    """

    __slots__ = ("_at_end", "_conn", "_queue", "_read_only")

    def __init__(self, conn: Any, *, read_only: bool = False) -> None:
        """Parameters: read_only, no transaction is open: only questions may be sent one by one."""
        self._conn = conn
        self._read_only = read_only
        self._queue: list[tuple[str, tuple[Any, ...], Refusals]] = []
        self._at_end: dict[tuple[Callable[..., Awaitable[None]], Hashable], list[Any]] = {}

    def at_end(self, act: Callable[["Tx", Any, list[Any]], Awaitable[None]], key: Hashable, item: Any) -> None:
        """Runs `act(tx, key, items)` just before the commit, once for all items of one key, keys in the order of their
        first item: for what takes the last lock of the lock order."""
        self._at_end.setdefault((act, key), []).append(item)

    async def finish(self) -> None:
        """The acts at the end, and whatever is queued."""
        for (act, key), items in self._at_end.items():
            await act(self, key, items)
        await self._flush()

    def later(self, function: str, *args: Any, refused: Refusals | None = None) -> None:
        """Queues the call of a SQL function that writes and answers nothing.

        Parameters: refused, which of its refusals is which error: raised when the queue is sent.
        """
        self._queue.append((function, args, refused or {}))

    def first(self, function: str, *args: Any, refused: Refusals) -> None:
        """The same, before all that is queued: for what takes the first lock of the lock order."""
        self._queue.insert(0, (function, args, refused))

    async def _flush(self) -> None:
        if not self._queue:
            return
        queue, self._queue = self._queue, []
        calls: list[str] = []
        values: list[Any] = []
        for function, args, _ in queue:
            marks = ", ".join(f"${place}" for place in range(len(values) + 1, len(values) + len(args) + 1))
            calls.append(f"{function}({marks})")
            values += args
        try:
            await self.fetchrow(f"select {', '.join(calls)}", *values)
        except asyncpg.PostgresError as error:
            for _, _, refused in queue:
                make = refused.get(_name_of(error))
                if make is not None:
                    raise make(getattr(error, "detail", None) or "") from error
            raise

    async def _ask(self, sql: str) -> None:
        if self._read_only and _writes(sql):
            raise _NeedsTransactionError
        await self._flush()

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        await self._ask(sql)
        rows: list[Row] = await self._conn.fetch(sql, *args)
        return rows

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        await self._ask(sql)
        row: Row | None = await self._conn.fetchrow(sql, *args)
        return row

    async def fetchval(self, sql: str, *args: Any) -> Any:
        await self._ask(sql)
        return await self._conn.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> str:
        await self._ask(sql)
        tag: str = await self._conn.execute(sql, *args)
        return tag

    async def executemany(self, sql: str, args: Sequence[Sequence[Any]]) -> None:
        await self._ask(sql)
        await self._conn.executemany(sql, args)

    async def copy(self, table: str, columns: Sequence[str], records: Any) -> None:
        await self._flush()
        await self._conn.copy_records_to_table(table, columns=list(columns), records=records)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone by itself; the transaction goes on."""
        await self._flush()
        try:
            async with self._conn.transaction():
                yield
                await self._flush()
        except BaseException:
            self._queue.clear()  # all of it was queued inside
            raise

    async def one(self, sql: str, *args: Any) -> Row:
        """Exactly one row. Raises LookupError if there is none: a bug, not a user's mistake."""
        row = await self.fetchrow(sql, *args)
        if row is None:
            raise LookupError("a row that must exist does not")
        return row


class Database:
    """Connections that act as the application role."""

    tx_type: ClassVar[type[Tx]] = Tx  # tests watch what a transaction does through one of their own

    def __init__(self, pool: Pool, patience: int | None = None) -> None:
        self._pool = pool
        self._wait = _half(patience) if patience else None

    @classmethod
    async def open(
        cls, dsn: str, *, role: str = "liuhen_app", size: int = 16, patience: int | None = None
    ) -> "Database":
        """Parameters: patience, seconds that a statement may take, half of them for a lock and as many for a free
        connection, then Unavailable; None: any time, for commands.
        Raises Unavailable when the database cannot be reached or the role is missing.
        """
        limits = _limits(patience) if patience else {}

        async def connect() -> Any:
            conn = await asyncpg.connect(
                dsn,
                command_timeout=patience + _GIVE_UP_AFTER if patience else None,
                server_settings={"role": role, "timezone": "UTC", "application_name": "liuhen", **limits},
            )
            try:
                await _prepare(conn)
            except BaseException:
                conn.terminate()
                raise
            return conn

        pool = Pool(connect, size)
        try:
            pool.give_back(await pool.take(None))
        except (OSError, asyncpg.PostgresError) as error:
            raise Unavailable(f"the database does not answer: {error}") from error
        return cls(pool, patience)

    async def close(self) -> None:
        await self._pool.close()

    def use(self) -> dict[str, int]:
        """Connections of the pool: busy, idle, how many there may be, and how many wait for one."""
        pool = self._pool
        return {"busy": pool.busy, "idle": pool.idle, "max": pool.size, "waiting": pool.waiting}

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """One snapshot for one page; the database refuses writes in it. Raises Unavailable."""
        try:
            async with self._connection() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
                yield self.tx_type(conn)
        except _LOST as error:
            raise Unavailable("the database connection was lost") from error

    def glance(self) -> "_Glance":
        """For one question that is one statement: no transaction around it, one round trip instead of three.

        Raises Unavailable.
        """
        return _Glance(self)

    def _connection(self, *, brief: bool = False) -> "_Lease":
        return _Lease(self._pool, self._wait, brief)

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
        done: T = await self._again(self._attempt, work, now, once, result)
        return done

    async def at_once(
        self,
        work: Callable[[Tx], Awaitable[T]],
        *,
        now: datetime,
        once: Once | None = None,
        result: Any = None,
    ) -> T:
        """The same as `transact` in one round trip, for hot paths: `work` asks without a lock and queues all its
        writes, and these take effect in one statement, which is the transaction. If it asks for a lock or writes at
        once after all, it is done again as a whole in `transact`.

        Whatever `work` found out must hold without a lock, or be looked at again by the functions that it queues. What
        it returns is kept under the key before they run. Parameters and errors as `transact`.
        """
        try:
            done: T = await self._again(self._at_once, work, now, once, result)
        except _NeedsTransactionError:
            return await self.transact(work, now=now, once=once, result=result)
        return done

    async def _again(self, attempt: Any, work: Any, now: datetime, once: Once | None, result: Any) -> Any:
        for number in range(_RETRIES):
            try:
                done = await attempt(work, now, once, result)
                point("transaction.commit_and_answer")
                return done
            except _AGAIN:
                if number == _RETRIES - 1:
                    raise
            except UniqueViolation as error:
                if _name_of(error) not in _DRAWN or number == _RETRIES - 1:
                    raise
            except _LOST as error:
                if once is None or number == _RETRIES - 1:
                    raise Unavailable("the database connection was lost") from error
            await asyncio.sleep(0.01 * 2**number)
        raise AssertionError("unreachable")

    async def _at_once(self, work: Callable[[Tx], Awaitable[T]], now: datetime, once: Once | None, result: Any) -> T:
        async with self._connection(brief=True) as conn:
            tx = self.tx_type(conn, read_only=True)
            try:
                value = await work(tx)
                if once is not None:
                    answer = msgspec.json.encode(value)
                    args = (once.book_id, once.key, once.request_hash, answer, now)
                    tx.first("idempotency_claim", *args, refused={"LH000": lambda _: _SeenBefore()})
                await tx.finish()
            except LiuhenError:
                # The act is refused now; if this very request took effect before, its answer is still the answer.
                earlier = None if once is None else await _earlier(self.tx_type(conn, read_only=True), once)
                if earlier is None:
                    raise
                replay: T = msgspec.json.decode(earlier, type=result)
                return replay
            return value

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
            tx.later("idempotency_keep", once.book_id, once.key, msgspec.json.encode(value))
            await tx.finish()
            return value


class _Lease:
    """A connection of the pool for the time of a block. Raises Unavailable where the database has no time or room."""

    __slots__ = ("_brief", "_conn", "_pool", "_wait")

    def __init__(self, pool: Pool, wait: int | None, brief: bool) -> None:
        self._pool, self._wait, self._brief = pool, wait, brief

    async def __aenter__(self) -> Any:
        try:
            self._conn = await self._pool.take(self._wait, brief=self._brief)
        except TimeoutError as error:
            raise Unavailable("no connection to the database is free", retry_after_seconds=5) from error
        except (OSError, asyncpg.PostgresError) as error:
            raise _NoConnection("the database gives no connection") from error
        return self._conn

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, TimeoutError | asyncio.CancelledError):
            self._conn.terminate()  # it does not even answer that it has stopped, or nobody waits for its answer
        self._pool.give_back(self._conn, brief=self._brief)
        if isinstance(error, _BUSY):
            raise Unavailable("the database has no time or no room for this", retry_after_seconds=5) from error


class _Glance:
    """A connection for one question (`Database.glance`)."""

    __slots__ = ("_lease", "_type")

    def __init__(self, db: Database) -> None:
        self._lease, self._type = db._connection(brief=True), db.tx_type

    async def __aenter__(self) -> Tx:
        try:
            return self._type(await self._lease.__aenter__(), read_only=True)
        except _LOST as error:
            raise Unavailable("the database connection was lost") from error

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        await self._lease.__aexit__(kind, error, trace)
        if isinstance(error, _LOST):
            raise Unavailable("the database connection was lost") from error


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
    earlier = await _earlier(tx, once)
    if earlier is None:
        raise LookupError("a row that must exist does not")
    return earlier


async def _earlier(tx: Tx, once: Once) -> bytes | None:
    """The answer that this request got before, or None. Raises IdempotencyMismatch if the key is another request's."""
    row = await tx.fetchrow(
        "select request_hash, result from idempotency where book_id = $1 and key = $2", once.book_id, once.key
    )
    if row is None:
        return None
    if row["request_hash"] != once.request_hash:
        raise IdempotencyMismatch(key=once.key)
    return bytes(row["result"])


def _half(patience: int) -> int:
    """For a lock or a connection; whoever may compute for minutes need not wait for minutes."""
    return max(1, min(patience // 2, 30))


def _limits(patience: int) -> dict[str, str]:
    """What the server itself holds a session to; a process that froze with locks in its hands must let go of them."""
    return {
        "statement_timeout": f"{patience}s",
        "lock_timeout": f"{_half(patience)}s",
        "idle_in_transaction_session_timeout": f"{min(2 * patience, 60)}s",
    }


@lru_cache(maxsize=1000)
def _writes(sql: str) -> bool:
    return _WRITES.search(sql) is not None


def _name_of(error: asyncpg.PostgresError) -> str:
    """As a queued call knows its refusals."""
    match error:
        case asyncpg.CheckViolationError():
            return str(getattr(error, "table_name", ""))
        case asyncpg.UniqueViolationError():
            return str(getattr(error, "constraint_name", ""))
        case _:
            return str(error.sqlstate)


async def _prepare(conn: Any) -> None:
    await conn.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: value, decoder=lambda text: text, format="text"
    )


async def connect_owner(dsn: str) -> Any:
    """A bare connection as the owner, for migrations and checks alone.

    Raises Unavailable with one sentence: what is wrong, where to look, and no part of the address.
    """
    try:
        return await asyncpg.connect(dsn, server_settings={"timezone": "UTC"})
    except Exception as error:  # whatever the driver says, the operator reads one sentence
        raise Unavailable(f"The database does not answer: {_why(error)}") from error


def _why(error: Exception) -> str:
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError():
            return f"{error}. See role and password in database_url (special letters as %XX), and pg_hba.conf."
        case asyncpg.InvalidCatalogNameError():
            return f"{error}. Make it, or mend its name in database_url."
        case ValueError() if not isinstance(error, OSError | asyncpg.InterfaceError):  # may hold a part of the password
            return "database_url cannot be read. Special letters of its password are written as %XX, such as / as %2F."
        case OSError():
            said = str(error) or "no answer in time"
            return f"{said}. Does PostgreSQL run, and are host, port and the files that database_url names right?"
        case _:
            return f"{error}."
