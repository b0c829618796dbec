"""Keys on their way to the shelf: compared with what the book has, sealed, stored. In chunks, off the event loop."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Tx
from liuhen.base.ids import new_id
from liuhen.keyfiles.model import Encoding, Row, Shape
from liuhen.keyfiles.store import StockImport
from liuhen.stock import store as stock
from liuhen.stock.model import NewKey
from liuhen.stock.seal import Fingerprints, KeyContent, fingerprints, mask, seal

CHUNK = 2000


class Compared(NamedTuple):
    """Rows of one chunk with their fingerprints; the places of those that the book has, and that others have."""

    rows: Sequence[Row]
    prints: list[Fingerprints]
    known: frozenset[int]
    elsewhere: frozenset[int]


async def compare(tx: Tx, keys: KeyRing, book_id: UUID, rows: Sequence[Row], case_sensitive: bool) -> Compared:
    """Which of at most CHUNK rows the book has in any state: a key that was sold or voided is no new key."""
    prints = await asyncio.to_thread(lambda: [fingerprints(keys, row.fields, case_sensitive) for row in rows])
    found = await stock.look_up(tx, book_id, [p.exact for p in prints], [p.folded for p in prints])
    return Compared(rows, prints, found.in_book, found.elsewhere)


class Prepared(NamedTuple):
    """Rows of one chunk, each with the key that it becomes if the book does not have it."""

    rows: Sequence[Row]
    keys: list[NewKey]


def prepare(
    keys: KeyRing, found: StockImport, encoding: Encoding, shape: Shape, rows: Sequence[Row], now: datetime
) -> Prepared:
    """Seals a chunk, for a thread: known rows too, since which are known is asked while the next chunk is sealed."""
    labels = tuple(str(column) for column in shape.columns)
    made = []
    for row in rows:
        key_id = new_id(now)
        content = KeyContent(row.raw, str(encoding), row.fields, labels)
        made.append(
            NewKey(
                key_id,
                row.line_no,
                row.short,
                seal(keys, found.book_id, key_id, content),
                *fingerprints(keys, row.fields, found.expect.case_sensitive),
                mask(row.fields),
                row.valid_until,
                row.face_value_fen,
                row.region,
            )
        )
    return Prepared(rows, made)


async def shelve(tx: Tx, found: StockImport, chunk: Prepared, *, now: datetime) -> tuple[list[int], int]:
    """Stores the keys that the book does not have. Returns line numbers left out, and how many are short.

    Raises UniqueViolation if the book got one of them since this transaction looked.
    """
    exact, folded = [key.fp_exact for key in chunk.keys], [key.fp_folded for key in chunk.keys]
    known = (await stock.look_up(tx, found.book_id, exact, folded)).in_book
    fresh = [key for place, key in enumerate(chunk.keys) if place not in known]
    await stock.insert_keys(tx, found.book_id, found.product_id, found.id, fresh, now=now)
    return [chunk.rows[place].line_no for place in sorted(known)], sum(key.short for key in fresh)
