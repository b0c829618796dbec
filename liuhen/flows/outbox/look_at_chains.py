"""The next orders' records are proven and held against the tables; round after round, over all orders."""

from datetime import datetime
from uuid import UUID

from liuhen.base import watch
from liuhen.base.db import Database, Tx
from liuhen.base.watch import Look
from liuhen.reads.audit import START, Audited, Place, audit, next_places

NAME = "chains"


async def look_at_chains(db: Database, *, limit: int, now: datetime) -> tuple[Audited, ...]:
    """Looks at the next `limit` orders and notes how far it came. Pictures are left to `liuhen evidence verify`.

    Returns the orders with faults. Parameters: now, UTC.
    """
    async with db.read() as tx:
        before = next((look for look in await watch.looks(tx) if look.name == NAME), None)
        after = _place(before.place) if before else START
        places = await next_places(tx, after, limit)
        wrong = tuple(found for found in await audit(tx, places) if found.faults) if places else ()
    seen = len(wrong) + (before.faults if before else 0)
    over = len(places) < limit
    look = Look(
        name=NAME,
        looked_at=now,
        faults=0 if over else seen,
        faults_before=seen if over else (before.faults_before if before else 0),
        place="" if over else _text(places[-1]),
    )

    async def work(tx: Tx) -> None:
        await watch.note(tx, look)

    await db.transact(work, now=now)
    return wrong


def _text(place: Place) -> str:
    return f"{place[0]} {place[1]}"


def _place(text: str) -> Place:
    if not text:
        return START
    book, order = text.split()
    return UUID(book), UUID(order)
