"""What is due: orders whose escrow may be released, cases whose seller was silent, and a million that wait."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bench.copies import OF_A_PARTY, OF_AN_ORDER, Copying, Story, copy, finish, prepare
from liuhen.base.db import Database
from tests.flows.refunds import Bought

NOW = datetime(2026, 11, 12, 4, 0, tzinfo=UTC)  # when the stories are told
TODAY = datetime(2026, 11, 22, tzinfo=UTC)  # when what is due in these rounds has been due for days
SELLERS, BUYERS = 200, 10_000
RELEASE, LAPSE = 1000, 2000  # tags of the two stories' ids
SELLER, BUYER, PRODUCT = 3001, 3002, 3003  # tags of what copies share

SPARE = """
with spare as (delete from stock_key where unit_id is null returning book_id, id)
delete from stock_print where (book_id, key_id) in (select * from spare)
"""  # keys that no copy needs

# What waits was copied without its payments: each part of a shop's escrow gets one that brings the money it then lacks.
_BACKED = """
with lack as (
    select book_id, gen_random_uuid() as id, order_id, held - coalesce(fen, 0) as fen
    from (select book_id, ledger_slot('escrow', order_id) as slot, min(order_id::text)::uuid as order_id,
            sum(price_fen - refunded_fen)::bigint as held
        from order_unit where escrow = 'HELD' group by 1, 2) u
    left join (select book_id, ledger_slot('escrow', order_id) as slot,
            sum(case when credit = 'escrow' then amount_fen else -amount_fen end)::bigint as fen
        from ledger_transfer where 'escrow' in (debit, credit) group by 1, 2) t using (book_id, slot)
    where held > coalesce(fen, 0)
), paid as (
    insert into payment (book_id, id, purpose, order_id, party_id, method, channel, amount_fen, state, trade_no,
        captured_at, created_at)
    select book_id, id, 'ORDER', gen_random_uuid(), gen_random_uuid(), 'CHANNEL', 'sandbox', fen, 'CAPTURED',
        id::text, $1, $1 from lack
)
insert into ledger_transfer (book_id, id, debit, credit, amount_fen, kind, ref_id, order_id, at)
select book_id, gen_random_uuid(), 'channel_clearing', 'escrow', fen, 'CAPTURE', id, order_id, $1 from lack
"""


@dataclass(frozen=True)
class Due:
    """How many of each: orders to release and cases to lapse that are due, and the same that still wait."""

    release: int
    lapse: int
    waiting: int


async def tell(db: Database, owner: Any, clean: Callable[[], Awaitable[None]]) -> tuple[Story, Story]:
    """Both stories, told through the flows: a sealed key paid from the balance; a revealed one that does not work."""
    await clean()
    first = Bought(db, NOW)
    await first.bought()
    await owner.execute(SPARE)
    release = await Story.read(owner, RELEASE)
    await clean()
    second = Bought(db, NOW)
    await second.invalid()
    await owner.execute(SPARE)
    return release, await Story.read(owner, LAPSE)


async def fill(owner: Any, stories: tuple[Story, Story], many: Due) -> None:
    """Copies both stories into an empty database."""
    await prepare(owner)
    release, lapse = stories
    await _people(owner, release)
    past, future = NOW + timedelta(days=3), NOW + timedelta(days=3650)
    await copy(owner, release, _how(release, release_at=past), 1, many.release)
    await copy(owner, lapse, _how(lapse, lapse_at=past), 1, many.lapse)
    start, cases = 10_000_000, many.waiting // 5
    waits: tuple[str, ...] = ("orders", "order_line", "order_unit")
    await copy(owner, release, _how(release, release_at=future), start, start + many.waiting - cases - 1, waits)
    waits = (*waits, "refund_case", "refund_case_unit")
    await copy(owner, lapse, _how(lapse, lapse_at=future), start, start + cases - 1, waits)
    await owner.execute(_BACKED, NOW)
    await owner.execute("update directory set ext = id::text where kind in ('payment', 'refund')")
    await finish(owner)


def people(story: Story) -> tuple[UUID, UUID, UUID]:
    """Seller, buyer and product of a story."""
    order = story.rows["orders"][0]
    return order["book_id"], order["buyer_id"], story.rows["order_line"][0]["product_id"]


async def _people(owner: Any, story: Story) -> None:
    seller, buyer, product = people(story)
    ids = {seller: f"copy_id({SELLER}, i)", buyer: f"copy_id({BUYER}, i)", product: f"copy_id({PRODUCT}, i)"}
    values = {("ledger_account", "balance_fen"): "0::bigint"}
    await copy(owner, story, Copying(ids, values, book=seller), 1, SELLERS, OF_A_PARTY)
    await copy(owner, story, Copying(ids, values, book=buyer), 1, BUYERS, OF_A_PARTY)


def _how(story: Story, *, release_at: datetime | None = None, lapse_at: datetime | None = None) -> Copying:
    seller, buyer, product = people(story)
    nth = f"1 + i % {SELLERS}"
    ids = {
        seller: f"copy_id({SELLER}, {nth})",
        buyer: f"copy_id({BUYER}, 1 + i * 7919 % {BUYERS})",
        product: f"copy_id({PRODUCT}, {nth})",
    }
    mark = story.tags[story.rows["orders"][0]["id"]]
    values = {
        ("orders", "order_no"): f"'LH{mark}-' || i",
        ("refund_case", "case_no"): f"'TK{mark}-' || i",
        ("payment", "trade_no"): f"'T{mark}-' || i",
        ("stock_print", "fp_exact"): f"sha256(('{mark}-' || i)::bytea)",
        ("stock_print", "fp_folded"): f"sha256(('{mark}_' || i)::bytea)",
        ("directory", "ext"): "gen_random_uuid()::text",
    }
    # A quarter of a second apart, so that an index is an index.
    step = "i * interval '1 second' / 4"
    if release_at is not None:
        values["order_unit", "release_due_at"] = f"'{release_at.isoformat()}'::timestamptz + {step}"
    if lapse_at is not None:
        values["refund_case", "due_at"] = f"'{lapse_at.isoformat()}'::timestamptz + {step}"
    return Copying(ids, values)


__all__ = ["BUYERS", "NOW", "OF_AN_ORDER", "SELLERS", "Due", "fill", "people", "tell"]
