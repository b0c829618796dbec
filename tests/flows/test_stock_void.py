"""A seller takes unsold keys off the shelf."""

from datetime import date, datetime

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, NotFound
from liuhen.base.ids import new_id
from liuhen.flows.trade.void_stock import VoidStock, void_stock
from liuhen.reads import shelf
from liuhen.stock import store as stock
from liuhen.stock.model import KeyState
from tests.flows.stock_room import a_product, a_seller, imported, shelf_rows, staged

FILE = "卡号,密码,有效期\n1,a,2027-01-01\n2,b,2027-01-01\n3,c,2026-11-24\n".encode()
FAR = date(2026, 11, 29)


async def test_unsold_keys_are_voided_and_logged_and_reserved_ones_stay(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    await imported(db, seller, product, FILE, now)
    unit = new_id(now)
    await db.transact(lambda tx: stock.take(tx, seller, product, [unit], valid_on=FAR, now=now), now=now)
    done = await void_stock(db, VoidStock(seller_id=seller, product_id=product), now=now)
    assert (done.voided, done.kept) == (2, 0)
    states = sorted(str(row["state"]) for row in await shelf_rows(db, product))
    assert states == ["RESERVED", "VOID", "VOID"]
    async with db.read() as tx:
        events = await tx.fetch("select kind, actor from key_event where book_id = $1 order by kind", seller)
        counts = await shelf.counts(tx, seller, product, FAR)
    assert [tuple(row) for row in events] == [("RESERVED", "PLATFORM")] + [("VOIDED", "SELLER")] * 2
    assert (counts.sellable, counts.short, counts.reserved, counts.void) == (0, 0, 1, 2)


async def test_by_name_or_by_upload(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    first = await imported(db, seller, product, b"AAAA-1\nAAAA-2\nAAAA-3\n", now)
    await imported(db, seller, product, b"BBBB-1\nBBBB-2\n", now)
    async with db.read() as tx:
        page = await shelf.keys(tx, seller, product, import_id=first.import_id)
    named = [page[0].id, page[0].id, new_id(now)]
    done = await void_stock(db, VoidStock(seller_id=seller, product_id=product, key_ids=named), now=now)
    assert (done.voided, done.kept) == (1, 1)
    cmd = VoidStock(seller_id=seller, product_id=product, import_id=first.import_id)
    assert (await void_stock(db, cmd, now=now)).voided == 2
    async with db.read() as tx:
        left = await shelf.keys(tx, seller, product, state=KeyState.AVAILABLE)
    assert len(left) == 2 and {key.mask for key in left} == {"••••••"}


async def test_a_voided_key_is_not_new_when_it_comes_again(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    await imported(db, seller, product, b"AAAA-1\n", now)
    await void_stock(db, VoidStock(seller_id=seller, product_id=product), now=now)
    assert (await staged(db, seller, product, b"AAAA-1\nAAAA-2\n", now)).report.in_book_lines == [1]


async def test_who_and_how_many(db: Database, now: datetime) -> None:
    seller, stranger = await a_seller(db, now), await a_seller(db, now, "别家")
    product = await a_product(db, seller, now)
    await imported(db, seller, product, b"AAAA-1\n", now)
    with pytest.raises(NotFound):
        await void_stock(db, VoidStock(seller_id=stranger, product_id=product), now=now)
    for bad in ([], [new_id(now) for _ in range(1001)]):
        with pytest.raises(InvalidInput):
            await void_stock(db, VoidStock(seller_id=seller, product_id=product, key_ids=bad), now=now)
