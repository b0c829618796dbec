"""SQL of evidence: the chain of an order, pictures that wait for their case, pictures that belong to one for good."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound, TooLarge
from liuhen.evidence.model import MAX_PER_CASE, Picture

_PICTURE = ", ".join(Picture.__struct_fields__)


async def append(tx: Tx, order: tuple[UUID, UUID], items: list[bytes | int]) -> None:
    """Adds canonical records to an order's chain, under the lock of its head.

    Parameters: order, book and id; items, the records, and among them perhaps how long the chain was when the act
    looked at the order: the whole act is done again if it has become longer.
    """
    seen = next((item for item in items if isinstance(item, int)), None)
    tx.later("chain_append_all", *order, [item for item in items if isinstance(item, bytes)], seen)


def seen(tx: Tx, book_id: UUID, order_id: UUID, chain_length: int) -> None:
    """Queues the question whether an order's chain is still as long as it was when the act looked at it."""
    tx.later("chain_seen", book_id, order_id, chain_length)


async def room_waiting(tx: Tx, book_id: UUID, order_id: UUID, party_id: UUID, *, now: datetime) -> None:
    """Whether one more picture may wait; asked before its bytes are kept, too. Raises TooLarge."""
    waiting = await tx.fetchval(
        "select count(*) from evidence_staged where book_id = $1 and order_id = $2 and uploaded_by = $3"
        " and due_at > $4",
        book_id,
        order_id,
        party_id,
        now,
    )
    if waiting >= MAX_PER_CASE:
        raise TooLarge("no more than six pictures", limit=MAX_PER_CASE)


async def room_in_case(tx: Tx, book_id: UUID, case_id: UUID, party_id: UUID, *, most: int) -> None:
    """Whether a side may add one more: so many each, so that nobody fills the case of the other. Raises TooLarge."""
    have = await tx.fetchval(
        "select count(*) from evidence_item where book_id = $1 and case_id = $2 and uploaded_by = $3",
        book_id,
        case_id,
        party_id,
    )
    if have >= most:
        raise TooLarge("no more pictures of one side in this case", limit=MAX_PER_CASE)


async def room_for_proof(tx: Tx, book_id: UUID, order_id: UUID, delivery_id: UUID) -> None:
    """Whether a delivery by hand may have one more picture. Raises TooLarge."""
    have = await tx.fetchval(
        "select count(*) from evidence_item where book_id = $1 and order_id = $2 and hand_delivery_id = $3",
        book_id,
        order_id,
        delivery_id,
    )
    if have >= MAX_PER_CASE:
        raise TooLarge("no more than six pictures of a delivery", limit=MAX_PER_CASE)


async def same_waiting(tx: Tx, picture: Picture) -> UUID | None:
    """The id under which this person's same bytes wait for this order already: handed in twice, kept once."""
    found: UUID | None = await tx.fetchval(
        "select id from evidence_staged where book_id = $1 and order_id = $2 and uploaded_by = $3 and sha256 = $4"
        " and due_at > $5 order by id limit 1",
        picture.book_id,
        picture.order_id,
        picture.uploaded_by,
        picture.sha256,
        picture.at,
    )
    return found


async def same_kept(tx: Tx, picture: Picture, where: UUID) -> UUID | None:
    """The same of a case or a delivery by hand. Parameters: where, its id."""
    found: UUID | None = await tx.fetchval(
        "select id from evidence_item where book_id = $1 and order_id = $2 and uploaded_by = $3 and sha256 = $4"
        " and $5 in (case_id, hand_delivery_id) order by id limit 1",
        picture.book_id,
        picture.order_id,
        picture.uploaded_by,
        picture.sha256,
        where,
    )
    return found


async def stage(tx: Tx, picture: Picture, *, due_at: datetime) -> None:
    """Keeps a picture until its case is made, or until `due_at`. Raises TooLarge beyond six per order and person."""
    await room_waiting(tx, picture.book_id, picture.order_id, picture.uploaded_by, now=picture.at)
    await _insert(tx, "evidence_staged", picture, ("due_at",), (due_at,))


async def unstage(tx: Tx, book_id: UUID, order_id: UUID, party_id: UUID, picture_id: UUID, *, now: datetime) -> bool:
    """Gives one's own waiting picture to the next sweep. Returns False if it was not there."""
    tag = await tx.execute(
        "update evidence_staged set due_at = $5 where book_id = $1 and order_id = $2 and uploaded_by = $3 and id = $4"
        " and due_at > $5",
        book_id,
        order_id,
        party_id,
        picture_id,
        now,
    )
    return tag.endswith("1")


async def take_staged(
    tx: Tx, book_id: UUID, order_id: UUID, party_id: UUID, ids: Sequence[UUID], *, now: datetime
) -> list[Picture]:
    """Removes one's own waiting pictures and returns them. Raises NotFound when one is missing or expired."""
    rows = await tx.fetch(
        "delete from evidence_staged where book_id = $1 and order_id = $2 and uploaded_by = $3 and id = any($4)"
        f" and due_at > $5 returning {_PICTURE}",
        book_id,
        order_id,
        party_id,
        list(ids),
        now,
    )
    if len(rows) != len(set(ids)):
        raise NotFound("a picture is no longer here; please add it again")
    return sorted((_picture(row) for row in rows), key=lambda picture: picture.id)


async def add(tx: Tx, picture: Picture, case_id: UUID, *, most: int) -> None:
    """A picture becomes evidence of a case, for good. Raises TooLarge beyond `most` per case and person."""
    await room_in_case(tx, picture.book_id, case_id, picture.uploaded_by, most=most)
    await _insert(tx, "evidence_item", picture, ("case_id",), (case_id,))


async def add_proof(tx: Tx, picture: Picture, delivery_id: UUID) -> None:
    """A picture becomes proof of a delivery by hand, for good. Raises TooLarge beyond six per delivery."""
    await room_for_proof(tx, picture.book_id, picture.order_id, delivery_id)
    await _insert(tx, "evidence_item", picture, ("hand_delivery_id",), (delivery_id,))


async def expired(tx: Tx, now: datetime, limit: int) -> list[Row]:
    """Pictures that were never submitted: book_id, id, original_key, view_key."""
    return await tx.fetch(
        "select book_id, id, original_key, view_key from evidence_staged where due_at <= $1 order by due_at limit $2",
        now,
        limit,
    )


async def hold_bytes(tx: Tx, original: str) -> None:
    """Until the transaction ends nobody else deletes these bytes, or counts on them: the same picture may be handed in
    while it goes. Taken after the order, or the row that leads to them, and before the head of the record."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", original)


async def needs(tx: Tx, original: str) -> bool:
    """Whether anything still leads to these bytes: evidence that is not erased, or a picture that waits for its case.
    To be asked while they are held (`hold_bytes`)."""
    found: bool = await tx.fetchval(
        "select exists (select from evidence_item i where i.original_key = $1 and not exists (select from erasure e"
        " where e.book_id = i.book_id and e.order_id = i.order_id and e.erased_at > i.at))"
        " or exists (select from evidence_staged s where s.original_key = $1)",
        original,
    )
    return found


async def drop_expired(tx: Tx, book_id: UUID, picture_id: UUID, now: datetime) -> bool:
    """Removes a picture that still waits for nothing; False if it went into a case meanwhile."""
    gone = await tx.fetchval(
        "delete from evidence_staged where book_id = $1 and id = $2 and due_at <= $3 returning true",
        book_id,
        picture_id,
        now,
    )
    return gone is not None


async def _insert(tx: Tx, table: str, picture: Picture, names: tuple[str, ...], more: tuple[object, ...]) -> None:
    values = [getattr(picture, name) for name in Picture.__struct_fields__] + list(more)
    columns = f"{_PICTURE}, {', '.join(names)}"
    marks = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await tx.execute(f"insert into {table} ({columns}) values ({marks})", *values)


def _picture(row: Row) -> Picture:
    return msgspec.convert(dict(row), Picture)


async def erase_pictures(tx: Tx, book_id: UUID, order_id: UUID) -> tuple[dict[str, int], list[str]]:
    """File names go at once; returns how many and the keys of objects that nothing else on record refers to."""
    rows = await tx.fetch(
        "update evidence_item i set filename = '' where book_id = $1 and order_id = $2"
        " and not exists (select from erasure e where e.book_id = i.book_id and e.order_id = i.order_id"
        " and e.erased_at > i.at)"
        " returning original_key, view_key",
        book_id,
        order_id,
    )
    shared = await tx.fetch(
        "select original_key from evidence_item i where original_key = any($3) and (i.book_id, i.order_id) <> ($1, $2)"
        " and not exists (select from erasure e where e.book_id = i.book_id and e.order_id = i.order_id)"
        " union select original_key from evidence_staged where original_key = any($3)",
        book_id,
        order_id,
        [row["original_key"] for row in rows],
    )
    kept = {row["original_key"] for row in shared}
    gone = {key for row in rows if row["original_key"] not in kept for key in (row["original_key"], row["view_key"])}
    return {"pictures": len(rows)}, sorted(gone)


async def insert_erasure(
    tx: Tx, book_id: UUID, order_id: UUID, *, rule: str, erased: str, objects: Sequence[str], now: datetime
) -> None:
    """Parameters: erased, JSON of kinds and numbers; objects, keys that are to be deleted after the commit.

    The newest erasure of an order stands here; the chain has them all.
    """
    await tx.execute(
        "insert into erasure (book_id, order_id, erased_at, rule, erased, objects, objects_gone_at)"
        " values ($1, $2, $3, $4, $5, $6, case when cardinality($6::text[]) = 0 then $3::timestamptz end)"
        " on conflict (book_id, order_id) do update set erased_at = excluded.erased_at, rule = excluded.rule,"
        " erased = excluded.erased, objects = erasure.objects || excluded.objects,"
        " objects_gone_at = excluded.objects_gone_at",
        book_id,
        order_id,
        now,
        rule,
        erased,
        list(objects),
    )


async def objects_to_delete(tx: Tx, limit: int) -> list[Row]:
    """book_id, order_id and objects of erasures whose pictures still lie in the object store."""
    return await tx.fetch(
        "select book_id, order_id, objects from erasure where objects_gone_at is null order by erased_at limit $1",
        limit,
    )


async def objects_deleted(tx: Tx, book_id: UUID, order_id: UUID, now: datetime) -> None:
    await tx.execute(
        "update erasure set objects_gone_at = $3 where book_id = $1 and order_id = $2 and objects_gone_at is null",
        book_id,
        order_id,
        now,
    )


async def hold(tx: Tx, book_id: UUID, order_id: UUID, reason: str, now: datetime) -> None:
    """Keeps an order's record beyond its time until the hold is lifted."""
    await tx.execute(
        "insert into legal_hold (book_id, order_id, reason, held_at) values ($1, $2, $3, $4)",
        book_id,
        order_id,
        reason,
        now,
    )


async def lift(tx: Tx, book_id: UUID, order_id: UUID, now: datetime) -> int:
    """Ends all holds of an order; returns how many there were."""
    tag = await tx.execute(
        "update legal_hold set lifted_at = $3 where book_id = $1 and order_id = $2 and lifted_at is null",
        book_id,
        order_id,
        now,
    )
    return int(tag.rpartition(" ")[2])
