"""What the pages show: a buyer with 3,000 orders, a market with 20,000 products, 100,000 cases for the reviewers."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bench.copies import OF_A_PARTY, Copying, Story, copy, finish, prepare
from bench.due_world import SPARE
from liuhen.base.db import Database
from liuhen.base.ids import short_no
from liuhen.catalog.model import grams
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds.model import Answer
from tests.flows.refunds import Bought

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SELLERS, BUYERS = 400, 5_000
SELLER, BUYER, PRODUCT = 3001, 3002, 3003  # tags of what copies share
OFFER, OWNER, SHELVED = 3004, 3005, 3006
ME = "copy_id(3005, 1)"
"""The buyer with all the orders."""
REVIEWER = "copy_id(3005, 2)"
_KINDS = ("card_key", "prepaid_card", "voucher", "software_licence", "membership", "direct_top_up")
_BRANDS = re.findall(
    r"\w+", "木棉 青竹 云杉 白鹭 赤松 海棠 银杏 松鼠 飞鱼 山雀 玄武 朱雀 星河 月湖 晨雾 暮雪 长风 大漠"
)
_GOODS = re.findall(r"\w+", "游戏点卡 视频会员 音乐年卡 办公软件 加油券 电影票 话费充值 外卖红包 网盘空间 学习卡")
_TIMES = (("orders", "created_at"), ("orders", "paid_at"), ("order_unit", "delivered_at"))


@dataclass(frozen=True)
class Many:
    """How many orders one buyer has, products the market, and cases the reviewers' queue."""

    orders: int
    products: int
    cases: int


async def tell(db: Database, owner: Any, clean: Callable[[], Awaitable[None]]) -> list[Story]:
    """Six stories of an order; the last one ends before a reviewer."""
    found = []
    for place, one in enumerate((_sealed, _refunded, _asked, _unpaid, _seen, _refused)):
        await clean()
        await one(Bought(db, NOW))
        await owner.execute(SPARE)
        found.append(await Story.read(owner, 400 + 400 * place))
    return found


async def _sealed(world: Bought) -> None:
    await world.bought(2)


async def _refunded(world: Bought) -> None:
    await world.ask(await world.bought(), ReasonCode.CHANGE_OF_MIND)


async def _asked(world: Bought) -> None:
    await world.invalid()


async def _unpaid(world: Bought) -> None:
    await world.bought()
    await world.order(world.buyer_id, world.seller_id, world.product, pay=None)


async def _seen(world: Bought) -> None:
    await world.reveal(await world.bought())


async def _refused(world: Bought) -> None:
    _, case = await world.invalid()
    await world.answer(case, Answer.REFUSED)


async def fill(owner: Any, stories: list[Story], many: Many) -> None:
    """Copies the stories into an empty database."""
    await prepare(owner)
    await _people(owner, stories[0])
    await _products(owner, stories[0], many.products)
    each = many.orders // len(stories)
    for place, story in enumerate(stories):
        # Copies of different stories stand between each other.
        how = _how(story, ME, f"(i * {len(stories)} + {place})", each)
        await copy(owner, story, how, 1, each)
    queue = _how(stories[-1], f"copy_id({BUYER}, 1 + i * 7919 % {BUYERS})")
    shown = ("orders", "order_line", "order_unit", "payment", "refund_case", "refund_case_unit")
    await copy(owner, stories[-1], queue, 10_000, 9_999 + many.cases, shown)
    await _numbers(owner)
    await finish(owner)


async def _people(owner: Any, story: Story) -> None:
    seller, buyer, product = people(story)
    values = {("ledger_account", "balance_fen"): "0::bigint"}
    shops = values | {("shop", "name"): f"({_array(_BRANDS)})[1 + i % {len(_BRANDS)}] || '数码' || i"}
    ids = {seller: f"copy_id({SELLER}, i)", product: f"copy_id({PRODUCT}, i)"}
    await copy(owner, story, Copying(ids, shops, book=seller), 1, SELLERS, OF_A_PARTY)
    names = values | {("party", "display_name"): "'买家' || i"}
    await copy(owner, story, Copying({buyer: f"copy_id({BUYER}, i)"}, names, book=buyer), 1, BUYERS, OF_A_PARTY)
    await copy(owner, story, Copying({buyer: f"copy_id({OWNER}, i)"}, values, book=buyer), 1, 2, OF_A_PARTY)
    await owner.execute(f"update party set roles = '{{{Role.REVIEWER}}}' where book_id = {REVIEWER}")


async def _products(owner: Any, story: Story, many: int) -> None:
    """Offers of all shops with titles to search for; the text index is the application's own."""
    seller, _, product = people(story)
    title = (
        f"({_array(_BRANDS)})[1 + i % {len(_BRANDS)}] || ({_array(_GOODS)})[1 + i / 7 % {len(_GOODS)}]"
        " || ' ' || (10 + i % 90) * 10 || ' 元 ' || i"
    )
    kind = f"({_array(_KINDS)})[1 + i % {len(_KINDS)}]"
    changed = f"'{NOW.isoformat()}'::timestamptz - i * interval '1 minute'"
    values = {
        ("product", "title"): title,
        ("product_version", "title"): title,
        ("product", "kind"): kind,
        ("product_version", "kind"): kind,
        ("product", "updated_at"): changed,
        ("stock_print", "fp_exact"): "sha256(('shelf-' || i)::bytea)",
        ("stock_print", "fp_folded"): "sha256(('shelf_' || i)::bytea)",
        ("stock_key", "state"): "'AVAILABLE'",
        ("stock_key", "unit_id"): "null::uuid",
    }
    ids = {seller: f"copy_id({SELLER}, 1 + i % {SELLERS})", product: f"copy_id({OFFER}, i)"}
    first = {name: story.rows[name][:1] for name in ("stock_key", "stock_print")}
    one_key = Story({**story.rows, **first}, story.types, story.tags)
    ids[one_key.rows["stock_key"][0]["id"]] = f"copy_id({SHELVED}, i)"
    tables = ("product", "product_version", "stock_key", "stock_print")
    await copy(owner, one_key, Copying(ids, values), 1, many, tables)
    rows = await owner.fetch(
        "select p.book_id, p.id, p.title, v.region, s.name from product p join shop s using (book_id)"
        " join product_version v on v.book_id = p.book_id and v.product_id = p.id and v.version = p.version"
    )
    await owner.executemany(
        "update product set grams = $3 where book_id = $1 and id = $2",
        [(row["book_id"], row["id"], grams(f"{row['title']} {row['region']} {row['name']}")) for row in rows],
    )


async def _numbers(owner: Any) -> None:
    """Some orders and cases of the queue get numbers that people can type."""
    for kind, table, column, prefix in (
        ("case", "refund_case", "case_no", "TK"),
        ("order", "orders", "order_no", "LH"),
    ):
        rows = await owner.fetch(f"select book_id, id from {table} order by id desc limit 100")
        for row in rows:
            number = short_no(prefix, NOW)
            await owner.execute(
                f"update {table} set {column} = $3 where book_id = $1 and id = $2", row["book_id"], row["id"], number
            )
            await owner.execute(
                "insert into directory (kind, ext, book_id, id) values ($1, $2, $3, $4)",
                kind,
                number,
                row["book_id"],
                row["id"],
            )


def people(story: Story) -> tuple[UUID, UUID, UUID]:
    """Seller, buyer and product of a story."""
    order = story.rows["orders"][0]
    return order["book_id"], order["buyer_id"], story.rows["order_line"][0]["product_id"]


def _how(story: Story, buyer_sql: str, nth: str = "i", newest: int = 0) -> Copying:
    """Parameters: newest, the number of the newest copy, the others each 45 minutes older; 0: all of one moment."""
    seller, buyer, product = people(story)
    shop = f"1 + i % {SELLERS}"
    ids = {seller: f"copy_id({SELLER}, {shop})", buyer: buyer_sql, product: f"copy_id({PRODUCT}, {shop})"}
    for order in story.rows["orders"]:
        ids[order["id"]] = story.id(order["id"], nth)
    mark = story.tags[story.rows["orders"][0]["id"]]
    unique = "gen_random_uuid()::text"
    print_of = "sha256(gen_random_uuid()::text::bytea)"
    values = {
        ("orders", "order_no"): f"'LH{mark}-' || i || '-' || gen_random_uuid()",
        ("refund_case", "case_no"): f"'TK{mark}-' || i",
        ("refund_case", "due_at"): f"'{NOW.isoformat()}'::timestamptz + (i % 100000) * interval '8 seconds'",
        ("payment", "trade_no"): unique,
        ("refund", "refund_no"): unique,
        ("stock_print", "fp_exact"): print_of,
        ("stock_print", "fp_folded"): print_of,
        ("directory", "ext"): unique,
    }
    for table, column in _TIMES if newest else ():
        values[table, column] = f"'{NOW.isoformat()}'::timestamptz - ({newest} - i) * interval '45 minutes'"
    return Copying(ids, values)


def _array(words: Sequence[str]) -> str:
    return "array[" + ", ".join(f"'{word}'" for word in words) + "]"
