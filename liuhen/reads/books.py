"""Do the books balance? A question over all of them; the answer is a list of faults, empty when proven."""

from msgspec import Struct

from liuhen.base.db import Tx
from liuhen.reads.books_rows import check_rows


class Counted(Struct, frozen=True):
    books: int
    transfers: int


async def count_books(tx: Tx) -> Counted:
    """How much there is to prove."""
    row = await tx.one(
        "select (select count(distinct book_id) from ledger_account) as books,"
        " (select count(*) from ledger_transfer) as transfers"
    )
    return Counted(row["books"], row["transfers"])


async def check_books(tx: Tx) -> list[str]:
    """Proves that all books balance. Returns one sentence per fault; empty means proven.

    Checked: each account's balance is the sum of its transfers; each movement's in_transit nets to zero; the
    platform's sum is zero; each part of an escrow equals what its orders' units hold; what is due equals the refunds on
    their way; what lies at the channels equals the payments that came less the refunds that arrived; and all that
    reads/books_rows.py asks.
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
            f"part {row['slot']} of the escrow of book {row['book_id']} holds {row['balance_fen']} fen,"
            f" its orders' units {row['held_fen']} fen"
        )
    for row in await tx.fetch(_OUTSIDE):
        faults.append(
            f"{row['kind']} of book {row['book_id']} says {row['balance_fen']} fen,"
            f" its payments and refunds say {row['told_fen']} fen"
        )
    return faults + await check_rows(tx)


_DRIFT = """
with moved as (
    select book_id, kind, sum(delta)::bigint as sum_fen from (
        select book_id, credit as kind, amount_fen as delta from ledger_transfer
        union all select book_id, debit, -amount_fen from ledger_transfer
    ) as moves group by book_id, kind)
select a.book_id, a.kind, sum(a.balance_fen)::bigint as balance_fen, coalesce(m.sum_fen, 0) as sum_fen
from ledger_account a left join moved m using (book_id, kind)
group by a.book_id, a.kind, m.sum_fen having sum(a.balance_fen) <> coalesce(m.sum_fen, 0) order by 1, 2
"""

_TRANSIT = """
select movement_id, sum(case when credit = 'in_transit' then amount_fen else -amount_fen end)::bigint as net
from ledger_transfer where movement_id is not null group by movement_id
having sum(case when credit = 'in_transit' then amount_fen else -amount_fen end) <> 0
"""

_ESCROW = """
with held as (
    select book_id, ledger_slot('escrow', order_id) as slot, sum(price_fen - refunded_fen)::bigint as held_fen
    from order_unit where escrow = 'HELD' group by 1, 2), parts as (
    select book_id, slot, balance_fen from ledger_account where kind = 'escrow')
select book_id, slot, coalesce(a.balance_fen, 0) as balance_fen, coalesce(h.held_fen, 0) as held_fen
from parts a full join held h using (book_id, slot) where coalesce(a.balance_fen, 0) <> coalesce(h.held_fen, 0)
order by 1, 2
"""

_OUTSIDE = """
with told as (
    select book_id, 'refund_due' as kind, amount_fen as fen from refund
        where route = 'ORIGINAL' and (state in ('APPROVED', 'SENT') or (state = 'FAILED' and kind <> 'PAYOUT'))
    union all
    select book_id, 'channel_clearing', amount_fen from refund where route = 'ORIGINAL' and state = 'ARRIVED'
    union all
    select book_id, 'channel_clearing', -amount_fen from payment where method = 'CHANNEL' and state = 'CAPTURED'
), sums as (select book_id, kind, sum(fen)::bigint as told_fen from told group by book_id, kind)
select a.book_id, a.kind, a.balance_fen, coalesce(s.told_fen, 0) as told_fen
from ledger_account a left join sums s using (book_id, kind)
where a.kind in ('refund_due', 'channel_clearing') and a.balance_fen <> coalesce(s.told_fen, 0)
order by 1, 2
"""
