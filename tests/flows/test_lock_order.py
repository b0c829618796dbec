"""The house's lock order, watched while the stories of the market run: two people at once never wait for each other.

idempotency row → order → units → stock → case → ledger accounts → chain head. And a transaction writes in one book,
except what by its nature has two: a movement of money, the inbox of the other side, a caller's idempotency row.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest

from liuhen.base.db import Database, Once, Refusals, Row, Tx
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.flows.funds.release_escrow import release_escrow
from liuhen.flows.trade.close_order import CloseOrder, close_order
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.refunds.model import Answer
from tests.flows.refunds import Bought, rules

RANKS = [
    ("idempotency", re.compile(r"insert into idempotency|idempotency_claim")),
    ("order", re.compile(r"from orders\b.*for update|order_put", re.S)),
    ("units", re.compile(r"from order_unit\b.*for update|order_put|unit_hold", re.S)),
    ("stock", re.compile(r"stock_take|stock_shift|from stock_key\b.*for update", re.S)),
    ("case", re.compile(r"from refund_case\b.*for update", re.S)),
    ("ledger", re.compile(r"ledger_post|from ledger_account\b.*for update", re.S)),
    ("chain", re.compile(r"chain_append_all")),
]
_WRITE = re.compile(r"^\s*(?:insert into|update)\s+(\w+)")
TWO_BOOKS = {"notice", "idempotency", "balance_funding", "directory", "channel_event"}
TWO_BOOKS_CALLS = {"idempotency_keep"}  # messages go as a list of books and are not looked at


class Watched(Tx):
    """Remembers what was locked and which books were written, in order."""

    seen: ClassVar[list["Watched"]] = []

    def __init__(self, conn: Any, **more: Any) -> None:
        super().__init__(conn, **more)
        self.locks: list[int] = []
        self.books: set[UUID] = set()
        Watched.seen.append(self)

    def note(self, sql: str, args: tuple[Any, ...]) -> None:
        # Queued calls travel in one statement, in the order in which they run.
        found = [(shape.search(sql), rank) for rank, (_, shape) in enumerate(RANKS)]
        self.locks += [rank for _, rank in sorted((hit.start(), rank) for hit, rank in found if hit)]
        written = _WRITE.match(sql)
        if written and written[1] not in TWO_BOOKS and args and isinstance(args[0], UUID):
            self.books.add(args[0])

    def later(self, function: str, *args: Any, refused: Refusals | None = None) -> None:
        if function not in TWO_BOOKS_CALLS and isinstance(args[0], UUID):
            self.books.add(args[0])
        super().later(function, *args, refused=refused)

    async def fetch(self, sql: str, *args: Any) -> list[Row]:
        self.note(sql, args)
        return await super().fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: Any) -> Row | None:
        self.note(sql, args)
        return await super().fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        self.note(sql, args)
        return await super().fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> str:
        self.note(sql, args)
        return await super().execute(sql, *args)

    @property
    def in_order(self) -> bool:
        """A row that is held already may be asked for again: only the first lock of each rank counts."""
        firsts = list(dict.fromkeys(self.locks))
        return firsts == sorted(firsts)


class WatchedDatabase(Database):
    tx_type = Watched


@pytest.fixture
async def watched(dsn: str) -> AsyncIterator[Database]:
    db = await WatchedDatabase.open(dsn, size=4)
    yield db
    await db.close()


async def _sealed(m: Bought) -> None:
    placed = await m.bought(2)
    ask = RequestRefund(
        buyer_id=m.buyer_id,
        order_no=placed.order_no,
        unit_ids=[row["id"] for row in await m.units(placed)],
        reason=ReasonCode.CHANGE_OF_MIND,
    )
    await request_refund(m.db, ask, rules=rules(), now=m.now, once=Once(m.buyer_id, "k" * 9, b"h"))


async def _silence(m: Bought) -> None:
    _, case = await m.invalid(pay="channel")
    m.later(hours=24, microseconds=1)
    await m.lapse(case)


async def _review(m: Bought) -> None:
    _, case = await m.invalid()
    await m.answer(case, Answer.REFUSED)
    reviewer = await m.party("周", Role.REVIEWER)
    await m.claim(case, reviewer)
    await m.rule(case, reviewer, Ruling.GRANTED)


async def _after_release(m: Bought) -> None:
    placed = await m.bought()
    await m.reveal(placed)
    await release_escrow(m.db, m.seller_id, [placed.order_id], now=m.later(days=7))
    case = await m.ask_one(placed, ReasonCode.INVALID_KEY)
    await m.answer(case, Answer.AGREED)


async def _expired(m: Bought) -> None:
    await m.bought()
    placed = await m.order(m.buyer_id, m.seller_id, m.product, pay=None)
    await close_order(m.db, CloseOrder(book_id=m.seller_id, order_id=placed.order_id), now=m.later(minutes=16))


@pytest.mark.parametrize("story", [_sealed, _silence, _review, _after_release, _expired])
async def test_locks_are_taken_in_one_order(
    watched: Database, now: datetime, story: Callable[[Bought], Awaitable[None]]
) -> None:
    Watched.seen = []
    await story(Bought(watched, now))
    wrong = [[RANKS[rank][0] for rank in tx.locks] for tx in Watched.seen if not tx.in_order]
    assert wrong == []
    assert {rank for tx in Watched.seen for rank in tx.locks} >= {1, 2, 3, 5, 6}, "the story was watched"
    assert [tx.books for tx in Watched.seen if len(tx.books) > 1] == []


async def test_the_watch_catches_a_wrong_order(watched: Database, now: datetime) -> None:
    async def wrong(tx: Tx) -> None:
        await tx.execute("select from ledger_account for update")
        await tx.execute("select from orders for update")

    Watched.seen = []
    await watched.transact(wrong, now=now)
    assert [tx.in_order for tx in Watched.seen] == [False]
