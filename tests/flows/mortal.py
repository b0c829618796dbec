"""A real process for one act, which SIGKILL ends at a named point or right after its n-th statement.

One helper process imports everything once and is forked for every act (multiprocessing's forkserver), so that a death
costs some 50 ms. What a payment channel knows lies in a file: it outlives whoever asked it.
"""

import asyncio
import json
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from liuhen.base import faults
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Row, Tx
from liuhen.base.errors import LiuhenError
from liuhen.base.objects import ObjectStore
from liuhen.payments.port import (
    AnswerState,
    PaymentState,
    PaymentStatus,
    RefundAnswer,
    RefundState,
    RefundStatus,
)
from tests.flows.world import rules

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["__main__", "pytest", "tests.flows.mortal"])
RING = KeyRing({1: bytes(range(32))})
rules()  # read before the fork, by whoever forks


@dataclass(frozen=True)
class Act:
    """One flow as a process runs it: what it is called with, and what the house hands it (rules, keys, …)."""

    flow: Callable[..., Awaitable[Any]]
    args: tuple[Any, ...]
    named: dict[str, Any] = field(default_factory=dict)
    house: tuple[str, ...] = ()

    def at(self, now: datetime) -> "Act":
        """The same at another time (UTC)."""
        return replace(self, named={**self.named, "now": now})


@dataclass(frozen=True)
class Ended:
    """died: by SIGKILL. answer: what the flow returned, as text, or its error's code."""

    died: bool
    answer: str = ""


class Mortal(Tx):
    """Ends its process after so many statements, of whatever transaction."""

    left: ClassVar[int] = 0

    @classmethod
    def count(cls) -> None:
        cls.left -= 1
        if cls.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        found = await super().fetch(sql, *args)
        self.count()
        return found

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        found = await super().fetchrow(sql, *args)
        self.count()
        return found

    async def fetchval(self, sql: str, *args: Any) -> Any:
        found = await super().fetchval(sql, *args)
        self.count()
        return found

    async def execute(self, sql: str, *args: Any) -> str:
        tag = await super().execute(sql, *args)
        self.count()
        return tag

    async def copy(self, table: str, columns: Sequence[str], records: Any) -> None:
        await super().copy(table, columns, records)
        self.count()


class MortalDatabase(Database):
    tx_type: ClassVar[type[Tx]] = Mortal


class FileChannel:
    """A payment channel whose books are a file: payments that were paid, refunds that were accepted."""

    name: ClassVar[str] = "sandbox"

    def __init__(self, path: Path) -> None:
        self._path = path

    def book(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {"paid": {}, "refunds": {}}
        with suppress(FileNotFoundError):
            found = json.loads(self._path.read_text("utf-8"))
        return found

    def _keep(self, book: dict[str, dict[str, Any]]) -> None:
        self._path.write_text(json.dumps(book), "utf-8")

    def pay(self, payment_id: UUID, fen: int) -> None:
        """The payer has paid; nobody has told us."""
        book = self.book()
        book["paid"][str(payment_id)] = fen
        self._keep(book)

    async def refund(
        self, *, refund_id: UUID, trade_no: str, amount_fen: int, reason: str, now: datetime
    ) -> RefundAnswer:
        book = self.book()
        known = book["refunds"].setdefault(str(refund_id), {"fen": amount_fen, "trade": trade_no, "asked": 0})
        known["asked"] += 1
        self._keep(book)
        return RefundAnswer(state=AnswerState.ACCEPTED, channel_refund_no=f"R{refund_id.hex}")

    async def query_refund(self, *, refund_id: UUID, now: datetime) -> RefundStatus:
        known = self.book()["refunds"].get(str(refund_id))
        if known is None:
            return RefundStatus(state=RefundState.NOT_FOUND)
        no = f"R{refund_id.hex}"
        return RefundStatus(state=RefundState.ARRIVED, channel_refund_no=no, amount_fen=known["fen"], at=now)

    async def query_payment(self, *, payment_id: UUID, now: datetime) -> PaymentStatus:
        fen = self.book()["paid"].get(str(payment_id))
        if fen is None:
            return PaymentStatus(state=PaymentState.NOT_FOUND)
        return PaymentStatus(state=PaymentState.PAID, trade_no=f"T{payment_id.hex}", amount_fen=fen, at=now)


def live(dsn: str, folder: Path, act: Act, *, point: str = "", statement: int = 0) -> Ended:
    """Runs the act in a process of its own, to its end or to its death.

    Parameters: folder, where channel and objects keep what is theirs; point, `name` or `name:nth` of base.faults;
    statement, die right after this one (from 1); neither: it lives.
    """
    said = folder / "said"
    said.unlink(missing_ok=True)
    process = _PROCESSES.Process(target=_live, args=(dsn, folder, act, point, statement))
    process.start()
    process.join(60)
    if process.exitcode == -signal.SIGKILL:
        return Ended(died=True)
    assert process.exitcode == 0, f"the process ended with {process.exitcode}: {act.flow.__name__}"
    return Ended(died=False, answer=said.read_text("utf-8"))


async def perform(act: Act, db: Database, folder: Path) -> Any:
    """The act in this process, with what the house hands it."""
    house = {
        "rules": rules(),
        "keys": RING,
        "channels": {"sandbox": FileChannel(folder / "channel.json")},
        "objects": ObjectStore.open(folder / "objects"),
    }
    return await act.flow(db, *act.args, **act.named, **{name: house[name] for name in act.house})


def _live(dsn: str, folder: Path, act: Act, point: str, statement: int) -> None:
    Mortal.left = 0

    async def run() -> str:
        db = await MortalDatabase.open(dsn, size=2)
        faults.arm(point)
        Mortal.left = statement
        try:
            return repr(await perform(act, db, folder))
        except LiuhenError as error:
            return error.code
        finally:
            await db.close()

    (folder / "said").write_text(asyncio.run(run()), "utf-8")
