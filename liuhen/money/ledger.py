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
