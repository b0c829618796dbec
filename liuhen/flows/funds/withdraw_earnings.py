"""A seller moves what is free to his own balance, once he owes nothing."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Conflict, InvalidInput
from liuhen.base.ids import new_id
from liuhen.money import ledger, transfers
from liuhen.money.accounts import AccountKind


class WithdrawEarnings(msgspec.Struct, frozen=True, kw_only=True):
    seller_id: UUID
    amount_fen: int


class EarningsWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    payable_fen: int


async def withdraw_earnings(
    db: Database, cmd: WithdrawEarnings, *, now: datetime, once: Once | None = None
) -> EarningsWithdrawn:
    """Returns what stays free. Raises InvalidInput, InsufficientBalance, Conflict while a debt stands."""
    if cmd.amount_fen < 1:
        raise InvalidInput("an amount above zero", fields={"amount": ("range", 1, 0)})

    async def work(tx: Tx) -> EarningsWithdrawn:
        kinds = (AccountKind.BUYER_BALANCE, AccountKind.SELLER_DEBT, AccountKind.SELLER_PAYABLE)
        held = await ledger.lock(tx, [(cmd.seller_id, kind) for kind in kinds], order_id=None)
        if held[cmd.seller_id, AccountKind.SELLER_DEBT] < 0:
            raise Conflict("pay the debt first", debt_fen=-held[cmd.seller_id, AccountKind.SELLER_DEBT])
        await ledger.post(tx, transfers.earn(cmd.seller_id, cmd.amount_fen, new_id(now)), order_id=None, now=now)
        left = held[cmd.seller_id, AccountKind.SELLER_PAYABLE] - cmd.amount_fen
        return EarningsWithdrawn(payable_fen=left)

    return await db.transact(work, now=now, once=once, result=EarningsWithdrawn)
