"""A market in which one act is about to happen and its process may die, and the stage on which it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from liuhen.base.db import Database, Once
from liuhen.edge import worker
from liuhen.flows.outbox.claim_due import Due, claim_due
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.reads.audit import START, audit, next_places
from liuhen.reads.books import check_books
from liuhen.reads.due import DueKind
from liuhen.steps.open_case import CaseBrief
from tests.conftest import Shared
from tests.flows.mortal import Act, FileChannel
from tests.flows.refunds import Bought

NOTHING = UUID(int=0)


@dataclass
class Life(Bought):
    """A market in which one act is about to happen; folder: where channel and objects keep what is theirs."""

    folder: Path = field(default_factory=Path)
    placed: PlacedOrder | None = None
    case: CaseBrief | None = None
    thing: UUID = NOTHING
    keys_made: int = 0

    @property
    def channel(self) -> FileChannel:
        return FileChannel(self.folder / "channel.json")

    def once(self, book: UUID) -> Once:
        self.keys_made += 1
        return Once(book, f"key-{self.keys_made}", bytes(32))

    async def one(self, sql: str, *args: Any) -> Any:
        async with self.db.read() as tx:
            return await tx.fetchval(sql, *args)

    async def proven(self, placed: PlacedOrder | None = None) -> None:
        """All books and all records."""
        async with self.db.read() as tx:
            assert await check_books(tx) == []
            found = await audit(tx, await next_places(tx, START, 1000))
        assert [(item.order_no, item.faults) for item in found if item.faults] == []

    async def due(self, kind: DueKind) -> Due:
        (found,) = await claim_due(self.db, self.now, 10, kinds=[kind])
        return found


@dataclass(frozen=True)
class Story:
    """prepare: the moment before the act. after: how long until somebody tries again. end: what is found then."""

    prepare: Callable[[Life], Awaitable[Act]]
    end: Callable[[Life], Awaitable[None]]
    after: timedelta = timedelta(minutes=1)


async def work_due(db: Database, due: Due, *, now: datetime, **house: Any) -> None:
    """One due item as the worker acts on it."""
    await worker.act(SimpleNamespace(db=db, **house), [due], now)  # type: ignore[arg-type]


def by_worker(life: Life, due: Due) -> Act:
    return Act(work_due, (due,), {"now": life.now}, ("rules", "keys", "channels"))


def by_caller(life: Life, flow: Callable[..., Awaitable[Any]], cmd: Any, book: UUID, *house: str, **more: Any) -> Act:
    """What a caller asks for with his idempotency key."""
    return Act(flow, (cmd,), {"now": life.now, "once": life.once(book), **more}, house)


async def buy(life: Life, pieces: int = 1, *, pay: str = "balance", **listing: object) -> PlacedOrder:
    life.placed = await life.bought(pieces, pay=pay, **listing)
    return life.placed


async def states(life: Life, *states: str) -> None:
    assert life.placed is not None
    assert await life.unit_states(life.placed) == list(states)


async def refunds(life: Life, *wanted: tuple[str, int]) -> None:
    """State and fen of every refund of the buyer."""
    async with life.db.read() as tx:
        rows = await tx.fetch("select state, amount_fen from refund where party_id = $1 order by id", life.buyer_id)
    assert [(row["state"], row["amount_fen"]) for row in rows] == list(wanted)


class Stage:
    """A database in which one story at a time begins anew."""

    def __init__(self, shared: Shared, now: datetime, folder: Path) -> None:
        self.shared, self.now, self.folder, self.acts = shared, now, folder, 0
        tables = [name.removeprefix("delete from ") for name in shared.wipe.split("; ")]
        every = "(select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} t)"
        self.everything = "select " + ", ".join(every.format(name) for name in tables)

    async def set(self, story: Story) -> tuple[Life, Act]:
        await self.shared.owner.execute(self.shared.wipe)
        self.acts += 1
        folder = self.folder / str(self.acts)
        folder.mkdir()
        life = Life(self.shared.database, self.now, folder=folder)
        return life, await story.prepare(life)

    async def state(self) -> list[Any]:
        """A fingerprint of everything that is stored."""
        return list((await self.shared.owner.fetchrow(self.everything)).values())
