"""A seller's money: what is free, held, owed; when held money becomes free; and every transfer that moved it."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Tx
from liuhen.money.accounts import AccountKind

PAGE = 50
MOST_EXPORTED = 50_000
SOON_DAYS = 7


class Purse(msgspec.Struct, frozen=True, kw_only=True):
    """Balances in fen, each zero or more. held_units: pieces in escrow; stopped: those of them in an open case."""

    payable_fen: int
    escrow_fen: int
    debt_fen: int
    fee_fen: int
    balance_fen: int
    fee_basis_points: int
    held_units: int
    stopped_units: int
    stopped_fen: int


class DayOfRelease(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes free on a day in Shanghai after the fee, fen. day None: all that comes later."""

    day: date | None
    fen: int
    units: int


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer as it touched one ledger account: plus came in, minus went out, fen."""

    id: UUID
    at: datetime
    kind: str
    fen: int
    order_no: str
    title: str


class Statement(msgspec.Struct, frozen=True):
    """One page; `next` is the id after which the next page begins, None at the end."""

    moves: tuple[Move, ...]
    next: UUID | None


_PURSE = """
select coalesce(max(a.balance_fen) filter (where a.kind = 'seller_payable'), 0) as payable_fen,
    coalesce(sum(a.balance_fen) filter (where a.kind = 'escrow'), 0)::bigint as escrow_fen,
    coalesce(-max(a.balance_fen) filter (where a.kind = 'seller_debt'), 0) as debt_fen,
    coalesce(max(a.balance_fen) filter (where a.kind = 'platform_fee'), 0) as fee_fen,
    coalesce(max(a.balance_fen) filter (where a.kind = 'buyer_balance'), 0) as balance_fen,
    (select fee_basis_points from shop where book_id = $1) as fee_basis_points,
    u.held_units, u.stopped_units, u.stopped_fen
from ledger_account a
cross join (
    select count(*)::int as held_units, count(*) filter (where case_open)::int as stopped_units,
        coalesce(sum(price_fen - refunded_fen) filter (where case_open), 0)::bigint as stopped_fen
    from order_unit where book_id = $1 and escrow = 'HELD') u
where a.book_id = $1
group by u.held_units, u.stopped_units, u.stopped_fen
"""

# The fee on what was not refunded, as money.transfers.fee_left has it: fee - floor(fee * refunded / price).
_NET = "price_fen - refunded_fen - (fee_fen - div(fee_fen::numeric * refunded_fen, greatest(price_fen, 1)))"
_RELEASES = f"""
select case when day <= $3 then day end as day, sum(net)::bigint as fen, count(*)::int as units
from (
    select greatest((release_due_at at time zone 'Asia/Shanghai')::date, $2::date) as day, {_NET} as net
    from order_unit
    where book_id = $1 and escrow = 'HELD' and not case_open and release_due_at is not null) as held
group by 1 order by 1 nulls last
"""

_MOVES = """
select t.id, t.at, t.kind, case when t.credit = $2 then t.amount_fen else -t.amount_fen end as fen,
    coalesce(o.order_no, '') as order_no,
    coalesce((select l.title from order_line l where l.book_id = o.book_id and l.order_id = o.id
        order by l.line_no limit 1), '') as title
from ledger_transfer t
left join orders o on o.book_id = t.book_id and o.id = t.order_id
where t.book_id = $1 and (t.credit = $2 or t.debit = $2)
"""

OF_SELLER = (AccountKind.SELLER_PAYABLE, AccountKind.ESCROW, AccountKind.SELLER_DEBT, AccountKind.PLATFORM_FEE)
"""Ledger accounts of a book that its seller reads as a statement."""


async def purse(tx: Tx, book_id: UUID) -> Purse:
    """All balances at once."""
    return msgspec.convert(dict(await tx.one(_PURSE, book_id)), Purse)


async def releases(tx: Tx, book_id: UUID, *, today: date, until: date) -> tuple[DayOfRelease, ...]:
    """By day up to `until`, then the rest in one; what is overdue counts as today. Dates in Shanghai."""
    rows = await tx.fetch(_RELEASES, book_id, today, until)
    return tuple(msgspec.convert(dict(row), DayOfRelease) for row in rows)


async def statement(
    tx: Tx, book_id: UUID, account: AccountKind, *, before: UUID | None = None, limit: int = PAGE
) -> Statement:
    """Newest first. Parameters: before, the last id of the page before."""
    rows = await tx.fetch(
        f"{_MOVES} and ($3::uuid is null or t.id < $3) order by t.id desc limit $4",
        book_id,
        str(account),
        before,
        limit + 1,
    )
    found = tuple(msgspec.convert(dict(row), Move) for row in rows[:limit])
    return Statement(found, found[-1].id if len(rows) > limit else None)


async def moves_between(
    tx: Tx, book_id: UUID, account: AccountKind, *, start: datetime, end: datetime
) -> tuple[Move, ...]:
    """Oldest first, at most MOST_EXPORTED. Parameters: start, included, and end, not included, UTC."""
    rows = await tx.fetch(
        f"{_MOVES} and t.at >= $3 and t.at < $4 order by t.id limit $5",
        book_id,
        str(account),
        start,
        end,
        MOST_EXPORTED,
    )
    return tuple(msgspec.convert(dict(row), Move) for row in rows)


async def moves_of_order(tx: Tx, book_id: UUID, order_id: UUID) -> tuple[Move, ...]:
    """What one order moved in escrow and in the seller's own accounts, oldest first."""
    rows = await tx.fetch(
        "select t.id, t.at, t.kind, t.amount_fen as fen, '' as order_no, '' as title from ledger_transfer t"
        " where t.book_id = $1 and t.order_id = $2 order by t.id limit 500",
        book_id,
        order_id,
    )
    return tuple(msgspec.convert(dict(row), Move) for row in rows)
