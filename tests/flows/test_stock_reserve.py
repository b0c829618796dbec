"""Keys are allocated once, whoever comes at the same time, and never too late."""

import asyncio
from datetime import date, datetime
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import OutOfStock, StateConflict
from liuhen.base.ids import new_id
from liuhen.stock import store as stock
from liuhen.stock.model import KeyEvent
from tests.flows.stock_room import a_product, a_seller, imported, shelf_rows

DAY = date(2026, 11, 29)


async def reserve(db: Database, seller: UUID, product: UUID, pieces: int, now: datetime) -> list[UUID]:
    units = [new_id(now) for _ in range(pieces)]
    await db.transact(lambda tx: stock.take(tx, seller, product, units, valid_on=DAY, now=now), now=now)
    return units


async def test_thirty_buyers_for_twenty_keys(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    await imported(db, seller, product, b"".join(b"KEY-%d\n" % n for n in range(20)), now)
    outcomes = await asyncio.gather(*(reserve(db, seller, product, 1, now) for _ in range(30)), return_exceptions=True)
    assert sum(isinstance(outcome, OutOfStock) for outcome in outcomes) == 10
    rows = await shelf_rows(db, product)
    assert len({row["unit_id"] for row in rows}) == 20 and {row["state"] for row in rows} == {"RESERVED"}


async def test_a_key_that_aged_on_the_shelf_is_passed_over(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now, min_validity_days=0)
    data = "卡号,密码,有效期\n1,a,2026-11-28\n2,b,2026-11-29\n3,c,\n".encode()
    await imported(db, seller, product, data, now)
    await reserve(db, seller, product, 2, now)
    with pytest.raises(OutOfStock):
        await reserve(db, seller, product, 1, now)
    assert [row["state"] for row in await shelf_rows(db, product)] == ["AVAILABLE", "RESERVED", "RESERVED"]


async def test_all_or_none(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    await imported(db, seller, product, b"KEY-1\nKEY-2\n", now)
    with pytest.raises(OutOfStock) as caught:
        await reserve(db, seller, product, 3, now)
    assert caught.value.data["left"] == 2
    assert {row["state"] for row in await shelf_rows(db, product)} == {"AVAILABLE"}


async def test_a_sealed_key_returns_and_a_revealed_one_never_does(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    await imported(db, seller, product, b"KEY-1\nKEY-2\n", now)
    sealed, seen = await reserve(db, seller, product, 2, now)

    async def move(event: KeyEvent, *units: UUID) -> None:
        await db.transact(lambda tx: stock.move(tx, seller, units, event, actor="PLATFORM", now=now), now=now)

    await move(KeyEvent.DELIVERED, sealed, seen)
    await move(KeyEvent.REVEALED, seen)
    with pytest.raises(StateConflict):
        await move(KeyEvent.RESTOCKED, sealed, seen)
    await move(KeyEvent.RESTOCKED, sealed)
    await move(KeyEvent.RETIRED, seen)
    assert sorted(str(row["state"]) for row in await shelf_rows(db, product)) == ["AVAILABLE", "RETIRED"]
    for event in KeyEvent:
        if event not in (KeyEvent.RESERVED, KeyEvent.VOIDED):
            with pytest.raises(StateConflict):
                await move(event, seen)
    async with db.read() as tx:
        kinds = await tx.fetch("select kind from key_event where unit_id = $1 order by kind", seen)
    assert [row["kind"] for row in kinds] == ["DELIVERED", "RESERVED", "RETIRED", "REVEALED"]
