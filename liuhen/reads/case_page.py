"""One refund case as its parties see it, and the list of a buyer's cases."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Row, Tx
from liuhen.base.errors import NotFound
from liuhen.base.ids import valid_no
from liuhen.evidence.model import Picture
from liuhen.reads.evidence import ChainEvent, events, pictures_of_case
from liuhen.refunds.kept import KeptDecision, unpack
from liuhen.refunds.model import Case

PAGE = 20
_OPEN = "c.state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER')"


class CaseUnitView(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the case. no: its number within the order. Amounts fen, times UTC."""

    no: int
    id: UUID
    title: str
    kind: str
    state: str
    mask: str
    asked_fen: int
    approved_fen: int | None
    delivered_at: datetime | None
    revealed_at: datetime | None


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Words in the thread. kind: WORDS ANSWER RULING LOOK HUMAN."""

    id: UUID
    author_id: UUID | None
    author_role: str
    kind: str
    text: str
    at: datetime


class MoneyBack(msgspec.Struct, frozen=True, kw_only=True):
    """The payment of an approved case. Amount fen, times UTC. again_at: when a silent channel is asked again."""

    refund_no: str
    route: str
    amount_fen: int
    state: str
    approved_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    channel_refund_no: str | None
    again_at: datetime | None


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page. issuer_said: an issuer has said something about one of the units."""

    case: Case
    order_no: str
    shop_name: str
    buyer_name: str
    reviewer_name: str
    paid_from: str | None
    paid_at: datetime | None
    channel: str
    units: tuple[CaseUnitView, ...]
    notes: tuple[Note, ...]
    pictures: tuple[Picture, ...]
    money: MoneyBack | None
    kept: KeptDecision
    events: tuple[ChainEvent, ...]
    issuer_said: bool


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One case in a list. money_state: of its payment, "" before one is approved."""

    id: UUID
    case_no: str
    order_no: str
    title: str
    shop_name: str
    pieces: int
    reason: str
    state: str
    due_at: datetime | None
    asked_fen: int
    approved_fen: int | None
    opened_at: datetime
    decided_at: datetime | None
    seller_asked_at: datetime | None
    money_state: str


class CaseList(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    cases: tuple[CaseLine, ...]
    next: UUID | None


_CASE = ", ".join(f"c.{name}" for name in Case.__struct_fields__)
_HEAD = f"""
select {_CASE}, o.order_no, o.paid_from, o.paid_at, s.name as shop_name, p.display_name as buyer_name,
    coalesce(r.display_name, '') as reviewer_name,
    coalesce((select y.channel from payment y where y.book_id = o.book_id and y.order_id = o.id
        and y.state = 'CAPTURED' order by y.captured_at limit 1), '') as channel,
    exists (select from refund_case_unit x join redemption_fact f on f.book_id = x.book_id and f.unit_id = x.unit_id
        where x.book_id = c.book_id and x.case_id = c.id and f.source = 'ISSUER') as issuer_said
from refund_case c
join orders o on o.book_id = c.book_id and o.id = c.order_id
join shop s on s.book_id = c.book_id
join party p on p.book_id = c.buyer_id
left join party r on r.book_id = c.reviewer_id
where c.book_id = $1 and c.id = $2 and ($4 or $3 in (c.buyer_id, c.book_id))
"""
_UNITS = """
select n.no, u.id, l.title, l.kind, u.state, u.delivered_at, u.revealed_at, x.asked_fen, x.approved_fen,
    case when u.revealed_at is null then '' else coalesce(k.mask, '') end as mask
from refund_case_unit x
join (select id, row_number() over (order by line_no, piece_no) as no from order_unit
    where book_id = $1 and order_id = $3) n on n.id = x.unit_id
join order_unit u on u.book_id = x.book_id and u.id = x.unit_id
join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no
left join stock_key k on k.book_id = u.book_id and k.unit_id = u.id
where x.book_id = $1 and x.case_id = $2 order by n.no
"""
_LIST = """
select c.id, c.case_no, o.order_no, s.name as shop_name, c.reason, c.state, c.due_at, c.asked_fen, c.approved_fen,
    c.opened_at, c.decided_at, c.seller_asked_at,
    (select count(*) from refund_case_unit x where x.book_id = c.book_id and x.case_id = c.id) as pieces,
    (select l.title from refund_case_unit x join order_unit u on u.book_id = x.book_id and u.id = x.unit_id
        join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no
        where x.book_id = c.book_id and x.case_id = c.id order by u.line_no, u.piece_no limit 1) as title,
    coalesce((select r.state from refund r where r.book_id = c.book_id and r.case_id = c.id limit 1), '') as money_state
from refund_case c
join orders o on o.book_id = c.book_id and o.id = c.order_id
join shop s on s.book_id = c.book_id
where c.buyer_id = $1
"""


async def case_of(tx: Tx, case_no: str, viewer_id: UUID, *, staff: bool) -> CaseView:
    """The case for its buyer, its seller, or staff. Raises NotFound for everybody else."""
    place = await directory.find(tx, "case", case_no) if valid_no(case_no) else None
    row = await tx.fetchrow(_HEAD, place.book_id, place.id, viewer_id, staff) if place else None
    if place is None or row is None:
        raise NotFound("there is no such case")
    case = msgspec.convert({name: row[name] for name in Case.__struct_fields__}, Case)
    notes = await tx.fetch(
        "select id, author_id, author_role, kind, text, at from case_note where book_id = $1 and case_id = $2"
        " order by at, id",
        place.book_id,
        place.id,
    )
    money = await tx.fetchrow(
        "select id, refund_no, route, amount_fen, state, approved_at, sent_at, arrived_at, channel_refund_no,"
        " case when state = 'APPROVED' and attempts > 0 then due_at end as again_at"
        " from refund where book_id = $1 and case_id = $2 order by id limit 1",
        place.book_id,
        place.id,
    )
    told = await events(tx, case.book_id, case.order_id)
    units = tuple(_unit(unit) for unit in await tx.fetch(_UNITS, case.book_id, case.id, case.order_id))
    return CaseView(
        case=case,
        order_no=row["order_no"],
        shop_name=row["shop_name"],
        buyer_name=row["buyer_name"],
        reviewer_name=row["reviewer_name"],
        paid_from=row["paid_from"],
        paid_at=row["paid_at"],
        channel=row["channel"],
        units=units,
        notes=tuple(msgspec.convert(dict(note), Note) for note in notes),
        pictures=tuple(await pictures_of_case(tx, case.book_id, case.id)),
        money=msgspec.convert({k: v for k, v in dict(money).items() if k != "id"}, MoneyBack) if money else None,
        kept=unpack(case.decision),
        events=tuple(_of_case(told, case, money["id"] if money else None, frozenset(str(u.id) for u in units))),
        issuer_said=row["issuer_said"],
    )


async def cases(
    tx: Tx, buyer_id: UUID, *, open_only: bool = False, after: UUID | None = None, limit: int = PAGE
) -> CaseList:
    """A buyer's cases, newest first. Parameters: after, the last id of the page before."""
    rows = await tx.fetch(
        f"{_LIST} and ($2::uuid is null or c.id < $2) and (not $3 or {_OPEN}) order by c.id desc limit $4",
        buyer_id,
        after,
        open_only,
        limit + 1,
    )
    found = tuple(msgspec.convert(dict(row), CaseLine) for row in rows[:limit])
    return CaseList(found, found[-1].id if len(rows) > limit else None)


async def open_cases(tx: Tx, buyer_id: UUID) -> int:
    """How many of a buyer's cases are open."""
    return int(await tx.fetchval(f"select count(*) from refund_case c where c.buyer_id = $1 and {_OPEN}", buyer_id))


def _unit(row: Row) -> CaseUnitView:
    return msgspec.convert(dict(row), CaseUnitView)


_OF_UNITS = frozenset(
    {"WORK_BEGUN", "DELIVERED_SEALED", "DELIVERED_BY_HAND", "SEAL_BROKEN", "USE_STATED", "ISSUER_SAID"}
)


def _of_case(told: list[ChainEvent], case: Case, refund_id: UUID | None, unit_ids: frozenset[str]) -> list[ChainEvent]:
    """Events that belong to this case, to its payment, or to what became of its units."""

    def about(kind: str, data: dict[str, Any]) -> bool:
        if data.get("case") == str(case.id) or (refund_id is not None and data.get("refund") == str(refund_id)):
            return True
        return kind in _OF_UNITS and not unit_ids.isdisjoint([data["unit"]] if "unit" in data else data["units"])

    return [event for event in told if about(event.payload["kind"], event.payload["data"])]
