"""Everything that a refund decision may look at, read from the rooms in as few questions as it takes. Never writes.

docs/facts.md tells for every fact where it comes from, and which are not gathered.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound
from liuhen.base.ids import valid_no
from liuhen.orders.model import OrderHead, Unit
from liuhen.payments.model import Payment
from liuhen.policy.clauses.make import DEFECT_OF
from liuhen.policy.facts.capacity import Capacity
from liuhen.policy.facts.channel import ChannelFacts, PaidFrom
from liuhen.policy.facts.claim import Claim
from liuhen.policy.facts.delivery import Delivery
from liuhen.policy.facts.goods import Goods, GoodsKind
from liuhen.policy.facts.history import History
from liuhen.policy.facts.order import OrderFacts
from liuhen.policy.facts.promises import Promises
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact, Source, alleged
from liuhen.policy.facts.terms import Exclusion, Terms
from liuhen.reads.refund_facts_use import defects, redemption
from liuhen.timing.deadlines import promised_at

_HEAD = ", ".join(OrderHead.__struct_fields__)

# The first question, and nearly always the only one: it says whether the others have anything to tell. `offset 0` keeps
# one order of joining, index by index: with few shops the planner would read every order of the product.
_ROWS = f"""
select {", ".join(f"u.{name}" for name in Unit.__struct_fields__)},
    {", ".join(f"o.{name} as o_{name}" for name in OrderHead.__struct_fields__)},
    {", ".join(f"p.{name} as p_{name}" for name in Payment.__struct_fields__)},
    l.kind, l.delivery, l.no_reason_confirmed_at,
    v.face_value_fen, v.promised_delivery_seconds, v.sealed_window_seconds, v.revealed_window_seconds,
    v.issuer_can_void, v.excludes_no_reason, v.min_validity_days, v.price_fen as shown_price_fen,
    k.valid_until as key_valid_until, k.face_value_fen as key_face_value_fen,
    (select count(*) from order_unit n where n.book_id = u.book_id and n.order_id = u.order_id) as units_in_order,
    exists (select from stock_print f join stock_print t on t.fp_exact = f.fp_exact and t.book_id <> f.book_id
        join stock_key d on d.book_id = t.book_id and d.id = t.key_id
        where f.book_id = k.book_id and f.key_id = k.id and d.state in ('SEALED', 'REVEALED', 'RETIRED')) as twin_sold,
    exists (select from redemption_fact r where r.book_id = u.book_id and r.unit_id = u.id) as has_use,
    exists (select from refund_case c where c.book_id = u.book_id and c.order_id = u.order_id) as has_cases,
    (select min(accepted_at) from agreement_acceptance
        where book_id = u.book_id and kind = 'seller_agreement') as seller_agreed_at,
    coalesce(h.seq, 0) as chain_length
from {{asked}} as asked (book, id)
cross join lateral (select * from order_unit where book_id = asked.book and id = asked.id offset 0) u
cross join lateral (select * from orders where book_id = u.book_id and id = u.order_id offset 0) o
cross join lateral (
    select * from order_line where book_id = u.book_id and order_id = u.order_id and line_no = u.line_no offset 0) l
cross join lateral (
    select * from product_version
    where book_id = l.book_id and product_id = l.product_id and version = l.version offset 0) v
left join lateral (select seq from chain_head where book_id = o.book_id and order_id = o.id offset 0) h on true
left join lateral (select * from stock_key where book_id = u.book_id and unit_id = u.id offset 0) k on true
left join lateral (
    -- the payment that paid the order: the first captured that was not itself given back as late
    select {", ".join(f"c.{name}" for name in Payment.__struct_fields__)} from payment c
    where c.book_id = o.book_id and c.order_id = o.id and c.state = 'CAPTURED' and not exists (
        select from refund r where r.book_id = c.book_id and r.order_id = c.order_id and r.payment_id = c.id
            and r.kind = 'LATE_PAYMENT')
    order by captured_at, id limit 1) p on true
"""
_IN_ORDER = "order by u.line_no, u.piece_no"
# Of one order or of many. A list goes through pairs(), whose length the planner does not guess anew each time.
_UNITS = _ROWS.format(asked="pairs($1, $2)") + _IN_ORDER
# Units of the order that people know by its number; the third column of `asked` is the order. Most requests
# are for one.
_NUMBERED = """(
    select d.book_id, {unit}, d.id as order_id from directory d{more} where d.kind = 'order' and d.ext = $1 offset 0)"""
_OF_NO = "where u.order_id = asked.order_id and o.buyer_id = $3 "
_UNIT_OF_NO = _ROWS.format(asked=_NUMBERED.format(unit="$2::uuid", more="")) + _OF_NO
_UNITS_OF_NO = (
    _ROWS.format(asked=_NUMBERED.format(unit="n.id", more=" cross join pairs($2, $2) as n (id, same)"))
    + _OF_NO
    + _IN_ORDER
)

_USE = """
select unit_id, source, state, event, remaining_fen, occurred_at from redemption_fact
where (book_id, unit_id) in (select * from pairs($1, $2)) order by recorded_at, id
"""

# $3 is the case that is being decided, if it is one.
_CASES = """
select u.unit_id, count(*) as earlier, bool_or(u.open) as another_open,
    bool_or(c.state = 'REJECTED' and c.decided_by = 'MACHINE') as refused_by_machine
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as asked(book, unit, this_case)
join refund_case_unit u on u.book_id = asked.book and u.unit_id = asked.unit
join refund_case c on c.book_id = u.book_id and c.id = u.case_id
where c.id is distinct from asked.this_case group by u.unit_id
"""

# What was approved for the units of this order before. An approved case counts in a unit's refunded_fen at once; until
# its money has arrived it is on its way. Bad is what was asked for as a fault and given for it: by record, because the
# seller agreed or was silent, or by a ruling; not what goes back for any reason.
_GIVEN = """
select c.order_id, x.unit_id,
    coalesce(sum(x.approved_fen) filter (where r.state <> 'ARRIVED'), 0)::bigint as in_flight_fen,
    bool_or(c.reason = any($3::text[]) and c.ground ~ '^(defect|seller|ruling)[.]') as bad
from refund_case c
join refund_case_unit x on x.book_id = c.book_id and x.case_id = c.id and x.approved_fen > 0
left join refund r on r.book_id = c.book_id and r.case_id = c.id
where (c.book_id, c.order_id) in (select * from pairs($1, $2)) and c.state = 'APPROVED'
group by c.order_id, x.unit_id
"""
_FAULTS = [str(reason) for reason in DEFECT_OF]


async def owned_head(tx: Tx, book_id: UUID, order_id: UUID, buyer_id: UUID) -> OrderHead:
    """The buyer's own order, not locked. Raises NotFound."""
    row = await tx.fetchrow(
        f"select {_HEAD} from orders where book_id = $1 and id = $2 and buyer_id = $3", book_id, order_id, buyer_id
    )
    if row is None:
        raise NotFound("no such order")
    return msgspec.convert(dict(row), OrderHead)


class Seen(NamedTuple):
    """What an order and some of its units are known by at one moment, not locked.

    units: in (line, piece) order. payment: the one that paid the order. chain_length: every act on an order makes its
    chain longer, so that who writes later can tell whether anything has happened since (`steps.record.as_seen`).
    """

    head: OrderHead
    units: list[Unit]
    payment: Payment | None
    chain_length: int
    rows: list[Row]
    use: dict[UUID, list[Row]]
    cases: dict[UUID, Row]
    given: dict[UUID, Row]


class Ask(NamedTuple):
    """Units of one order to look at. case_id: the case that is being decided, which is not "another" one."""

    book_id: UUID
    order_id: UUID
    unit_ids: Sequence[UUID]
    case_id: UUID | None = None


async def look(tx: Tx, book_id: UUID, order_id: UUID, unit_ids: Sequence[UUID], *, case_id: UUID | None = None) -> Seen:
    """Parameters: case_id, the case that is being decided, which is not "another" one.

    Raises NotFound when a unit is not of this order.
    """
    (seen,) = await look_at_all(tx, [Ask(book_id, order_id, list(set(unit_ids)), case_id)])
    return seen


async def look_up(tx: Tx, order_no: str, unit_ids: Sequence[UUID], buyer_id: UUID) -> Seen:
    """The same for the buyer's own order by its number. Raises NotFound, alike for what is not there and not his."""
    rows: list[Row] = []
    if valid_no(order_no):
        one = len(unit_ids) == 1
        asked = unit_ids[0] if one else unit_ids
        rows = await tx.fetch(_UNIT_OF_NO if one else _UNITS_OF_NO, order_no, asked, buyer_id)
    if not rows:
        raise NotFound("no such order, or no such unit in it")
    (seen,) = await _seen(tx, [Ask(rows[0]["book_id"], rows[0]["order_id"], unit_ids)], rows)
    return seen


async def look_at_all(tx: Tx, asked: Sequence[Ask]) -> list[Seen]:
    """The same for different orders at once, in as few questions as for one."""
    places = [(one.book_id, unit) for one in asked for unit in one.unit_ids]
    rows = await tx.fetch(_UNITS, [book for book, _ in places], [unit for _, unit in places])
    return await _seen(tx, asked, rows)


async def _seen(tx: Tx, asked: Sequence[Ask], rows: Sequence[Row]) -> list[Seen]:
    """Parameters: rows, of all the units. Raises NotFound when one is missing."""
    of: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        of[row["order_id"]].append(row)
    for one in asked:
        if not one.unit_ids or len(of[one.order_id]) != len(set(one.unit_ids)):
            raise NotFound("no such unit in this order")
    use: dict[UUID, list[Row]] = defaultdict(list)
    used = [row for row in rows if row["has_use"]]
    if used:
        for row in await tx.fetch(_USE, [row["book_id"] for row in used], [row["id"] for row in used]):
            use[row["unit_id"]].append(row)
    cases, given = {}, {}
    claimed = [one for one in asked if of[one.order_id][0]["has_cases"]]
    if claimed:
        places = [(one.book_id, unit, one.case_id) for one in claimed for unit in one.unit_ids]
        found = await tx.fetch(_CASES, *(list(column) for column in zip(*places, strict=True)))
        cases = {row["unit_id"]: row for row in found}
        books, orders = [one.book_id for one in claimed], [one.order_id for one in claimed]
        given = {row["unit_id"]: row for row in await tx.fetch(_GIVEN, books, orders, _FAULTS)}
    return [_seen_one(of[one.order_id], use, cases, given) for one in asked]


def _seen_one(rows: list[Row], use: dict[UUID, list[Row]], cases: dict[UUID, Row], given: dict[UUID, Row]) -> Seen:
    first = rows[0]
    return Seen(
        head=msgspec.convert({name: first[f"o_{name}"] for name in OrderHead.__struct_fields__}, OrderHead),
        units=[msgspec.convert({name: row[name] for name in Unit.__struct_fields__}, Unit) for row in rows],
        payment=_payment(first),
        chain_length=first["chain_length"],
        rows=rows,
        use=use,
        cases=cases,
        given={unit: row for unit, row in given.items() if row["order_id"] == first["order_id"]},
    )


def _payment(row: Row) -> Payment | None:
    if row["p_id"] is None:
        return None
    return msgspec.convert({name: row[f"p_{name}"] for name in Payment.__struct_fields__}, Payment)


def facts_of(
    seen: Seen, claim: Claim, now: datetime, *, balance_chosen: bool = False
) -> list[tuple[UUID, RefundFacts]]:
    """(unit id, facts) in (line, piece) order.

    Parameters: claim, what is asked, with the seller's answer; whether silence means yes is added here: every
    published version of the seller agreement says that silence for 24 hours means yes, and a version that dropped it
    would have to be named. balance_chosen, the buyer's express choice on the form.
    """
    agreed_at = seen.rows[0]["seller_agreed_at"]
    silence = agreed_at is not None and agreed_at <= (claim.seller.asked_at or now)
    claim = replace(claim, seller=replace(claim.seller, silence_agreed=silence))
    bad = sum(row["bad"] for row in seen.given.values())
    found = []
    for unit in seen.rows:
        unit_id = unit["id"]
        in_flight = seen.given[unit_id]["in_flight_fen"] if unit_id in seen.given else 0
        asked = _Asked(claim=claim, now=now, balance_chosen=balance_chosen, bad_units=bad, in_flight_fen=in_flight)
        found.append((unit_id, _facts(unit, seen.use[unit_id], seen.cases.get(unit_id), asked)))
    return found


async def gather(
    tx: Tx,
    book_id: UUID,
    order_id: UUID,
    unit_ids: Sequence[UUID],
    claim: Claim,
    now: datetime,
    *,
    case_id: UUID | None = None,
    balance_chosen: bool = False,
) -> list[tuple[UUID, RefundFacts]]:
    """`look` and `facts_of` in one. Raises NotFound."""
    seen = await look(tx, book_id, order_id, unit_ids, case_id=case_id)
    return facts_of(seen, claim, now, balance_chosen=balance_chosen)


class _Asked(NamedTuple):
    """What does not stand in the unit's own row. Amount fen, now UTC."""

    claim: Claim
    now: datetime
    balance_chosen: bool
    bad_units: int
    in_flight_fen: int


def _facts(unit: Row, use: Sequence[Row], case: Row | None, asked: _Asked) -> RefundFacts:
    claim, now = asked.claim, asked.now
    return RefundFacts(
        now=now,
        goods=_goods(unit),
        order=OrderFacts(
            placed_at=unit["o_created_at"],
            paid_at=unit["o_paid_at"],
            unit_price_fen=unit["price_fen"],
            units_in_order=unit["units_in_order"],
            receipt_confirmed_at=unit["o_confirmed_at"],
            escrow_released_at=unit["released_at"],
            shown_price_fen=unit["shown_price_fen"],
            total_paid_fen=unit["o_total_fen"] if unit["o_paid_at"] else None,
            bad_units=asked.bad_units,
        ),
        claim=claim,
        capacity=Capacity(
            captured_fen=unit["price_fen"] if unit["o_paid_at"] else 0,
            refunded_fen=unit["refunded_fen"] - asked.in_flight_fen,
            in_flight_fen=asked.in_flight_fen,
            other_case_open=bool(case and case["another_open"]),
        ),
        delivery=_delivery(unit),
        redemption=redemption(unit, use),
        terms=_terms(unit),
        promises=Promises(
            sealed_window_seconds=unit["sealed_window_seconds"] or None,
            revealed_window_seconds=unit["revealed_window_seconds"],
        ),
        defects=defects(unit, use, claim.reason),
        history=History(
            refused_by_machine=bool(case and case["refused_by_machine"]),
            earlier_cases=case["earlier"] if case else 0,
        ),
        channel=ChannelFacts(
            paid_from=PaidFrom.BALANCE if unit["o_paid_from"] == "BALANCE" else PaidFrom.CHANNEL,
            balance_chosen=asked.balance_chosen,
        ),
    )


def _goods(unit: Row) -> Goods:
    kind = GoodsKind(unit["kind"])
    custom = kind is GoodsKind.CUSTOM_VOUCHER
    made: Fact[bool] = alleged(True, Source.SELLER) if custom else Fact()
    return Goods(
        kind=kind,
        sealed_delivery=unit["delivery"] == "AUTO",
        made_to_order=made,
        digital_content=kind is GoodsKind.SOFTWARE_LICENCE and unit["revealed_at"] is not None,
        face_value_fen=unit["face_value_fen"],
        issuer_can_void=unit["issuer_can_void"],
    )


def _delivery(unit: Row) -> Delivery:
    paid_at = unit["o_paid_at"]
    return Delivery(
        promised_at=promised_at(paid_at, unit["promised_delivery_seconds"]) if paid_at else None,
        delivered_at=unit["delivered_at"],
        buyer_waits_until=unit["wait_until"],
        started=alleged(True, Source.SELLER) if unit["work_begun_at"] else Fact(),
    )


def _terms(unit: Row) -> Terms:
    """Our product page always shows the exclusion; what matters is the confirmation of this order, never pre-ticked."""
    stated = unit["excludes_no_reason"]
    return Terms(exclusion=Exclusion(stated=stated, shown=stated, confirmed_at=unit["no_reason_confirmed_at"]))
