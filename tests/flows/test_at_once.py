"""A transaction of one statement: once per key, all or nothing, and done again when somebody was faster."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from liuhen.base import directory
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import IdempotencyMismatch, OutOfStock
from liuhen.base.ids import new_id
from liuhen.catalog.model import ListingState
from liuhen.flows.outbox.sweep import sweep
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.place_order import LineAsk, PlacedOrder, PlaceOrder, place_order
from liuhen.flows.trade.set_listing_state import SetListingState, set_listing_state
from liuhen.notices import store as notices
from liuhen.orders import store as orders
from liuhen.policy.facts.claim import ReasonCode
from liuhen.reads.refund_facts import look
from liuhen.steps.record import PLATFORM, as_seen, record
from tests.flows.refunds import Bought, rules


async def _tell(tx: Tx, party: UUID, now: datetime) -> str:
    await notices.send(tx, party, "TOPPED_UP", {"amount_fen": 1}, "/balance", now=now)
    return "told"


async def _told(db: Database, party: UUID) -> int:
    async with db.read() as tx:
        count: int = await tx.fetchval("select count(*) from notice where book_id = $1", party)
    return count


async def test_twins_take_effect_once_and_get_one_answer(db: Database, now: datetime) -> None:
    party, once = new_id(now), Once(new_id(now), "k" * 8, b"h")
    answers = await asyncio.gather(
        *(db.at_once(lambda tx: _tell(tx, party, now), now=now, once=once, result=str) for _ in range(8))
    )
    assert answers == ["told"] * 8 and await _told(db, party) == 1
    with pytest.raises(IdempotencyMismatch):
        other = Once(once.book_id, once.key, b"another request")
        await db.at_once(lambda tx: _tell(tx, party, now), now=now, once=other, result=str)
    assert await _told(db, party) == 1


async def _order(world: Bought, once: Once | None = None) -> PlacedOrder:
    ask = LineAsk(product_id=world.product, version=1, pieces=1, no_reason_confirmed=True)
    cmd = PlaceOrder(buyer_id=world.buyer_id, lines=[ask], pay_from_balance=True)
    return await place_order(world.db, cmd, exclusion_version="1", rules=rules(), now=world.now, once=once)


async def test_what_is_refused_leaves_nothing_not_even_its_key(db: Database, now: datetime) -> None:
    world = Bought(db, now)
    await world.bought(pieces=5)
    await world.order(world.buyer_id, world.seller_id, world.product, 5, pay=None)  # the five that are left
    await world.fund(world.buyer_id, 9800)
    key = Once(world.buyer_id, "one-order", b"h")
    with pytest.raises(OutOfStock) as refused:
        await _order(world, key)
    assert refused.value.data == {"product_id": str(world.product), "asked": 1, "left": 0}
    await world.shelve(world.seller_id, world.product, 1)
    placed = await _order(world, key)
    assert await _order(world, key) == placed
    await world.proven(placed)


async def test_the_answer_stays_the_answer_after_the_listing_is_gone(db: Database, now: datetime) -> None:
    world = Bought(db, now)
    await world.bought()
    await world.shelve(world.seller_id, world.product, 1)
    await world.fund(world.buyer_id, 9800)
    key = Once(world.buyer_id, "one-order", b"h")
    placed = await _order(world, key)
    gone = SetListingState(seller_id=world.seller_id, product_id=world.product, state=ListingState.OFF_SALE)
    await set_listing_state(db, gone, now=now)
    assert await _order(world, key) == placed


async def test_an_answer_is_kept_for_thirty_days(db: Database, now: datetime) -> None:
    world = Bought(db, now)
    await world.bought()
    await world.fund(world.buyer_id, 9800 * 2)
    key = Once(world.buyer_id, "one-order", b"h")
    placed = await _order(world, key)
    await sweep(db, now=now + timedelta(days=29))
    assert await _order(world, key) == placed
    await sweep(db, now=now + timedelta(days=31))
    assert await _order(world, key) != placed, "a key that is forgotten is a new one"


async def test_who_was_overtaken_looks_again(db: Database, now: datetime) -> None:
    """Between the look and the write the buyer breaks the seal: the act sees the broken seal in the end."""
    world = Bought(db, now)
    placed = await world.bought()
    (unit,) = [row["id"] for row in await world.units(placed)]
    seen_states: list[str] = []

    async def work(tx: Tx) -> str:
        seen = await look(tx, placed.book_id, placed.order_id, [unit])
        seen_states.append(str(seen.units[0].state))
        as_seen(tx, placed.book_id, placed.order_id, [unit], seen.chain_length)
        await record(tx, placed.book_id, placed.order_id, PLATFORM, "RECEIPT_CONFIRMED", {}, now=now)
        if len(seen_states) == 1:
            who = BreakSeal(
                buyer_id=world.buyer_id, book_id=placed.book_id, order_id=placed.order_id, unit_ids=[unit]
            )
            await break_seal(db, who, now=now)
        return seen_states[-1]

    assert await db.at_once(work, now=now) == "REVEALED" and seen_states == ["SEALED", "REVEALED"]
    await world.proven(placed)


async def test_who_asks_for_a_lock_gets_a_whole_transaction(db: Database, now: datetime) -> None:
    world = Bought(db, now)
    placed = await world.bought()
    calls: list[int] = []

    async def work(tx: Tx) -> str:
        calls.append(1)
        head = await orders.lock(tx, placed.book_id, placed.order_id)
        return await _tell(tx, head.buyer_id, now)

    before = await _told(db, world.buyer_id)
    once = Once(world.buyer_id, "with-a-lock", b"h")
    assert await db.at_once(work, now=now, once=once, result=str) == "told"
    assert await db.at_once(work, now=now, once=once, result=str) == "told"
    assert await _told(db, world.buyer_id) == before + 1


async def test_two_requests_for_one_unit_are_one_case(db: Database, now: datetime) -> None:
    world = Bought(db, now)
    placed = await world.bought()
    asked = await asyncio.gather(
        *(world.ask_one(placed, ReasonCode.CHANGE_OF_MIND) for _ in range(6)), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in asked) == 1
    await world.proven(placed)


@pytest.mark.parametrize("way", ["at_once", "transact"])
async def test_a_number_that_is_taken_is_drawn_again(db: Database, now: datetime, way: str) -> None:
    """Numbers are drawn at random: whoever draws the one of another order never hears of it."""
    book, drawn = new_id(now), iter(["LH261122-AAAAAAA0", "LH261122-AAAAAAA0", "LH261122-BBBBBBB0"])

    async def work(tx: Tx) -> str:
        number = next(drawn)
        await directory.put(tx, "order", number, book, new_id(now))
        return await _tell(tx, book, now) + number[-8:]

    for once, number in (("the-first", "AAAAAAA0"), ("the-second", "BBBBBBB0")):
        asked = Once(book, once, b"h")
        assert await getattr(db, way)(work, now=now, once=asked, result=str) == f"told{number}"
    assert await _told(db, book) == 2
