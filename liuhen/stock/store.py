"""SQL of the stock room."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from liuhen.base.db import Row, Tx
from liuhen.base.errors import OutOfStock, StateConflict
from liuhen.base.ids import new_id
from liuhen.stock.model import KeyEvent, KeyState, NewKey


async def take(
    tx: Tx,
    book_id: UUID,
    product_id: UUID,
    unit_ids: Sequence[UUID],
    *,
    sealed: bool = False,
    valid_on: date,
    now: datetime,
) -> None:
    """Queues the taking of one free key for each unit. Keys that expire before `valid_on` are passed over.

    Parameters: sealed, delivered to the buyer at once instead of reserved. Raises OutOfStock when it is sent.
    """
    asked = len(unit_ids)
    tx.later(
        "stock_take",
        book_id,
        product_id,
        list(unit_ids),
        str(KeyState.SEALED if sealed else KeyState.RESERVED),
        [str(KeyEvent.DELIVERED if sealed else KeyEvent.RESERVED)],
        [new_id(now) for _ in unit_ids],
        valid_on,
        now,
        refused={"LH010": lambda left: OutOfStock(product_id=str(product_id), asked=asked, left=int(left))},
    )


_MOVES = {
    KeyEvent.GIVEN_BACK: (KeyState.RESERVED, KeyState.AVAILABLE),
    KeyEvent.DELIVERED: (KeyState.RESERVED, KeyState.SEALED),
    KeyEvent.REVEALED: (KeyState.SEALED, KeyState.REVEALED),
    KeyEvent.RESTOCKED: (KeyState.SEALED, KeyState.AVAILABLE),
    KeyEvent.RETIRED: (KeyState.REVEALED, KeyState.RETIRED),
}


async def move(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID], event: KeyEvent, *, actor: str, now: datetime) -> None:
    """Queues the move of the keys of units along one line, and its log. Raises StateConflict, when it is sent, unless
    every unit's key can move."""
    await _move(tx, book_id, unit_ids, event, *_MOVES[event], actor=actor, now=now)


async def retire_sealed(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID], *, actor: str, now: datetime) -> None:
    """Keys that nobody has seen and that are known to be bad never go back to the shelf. Raises StateConflict."""
    await _move(tx, book_id, unit_ids, KeyEvent.RETIRED, KeyState.SEALED, KeyState.RETIRED, actor=actor, now=now)


async def _move(
    tx: Tx,
    book_id: UUID,
    unit_ids: Sequence[UUID],
    event: KeyEvent,
    before: KeyState,
    after: KeyState,
    *,
    actor: str,
    now: datetime,
) -> None:
    ids = list(unit_ids)
    tx.later(
        "stock_shift",
        book_id,
        ids,
        [new_id(now) for _ in ids],
        str(before),
        str(after),
        str(event),
        actor,
        now,
        refused={
            "LH011": lambda moved: StateConflict("a key is not where it should be", asked=len(ids), moved=int(moved))
        },
    )


async def key_of_unit(tx: Tx, book_id: UUID, unit_id: UUID) -> Row | None:
    """The key row of a unit (id, state, sealed, mask, valid_until, region), locked by its unit already."""
    return await tx.fetchrow(
        "select id, state, sealed, mask, valid_until, region from stock_key where book_id = $1 and unit_id = $2",
        book_id,
        unit_id,
    )


async def lock_of_units(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID]) -> None:
    """Locks the keys of units, in id order: for acts that lock a case before they move keys."""
    await tx.execute(
        "select from stock_key where book_id = $1 and unit_id = any($2) order by id for update", book_id, list(unit_ids)
    )


async def log_look(
    tx: Tx, book_id: UUID, unit_id: UUID, *, viewer_id: UUID, role: str, reason: str, now: datetime
) -> None:
    """Writes down a look at a plaintext, in the transaction that shows it."""
    await tx.execute(
        "insert into key_look (book_id, id, unit_id, viewer_id, viewer_role, reason, at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        book_id,
        new_id(now),
        unit_id,
        viewer_id,
        role,
        reason,
        now,
    )


class Found(NamedTuple):
    """Places (from 0) of fingerprints that are known: in this book, and in other books."""

    in_book: frozenset[int]
    elsewhere: frozenset[int]


async def look_up(tx: Tx, book_id: UUID, exact: Sequence[bytes], folded: Sequence[bytes | None]) -> Found:
    """Keys in whatever state count, voided ones included. `elsewhere` is a hint: where and whose is not told."""
    rows = await tx.fetch(
        "select place - 1 as place, in_book, elsewhere from stock_lookup($1, $2, $3)",
        book_id,
        list(exact),
        list(folded),
    )
    return Found(
        frozenset(row["place"] for row in rows if row["in_book"]),
        frozenset(row["place"] for row in rows if row["elsewhere"]),
    )


async def insert_keys(
    tx: Tx, book_id: UUID, product_id: UUID, import_id: UUID, keys: Sequence[NewKey], *, now: datetime
) -> None:
    """By COPY. Raises UniqueViolation if the book got one of them in the meantime."""
    await tx.copy(
        "stock_key",
        _NEW_KEY,
        [
            (
                book_id,
                key.id,
                product_id,
                import_id,
                key.line_no,
                str(KeyState.HELD_SHORT if key.short else KeyState.AVAILABLE),
                key.sealed,
                key.mask,
                key.valid_until,
                key.face_value_fen,
                key.region,
                now,
            )
            for key in keys
        ],
    )
    await tx.copy(
        "stock_print",
        ("book_id", "key_id", "fp_exact", "fp_folded", "fp_serial"),
        [(book_id, key.id, key.fp_exact, key.fp_folded, key.fp_serial) for key in keys],
    )


_NEW_KEY = (
    "book_id",
    "id",
    "product_id",
    "import_id",
    "line_no",
    "state",
    "sealed",
    "mask",
    "valid_until",
    "face_value_fen",
    "region",
    "created_at",
)


async def lock_unsold(
    tx: Tx, book_id: UUID, product_id: UUID, *, key_ids: Sequence[UUID] | None, import_id: UUID | None
) -> list[UUID]:
    """Keys of a product on the shelf or held back, locked in id order: all, those named, or one import's."""
    rows = await tx.fetch(
        "select id from stock_key where book_id = $1 and product_id = $2 and state in ('AVAILABLE', 'HELD_SHORT')"
        " and ($3::uuid[] is null or id = any($3)) and ($4::uuid is null or import_id = $4) order by id for update",
        book_id,
        product_id,
        None if key_ids is None else list(key_ids),
        import_id,
    )
    return [row["id"] for row in rows]


async def void(tx: Tx, book_id: UUID, key_ids: Sequence[UUID], *, actor: str, now: datetime) -> None:
    """Takes unsold keys, locked by the caller, off the shelf for good, and logs it."""
    await tx.execute("update stock_key set state = 'VOID' where book_id = $1 and id = any($2)", book_id, list(key_ids))
    await tx.execute(
        "insert into key_event (book_id, id, key_id, unit_id, kind, actor, at)"
        " select $1, t.event, t.key, null, 'VOIDED', $4, $5 from unnest($2::uuid[], $3::uuid[]) as t(event, key)",
        book_id,
        [new_id(now) for _ in key_ids],
        list(key_ids),
        actor,
        now,
    )


async def void_sealed_under(tx: Tx, version: int, limit: int, *, now: datetime) -> int:
    """Takes unsold keys that only this lost master key opens off the shelf, at most `limit`; returns how many."""
    rows = await tx.fetch(
        "select book_id, array_agg(id) as ids from (select book_id, id from stock_key where state in ('AVAILABLE',"
        " 'HELD_SHORT') and length(sealed) > 0 and get_byte(sealed, 0) = $1 order by book_id, id limit $2 for update)"
        " as lost group by book_id",
        version,
        limit,
    )
    for row in rows:
        await void(tx, row["book_id"], row["ids"], actor="PLATFORM", now=now)
    return sum(len(row["ids"]) for row in rows)


async def end_sealed_under(tx: Tx, version: int, last_day: date) -> int:
    """Sold keys that only this lost master key opens and that nobody has seen: given back, they are not sold again."""
    tag = await tx.execute(
        "update stock_key set valid_until = $2 where state in ('RESERVED', 'SEALED') and length(sealed) > 0"
        " and get_byte(sealed, 0) = $1",
        version,
        last_day,
    )
    return int(tag.rpartition(" ")[2])


async def erase_words(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID]) -> dict[str, int]:
    """Card keys that their buyer has seen, and why staff looked at them. A key that nobody opened stays his goods."""
    keys = await tx.execute(
        "update stock_key set sealed = '' where book_id = $1 and unit_id = any($2) and length(sealed) > 0"
        " and state in ('REVEALED', 'RETIRED')",
        book_id,
        list(unit_ids),
    )
    looks = await tx.execute(
        "update key_look set reason = '' where book_id = $1 and unit_id = any($2) and reason <> ''",
        book_id,
        list(unit_ids),
    )
    return {"card_keys": int(keys.rpartition(" ")[2]), "look_reasons": int(looks.rpartition(" ")[2])}
