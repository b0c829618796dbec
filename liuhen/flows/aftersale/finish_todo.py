"""A seller says that he has voided a refunded key at its issuer. His word is recorded as his word."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import NotFound
from liuhen.sellers import store as sellers
from liuhen.steps.record import record, seller


class FinishTodo(msgspec.Struct, frozen=True, kw_only=True):
    seller_id: UUID
    todo_id: UUID


class TodoFinished(msgspec.Struct, frozen=True, kw_only=True):
    todo_id: UUID
    unit_id: UUID


async def finish_todo(db: Database, cmd: FinishTodo, *, now: datetime, once: Once | None = None) -> TodoFinished:
    """Raises NotFound: not his, or done already."""

    async def work(tx: Tx) -> TodoFinished:
        row = await sellers.finish_todo(tx, cmd.seller_id, cmd.todo_id, now=now)
        if row is None:
            raise NotFound("there is no such to-do")
        data = {"unit": row["unit_id"], "todo": cmd.todo_id}
        await record(tx, cmd.seller_id, row["order_id"], seller(cmd.seller_id), "KEY_VOIDED_SAID", data, now=now)
        return TodoFinished(todo_id=cmd.todo_id, unit_id=row["unit_id"])

    return await db.transact(work, now=now, once=once, result=TodoFinished)
