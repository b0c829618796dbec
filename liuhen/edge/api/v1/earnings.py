"""What a seller has earned: free, held, owed; what moved it; and taking it out."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from liuhen.base.db import Once
from liuhen.base.errors import Conflict, InsufficientBalance
from liuhen.edge.api import cursors
from liuhen.edge.api.ops import Take, op
from liuhen.edge.api.shapes import Answer, Asked, Fen, Given, OrderNo, SomeFen, shape
from liuhen.edge.context import Ctx
from liuhen.flows.funds.withdraw_earnings import WithdrawEarnings, withdraw_earnings
from liuhen.money.accounts import AccountKind
from liuhen.reads import seller_money
from liuhen.timing.workdays import shanghai_day


class DayOfRelease(Answer, frozen=True, kw_only=True):
    """What becomes free on a day in Shanghai, after the fee; null: all that comes later."""

    day: date | None
    fen: Fen
    units: int


class Earnings(Answer, frozen=True, kw_only=True):
    """payable_fen: free. escrow_fen: held. debt_fen: refunds after release that wait to be made good. fee_fen: so far.

    stopped: what an open case holds back.
    """

    payable_fen: Fen
    escrow_fen: Fen
    debt_fen: Fen
    fee_fen: Fen
    balance_fen: Fen
    fee_basis_points: int
    held_units: int
    stopped_units: int
    stopped_fen: Fen
    releases: list[DayOfRelease]
    actions: list[str]


class SellerAccount(StrEnum):
    """Ledger accounts that a seller reads as a statement."""

    PAYABLE = "seller_payable"
    ESCROW = "escrow"
    DEBT = "seller_debt"
    FEE = "platform_fee"


class WhichMoves(Asked, frozen=True, kw_only=True):
    """Of one account."""

    account: SellerAccount = SellerAccount.PAYABLE


class Move(Answer, frozen=True, kw_only=True):
    """One transfer as it touched the account: plus came in, minus went out."""

    id: UUID
    at: datetime
    kind: str
    fen: int
    order_no: OrderNo | None
    title: str | None


class Moves(Answer, frozen=True, kw_only=True):
    """One page, newest first."""

    items: list[Move]
    next: str | None


class NewWithdrawal(Given, frozen=True, kw_only=True):
    """To one's own balance."""

    amount_fen: SomeFen


class Withdrawn(Answer, frozen=True, kw_only=True):
    """What stays free."""

    payable_fen: Fen


@op("GET", "/seller/earnings", "sell", "What I have earned")
async def get_earnings(ctx: Ctx) -> Earnings:
    """Free, held, owed, and when what is held becomes free."""
    today = shanghai_day(ctx.now)
    async with ctx.db.read() as tx:
        found = await seller_money.purse(tx, ctx.me)
        until = today + timedelta(days=seller_money.SOON_DAYS)
        days = await seller_money.releases(tx, ctx.me, today=today, until=until)
    may = found.payable_fen > 0 and found.debt_fen == 0
    return shape(
        found,
        Earnings,
        releases=[shape(day, DayOfRelease) for day in days],
        actions=["withdraw"] if may else [],
    )


@op("GET", "/seller/earnings/movements", "sell", "What moved my earnings")
async def list_earnings(ctx: Ctx, asked: Take[WhichMoves]) -> Moves:
    """Every transfer of the ledger that touched the account."""
    name = f"moves:{asked.account}"
    before = cursors.read(ctx, name, asked.cursor, UUID)
    async with ctx.db.read() as tx:
        page = await seller_money.statement(
            tx, ctx.me, AccountKind(asked.account.value), before=before, limit=asked.limit
        )
    items = [shape(move, Move) for move in page.moves]
    return Moves(items=items, next=cursors.write(ctx, name, page.next))


@op("POST", "/seller/withdrawals", "sell", "Move earnings to my balance", InsufficientBalance, Conflict, status=201)
async def withdraw(ctx: Ctx, given: Take[NewWithdrawal], once: Take[Once]) -> Withdrawn:
    """Once nothing is owed."""
    cmd = WithdrawEarnings(seller_id=ctx.me, amount_fen=given.amount_fen)
    done = await withdraw_earnings(ctx.db, cmd, now=ctx.now, once=once)
    return Withdrawn(payable_fen=done.payable_fen)


routes = [get_earnings, list_earnings, withdraw]
