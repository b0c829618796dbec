"""Somebody with the database's own password changes one thing. Which command names it, and how. docs/survival.md."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from liuhen.base.config import Settings
from liuhen.base.db import Database, connect_owner
from liuhen.base.health import examine
from liuhen.base.objects import ObjectStore
from liuhen.edge.cli.checks import Grade, roles
from liuhen.edge.cli.evidence import print_heads, prove
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.outbox.claim_due import DueKind, claim_due
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.record_redemption import RecordRedemption, record_redemption
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.reads.books import check_books
from liuhen.redemption.model import UseState
from liuhen.refunds.model import Answer
from tests.conftest import NOW
from tests.flows.life import work_due
from tests.flows.refunds import Bought
from tests.flows.tampered import BOOKS, GONE_FOR_GOOD, TAMPERED
from tests.flows.test_refund_record import picture, stage

Say = pytest.CaptureFixture[str]
# An owner who can set this can do anything: foreign keys look away.
FREE = "set session_replication_role = replica;"


@dataclass
class Market(Bought):
    """Orders in every state. names: what a statement and a sentence may speak of."""

    folder: Path = field(default_factory=Path)
    names: dict[str, Any] = field(default_factory=dict)

    async def open(self) -> None:
        objects = ObjectStore.open(self.folder / "objects")
        ruled = await self._ruled(objects)
        other = await self.order(self.buyer_id, self.seller_id, self.product, 2)
        back = await self.order(self.buyer_id, self.seller_id, self.product)
        (case,) = (await self.ask(back, ReasonCode.CHANGE_OF_MIND)).cases
        await pay_out(self.db, PayOut(party_id=self.buyer_id, amount_fen=500), now=self.now)
        await self._named(ruled=ruled, other=other, back=back)
        self.later(days=8)
        released = await self.order(self.buyer_id, self.seller_id, self.product)
        await record_redemption(
            self.db,
            RecordRedemption(
                by=self.buyer_id,
                book_id=released.book_id,
                order_id=released.order_id,
                unit_id=(await self.units(released))[0]["id"],
                state=UseState.USED_UP,
                remaining_fen=0,
            ),
            now=self.now,
        )
        self.later(days=8)
        due = await claim_due(self.db, self.now, 10, kinds=[DueKind.RELEASE_ESCROW])
        await work_due(self.db, next(item for item in due if item.id == released.order_id), now=self.now)
        await self._named(released=released)
        self.names |= {"buyer": self.buyer_id, "seller": self.seller_id, "product": self.product, "case": case.case_no}

    async def _ruled(self, objects: ObjectStore) -> PlacedOrder:
        """A key that did not work, pictures, words, and a reviewer who ruled."""
        placed = await self.bought()
        await self.fund(self.buyer_id, 60_000)
        await self.reveal(placed)
        shown = await stage(self, objects, placed, picture())
        (case,) = (await self.ask(placed, ReasonCode.INVALID_KEY, pictures=(shown.picture_id,))).cases
        await self.answer(case, Answer.REFUSED, "发货前已验过")
        reviewer = await self.party("审", Role.REVIEWER)
        await self.claim(case, reviewer)
        await self.rule(case, reviewer, Ruling.PARTLY, fen=5000)
        self.names |= {"ruled_case": case.case_no, "picture": shown.picture_id, "sha": shown.sha256}
        return placed

    async def _named(self, **orders: PlacedOrder) -> None:
        for name, placed in orders.items():
            (unit, *_) = await self.units(placed)
            self.names |= {name: placed.order_id, f"{name}_no": placed.order_no, f"{name}_unit": unit["id"]}
            async with self.db.read() as tx:
                row = await tx.one(
                    "select p.id as payment, (select id from refund where order_id = $1) as refund,"
                    " (select refund_no from refund where order_id = $1) as refund_no,"
                    " (select id from stock_key where unit_id = $2) as key"
                    " from payment p where p.order_id = $1",
                    placed.order_id,
                    unit["id"],
                )
            self.names |= {f"{name}_{what}": value for what, value in row.items()}

    async def books(self) -> list[str]:
        async with self.db.read() as tx:
            return await check_books(tx)


@pytest.fixture(scope="module")
async def opened(
    fresh_dsn: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[str, Market]]:
    """The market, made once, with a copy of every table beside it."""
    dsn = await fresh_dsn()
    db = await Database.open(dsn, size=2)
    made = Market(db, NOW, folder=tmp_path_factory.mktemp("market"))
    await made.open()
    await change(
        dsn, "create schema kept;" + "".join(f"create table kept.{t} as table {t};" for t in await tables(dsn))
    )
    yield dsn, made
    await db.close()


@pytest.fixture
def dsn(opened: tuple[str, Market]) -> str:
    return opened[0]


@pytest.fixture
async def market(opened: tuple[str, Market]) -> AsyncIterator[Market]:
    """As it was made; every table is put back afterwards."""
    dsn, made = opened
    yield made
    back = (f"delete from {t}; insert into {t} select * from kept.{t};" for t in await tables(dsn))
    await change(dsn, "".join(back))


async def tables(dsn: str) -> list[str]:
    owner = await connect_owner(dsn)
    rows = await owner.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
    await owner.close()
    return [row["tablename"] for row in rows]


async def change(dsn: str, sql: str) -> None:
    owner = await connect_owner(dsn)
    try:
        await owner.execute(FREE + sql)
    finally:
        await owner.close()


@pytest.mark.parametrize("what", TAMPERED)
async def test_it_is_found_and_named(market: Market, dsn: str, capsys: Say, what: str) -> None:
    sql, command, sentence = TAMPERED[what]
    settings = Settings(data_dir=str(market.folder))
    assert await market.books() == [] and await prove(settings, dsn, None) == 0
    capsys.readouterr()
    await change(dsn, sql.format(**market.names))
    if command == BOOKS:
        said = "\n".join(await market.books())
    else:
        assert await prove(settings, dsn, None) == 1
        said = capsys.readouterr().err
    assert sentence.format(**market.names) in said, said


async def test_an_original_is_exchanged(market: Market, dsn: str, capsys: Say) -> None:
    key, objects = f"originals/{market.buyer_id}/{market.names['sha']}", ObjectStore.open(market.folder / "objects")
    await objects.put(key, picture(colour=9))
    assert await prove(Settings(data_dir=str(market.folder)), dsn, None) == 1
    assert f"the original of picture {market.names['picture']} was changed" in capsys.readouterr().err
    await objects.put(key, picture())


async def test_what_agrees_with_itself_is_found_by_heads_that_were_kept_elsewhere(
    market: Market, dsn: str, capsys: Say
) -> None:
    """An order is deleted with all that ever spoke of it: nothing inside can know. Somebody has the heads."""
    settings, kept = Settings(data_dir=str(market.folder)), market.folder / "heads"
    assert await print_heads(dsn) == 0
    kept.write_text(capsys.readouterr().out, "ascii")
    assert len(kept.read_text("ascii").splitlines()) == 4
    assert await prove(settings, dsn, None, heads=kept) == 0
    order = market.names["other"]
    await change(dsn, GONE_FOR_GOOD.format(**market.names))
    assert await market.books() == []
    assert await prove(settings, dsn, None) == 0, "the database agrees with itself"
    capsys.readouterr()
    assert await prove(settings, dsn, None, heads=kept) == 1
    assert f"order {order} of book {market.seller_id} is gone with its record of 3 links" in capsys.readouterr().err


async def test_a_rewritten_chain_is_not_the_one_whose_head_was_kept(market: Market, dsn: str, capsys: Say) -> None:
    settings, kept = Settings(data_dir=str(market.folder)), market.folder / "heads"
    lines = [
        line[:-1] + ("0" if line[-1] != "0" else "1") if str(market.names["other"]) in line else line
        for line in await _heads(dsn, capsys)
    ]
    kept.write_text("\n".join(lines), "ascii")
    assert await prove(settings, dsn, None, heads=kept) == 1
    assert f"{market.names['other_no']}: link 3 is not the one whose hash was kept" in capsys.readouterr().err


async def _heads(dsn: str, capsys: Say) -> list[str]:
    await print_heads(dsn)
    return capsys.readouterr().out.splitlines()


async def test_check_names_a_record_that_the_application_could_change(market: Market, dsn: str) -> None:
    await change(dsn, "grant update on chain_event to liuhen_app")
    try:
        (found,) = roles(await examine(dsn))
        assert found.grade is Grade.BAD and "chain_event" in found.sentence
    finally:
        await change(dsn, "revoke update on chain_event from liuhen_app")
