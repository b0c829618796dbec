"""Every order's record against itself and against the tables, a handful of orders at a time. Never writes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.chain import Link
from liuhen.base.db import Row, Tx
from liuhen.evidence.model import Picture
from liuhen.reads.audit_compare import Rows, compare
from liuhen.reads.audit_told import Told, Unreadable, replay
from liuhen.reads.evidence import check_chain

Place = tuple[UUID, UUID]  # book, order
START: Place = (UUID(int=0), UUID(int=0))


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about one order. hashes: of its links, in order; pictures: originals yet to compare."""

    place: Place
    order_no: str
    links: int
    hashes: tuple[bytes, ...]
    faults: tuple[str, ...]
    pictures: tuple[Picture, ...]


async def next_places(tx: Tx, after: Place, limit: int) -> list[Place]:
    """The next orders and records after `after`, in order of book and id: also where only one of both is there."""
    rows = await tx.fetch(_PLACES, *after, limit)
    return [(row["book_id"], row["id"]) for row in rows]


async def audit(tx: Tx, places: Sequence[Place]) -> list[Audited]:
    """Proves these orders' chains and compares them with the tables; one snapshot, so that both belong together."""
    wanted = [book for book, _ in places], [order for _, order in places]
    orders = {(row["book_id"], row["id"]): dict(row) for row in await tx.fetch(_ORDERS, *wanted)}
    heads = {_place(row): row for row in await tx.fetch(_HEADS, *wanted)}
    links: dict[Place, list[Link]] = {}
    for row in await tx.fetch(_LINKS, *wanted):
        links.setdefault(_place(row), []).append(Link(row["seq"], row["payload"], row["hash"]))
    buyers = [orders[place]["buyer_id"] if place in orders else None for place in places]
    parts: dict[str, dict[Place, list[dict[str, Any]]]] = {}
    for name, sql in _PARTS.items():
        more = (buyers,) if name == "transfers" else ()
        for row in await tx.fetch(sql, *wanted, *more):
            parts.setdefault(name, {}).setdefault(_place(row), []).append(dict(row))
    return [
        _judge(place, orders.get(place), heads.get(place), links.get(place, []),
               {name: parts.get(name, {}).get(place, []) for name in _PARTS})
        for place in places
    ]  # fmt: skip


def _judge(
    place: Place, order: dict[str, Any] | None, head: Row | None, links: list[Link], parts: dict[str, Any]
) -> Audited:
    broken, why = check_chain(links, head)
    faults = [] if broken is None else [f"BROKEN at link {broken}: {why}"]
    told = Told()
    try:
        told = replay(links)
    except Unreadable as error:
        faults.append(str(error))
    else:
        faults += compare(Rows(order=order, **parts), told)
    return Audited(
        place=place,
        order_no=order["order_no"] if order is not None else told.order_no or str(place[1]),
        links=len(links),
        hashes=tuple(link.hash for link in links),
        faults=tuple(faults),
        pictures=tuple(
            msgspec.convert({name: row[name] for name in Picture.__struct_fields__}, Picture)
            for row in parts["pictures"]
            if not told.erased
        ),
    )


def _place(row: Row) -> Place:
    return row["book_id"], row["order_id"]


_PLACES = """
select book_id, id from (
    (select book_id, id from orders where (book_id, id) > ($1, $2) order by book_id, id limit $3)
    union (select book_id, order_id from chain_head where (book_id, order_id) > ($1, $2)
        order by book_id, order_id limit $3)
    union (select distinct book_id, order_id from chain_event where (book_id, order_id) > ($1, $2)
        order by book_id, order_id limit $3)
) as places order by 1, 2 limit $3
"""

_WANTED = "join unnest($1::uuid[], $2::uuid[]) as w(book, ord)"
_ORDERS = f"select t.* from orders t {_WANTED} on t.book_id = w.book and t.id = w.ord"
_OF = f"{_WANTED} on t.book_id = w.book and t.order_id = w.ord"
_HEADS = f"select t.* from chain_head t {_OF}"
_LINKS = f"select t.* from chain_event t {_OF} order by t.book_id, t.order_id, t.seq"
_CASE = "join refund_case c on c.book_id = t.book_id and c.id = t.case_id"
_PARTS = {
    "lines": "select t.*, v.sha256 as version_sha256 from order_line t"
    f" {_OF} left join product_version v on v.book_id = t.book_id and v.product_id = t.product_id"
    " and v.version = t.version order by t.line_no",
    "units": f"select t.* from order_unit t {_OF} order by t.line_no, t.piece_no",
    "payments": f"select t.* from payment t {_OF}",
    "refunds": f"select t.* from refund t {_OF}",
    "cases": f"select t.* from refund_case t {_OF}",
    "case_units": "select c.order_id, t.* from refund_case_unit t"
    f" {_CASE} {_WANTED} on c.book_id = w.book and c.order_id = w.ord",
    "notes": f"select c.order_id, t.* from case_note t {_CASE} {_WANTED} on c.book_id = w.book and c.order_id = w.ord",
    "pictures": f"select t.* from evidence_item t {_OF} order by t.id",
    "uses": "select u.order_id, t.* from redemption_fact t join order_unit u on u.book_id = t.book_id"
    f" and u.id = t.unit_id {_WANTED} on u.book_id = w.book and u.order_id = w.ord",
    "deliveries": f"select t.* from hand_delivery t {_OF}",
    # What is on its way to here from outside is found by these alone.
    "unfound": "select t.* from (select t.book_id, t.id as order_id, 'order' as kind, t.order_no as ext, t.id"
    f" from orders t {_WANTED} on t.book_id = w.book and t.id = w.ord"
    f" union all select t.book_id, t.order_id, 'case', t.case_no, t.id from refund_case t {_OF}"
    f" union all select t.book_id, t.order_id, 'refund', t.id::text, t.id from refund t {_OF}"
    f" union all select t.book_id, t.order_id, 'payment', t.id::text, t.id from payment t {_OF}"
    " where t.method = 'CHANNEL' and t.expires_at is not null) as t"
    " where not exists (select from directory d where d.kind = t.kind and d.ext = t.ext and d.book_id = t.book_id"
    " and d.id = t.id)",
    # A movement between books has its other row in the buyer's.
    "transfers": "select w.book as book_id, t.order_id, t.kind, t.ref_id, t.amount_fen"
    " from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as w(book, ord, buyer)"
    " join ledger_transfer t on t.order_id = w.ord and t.book_id in (w.book, w.buyer)",
    "keys": "select t.book_id, t.order_id, t.id as unit_id, k.id as key_id, k.state, k.product_id, e.key_id as"
    f" delivered_key, e.log from order_unit t {_OF} left join stock_key k on k.book_id = t.book_id"
    " and k.unit_id = t.id left join lateral (select array_agg(kind) as log,"
    " (array_agg(key_id order by id desc) filter (where kind = 'DELIVERED'))[1] as key_id"
    " from key_event where book_id = t.book_id and unit_id = t.id) e on true",
}
