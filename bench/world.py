"""The market that trade is measured in: 200 sellers with one product each, 100,000 buyers with a balance and a token.

One buyer, one seller and one order are told through the flows; their rows are then copied by SQL (`bench/copies.py`),
so every row is as the application writes it, and the books add up. All ids can be computed from numbers (`bench/ids`).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bench import copies, ids
from bench.cluster import Server
from bench.copies import Copying, Story
from bench.ids import Kind
from liuhen.base.crypto import Purpose
from liuhen.base.db import Database
from liuhen.base.ids import valid_no
from liuhen.base.keyfile import open_key_ring, read_or_make
from liuhen.base.migrate import function_files, migrate, migration_files
from liuhen.catalog.model import DAY
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.books import check_books
from tests.flows.world import World

BALANCE = 50_000_00
PRICE = 9_80
_LISTING: Mapping[str, object] = {
    "title": "木棉游戏点卡 100 元面值（国服通用，自动发货）",
    "face_value_fen": 100_00,
    "region": "国服",
    "description": "木棉游戏全系列可用，一次兑换，不可拆分。电脑与手机同账号。付款后自动发货，卡密在订单页查看。",
    "activation_hint": "登录木棉游戏官网，进入“兑换”，输入卡密后确认。",
    "warnings": "国际服、港澳台服的账号兑换会失败。",
    "refund_terms": "未拆封 72 小时内可退；卡密无效、面额或区域不符，拆没拆封都退。",
    "sealed_window_seconds": 7 * DAY,
}
_STORY = "trade_story"
_MASTER = hashlib.sha256(b"the bench's master key keeps no secret").digest()
_HISTORY_TAG = 400  # codes of ids of stories begin here; a code has three digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is. keys: free ones of each seller; hot: so many more of the first one. sealed: orders whose unit
    can go back. past: orders that are over, their money released."""

    sellers: int = 200
    buyers: int = 100_000
    keys: int = 1_000
    sealed: int = 0
    past: int = 0
    hot: int = 0

    @property
    def name(self) -> str:
        parts = (self.sellers, self.buyers, self.keys, self.sealed, self.past, self.hot)
        return "world_" + "_".join(str(part) for part in parts)

    def buyer(self, order: int | str) -> str:
        """The number of the buyer of an order, as an expression of SQL and pgbench."""
        return f"(({order}) % {self.buyers})"

    def seller(self, order: int | str) -> str:
        """The seller's number: others for each of a buyer's orders."""
        return f"((({order}) * 7 + ({order}) / {self.buyers}) % {self.sellers})"


def token(buyer: int) -> str:
    """The bearer token of a buyer."""
    return f"lh_t_{buyer:043d}"


def token_hash(number: str) -> str:
    """What `KeyRing.hash_token` gives for a buyer's token, as an SQL expression over his number.

    HMAC-SHA-256 (RFC 2104) by two plain hashes, since PostgreSQL has no hmac of its own. The pads are literals, so what
    is left to do for each request are the two hashes, some microseconds.
    """
    block = token_key().ljust(64, b"\0")
    inner, outer = bytes(one ^ 0x36 for one in block), bytes(one ^ 0x5C for one in block)
    length = len(token(0)).to_bytes(8, "big")
    text = f"convert_to('lh_t_' || lpad(({number})::text, 43, '0'), 'UTF8')"
    return f"sha256('\\x{outer.hex()}'::bytea || sha256('\\x{(inner + length).hex()}'::bytea || {text}))"


def token_key() -> bytes:
    """The sub-key that tokens are hashed with (base/crypto.py): HKDF-SHA-256 of the market's master key."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"liuhen/master/1", info=Purpose.TOKEN.encode()).derive(_MASTER)


def hashed(buyer: int) -> bytes:
    """The same in Python. It is `KeyRing.hash_token`, written anew: were it not, no token would be recognised."""
    text = token(buyer).encode()
    return hmac.digest(token_key(), len(text).to_bytes(8, "big") + text, "sha256")


ORDER_NO_HEAD = "LH261101-"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def order_no_body(order: int | str) -> str:
    """Seven digits, as an expression."""
    return f"(1000000 + ({order}))"


def order_no_check(order: int | str) -> str:
    """The place of the check character in `DIGITS`, from 0, as an expression (base/ids.py, Luhn mod 36)."""
    base = order_no_body(order)
    fixed = 0
    for place, char in enumerate(reversed(ORDER_NO_HEAD.replace("-", "")), 7):
        value = int(char, 36) * (2 if place % 2 == 0 else 1)
        fixed += value // 36 + value % 36
    parts = [f"({base} / {10**place}) % 10 * {2 if place % 2 == 0 else 1}" for place in range(7)]
    return f"(36 - ({fixed} + {' + '.join(parts)}) % 36) % 36"


def order_no_sql(order: str) -> str:
    """The number of an order of the world, as an SQL expression."""
    n = f"({order})::bigint"
    return f"('{ORDER_NO_HEAD}' || {order_no_body(n)} || substr('{DIGITS}', ({order_no_check(n)})::int + 1, 1))"


def order_no(order: int) -> str:
    """The same in Python."""
    body = 1_000_000 + order
    found = next(f"{ORDER_NO_HEAD}{body}{char}" for char in DIGITS if valid_no(f"{ORDER_NO_HEAD}{body}{char}"))
    return found


def _version() -> str:
    """The schema's: a template of another one is of no use."""
    return hashlib.sha256(repr((migration_files(), function_files())).encode()).hexdigest()[:8]


class Market:
    """A template database of a size, and the keys it was made with."""

    def __init__(self, bench: Server, size: Size, folder: Path) -> None:
        """Parameters: folder, of the data that is not in the database: master keys."""
        self.bench, self.size, self.folder = bench, size, folder
        self.database = f"{size.name}_{_version()}"
        self.key_file = folder / "master.keys"
        read_or_make(self.key_file, lambda: f"1:{base64.b64encode(_MASTER).decode()}\n")

    async def build(self, now: datetime) -> None:
        """Makes the template if it is not there. Parameters: now, UTC: what is sold begins some hours before."""
        if await self.bench.has(self.database):
            return
        for name in await self.bench.databases("world_"):
            if not name.endswith(_version()):
                await self.bench.drop(name)  # of another schema
        half = f"{self.database}_half"
        await self.bench.fresh(half)
        await migrate(self.bench.dsn(half), now)
        async with self.bench.owner(half) as owner:
            await self._tell(owner, half, now)
        await self.bench.rename(half, self.database)

    async def _tell(self, owner: Any, database: str, now: datetime) -> None:
        db = await Database.open(self.bench.dsn(database), size=1)
        try:
            await open_key_ring(db, self.key_file, now)
        finally:
            await db.close()
        told = await _stories(self.bench, now)
        size = self.size
        await copies.prepare(owner)
        everybody = {told.buyer: ids.BUYER.sql("i"), told.seller: ids.SELLER.sql("i")}
        await told.paste(owner, told.buyers, everybody, size.buyers, book=told.buyer)
        goods = {told.seller: ids.SELLER.sql("i"), told.product: ids.PRODUCT.sql("i")}
        await told.paste(owner, told.sellers, goods, size.sellers, book=told.seller)
        await _tokens(owner, size.buyers, now)
        await told.shelve(owner, size)
        await told.sell(owner, size, told.sealed, 0, size.sealed)
        await told.sell(owner, size, told.past, size.sealed, size.past)
        await owner.execute(
            "insert into directory (kind, ext, book_id, id) select 'product', id::text, book_id, id from product"
            " union all select 'payment', id::text, book_id, id from payment where purpose = 'TOP_UP'"
            " union all select 'order', order_no, book_id, id from orders"
        )
        await copies.finish(owner)

    async def proven(self, database: str) -> list[str]:
        """What `books check` says of a database of this market, and keys that were sold twice."""
        db = await Database.open(self.bench.dsn(database), size=1)
        try:
            async with db.read() as tx:
                faults = await check_books(tx)
                twice = await tx.fetchval(
                    "select count(*) from (select 1 from stock_key where unit_id is not null"
                    " group by book_id, unit_id having count(*) > 1) as t"
                )
        finally:
            await db.close()
        return faults + ([f"{twice} units have several keys"] if twice else [])


@dataclass
class Told:
    """What the flows have written, story by story, before and after."""

    buyer: UUID
    seller: UUID
    product: UUID
    buyers: Story
    sellers: Story
    key: Story
    sealed: Story
    past: Story

    async def paste(
        self, owner: Any, story: Story, known: Mapping[UUID, str], count: int, *, book: UUID | None = None
    ) -> None:
        """Copies 0 to count - 1 of all rows of a story. Parameters: known, ids that mean something, over i."""
        how = Copying(ids=_others(story, known), values={}, book=book)
        tables = [table for table in copies.TABLES if story.rows[table] and table != "directory"]
        await copies.copy(owner, story, how, 0, count - 1, tables)

    async def shelve(self, owner: Any, size: Size) -> None:
        """Free keys: number i lies with seller i mod sellers, those over with the first."""
        even = size.sellers * size.keys
        seller = f"case when i < {even} then i % {size.sellers} else 0 end"
        known = {self.seller: ids.SELLER.sql(seller), self.product: ids.PRODUCT.sql(seller)}
        (row,) = self.key.rows["stock_key"]
        known |= {row["id"]: ids.KEY.sql("i"), row["import_id"]: ids.SHELVED.sql(seller)}
        values = {("stock_key", "line_no"): f"i / {size.sellers} + 1", **_prints("'free'")}
        how = Copying(ids=_others(self.key, known), values=values)
        await copies.copy(owner, self.key, how, 0, even + size.hot - 1, ("stock_key", "stock_print"))

    async def sell(self, owner: Any, size: Size, story: Story, first: int, count: int) -> None:
        """Orders number first to first + count - 1, each of another buyer, as the story went."""
        if not count:
            return
        seller = size.seller("i")
        known = {
            self.buyer: ids.BUYER.sql(size.buyer("i")),
            self.seller: ids.SELLER.sql(seller),
            self.product: ids.PRODUCT.sql(seller),
        }
        for table, kind in (("orders", ids.ORDER), ("order_unit", ids.UNIT), ("payment", ids.PAYMENT)):
            (row,) = story.rows[table]
            known[row["id"]] = kind.sql("i")
        (key,) = story.rows["stock_key"]
        known |= {key["id"]: ids.SOLD_KEY.sql("i"), key["import_id"]: ids.SHELVED.sql(seller)}
        values = {("orders", "order_no"): order_no_sql("i"), **_prints("'sold'")}
        how = Copying(ids=_others(story, known), values=values)
        tables = [table for table in copies.OF_AN_ORDER if story.rows[table] and table != "directory"]
        await copies.copy(owner, story, how, first, first + count - 1, tables)


def _prints(salt: str) -> dict[tuple[str, str], str]:
    made = f"sha256(convert_to({salt} || {{}} || i, 'UTF8'))"
    return {("stock_print", "fp_exact"): made.format("'e'"), ("stock_print", "fp_folded"): made.format("'f'")}


def _others(story: Story, known: Mapping[UUID, str]) -> dict[UUID, str]:
    """Every other id of the story gets a series of its own."""
    found = dict(known)
    for value, tag in story.tags.items():
        if value not in found:
            found[value] = Kind("other", _HISTORY_TAG + tag, ids.ORDER.base).sql("i")
    return found


async def _stories(bench: Server, now: datetime) -> Told:
    """Told in a database of their own: a buyer with a balance, a seller with goods, an order that is sealed, and one
    whose money the seller has."""
    await bench.fresh(_STORY)
    await migrate(bench.dsn(_STORY), now)
    db = await Database.open(bench.dsn(_STORY), size=2)
    try:
        async with bench.owner(_STORY) as owner:
            return await _told(owner, db, now)
    finally:
        await db.close()
        await bench.drop(_STORY)


async def _told(owner: Any, db: Database, now: datetime) -> Told:
    world = World(db, now - timedelta(days=30))
    before = await Story.read(owner, 1)
    seller = await world.seller("青竹数码")
    product = await world.listing(seller, kind=GoodsKind.PREPAID_CARD, price=PRICE, **_LISTING)
    sellers = await _since(owner, before)
    buyer = await world.party("buyer")
    await world.fund(buyer, BALANCE)
    buyers = await _since(owner, before)
    await world.shelve(seller, product, 1)
    key = await _since(owner, before)
    world.now = now - timedelta(hours=1)
    await world.order(buyer, seller, product)
    sealed = await _since(owner, before)
    sealed.rows["stock_print"] = key.rows["stock_print"]  # written with the key, kept when it is sold
    world.now = now - timedelta(days=20)
    await world.shelve(seller, product, 1)
    await _past(world, buyer, seller, product)
    past = await _since(owner, before)
    return Told(buyer, seller, product, buyers, sellers, key, sealed, past)


async def _past(world: World, buyer: UUID, seller: UUID, product: UUID) -> None:
    """An order that was delivered, looked at, and confirmed: the seller has his money."""
    placed = await world.order(buyer, seller, product)
    (unit,) = await world.units(placed)
    seen = BreakSeal(buyer_id=buyer, book_id=seller, order_id=placed.order_id, unit_ids=[unit["id"]])
    await break_seal(world.db, seen, now=world.now)
    world.now += timedelta(minutes=5)
    had = ConfirmReceipt(buyer_id=buyer, book_id=seller, order_id=placed.order_id)
    await confirm_receipt(world.db, had, now=world.now)


async def _since(owner: Any, before: Story) -> Story:
    """The rows that are new or other than before; ids keep their numbers from story to story."""
    now = await Story.read(owner, 1)
    for value in now.tags:
        before.tags.setdefault(value, len(before.tags) + 1)
    fresh = {table: [row for row in rows if row not in before.rows[table]] for table, rows in now.rows.items()}
    before.rows = now.rows
    return Story(fresh, now.types, {value: before.tags[value] for value in now.tags})


async def _tokens(owner: Any, buyers: int, now: datetime) -> None:
    """One for each buyer. It was used a moment ago, so that no request writes down its use (every five minutes)."""
    await owner.execute(
        "insert into api_token (id, token_hash, party_id, name, scopes, created_at, used_at, expires_at)"
        f" select {ids.TOKEN.sql('i')}, {token_hash('i')}, {ids.BUYER.sql('i')}, 'bench',"
        " '{read,buy}', $2, $3, $4 from generate_series(0, $1 - 1) as i",
        buyers,
        now,
        now + timedelta(days=30),
        now + timedelta(days=300),
    )
