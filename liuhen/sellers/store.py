"""SQL of the sellers room."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from liuhen.base.db import Row, Tx
from liuhen.base.ids import new_id


async def open_shop(tx: Tx, book_id: UUID, *, name: str, intro: str, fee_basis_points: int, now: datetime) -> None:
    """Parameters: fee_basis_points, the platform's fee in 1/10,000 of the price, taken at release."""
    await tx.execute(
        "insert into shop (book_id, name, intro, fee_basis_points, opened_at) values ($1, $2, $3, $4, $5)",
        book_id,
        name,
        intro,
        fee_basis_points,
        now,
    )


async def find_shop(tx: Tx, book_id: UUID) -> Row | None:
    """name, intro, fee_basis_points, opened_at, closed_at."""
    return await tx.fetchrow(
        "select name, intro, fee_basis_points, opened_at, closed_at from shop where book_id = $1", book_id
    )


async def edit_shop(tx: Tx, book_id: UUID, *, name: str, intro: str) -> None:
    await tx.execute("update shop set name = $2, intro = $3 where book_id = $1", book_id, name, intro)


async def set_fee(tx: Tx, book_id: UUID, fee_basis_points: int) -> bool:
    """For orders placed from now on; units carry the fee of their day."""
    tag = await tx.execute("update shop set fee_basis_points = $2 where book_id = $1", book_id, fee_basis_points)
    return tag.endswith("1")


async def add_void_todos(tx: Tx, book_id: UUID, order_id: UUID, unit_ids: Sequence[UUID], *, now: datetime) -> None:
    """The seller should void refunded keys that can't be sold again at their issuer."""
    tx.later("void_todo_put", book_id, [new_id(now) for _ in unit_ids], order_id, list(unit_ids), now)


async def finish_todo(tx: Tx, book_id: UUID, todo_id: UUID, *, now: datetime) -> Row | None:
    """order_id, unit_id of the to-do that was open until now, or None."""
    return await tx.fetchrow(
        "update seller_todo set done_at = $3 where book_id = $1 and id = $2 and done_at is null"
        " returning order_id, unit_id",
        book_id,
        todo_id,
        now,
    )
