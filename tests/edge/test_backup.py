"""Backup and restore, rehearsed: what was sold is back, proven, and sold on; a lost key says what is lost."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from liuhen.base import backup_files, pg_tools
from liuhen.base.db import Database, connect_owner
from liuhen.base.embedded import start
from liuhen.base.keyfile import open_key_ring
from liuhen.base.objects import ObjectStore
from liuhen.edge.cli.main import main
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.show_goods import ShowGoods, show_goods
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from tests.flows.refunds import Bought
from tests.flows.test_refund_record import picture

Say = pytest.CaptureFixture[str]
Move = pytest.MonkeyPatch
HAND_TEXT = "登录名 planted-user 密码 planted-pass"


@dataclass
class Shop(Bought):
    """A market whose keys and pictures lie in a data folder, as an installation's do."""

    folder: Path = field(default_factory=Path)

    async def trade(self) -> PlacedOrder:
        """A card that its buyer has seen, a delivery by hand, and a request with a picture for which the seller is
        asked."""
        placed = await self.bought(pieces=2)
        await self.fund(self.buyer_id, 100_000)
        first, _ = await self.units(placed)
        await self.reveal(placed, first["id"])
        attach = AttachPicture(
            party_id=self.buyer_id,
            filename="a.png",
            data=picture(),
            book_id=self.seller_id,
            order_id=placed.order_id,
        )
        kept = await attach_picture(self.db, attach, objects=self.objects, rules=self.rules, now=self.now)
        await self.ask(placed, ReasonCode.INVALID_KEY, first["id"], pictures=(kept.picture_id,))
        await self.by_hand()
        return placed

    async def by_hand(self) -> None:
        product = await self.listing(
            self.seller_id, kind=GoodsKind.DIRECT_TOP_UP, price=100, title="话费 1 元", target_label="手机号"
        )
        placed = await self.order(self.buyer_id, self.seller_id, product, target="13800000000")
        cmd = DeliverByHand(seller_id=self.seller_id, order_id=placed.order_id, line_no=1, text=HAND_TEXT)
        await deliver_by_hand(self.db, cmd, keys=self.keys, rules=self.rules, now=self.now)

    @property
    def objects(self) -> ObjectStore:
        return ObjectStore.open(self.folder / "objects")

    async def shows(self, placed: PlacedOrder) -> list[str]:
        """What the buyer reads of every unit that is open."""
        found = []
        for unit in await self.units(placed):
            if unit["state"] == "REVEALED":
                look = ShowGoods(
                    buyer_id=self.buyer_id, book_id=self.seller_id, order_id=placed.order_id, unit_id=unit["id"]
                )
                found += (await show_goods(self.db, look, keys=self.keys, now=self.now)).fields
        return found


class Rehearsal:
    """One installation that is backed up and others that it is restored to. Commands run as an operator's do."""

    def __init__(self, fresh: Callable[[], Awaitable[str]], move: Move, tmp: Path) -> None:
        self.fresh, self.move, self.tmp = fresh, move, tmp
        self.backups, self.keys, self.phrase = tmp / "backups", tmp / "safe" / "keys.json", tmp / "phrase"
        self.phrase.write_text("correct horse battery\n")
        self.keys.parent.mkdir()
        self._open: list[Database] = []

    async def house(self, name: str, dsn: str | None, now: datetime) -> Shop:
        """An installation whose database is `dsn`, opened."""
        self.enter(name, dsn)
        shop = await self.reopen(name, dsn or "", now) if dsn else None
        assert shop is not None
        return shop

    def enter(self, name: str, dsn: str | None) -> None:
        self.move.setenv("LIUHEN_DATA_DIR", str(self.tmp / name))
        if dsn is None:
            self.move.delenv("LIUHEN_DATABASE_URL")
        else:
            self.move.setenv("LIUHEN_DATABASE_URL", dsn)

    async def reopen(self, name: str, dsn: str, now: datetime, like: Shop | None = None) -> Shop:
        db = await Database.open(dsn, size=4)
        self._open.append(db)
        keys = await open_key_ring(db, self.tmp / name / "master.keys", now)
        shop = Shop(db, now, keys=keys, folder=self.tmp / name)
        if like is not None:
            shop.seller_id, shop.buyer_id, shop.product, shop.made = (
                like.seller_id,
                like.buyer_id,
                like.product,
                like.made,
            )
        return shop

    async def close(self) -> None:
        for db in self._open:
            await db.close()

    async def empty(self) -> str:
        """The address of a database without a table."""
        dsn = await self.fresh()
        owner = await connect_owner(dsn)
        await owner.execute("drop schema public cascade; create schema public")
        await owner.close()
        return dsn

    async def run(self, *words: object) -> int:
        return await asyncio.to_thread(main, [str(word) for word in words])

    @property
    def with_keys(self) -> tuple[object, ...]:
        return ("--keys", self.keys, "--passphrase-file", self.phrase)


@pytest.fixture
async def stage(fresh_dsn: Callable[[], Awaitable[str]], monkeypatch: Move, tmp_path: Path) -> AsyncIterator[Rehearsal]:
    made = Rehearsal(fresh_dsn, monkeypatch, tmp_path)
    yield made
    await made.close()


async def test_everything_is_back_in_a_fresh_cluster_and_selling_goes_on(
    stage: Rehearsal, now: datetime, capsys: Say
) -> None:
    shop = await stage.house("first", await stage.fresh(), now)
    placed = await shop.trade()
    assert await stage.run("backup", stage.backups) == 0
    first = set(stage.backups.glob("objects/*/*"))
    later = await shop.order(shop.buyer_id, shop.seller_id, shop.product)
    shown = await shop.shows(placed)
    assert len(first) == 2 and len(shown) == 1
    marks = {path: path.stat().st_mtime_ns for path in first}
    assert await stage.run("backup", stage.backups) == 0
    assert {path: path.stat().st_mtime_ns for path in stage.backups.glob("objects/*/*")} == marks
    assert await stage.run("backup-keys", stage.keys, "--passphrase-file", stage.phrase) == 0
    one, two = backup_files.backups(stage.backups)
    capsys.readouterr()

    stage.enter("second", None)  # no address: the restore goes to PostgreSQL in the new data folder
    with await asyncio.to_thread(start, stage.tmp / "second", durable=False) as server:
        assert await stage.run("restore", stage.backups, *stage.with_keys) == 0
        said = capsys.readouterr()
        assert said.err == "" and f"rows of {two} are back" in said.out
        assert "everything that is sealed can be read" in said.out and "Books: they balance." in said.out
        assert "3 of 3 orders hold" in said.out
        again = await stage.reopen("second", server.dsn, now, shop)
        assert await again.shows(placed) == shown
        await again.reveal(later)
        assert len(await again.shows(later)) == 1
        more = await again.order(again.buyer_id, again.seller_id, again.product)
        await again.ask(more, ReasonCode.CHANGE_OF_MIND)
        await again.check()
        await stage.close()

    stage.enter("third", await stage.empty())  # the older one, on a server of the operator's own
    assert await stage.run("restore", stage.backups, "--name", one, *stage.with_keys) == 0
    assert "2 of 2 orders hold" in capsys.readouterr().out


async def test_a_lost_key_says_exactly_what_is_lost(stage: Rehearsal, now: datetime, capsys: Say) -> None:
    shop = await stage.house("first", await stage.fresh(), now)
    placed = await shop.trade()
    assert await stage.run("backup", stage.backups) == 0
    dsn = await stage.empty()
    stage.enter("second", dsn)
    capsys.readouterr()
    assert await stage.run("restore", stage.backups) == 1
    said = capsys.readouterr().out.splitlines()
    assert "  5 unsold card keys cannot be read any more: their sellers import them again" in said
    assert any(line.startswith("  1 sold card keys that nobody has opened cannot be delivered") for line in said)
    assert any(line.startswith("  1 card keys that their buyers have seen") for line in said)
    assert any(line.startswith("  1 texts delivered by hand") for line in said)
    assert "Books: they balance." in said and any("2 of 2 orders hold" in line for line in said)
    assert await stage.run("books", "check") == 2  # no process starts, so nothing is sealed with a fresh key by mistake
    assert "master.keys is missing" in capsys.readouterr().err
    assert not (stage.tmp / "second" / "master.keys").exists() and placed.order_no


async def test_a_flipped_byte_is_found_and_nothing_is_restored(stage: Rehearsal, now: datetime, capsys: Say) -> None:
    shop = await stage.house("first", await stage.fresh(), now)
    await shop.trade()
    assert await stage.run("backup", stage.backups) == 0
    assert await stage.run("backup", stage.backups, "--check") == 0
    (name,) = backup_files.backups(stage.backups)
    dsn = await stage.empty()
    stage.enter("second", dsn)
    dump, (item, _) = stage.backups / name / "database.dump", sorted(stage.backups.glob("objects/*/*"))
    for path, told in ((dump, f"{name}/database.dump was changed"), (item, "object (originals|views)/.* was changed")):
        whole = path.read_bytes()
        path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        capsys.readouterr()
        assert await stage.run("backup", stage.backups, "--check") == 1
        assert re.search(told, capsys.readouterr().err)
        assert await stage.run("restore", stage.backups) == 2
        assert re.search(told, capsys.readouterr().err)
        assert await pg_tools.is_empty(dsn)
        path.write_bytes(whole)
    assert await stage.run("restore", stage.backups) == 1  # whole again; the keys are missing here
    assert await stage.run("restore", stage.backups) == 2
    assert "The database is not empty" in capsys.readouterr().err


async def test_what_came_back_is_compared_with_the_manifest(stage: Rehearsal, now: datetime, capsys: Say) -> None:
    """A manifest that tells of another moment than its dump: rows, money and records, each named."""
    shop = await stage.house("first", await stage.fresh(), now)
    await shop.trade()
    assert await stage.run("backup", stage.backups) == 0
    (name,) = backup_files.backups(stage.backups)
    manifest, sums = stage.backups / name / "manifest.json", stage.backups / name / "SHA256SUMS"
    before, told = backup_files.sha256_of(manifest), msgspec.json.decode(manifest.read_bytes())
    told["totals"]["rows"]["orders"] += 1
    told["totals"]["balances_fen"]["escrow"] += 1
    told["totals"]["heads_sha256"] = "00" * 32
    manifest.write_bytes(msgspec.json.encode(told))
    sums.write_text(sums.read_text().replace(before, backup_files.sha256_of(manifest)))
    stage.enter("second", await stage.empty())
    (stage.tmp / "second").mkdir()
    shutil.copy(stage.tmp / "first" / "master.keys", stage.tmp / "second" / "master.keys")
    capsys.readouterr()
    assert await stage.run("restore", stage.backups) == 1
    said = capsys.readouterr().err
    assert re.search(r"rows of orders: \d+ became \d+", said) and re.search(r"fen in escrow: \d+ became \d+", said)
    assert "the heads of the evidence chains are others" in said


async def test_an_interrupted_backup_is_none_and_the_next_one_clears_it(
    stage: Rehearsal, now: datetime, capsys: Say, monkeypatch: Move
) -> None:
    shop = await stage.house("first", await stage.fresh(), now)
    await shop.trade()

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("liuhen.edge.cli.backup._copy_objects", die)
        assert await stage.run("backup", stage.backups) == 130
    assert backup_files.backups(stage.backups) == [] and list(stage.backups.glob("*.partial"))
    assert await stage.run("backup", stage.backups, "--check") == 2
    assert await stage.run("backup", stage.backups) == 0
    assert await stage.run("backup", stage.backups, "--keep", 1) == 0
    assert len(backup_files.backups(stage.backups)) == 1 and not list(stage.backups.glob("*.partial"))
    assert await stage.run("backup", stage.backups, "--check") == 0


async def test_keys_never_lie_with_backups_and_no_listing_shows_one(
    stage: Rehearsal, now: datetime, capsys: Say
) -> None:
    shop = await stage.house("first", await stage.fresh(), now)
    await shop.trade()
    assert await stage.run("backup", stage.backups) == 0
    assert await stage.run("backup", stage.backups, "--list") == 0
    phrase = ("--passphrase-file", stage.phrase)
    for place in (stage.backups / "keys", stage.tmp / "keys", stage.tmp / "first" / "keys"):
        assert await stage.run("backup-keys", place, *phrase) == 2
    assert await stage.run("backup-keys", stage.keys, *phrase) == 0
    assert await stage.run("backup-keys", stage.keys, *phrase) == 2  # never over another copy
    said = capsys.readouterr()
    master = (stage.tmp / "first" / "master.keys").read_text().splitlines()[1].partition(":")[2]
    planted = [b"KEY-0000", HAND_TEXT.encode(), master.encode()]
    written = [path.read_bytes() for path in stage.backups.rglob("*") if path.is_file()]
    for secret in planted:
        assert not any(secret in data for data in [*written, stage.keys.read_bytes(), said.out.encode()])
    stage.phrase.write_text("another pass phrase\n")
    stage.enter("second", await stage.empty())
    assert await stage.run("restore", stage.backups, *stage.with_keys) == 2
    assert "the passphrase is another one" in capsys.readouterr().err


async def test_an_older_key_file_is_named_and_its_loss_counted(stage: Rehearsal, now: datetime, capsys: Say) -> None:
    shop = await stage.house("first", await stage.fresh(), now)
    await shop.trade()
    old = (stage.tmp / "first" / "master.keys").read_text()
    assert await stage.run("keys", "rotate") == 0
    await shop.shelve(shop.seller_id, shop.product, 3)
    assert await stage.run("backup", stage.backups) == 0
    stage.enter("second", await stage.empty())
    path = stage.tmp / "second" / "master.keys"
    path.parent.mkdir()
    path.write_text(old)
    path.chmod(0o600)
    capsys.readouterr()
    assert await stage.run("restore", stage.backups) == 1
    said = capsys.readouterr()
    assert f"{path} lacks version 2" in said.err and "older copy" in said.err
    lost = [line for line in said.out.splitlines() if line.startswith("  ")]
    assert lost == ["  3 unsold card keys cannot be read any more: their sellers import them again"]


async def test_a_backup_under_trade_is_one_moment(stage: Rehearsal, now: datetime, capsys: Say) -> None:
    shop = await stage.house("first", await stage.fresh(), now)
    await shop.trade()
    await shop.shelve(shop.seller_id, shop.product, 60)
    stop = asyncio.Event()

    async def sell() -> int:
        sold = 0
        while not stop.is_set():
            await shop.order(shop.buyer_id, shop.seller_id, shop.product)
            sold += 1
            await asyncio.sleep(0.05)
        return sold

    await shop.fund(shop.buyer_id, 5_000_000)
    await shop.shelve(shop.seller_id, shop.product, 1000)
    selling = asyncio.create_task(sell())
    assert await stage.run("backup", stage.backups) == 0
    stop.set()
    assert await selling > 0
    stage.enter("second", await stage.empty())
    capsys.readouterr()
    assert await stage.run("restore", stage.backups) == 1  # the keys are elsewhere
    said = capsys.readouterr()
    assert said.err == "" and "Books: they balance." in said.out
    held = re.search(r"(\d+) of (\d+) orders hold", said.out)
    assert held is not None and held[1] == held[2]
