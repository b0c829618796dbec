"""Everything that somebody with the database's password could change: either a proof names it, or it stands here.

Table by table: each row deleted by itself, and each column changed in every row that takes the change.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from liuhen.base.config import Settings
from liuhen.base.db import Database, connect_owner
from liuhen.edge.cli.evidence import prove
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.funds.withdraw_earnings import WithdrawEarnings, withdraw_earnings
from liuhen.flows.outbox.claim_due import DueKind, claim_due
from liuhen.flows.trade.close_order import CloseOrder, close_order
from liuhen.flows.trade.confirm_stock import ConfirmStock, confirm_stock
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.stage_stock import StageStock, stage_stock
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.refunds.model import Route
from tests.conftest import NOW
from tests.flows.life import work_due
from tests.flows.mortal import RING, FileChannel
from tests.flows.test_tampering import FREE, Market, tables

CHANGED = {
    "int2": "{0} + 1",
    "int4": "{0} + 1",
    "int8": "{0} + 1",
    "bool": "not {0}",
    "uuid": "gen_random_uuid()",
    "text": "{0} || 'x'",
    "bytea": "set_byte({0}, 20, get_byte({0}, 20) # 1)",
    "date": "{0} + 1",
    "timestamptz": "{0} + interval '1 second'",
    "jsonb": "'{{}}'",
    "_text": "{0} || array['x']",
}
# Words that the database takes for these columns; every other word it refuses itself.
WORDS = {
    "order_line.delivery": ("AUTO", "BY_HAND"),
    "order_unit.state": ("SEALED", "REVEALED"),
    "order_unit.escrow": ("HELD", "RELEASED"),
    "orders.state": ("PAID", "CANCELLED"),
    "payment.state": ("CAPTURED", "CLOSED"),
    "refund.route": ("ORIGINAL", "BALANCE"),
    "refund.state": ("SENT", "ARRIVED"),
    "refund_case.state": ("APPROVED", "REJECTED"),
    "refund_case.route": ("ORIGINAL", "BALANCE"),
    "refund_case.opened_by": ("BUYER", "PLATFORM"),
    "refund_case.decided_by": ("MACHINE", "REVIEWER"),
    "refund_case.seller_answer": ("AGREED", "REFUSED"),
    "redemption_fact.source": ("BUYER", "SELLER"),
    "redemption_fact.state": ("UNUSED", "USED_UP"),
    "evidence_item.uploader_role": ("BUYER", "SELLER"),
    "case_note.author_role": ("SELLER", "REVIEWER"),
    "stock_key.state": ("SEALED", "REVEALED"),
    "key_event.kind": ("DELIVERED", "RESTOCKED"),
    "ledger_transfer.debit": ("buyer_balance", "escrow"),
}
# No chain and no book speaks of these (docs/survival.md, "What nothing compares").
ALONE = {"agreement_acceptance", "channel_event", "migration", "notice", "stock_import"}
# A paid order may never have been reserved: its record does not tell. An empty part of an escrow is made when needed.
BUT = {"key_event": "kind = 'RESERVED'", "ledger_account": "slot > 0 and balance_fen = 0"}
DEADLINES = {
    "order_unit.deliver_due_at",
    "order_unit.release_due_at",
    "orders.pay_due_at",
    "payment.expires_at",
    "refund.due_at",
    "refund_case.due_at",
}
SEALED = {"hand_delivery.text_sealed", "stock_key.sealed", "stock_print.fp_exact", "stock_print.fp_folded"}
NOT_COMPARED = {
    *DEADLINES,
    *SEALED,
    "balance_funding.created_at",
    "case_note.id",
    "case_note.kind",
    "evidence_item.filename",
    "evidence_item.height",
    "evidence_item.view_key",
    "evidence_item.width",
    "key_event.actor",
    "key_event.at",
    "key_event.id",
    "ledger_transfer.at",
    "ledger_transfer.id",
    "order_line.target",
    "party.created_at",
    "party.display_name",
    "payment.captured_at",
    "payment.created_at",
    "payment.trade_no",
    "product.created_at",
    "product.grams",
    "product.low_stock_at",
    "product.updated_at",
    "product_version.created_at",
    "product_version.created_by",
    "redemption_fact.id",
    "redemption_fact.note",
    "redemption_fact.recorded_at",
    "redemption_fact.said_by",
    "refund.arrived_at",
    "refund.attempts",
    "refund.channel_refund_no",
    "refund.sent_at",
    "refund_case.claimed_at",
    "refund_case.reviewer_id",
    "refund_case.seller_asked_at",
    "refund_case_unit.facts",
    "shop.fee_basis_points",
    "shop.intro",
    "shop.name",
    "shop.opened_at",
    "stock_key.created_at",
    "stock_key.line_no",
    "stock_key.mask",
    "stock_key.region",
}


class Rich(Market):
    """The market of test_tampering.py, and what it lacks: channels, a hand, an import, cases in every state."""

    async def open(self) -> None:
        await super().open()
        await self.shelve(self.seller_id, self.product, 10)
        await self._over_the_channel()
        await self.fund(self.buyer_id, 60_000)
        open_case, withdrawn = await self._unusable(), await self._unusable()
        assert open_case.order_no != withdrawn.order_no
        (case,) = [case async for case in self._cases_of(withdrawn)]
        await withdraw_request(self.db, WithdrawRequest(buyer_id=self.buyer_id, case_no=case), now=self.now)
        await self._unpaid()
        await self._by_hand()
        await self._imported()
        await withdraw_earnings(self.db, WithdrawEarnings(seller_id=self.seller_id, amount_fen=1000), now=self.now)

    async def _cases_of(self, placed: PlacedOrder) -> Any:
        async with self.db.read() as tx:
            for row in await tx.fetch("select case_no from refund_case where order_id = $1", placed.order_id):
                yield row["case_no"]

    async def _over_the_channel(self) -> None:
        """One refund arrived, one is on its way, one went to the balance."""
        house = {"channels": {"sandbox": FileChannel(self.folder / "channel.json")}}
        for route in (Route.ORIGINAL, Route.ORIGINAL, Route.BALANCE):
            placed = await self.order(self.buyer_id, self.seller_id, self.product, pay="channel")
            await self.ask(placed, ReasonCode.CHANGE_OF_MIND, route=route)
        for take in (10, 1):
            for due in (await claim_due(self.db, self.now, 10, kinds=[DueKind.SEND_REFUND]))[:take]:
                await work_due(self.db, due, now=self.now, **house)
            self.later(minutes=11)

    async def _unusable(self) -> PlacedOrder:
        placed = await self.order(self.buyer_id, self.seller_id, self.product)
        await self.reveal(placed)
        await self.ask(placed, ReasonCode.INVALID_KEY)
        return placed

    async def _unpaid(self) -> None:
        """One is cancelled, one waits for the channel."""
        who: dict[str, Any] = {"buyer_id": self.buyer_id, "book_id": self.seller_id}
        placed = await self.order(self.buyer_id, self.seller_id, self.product, pay=None)
        await close_order(self.db, CloseOrder(order_id=placed.order_id, **who), now=self.now)
        placed = await self.order(self.buyer_id, self.seller_id, self.product, pay=None)
        begin = StartPayment(order_id=placed.order_id, channel="sandbox", **who)
        await start_payment(self.db, begin, now=self.now)

    async def _by_hand(self) -> None:
        top_up = await self.listing(
            self.seller_id, kind=GoodsKind.DIRECT_TOP_UP, target_label="手机号", title="话费 100 元"
        )
        placed = await self.order(self.buyer_id, self.seller_id, top_up, target="13800000319")
        cmd = DeliverByHand(seller_id=self.seller_id, order_id=placed.order_id, line_no=1, text="已充值")
        await deliver_by_hand(self.db, cmd, keys=RING, rules=self.rules, now=self.now)

    async def _imported(self) -> None:
        data = b"ABCD-0000-1111\nABCD-0000-2222\n"
        cmd = StageStock(seller_id=self.seller_id, product_id=self.product, filename="keys.txt", data=data)
        staged = await stage_stock(self.db, cmd, keys=RING, now=self.now)
        yes = ConfirmStock(seller_id=self.seller_id, import_id=staged.import_id, seal=staged.seal)
        await confirm_stock(self.db, yes, now=self.now)
        (due,) = await claim_due(self.db, self.now, 10, kinds=[DueKind.IMPORT_STOCK])
        await work_due(self.db, due, now=self.now, rules=self.rules, keys=RING)


class Tamperer:
    """Changes one table at a time, asks both proofs, and puts it back."""

    def __init__(self, dsn: str, market: Market, owner: Any) -> None:
        self._dsn, self._market, self._owner = dsn, market, owner

    async def named(self) -> bool:
        settings = Settings(data_dir=str(self._market.folder))
        return bool(await self._market.books()) or await prove(settings, self._dsn, None) == 1

    async def rows_that_nobody_misses(self, table: str) -> int:
        but = BUT.get(table, "false")
        rows = await self._owner.fetch(f"select distinct t::text as row from {table} t where not ({but})")
        missed = 0
        for row in [rows] if table in ALONE else [[row] for row in rows]:
            await self._owner.execute(f"delete from {table} t where t::text = any($1)", [item["row"] for item in row])
            missed += not await self.named()
            await self._back(table)
        return missed

    async def columns_that_nobody_compares(self, table: str) -> set[str]:
        columns = await self._owner.fetch(
            "select column_name as name, udt_name as kind from information_schema.columns"
            " where table_schema = 'public' and table_name = $1",
            table,
        )
        return {f"{table}.{row['name']}" for row in columns if not await self._column(table, row["name"], row["kind"])}

    async def _column(self, table: str, column: str, kind: str) -> bool:
        """Whether it is named, or could not be changed at all."""
        value = CHANGED[kind].format(column)
        if (words := WORDS.get(f"{table}.{column}")) is not None:
            value = f"case {column} when '{words[0]}' then '{words[1]}' else '{words[0]}' end"
        changed = 0
        for row in await self._owner.fetch(f"select t::text as row from {table} t where {column} is not null"):
            with suppress(asyncpg.IntegrityConstraintViolationError, asyncpg.ArraySubscriptError):
                tag = await self._owner.execute(f"update {table} t set {column} = {value} where t::text = $1", row[0])
                changed += int(tag.rpartition(" ")[2])
        named = await self.named() if changed else True
        await self._back(table)
        return named

    async def _back(self, table: str) -> None:
        await self._owner.execute(f"delete from {table}; insert into {table} select * from kept.{table}")


async def test_every_row_and_every_column_is_named_or_stands_above(
    fresh_dsn: Callable[[], Awaitable[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dsn = await fresh_dsn()
    db = await Database.open(dsn, size=2)
    market = Rich(db, NOW, folder=tmp_path)
    await market.open()
    owner = await connect_owner(dsn)
    await owner.execute(FREE)
    full = [name for name in await tables(dsn) if await owner.fetchval(f"select true from {name} limit 1")]
    copies = "".join(f"create table kept.{name} as table {name};" for name in full)
    await owner.execute("create schema kept;" + copies)
    tamperer = Tamperer(dsn, market, owner)
    assert not await tamperer.named()
    missed: set[str] = set()
    for table in full:
        assert (await tamperer.rows_that_nobody_misses(table) > 0) is (table in ALONE), table
        missed |= await tamperer.columns_that_nobody_compares(table) if table not in ALONE else set()
    assert sorted(missed) == sorted(NOT_COMPARED)
    await owner.close()
    await db.close()
    capsys.readouterr()
