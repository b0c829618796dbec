"""What staff did: every act with its reason, and every look at a key, in one line of time."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from liuhen.base.db import Row, Tx

PAGE = 50
LOOK = "LOOK_AT_KEY"


class StaffAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act. about: whom it was done to, by name; about_id: his book. case_no: of a look at
    a key, else ""; data then names the order and the piece of it."""

    id: UUID
    at: datetime
    staff_id: UUID
    staff_name: str
    act: str
    reason: str
    data: dict[str, Any]
    about_id: UUID
    about: str
    case_no: str


class ActList(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    acts: tuple[StaffAct, ...]
    next: UUID | None


_ACTS = """
with acts as (
    select a.id, a.at, a.staff_id, a.act, a.reason, a.data::text as data, a.book_id, '' as case_no from staff_act a
    union all
    select k.id, k.at, k.viewer_id, 'LOOK_AT_KEY', k.reason, json_build_object('order_no', o.order_no,
            'unit_id', k.unit_id, 'line_no', u.line_no, 'piece_no', u.piece_no)::text, k.book_id,
        coalesce((select c.case_no from refund_case_unit x
            join refund_case c on c.book_id = x.book_id and c.id = x.case_id
            where x.book_id = k.book_id and x.unit_id = k.unit_id and c.opened_at <= k.at
            order by c.id desc limit 1), '')
    from key_look k
    join order_unit u on u.book_id = k.book_id and u.id = k.unit_id
    join orders o on o.book_id = u.book_id and o.id = u.order_id
    where k.viewer_role = 'REVIEWER'
)
select a.*, coalesce(s.display_name, '') as staff_name, coalesce(sh.name, p.display_name, '') as about
from acts a
left join party s on s.book_id = a.staff_id
left join party p on p.book_id = a.book_id
left join shop sh on sh.book_id = a.book_id
"""


async def acts(
    tx: Tx,
    *,
    about: UUID | None = None,
    by: UUID | None = None,
    act: str = "",
    after: UUID | None = None,
    limit: int = PAGE,
) -> ActList:
    """Newest first. Parameters: about, one party's book; by, one of the staff; act, one kind of act."""
    rows = await tx.fetch(
        f"{_ACTS} where ($1::uuid is null or a.id < $1) and ($2::uuid is null or a.book_id = $2)"
        " and ($3 = '' or a.act = $3) and ($5::uuid is null or a.staff_id = $5) order by a.id desc limit $4",
        after,
        about,
        act,
        limit + 1,
        by,
    )
    found = tuple(_act(row) for row in rows[:limit])
    return ActList(found, found[-1].id if len(rows) > limit else None)


def _act(row: Row) -> StaffAct:
    return StaffAct(
        id=row["id"],
        at=row["at"],
        staff_id=row["staff_id"],
        staff_name=row["staff_name"],
        act=row["act"],
        reason=row["reason"],
        data=msgspec.json.decode(row["data"]),
        about_id=row["book_id"],
        about=row["about"],
        case_no=row["case_no"],
    )
