"""A seller's money: what is free, held and owed, every transfer in plain words, and the way to his own balance."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from litestar import Response, get, post
from msgspec import Meta, Struct

from liuhen.base.errors import LiuhenError, NotFound
from liuhen.edge.context import Context, Ctx
from liuhen.edge.web import cursors, wording
from liuhen.edge.web.flash import go
from liuhen.edge.web.forms import NOTHING, Yuan, form, once_from, prefilled, refill
from liuhen.edge.web.guards import needs_seller
from liuhen.edge.web.render import render
from liuhen.edge.web.seller import csv_cells, order_words
from liuhen.edge.web.seller.console import Text, address, counts_of, page, say
from liuhen.flows.funds.withdraw_earnings import WithdrawEarnings, withdraw_earnings
from liuhen.money.accounts import AccountKind
from liuhen.reads import seller_money
from liuhen.timing.workdays import shanghai, shanghai_day

_LIST = "/seller/money"
_WITHDRAW = "seller/withdraw.html"
_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")
_MONTHS = 12


def _(msgid: str) -> str:
    return msgid  # marks the sentence for extraction


ACCOUNTS = {
    "payable": AccountKind.SELLER_PAYABLE,
    "escrow": AccountKind.ESCROW,
    "debt": AccountKind.SELLER_DEBT,
    "fee": AccountKind.PLATFORM_FEE,
}
"""Names in addresses and files."""


@get(_LIST, guards=[needs_seller])
async def money(ctx: Ctx, account: Text = "payable", after: Text = "") -> Response[Any]:
    """Balances and one account's transfers, newest first. account: payable, escrow, debt, fee."""
    kind = _kind(account)
    async with ctx.db.read() as tx:
        found = await seller_money.statement(tx, ctx.me, kind, before=cursors.read_id(after))
        kept = {"account": account}
        return await page(
            ctx,
            tx,
            "seller/money.html",
            purse=await seller_money.purse(tx, ctx.me),
            account=account,
            moves=[(move, order_words.MOVES.get(move.kind, move.kind)) for move in found.moves],
            older=address(_LIST, kept, after=str(found.next)) if found.next else "",
            newest=address(_LIST, kept) if after else "",
            months=_months(shanghai_day(ctx.now)),
        )


@get("/seller/money/statement.csv", guards=[needs_seller])
async def statement_csv(ctx: Ctx, month: Text = "", account: Text = "payable") -> Response[bytes]:
    """One month (Shanghai, 2026-11; else this one) of an account as CSV, oldest first. No text becomes a formula."""
    month = month or f"{shanghai_day(ctx.now):%Y-%m}"
    kind, match = _kind(account), _MONTH.fullmatch(month)
    if match is None:
        raise NotFound("no such month")
    first = date(int(match[1]), int(match[2]), 1)
    start, end = shanghai(first, 0), shanghai(_next_month(first), 0)
    async with ctx.db.read() as tx:
        moves = await seller_money.moves_between(tx, ctx.me, kind, start=start, end=end)
    heads = [say(ctx, text) for text in (_("时间"), _("事项"), _("金额（元）"), _("订单号"), _("商品"), _("编号"))]
    rows = [_csv_row(ctx, move) for move in moves]
    return Response(
        csv_cells.table(heads, rows),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="liuhen-{account}-{month}.csv"',
            "Cache-Control": "no-store",
        },
    )


@get("/seller/money/withdraw", guards=[needs_seller])
async def withdraw_page(ctx: Ctx) -> Response[Any]:
    """How much, and what it does."""
    values = await _values(ctx)
    begin = prefilled(amount=wording.yuan(values["purse"].payable_fen).replace(",", ""))
    return render(ctx.request, _WITHDRAW, typed=begin, errors=NOTHING, once=ctx.new_once(), **values)


class WithdrawForm(Struct):
    amount: Annotated[Yuan, Meta(title=_("金额"))]


@post("/seller/money/withdraw", guards=[needs_seller])
async def withdraw_act(ctx: Ctx) -> Response[Any]:
    """Moves it to the seller's own balance at once."""
    try:
        given = await form(ctx.request, WithdrawForm)
        cmd = WithdrawEarnings(seller_id=ctx.me, amount_fen=given.amount)
        await withdraw_earnings(ctx.db, cmd, now=ctx.now, once=await once_from(ctx))
    except LiuhenError as error:
        return await refill(ctx, _WITHDRAW, error, **await _values(ctx))
    text = say(ctx, _("已提到余额 %(money)s"), money=wording.money_text(given.amount))
    return go(ctx, _LIST, text, "paid")


async def _values(ctx: Context) -> dict[str, Any]:
    async with ctx.db.read() as tx:
        return {"purse": await seller_money.purse(tx, ctx.me), "counts": await counts_of(ctx, tx)}


def _kind(account: str) -> AccountKind:
    if account not in ACCOUNTS:
        raise NotFound("no such account")
    return ACCOUNTS[account]


def _csv_row(ctx: Context, move: seller_money.Move) -> list[str]:
    return [
        _stamp(move.at),
        csv_cells.cell(say(ctx, order_words.MOVES.get(move.kind, move.kind))),
        csv_cells.amount(move.fen),
        csv_cells.cell(move.order_no),
        csv_cells.cell(move.title),
        str(move.id),
    ]


def _stamp(at: datetime) -> str:
    """2026-11-22 20:14:11, Shanghai."""
    return f"{wording.local(at):%Y-%m-%d %H:%M:%S}"


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _months(today: date) -> list[str]:
    """The newest twelve months, as they stand in addresses."""
    found, first = [], today.replace(day=1)
    for _place in range(_MONTHS):
        found.append(f"{first:%Y-%m}")
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    return found


routes = [money, statement_csv, withdraw_page, withdraw_act]
