"""From a number or id that the outside knows to the book that holds the thing."""

from typing import NamedTuple
from uuid import UUID

from liuhen.base.db import Tx


class Place(NamedTuple):
    book_id: UUID
    id: UUID


async def put(tx: Tx, kind: str, ext: str, book_id: UUID, id: UUID) -> None:
    """Queues the entry; a unique violation follows when `ext` is already taken within `kind`."""
    tx.later("directory_put", kind, ext, book_id, id)


async def find(tx: Tx, kind: str, ext: str) -> Place | None:
    row = await tx.fetchrow("select book_id, id from directory where kind = $1 and ext = $2", kind, ext)
    return Place(row["book_id"], row["id"]) if row else None
