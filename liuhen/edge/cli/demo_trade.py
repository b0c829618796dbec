"""The first trade of a demo market, through its own doors: a top-up over the sandbox, orders, a few refunds."""

import asyncio
from datetime import datetime
from uuid import UUID

import httpx

from liuhen.base.agreements import NO_REASON_EXCLUSION
from liuhen.base.errors import Unavailable
from liuhen.edge.context import App
from liuhen.flows.aftersale.answer_refund import AnswerRefund, answer_refund
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.flows.funds.top_up import TopUp, top_up
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.place_order import LineAsk, PlacedOrder, PlaceOrder, place_order
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads.demo import Offer, balance_of, offers, party_of, unit_ids, untouched
from liuhen.refunds.model import Answer

TOP_UP_FEN = 2_000_00
_CREDIT_SECONDS = 20


async def trade(app: App, now: datetime) -> None:
    """Does nothing in a market where somebody has ordered before. Needs web and sandbox to be up.

    Raises Unavailable when the sandbox's callback does not come.
    """
    async with app.db.read() as tx:
        if not await untouched(tx):
            return
        buyer = await party_of(tx, "buyer")
        goods = {offer.kind: offer for offer in await offers(tx)}
    await _fund(app, buyer, now)
    await _buy(app, buyer, goods["prepaid_card"], 2, now)
    await _buy(app, buyer, goods["direct_top_up"], 1, now, target="13800000319")
    await _returned(app, buyer, goods["card_key"], now)
    await _dead(app, buyer, goods["membership"], "兑换时提示“兑换码不存在”，试了两次都一样。", now)
    case_no = await _dead(app, buyer, goods["voucher"], "到店核销，店员说这张券已经用过。", now)
    refused = AnswerRefund(
        seller_id=goods["voucher"].book_id,
        case_no=case_no,
        answer=Answer.REFUSED,
        reasons="这批券码当天刚从发行方取得，发货前查过都是未使用，怀疑是买家自己用掉的。",
    )
    await answer_refund(app.db, refused, rules=app.rules, now=now)


async def _returned(app: App, buyer: UUID, offer: Offer, now: datetime) -> None:
    """A sealed key that is not wanted after all: the machine refunds it in the same breath."""
    placed = await _buy(app, buyer, offer, 1, now)
    await _ask(app, buyer, placed, ReasonCode.CHANGE_OF_MIND, "", now)


async def _dead(app: App, buyer: UUID, offer: Offer, statement: str, now: datetime) -> str:
    """A key that does not work: seal broken, refund asked for. Returns the number of the case."""
    placed = await _buy(app, buyer, offer, 1, now)
    async with app.db.read() as tx:
        units = await unit_ids(tx, placed.book_id, placed.order_id)
    seen = BreakSeal(buyer_id=buyer, book_id=placed.book_id, order_id=placed.order_id, unit_ids=units)
    await break_seal(app.db, seen, now=now)
    return await _ask(app, buyer, placed, ReasonCode.INVALID_KEY, statement, now)


async def _ask(app: App, buyer: UUID, placed: PlacedOrder, reason: ReasonCode, statement: str, now: datetime) -> str:
    async with app.db.read() as tx:
        units = await unit_ids(tx, placed.book_id, placed.order_id)
    ask = RequestRefund(
        buyer_id=buyer,
        order_no=placed.order_no,
        unit_ids=units,
        reason=reason,
        statement=statement,
    )
    done = await request_refund(app.db, ask, rules=app.rules, now=now)
    return done.cases[0].case_no


async def _fund(app: App, buyer: UUID, now: datetime) -> None:
    """Presses 付款 on the sandbox's page, then waits for its callback like everybody else."""
    channel = app.channels["sandbox"]
    started = await top_up(app.db, TopUp(party_id=buyer, amount_fen=TOP_UP_FEN, channel="sandbox"), now=now)
    url = channel.pay_url(
        payment_id=started.payment_id,
        amount_fen=TOP_UP_FEN,
        subject="余额充值",
        notify_url=f"{app.settings.address}/callbacks/sandbox",
        return_url=f"{app.settings.address}/balance",
        expires_at=started.expires_at,
    )
    async with httpx.AsyncClient(timeout=10) as http:
        (await http.get(url)).raise_for_status()
        paid = await http.post(url, data={"act": "pay"})
    if paid.is_error:
        raise Unavailable(f"the sandbox refused the demo's payment: {paid.status_code}")
    for _ in range(_CREDIT_SECONDS * 10):
        async with app.db.read() as tx:
            if await balance_of(tx, buyer) >= TOP_UP_FEN:
                return
        await asyncio.sleep(0.1)
    raise Unavailable("the sandbox's callback for the demo's payment did not come")


async def _buy(app: App, buyer: UUID, offer: Offer, pieces: int, now: datetime, target: str = "") -> PlacedOrder:
    line = LineAsk(
        product_id=offer.product_id, version=offer.version, pieces=pieces, target=target, no_reason_confirmed=True
    )
    return await place_order(
        app.db,
        PlaceOrder(buyer_id=buyer, book_id=offer.book_id, lines=[line], pay_from_balance=True),
        exclusion_version=app.agreements.current(NO_REASON_EXCLUSION, now).version,
        rules=app.rules,
        now=now,
    )
