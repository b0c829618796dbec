"""The only writer of the books. Posting locks the accounts in (book_id, kind) order inside one SQL function."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from liuhen.base.db import CheckViolation, Tx
from liuhen.base.errors import InsufficientBalance
from liuhen.base.ids import new_id
from liuhen.money.accounts import AccountKind
from liuhen.money.amount import Fen
from liuhen.money.transfers import Transfer

_POST = (
    "select ledger_post($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7, $8::uuid[],"
    " $9, $10)"
)


async def open_book(tx: Tx, book_id: UUID) -> None:
    """Gives a new party its ledger accounts, all at zero."""
    await tx.execute(
        "insert into ledger_account (book_id, kind, balance_fen) select $1, unnest($2::text[]), 0",
        book_id,
        [str(kind) for kind in AccountKind],
    )


async def post(tx: Tx, transfers: Sequence[Transfer], *, order_id: UUID | None, now: datetime) -> None:
    """Posts transfers of one act; those between books share one movement id.

    Raises InsufficientBalance when an account that may not go below zero would.
    """
    if not transfers:
        return
    try:
        await tx.execute(
            _POST,
            [item.book_id for item in transfers],
            [new_id(now) for _ in transfers],
            [str(item.debit) for item in transfers],
            [str(item.credit) for item in transfers],
            [item.amount for item in transfers],
            [item.kind for item in transfers],
            new_id(now),
            [item.ref for item in transfers],
            order_id,
            now,
        )
    except CheckViolation as error:
        raise InsufficientBalance(asked_fen=max(item.amount for item in transfers)) from error


async def balances(tx: Tx, book_id: UUID) -> dict[AccountKind, Fen]:
    rows = await tx.fetch("select kind, balance_fen from ledger_account where book_id = $1", book_id)
    return {AccountKind(row["kind"]): row["balance_fen"] for row in rows}


async def lock(tx: Tx, accounts: Collection[tuple[UUID, AccountKind]]) -> dict[tuple[UUID, AccountKind], Fen]:
    """Balances in fen, held until the end of the transaction; for what depends on one (debt, take back).

    Name every account that the act will post to: the rows are locked in the order that posting uses.
    """
    rows = await tx.fetch(
        "select book_id, kind, balance_fen from ledger_account"
        " where (book_id, kind) in (select * from unnest($1::uuid[], $2::text[])) order by book_id, kind for update",
        [book for book, _ in accounts],
        [str(kind) for _, kind in accounts],
    )
    return {(row["book_id"], AccountKind(row["kind"])): row["balance_fen"] for row in rows}


async def check_books(tx: Tx) -> list[str]:
    """Proves that all books balance. Returns one sentence per fault; empty means proven.

    Checked: each account's balance is the sum of its transfers; each movement's in_transit nets to zero; the
    platform's sum is zero; escrow equals what its units hold.
    """
    faults = []
    for row in await tx.fetch(_DRIFT):
        faults.append(
            f"account {row['kind']} of book {row['book_id']} says {row['balance_fen']} fen,"
            f" its transfers say {row['sum_fen']} fen"
        )
    for row in await tx.fetch(_TRANSIT):
        faults.append(f"movement {row['movement_id']} leaves {row['net']} fen in transit")
    total = await tx.fetchval("select coalesce(sum(balance_fen), 0) from ledger_account")
    if total != 0:
        faults.append(f"all accounts together hold {total} fen instead of 0")
    for row in await tx.fetch(_ESCROW):
        faults.append(
            f"escrow of book {row['book_id']} holds {row['balance_fen']} fen, its units {row['held_fen']} fen"
        )
    return faults


_DRIFT = """
with moved as (
    select book_id, kind, sum(delta)::bigint as sum_fen from (
        select book_id, credit as kind, amount_fen as delta from ledger_transfer
        union all select book_id, debit, -amount_fen from ledger_transfer
    ) as moves group by book_id, kind)
select a.book_id, a.kind, a.balance_fen, coalesce(m.sum_fen, 0) as sum_fen
from ledger_account a left join moved m using (book_id, kind)
where a.balance_fen <> coalesce(m.sum_fen, 0) order by 1, 2
"""

_TRANSIT = """
select movement_id, sum(case when credit = 'in_transit' then amount_fen else -amount_fen end)::bigint as net
from ledger_transfer where movement_id is not null group by movement_id
having sum(case when credit = 'in_transit' then amount_fen else -amount_fen end) <> 0
"""

_ESCROW = """
with held as (
    select book_id, sum(price_fen - refunded_fen)::bigint as held_fen from order_unit
    where escrow = 'HELD' group by book_id)
select a.book_id, a.balance_fen, coalesce(h.held_fen, 0) as held_fen
from ledger_account a left join held h using (book_id)
where a.kind = 'escrow' and a.balance_fen <> coalesce(h.held_fen, 0)
"""
