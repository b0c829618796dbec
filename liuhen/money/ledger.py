"""The only writer of the books. Posting locks the accounts in (book_id, kind) order inside one SQL function."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.base.errors import InsufficientBalance
from liuhen.base.ids import new_id
from liuhen.money.accounts import AccountKind
from liuhen.money.amount import Fen
from liuhen.money.transfers import Transfer

_WITHOUT_BALANCE = (AccountKind.IN_TRANSIT,)
"""Nets to zero in each movement, which the books check proves from the transfers: a balance of it says nothing."""


async def open_book(tx: Tx, book_id: UUID) -> None:
    """Gives a new party its ledger accounts, all at zero."""
    await tx.execute(
        "insert into ledger_account (book_id, kind, balance_fen) select $1, unnest($2::text[]), 0",
        book_id,
        [str(kind) for kind in AccountKind if kind not in _WITHOUT_BALANCE],
    )


async def post(tx: Tx, transfers: Sequence[Transfer], *, order_id: UUID | None, now: datetime) -> None:
    """Queues transfers of one act; those between books share one movement id.

    Parameters: order_id, always there where escrow is touched: an order's escrow has its own part of the account.
    Raises InsufficientBalance, when it is sent, if an account that may not go below zero would.
    """
    if not transfers:
        return
    most = max(item.amount for item in transfers)
    deltas = _deltas(transfers)
    tx.later(
        "ledger_post",
        [book for (book, _), _ in deltas],
        [kind for (_, kind), _ in deltas],
        [fen for _, fen in deltas],
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
        refused={"ledger_account": lambda _: InsufficientBalance(asked_fen=most)},
    )


def _deltas(transfers: Sequence[Transfer]) -> list[tuple[tuple[UUID, str], Fen]]:
    """What each account that keeps a balance gains or loses, in the order in which all accounts are locked."""
    found: dict[tuple[UUID, str], Fen] = {}
    for item in transfers:
        for kind, fen in ((item.debit, -item.amount), (item.credit, item.amount)):
            if kind not in _WITHOUT_BALANCE:
                found[item.book_id, str(kind)] = found.get((item.book_id, str(kind)), 0) + fen
    return sorted(found.items())


async def balances(tx: Tx, book_id: UUID) -> dict[AccountKind, Fen]:
    rows = await tx.fetch(
        "select kind, sum(balance_fen)::bigint as balance_fen from ledger_account where book_id = $1 group by kind",
        book_id,
    )
    return {AccountKind(row["kind"]): row["balance_fen"] for row in rows}


async def lock(
    tx: Tx, accounts: Collection[tuple[UUID, AccountKind]], *, order_id: UUID | None
) -> dict[tuple[UUID, AccountKind], Fen]:
    """Balances in fen, held until the end of the transaction; for what depends on one (debt, take back).

    Name every account that the act will post to: the rows are locked in the order that posting uses. Of escrow only
    the part in which this order lies.
    """
    return await lock_all(tx, [(book, kind, order_id) for book, kind in accounts])


async def lock_all(
    tx: Tx, accounts: Collection[tuple[UUID, AccountKind, UUID | None]]
) -> dict[tuple[UUID, AccountKind], Fen]:
    """The same for acts on many orders in one transaction: (book, kind, order) of all that any of them will post to.

    Of an escrow the balance that is returned is one of its locked parts.
    """
    rows = await tx.fetch(
        "select book_id, kind, balance_fen from ledger_account where (book_id, kind, slot) in"
        " (select book, kind, ledger_slot(kind, part)"
        " from unnest($1::uuid[], $2::text[], $3::uuid[]) as t(book, kind, part))"
        ' order by book_id, kind collate "C", slot for update',
        [book for book, _, _ in accounts],
        [str(kind) for _, kind, _ in accounts],
        [order for _, _, order in accounts],
    )
    return {(row["book_id"], AccountKind(row["kind"])): row["balance_fen"] for row in rows}
