"""People as admins see them: found by name, login or id; what one of them has here; who may enter."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct, convert

from liuhen.base.db import Tx
from liuhen.base.errors import NotFound

PAGE = 50
_SESSION_IDLE = timedelta(days=7)


class Crowd(StrEnum):
    """Filters: everybody, staff, shops, frozen, who wants to be let in again."""

    ALL = "all"
    STAFF = "staff"
    SELLERS = "sellers"
    FROZEN = "frozen"
    WISHES = "wishes"


class Person(Struct, frozen=True, kw_only=True):
    """One line of the list. login and shop_name "" where there is none; seen_at of the newest session, UTC."""

    party_id: UUID
    login: str
    display_name: str
    roles: tuple[str, ...]
    shop_name: str
    frozen_at: datetime | None
    created_at: datetime
    seen_at: datetime | None
    wish_at: datetime | None


class PersonList(Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    people: tuple[Person, ...]
    next: UUID | None


class PersonPage(Struct, frozen=True, kw_only=True):
    """One party. sessions: those that still let somebody in. Counts over all time; balance_fen of the buyer."""

    person: Person
    frozen_reason: str
    password_changed_at: datetime | None
    sessions: int
    tokens: int
    orders: int
    sales: int
    cases: int
    cases_against: int
    balance_fen: int


_ON = {
    Crowd.ALL: "true",
    Crowd.STAFF: "cardinality(p.roles) > 0",
    Crowd.SELLERS: "s.book_id is not null",
    Crowd.FROZEN: "p.frozen_at is not null",
    Crowd.WISHES: "exists (select from reset_wish w where w.party_id = p.book_id and w.done_at is null)",
}
_PERSON = """
select p.book_id as party_id, coalesce(l.login, '') as login, p.display_name, p.roles,
    coalesce(s.name, '') as shop_name, p.frozen_at, p.created_at,
    (select max(x.seen_at) from session x where x.party_id = p.book_id) as seen_at,
    (select min(w.created_at) from reset_wish w where w.party_id = p.book_id and w.done_at is null) as wish_at
from party p left join sign_in l on l.party_id = p.book_id left join shop s on s.book_id = p.book_id
"""
_FOUND = """(strpos(lower(p.display_name), lower($3)) > 0 or strpos(coalesce(l.login_folded, ''), lower($3)) > 0
    or strpos(lower(coalesce(s.name, '')), lower($3)) > 0 or p.book_id::text = lower($3))"""


async def people(tx: Tx, *, crowd: Crowd, words: str = "", after: UUID | None = None, limit: int = PAGE) -> PersonList:
    """Newest first. words: part of a name, login or shop's name, or a whole id."""
    rows = await tx.fetch(
        f"{_PERSON} where {_ON[crowd]} and ($1::uuid is null or p.book_id < $1) and ($3 = '' or {_FOUND})"
        " order by p.book_id desc limit $2",
        after,
        limit + 1,
        words.strip(),
    )
    found = tuple(convert(dict(row), Person) for row in rows[:limit])
    return PersonList(found, found[-1].party_id if len(rows) > limit else None)


async def person(tx: Tx, party_id: UUID, now: datetime) -> PersonPage:
    """Everything about one party (now in UTC). Raises NotFound."""
    row = await tx.fetchrow(f"{_PERSON} where p.book_id = $1", party_id)
    if row is None:
        raise NotFound("no such party")
    more = await tx.one(_MORE, party_id, now, now - _SESSION_IDLE)
    return PersonPage(person=convert(dict(row), Person), **dict(more))


async def counts(tx: Tx) -> dict[Crowd, int]:
    """How many stand in each crowd."""
    columns = ", ".join(f'count(*) filter (where {sql}) as "{crowd}"' for crowd, sql in _ON.items())
    row = await tx.one(f"select {columns} from party p left join shop s on s.book_id = p.book_id")
    return {crowd: row[str(crowd)] for crowd in Crowd}


_MORE = """
select coalesce(p.frozen_reason, '') as frozen_reason, l.password_changed_at,
    (select count(*) from session x where x.party_id = $1 and x.revoked_at is null and x.expires_at > $2
        and x.seen_at > $3) as sessions,
    (select count(*) from api_token t where t.party_id = $1 and t.revoked_at is null and t.expires_at > $2) as tokens,
    (select count(*) from orders o where o.buyer_id = $1 and o.state = 'PAID') as orders,
    (select count(*) from orders o where o.book_id = $1 and o.state = 'PAID') as sales,
    (select count(*) from refund_case c where c.buyer_id = $1) as cases,
    (select count(*) from refund_case c where c.book_id = $1) as cases_against,
    coalesce((select a.balance_fen from ledger_account a where a.book_id = $1 and a.kind = 'buyer_balance'), 0)
        as balance_fen
from party p left join sign_in l on l.party_id = p.book_id where p.book_id = $1
"""
