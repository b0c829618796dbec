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


async def shelve(
    tx: Tx, keys: KeyRing, found: StockImport, encoding: Encoding, shape: Shape, rows: Sequence[Row], *, now: datetime
) -> tuple[list[int], int]:
    """Seals and stores the rows that the book does not have. Returns line numbers left out, and how many are short.

    Raises UniqueViolation if the book got one of them since this transaction looked.
    """
    compared = await compare(tx, keys, found.book_id, rows, found.expect.case_sensitive)
    fresh = await asyncio.to_thread(_sealed, keys, found.book_id, encoding, shape, compared, now)
    await stock.insert_keys(tx, found.book_id, found.product_id, found.id, fresh, now=now)
    return [rows[place].line_no for place in sorted(compared.known)], sum(key.short for key in fresh)


def _sealed(
    keys: KeyRing, book_id: UUID, encoding: Encoding, shape: Shape, compared: Compared, now: datetime
) -> list[NewKey]:
    labels = tuple(str(column) for column in shape.columns)
    fresh = []
    for place, (row, prints) in enumerate(zip(compared.rows, compared.prints, strict=True)):
        if place in compared.known:
            continue
        key_id = new_id(now)
        content = KeyContent(row.raw, str(encoding), row.fields, labels)
        fresh.append(
            NewKey(
                key_id,
                row.line_no,
                row.short,
                seal(keys, book_id, key_id, content),
                *prints,
                mask(row.fields),
                row.valid_until,
                row.face_value_fen,
                row.region,
            )
        )
    return fresh
