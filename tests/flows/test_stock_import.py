"""From a key file to the shelf, on a real database."""

import asyncio
import hashlib
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, connect_owner
from liuhen.base.errors import Frozen, InvalidInput, NotFound, StateConflict, Unavailable
from liuhen.flows.trade import stage_stock as stage_stock_file
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.expire_staged_stock import expire_staged_stock
from liuhen.flows.trade.import_stock import LEASE, import_stock
from liuhen.flows.trade.stage_stock import StageStock, stage_stock
from liuhen.keyfiles.model import Column, DuplicateKind, Expect, ImportState, ParsedFile, Refusal, Shape
from liuhen.keyfiles.parsing import parse
from liuhen.parties import store as parties
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads import shelf
from liuhen.stock.model import KeyState
from liuhen.stock.seal import Label, fingerprints, fp_from_sha256
from liuhen.stock.vault import open_seal
from tests.flows.stock_room import RING, SAMPLES, a_product, a_seller, imported, shelf_rows, staged


@pytest.mark.parametrize(
    ("name", "kind", "available", "held"),
    [
        ("steam_100.txt", GoodsKind.CARD_KEY, 200, 0),
        ("mobile_50_gbk.txt", GoodsKind.PREPAID_CARD, 150, 0),
        ("video_vip_month.csv", GoodsKind.MEMBERSHIP, 79, 43),
        ("game_accounts.txt", GoodsKind.ACCOUNT_HANDOVER, 40, 0),
    ],
)
async def test_samples_become_stock(
    db: Database, now: datetime, name: str, kind: GoodsKind, available: int, held: int
) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now, kind)
    data = (SAMPLES / name).read_bytes()
    done = await imported(db, seller, product, data, now)
    assert (done.imported, done.short, done.left_out) == (available + held, held, 0)
    rows = await shelf_rows(db, product)
    states = [row["state"] for row in rows]
    assert (states.count("AVAILABLE"), states.count("HELD_SHORT")) == (available, held)
    for row in rows:
        content = open_seal(RING, seller, row["id"], row["sealed"])
        assert content.raw in data and content.raw not in row["sealed"]
        assert row["fp_exact"] == fingerprints(RING, content.fields, False).exact
        assert all(field not in row["mask"] for field in content.fields)
    async with db.read() as tx:
        line = await shelf.import_line(tx, seller, done.import_id)
        counts = await shelf.counts(tx, seller, product, now.date() + timedelta(days=7))
        left = await tx.fetchval("select staged from stock_import where id = $1", done.import_id)
    assert line is not None and line.state is ImportState.DONE and line.done == line.total and left is None
    assert (counts.sellable, counts.short) == (available, held)


async def test_files_that_are_read_leave_threads_to_others(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may take ten seconds: however many are read, whoever signs in finds a thread for his password."""
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    go_on, side_by_side, most, come = threading.Event(), [], [], []
    expect_of = stage_stock_file._expect

    def come_so_far(*given: Any) -> Expect:
        come.append(1)
        return expect_of(*given)

    def slow(data: bytes, expect: Expect) -> ParsedFile:
        side_by_side.append(1)
        most.append(len(side_by_side))
        go_on.wait(300)
        side_by_side.pop()
        return parse(data, expect)

    monkeypatch.setattr(stage_stock_file, "parse", slow)
    monkeypatch.setattr(stage_stock_file, "_expect", come_so_far)
    files = [asyncio.create_task(staged(db, seller, product, b"AAAA-BBBB-0001\n", now)) for _ in range(40)]
    try:
        async with asyncio.timeout(60):
            while len(come) < 40 or not most:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            assert await asyncio.to_thread(lambda: "a password fits") == "a password fits"
    finally:
        go_on.set()
        await asyncio.gather(*files, return_exceptions=True)
    assert max(most) == 1


async def test_the_preview_says_what_was_understood_and_stores_no_key(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    data = (SAMPLES / "steam_100.txt").read_bytes()
    report = (await staged(db, seller, product, data, now)).report
    assert (report.lines, report.rows, report.new, report.blank, report.duplicate) == (205, 200, 200, 2, 3)
    assert [d.kind for d in report.duplicates] == [
        DuplicateKind.EXACT,
        DuplicateKind.FOLDED,
        DuplicateKind.EXACT,
    ]
    gbk = await staged(db, seller, product, (SAMPLES / "mobile_50_gbk.txt").read_bytes(), now)
    assert [(r.line_no, r.code) for r in gbk.report.refusals] == [
        (151, Refusal.NO_SEPARATOR),
        (152, Refusal.EMPTY_FIELD),
    ]
    assert gbk.report.sample[0] == "50••••••87 · 97••••••65"
    assert await shelf_rows(db, product) == []
    async with db.read() as tx:
        rows = await tx.fetch("select staged, report, options from stock_import")
    assert len(rows) == 2
    for row in rows:
        assert b"R2CD-2BL5" not in row["staged"] and b"5072564604212487" not in row["staged"]
        assert "R2CD-2BL5" not in row["report"] and "5072564604212487" not in row["report"]


@pytest.mark.parametrize("name", ["not_a_key_list.txt", "empty.txt"])
async def test_what_is_no_key_file_leaves_nothing(db: Database, now: datetime, name: str) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    with pytest.raises(InvalidInput):
        await staged(db, seller, product, (SAMPLES / name).read_bytes(), now)
    async with db.read() as tx:
        assert await tx.fetchval("select count(*) from stock_import") == 0


async def test_the_same_file_twice_brings_nothing_new(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    other = await a_product(db, seller, now)
    data = b"AAAA-1111\nBBBB-2222\n"
    await imported(db, seller, product, data, now)
    again = await staged(db, seller, other, b"aaaa1111\nCCCC-3333\n", now)
    assert (again.report.new, again.report.in_book, again.report.in_book_lines) == (1, 1, [1])
    twice = await staged(db, seller, product, data, now)
    assert twice.report.new == 0
    with pytest.raises(InvalidInput, match="nothing new"):
        await confirm_stock(db, ConfirmStock(seller_id=seller, import_id=twice.import_id, seal=twice.seal), now=now)


async def test_where_case_matters_folded_keys_are_two(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now, case_sensitive=True)
    done = await imported(db, seller, product, b"AbCd-1111\nabcd-1111\nAbCd-1111\n", now)
    assert done.imported == 2
    assert {row["fp_folded"] for row in await shelf_rows(db, product)} == {None}


async def test_another_shop_is_a_hint_and_no_hindrance(db: Database, now: datetime) -> None:
    first, second = await a_seller(db, now), await a_seller(db, now, "别家")
    await imported(db, first, await a_product(db, first, now), b"AAAA-1111\nBBBB-2222\n", now)
    product = await a_product(db, second, now)
    stage = await staged(db, second, product, b"aaaa-1111\nCCCC-3333\n", now)
    assert (stage.report.elsewhere, stage.report.in_book, stage.report.new) == (1, 0, 2)
    done = await imported(db, second, product, b"aaaa-1111\nCCCC-3333\n", now)
    assert done.imported == 2


async def test_an_issuer_finds_a_key_by_its_hash(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    await imported(db, seller, product, b"AAAA-1111\n", now)
    (row,) = await shelf_rows(db, product)
    assert row["fp_exact"] == fp_from_sha256(RING, hashlib.sha256(b"AAAA-1111").digest())


async def test_the_seller_may_say_what_the_lines_are(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    cmd = StageStock(
        seller_id=seller,
        product_id=product,
        filename="C:\\货\\卡密\x07.txt",
        data="AAAA----三月进货\nBBBB----三月进货\n".encode(),
        shape=Shape.KEY,
    )
    stage = await stage_stock(db, cmd, keys=RING, now=now)
    assert stage.report.columns == [Column.KEY] and stage.report.new == 2
    async with db.read() as tx:
        line = await shelf.import_line(tx, seller, stage.import_id)
    assert line is not None and line.filename == "卡密.txt"
    with pytest.raises(InvalidInput):
        await stage_stock(
            db,
            StageStock(seller_id=seller, product_id=product, filename="", data=b"A----B", shape=Shape.ACCOUNT),
            keys=RING,
            now=now,
        )


async def test_only_what_the_preview_showed_can_be_confirmed_and_only_in_time(db: Database, now: datetime) -> None:
    seller, stranger = await a_seller(db, now), await a_seller(db, now, "别家")
    product = await a_product(db, seller, now)
    stage = await staged(db, seller, product, b"AAAA-1111\n", now)
    other = await staged(db, seller, product, b"BBBB-1111\n", now)

    async def confirm(by: object, seal: str, at: datetime) -> None:
        cmd = ConfirmStock(seller_id=by, import_id=stage.import_id, seal=seal)  # type: ignore[arg-type]
        await confirm_stock(db, cmd, now=at)

    with pytest.raises(NotFound):
        await confirm(stranger, stage.seal, now)
    with pytest.raises(InvalidInput, match="preview"):
        await confirm(seller, other.seal, now)
    with pytest.raises(StateConflict, match="30 minutes"):
        await confirm(seller, stage.seal, now + timedelta(minutes=30, seconds=1))
    await confirm(seller, stage.seal, now + timedelta(minutes=30))
    with pytest.raises(StateConflict):
        await confirm(seller, stage.seal, now)


async def test_what_nobody_confirms_is_forgotten(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    stage = await staged(db, seller, product, b"AAAA-1111\n", now)
    assert not await expire_staged_stock(db, seller, stage.import_id, now=now + timedelta(minutes=30))
    late = now + timedelta(minutes=31)
    assert await expire_staged_stock(db, seller, stage.import_id, now=late)
    assert not await expire_staged_stock(db, seller, stage.import_id, now=late)
    async with db.read() as tx:
        row = await tx.fetchrow("select state, staged from stock_import where id = $1", stage.import_id)
    assert row is not None and (row["state"], row["staged"]) == ("EXPIRED", None)


async def test_uploads_do_not_pile_up(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    for n in range(5):
        await staged(db, seller, product, b"KEY-%d" % n, now + timedelta(seconds=n))
    async with db.read() as tx:
        rows = await tx.fetch("select state, staged is null as gone from stock_import order by created_at")
    assert [row["state"] for row in rows] == ["EXPIRED"] * 2 + ["STAGED"] * 3
    assert [row["gone"] for row in rows] == [True] * 2 + [False] * 3


async def test_a_form_sent_twice_stages_once(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    once = Once(seller, "page:abcdefgh", b"same")
    cmd = StageStock(seller_id=seller, product_id=product, filename="a.txt", data=b"KEY-1")
    first = await stage_stock(db, cmd, keys=RING, now=now, once=once)
    second = await stage_stock(db, cmd, keys=RING, now=now, once=once)
    assert first == second


async def test_who_may_not_stage(db: Database, now: datetime) -> None:
    seller, stranger = await a_seller(db, now), await a_seller(db, now, "别家")
    product = await a_product(db, seller, now)
    by_hand = await a_product(db, seller, now, GoodsKind.BOOSTING_SERVICE)
    with pytest.raises(NotFound):
        await staged(db, stranger, product, b"KEY", now)
    with pytest.raises(InvalidInput, match="by hand"):
        await staged(db, seller, by_hand, b"KEY", now)
    await db.transact(lambda tx: parties.set_frozen(tx, seller, now, "test"), now=now)
    with pytest.raises(Frozen):
        await staged(db, seller, product, b"KEY", now)


async def test_one_worker_at_a_time_and_a_crash_is_taken_over(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    stage = await staged(db, seller, product, b"AAAA-1111\nBBBB-2222\n", now)
    await confirm_stock(db, ConfirmStock(seller_id=seller, import_id=stage.import_id, seal=stage.seal), now=now)

    async def crash(done: int, total: int) -> None:
        raise ConnectionResetError

    with pytest.raises(Unavailable):
        await import_stock(db, seller, stage.import_id, keys=RING, now=now, progress=crash)
    assert await shelf_rows(db, product) == []
    with pytest.raises(StateConflict, match="other hands"):
        await import_stock(db, seller, stage.import_id, keys=RING, now=now)
    done = await import_stock(db, seller, stage.import_id, keys=RING, now=now + LEASE)
    assert done.imported == 2 and len(await shelf_rows(db, product)) == 2
    with pytest.raises(StateConflict):
        await import_stock(db, seller, stage.import_id, keys=RING, now=now + LEASE)


async def test_two_files_with_one_key_at_once(db: Database, now: datetime) -> None:
    """Both previews call it new; it is stocked once, and both imports end well."""
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    both = [
        await staged(db, seller, product, b"SHARED-1\n" + b"".join(b"%d-KEY%d\n" % (n, i) for i in range(300)), now)
        for n in range(2)
    ]
    for stage in both:
        await confirm_stock(db, ConfirmStock(seller_id=seller, import_id=stage.import_id, seal=stage.seal), now=now)
    done = await asyncio.gather(*(import_stock(db, seller, stage.import_id, keys=RING, now=now) for stage in both))
    assert sorted(item.left_out for item in done) == [0, 1]
    assert len(await shelf_rows(db, product)) == 601


async def test_an_upload_sealed_with_a_lost_key_fails_with_a_sentence(db: Database, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    stage = await staged(db, seller, product, b"AAAA-1111\n", now)
    await confirm_stock(db, ConfirmStock(seller_id=seller, import_id=stage.import_id, seal=stage.seal), now=now)
    with pytest.raises(InvalidInput):
        await import_stock(db, seller, stage.import_id, keys=KeyRing({1: bytes(32)}), now=now)
    async with db.read() as tx:
        line = await shelf.import_line(tx, seller, stage.import_id)
        notice = await tx.fetchval("select kind from notice where book_id = $1", seller)
    assert line is not None and line.state is ImportState.FAILED and line.failure
    assert notice == "STOCK_IMPORT_FAILED"


async def test_100_000_keys_in_one_go_with_progress(db: Database, dsn: str, now: datetime) -> None:
    seller = await a_seller(db, now)
    product = await a_product(db, seller, now)
    await imported(db, seller, await a_product(db, seller, now), b"EARLIER-1\n", now)
    owner = await connect_owner(dsn)
    await owner.execute("analyze stock_key")  # so that every plan is made for a table of one row
    await owner.close()
    data = "".join(f"{n:016d}----{n * 7919:010d}----有效期至2027-12-31\n" for n in range(100_000)).encode("gbk")
    seen: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        async with db.read() as tx:
            line = await shelf.imports(tx, seller, product_id=product)
        assert line[0].done == done and line[0].state is ImportState.CONFIRMED
        seen.append((done, total))

    start = time.perf_counter()
    done = await imported(db, seller, product, data, now, progress)
    assert done.imported == 100_000
    assert len(seen) == 50 and seen[-1] == (100_000, 100_000) and seen == sorted(seen)
    assert time.perf_counter() - start < 120, "100,000 keys must take seconds, even on a busy machine"
    async with db.read() as tx:
        counts = await shelf.counts(tx, seller, product, now.date())
        page = await shelf.keys(tx, seller, product, limit=100)
        following = await shelf.keys(tx, seller, product, before=page[-1].id, limit=100)
    assert counts.sellable == 100_000
    assert len(page) == len(following) == 100 and not {k.id for k in page} & {k.id for k in following}
    assert page[0].state is KeyState.AVAILABLE and page[0].mask.count("•") == 12


def test_labels_and_columns_are_the_same_words() -> None:
    secrets = {column for shape in Shape for column in shape.columns}
    assert {str(column) for column in secrets} == {str(label) for label in Label}
