"""Any order of acts by anybody: the books balance, no key is sold twice, every chain verifies.

Hypothesis drives buyers, a seller, a reviewer, the channel and the worker over the real database; each run also
moves the clock. What a flow refuses (a LiuhenError) is fine; what it does must leave everything in balance.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database
from liuhen.base.errors import LiuhenError
from liuhen.base.ids import new_id
from liuhen.edge.boot import load_agreements, load_calendar, load_rulebooks
from liuhen.edge.context import App
from liuhen.edge.worker import poller
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.answer_refund import AnswerRefund, answer_refund
from liuhen.flows.aftersale.ask_evidence import AskEvidence, ask_evidence
from liuhen.flows.aftersale.ask_human import AskHuman, ask_human
from liuhen.flows.aftersale.request_refund import RequestRefund, request_refund
from liuhen.flows.aftersale.review_refund import ReviewRefund, review_refund
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.funds.pay_out import PayOut, pay_out
from liuhen.flows.funds.settle_refund import settle_refund
from liuhen.flows.funds.withdraw_earnings import WithdrawEarnings, withdraw_earnings
from liuhen.flows.trade.begin_work import BeginWork, begin_work
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.confirm_receipt import ConfirmReceipt, confirm_receipt
from liuhen.flows.trade.deliver_by_hand import DeliverByHand, deliver_by_hand
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.flows.trade.start_payment import StartPayment, start_payment
from liuhen.parties.model import Role
from liuhen.payments.port import RefundArrived, RefundFailed
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.policy.facts.goods import GoodsKind
from liuhen.reads.evidence import verify
from liuhen.refunds.model import Answer, Route
from tests.conftest import NOW
from tests.edge.house import MovingClock
from tests.flows.test_funds import Scripted
from tests.flows.world import World

T = TypeVar("T")
REASONS = [ReasonCode.INVALID_KEY, ReasonCode.CHANGE_OF_MIND, ReasonCode.NOT_RECEIVED, ReasonCode.NOT_AS_DESCRIBED]


@dataclass
class Stage:
    """One run's market."""

    world: World
    app: App
    channel: Scripted
    seller: UUID
    buyers: list[UUID]
    reviewer: UUID
    keyed: UUID
    by_hand: UUID
    orders: list[PlacedOrder] = field(default_factory=list)
    begun: list[tuple[UUID, int]] = field(default_factory=list)


class Market(RuleBasedStateMachine):
    """Acts of everybody in any order."""

    database: Database
    runner: asyncio.Runner
    acts = 0
    orders = Bundle("orders")

    def go(self, work: Awaitable[T]) -> T | None:
        """Runs one act; a refusal is an answer too."""
        Market.acts += 1
        try:
            return self.runner.run(_awaited(work))
        except LiuhenError:
            return None

    @initialize()
    def open(self) -> None:
        self.stage = self.runner.run(_open(self.database))

    @rule(
        target=orders,
        buyer=st.integers(0, 1),
        pieces=st.integers(1, 3),
        pay=st.sampled_from(["balance", "balance", "channel", None]),
        hand=st.sampled_from([False, False, True]),
    )
    def buy(self, buyer: int, pieces: int, pay: str | None, hand: bool) -> Any:
        s = self.stage
        product, more = (s.by_hand, {"target": "13800000319"}) if hand else (s.keyed, {})
        placed = self.go(s.world.order(s.buyers[buyer], s.seller, product, pieces, pay=pay, **more))
        if placed is None:
            return multiple()
        s.orders.append(placed)
        who: dict[str, Any] = {"buyer_id": s.buyers[buyer], "book_id": placed.book_id, "order_id": placed.order_id}
        begun = self.go(start_payment(self.app.db, StartPayment(**who, channel="sandbox"), now=self.world.now))
        if begun is not None:
            s.begun.insert(0, (begun.payment_id, begun.amount_fen))
        return (placed, s.buyers[buyer])

    @rule(pick=st.integers(0, 9), twice=st.booleans(), fen=st.sampled_from([0, -1]))
    def channel_pays(self, pick: int, twice: bool, fen: int) -> None:
        """In time, too late, the wrong amount, twice: whatever was begun may be paid at any time."""
        begun = self.stage.begun
        for payment, total in begun[pick % len(begun) :][:1] if begun else ():
            for trade in ("T", "X")[: 1 + twice]:
                self.go(self.world.paid(payment, total + fen, trade=f"{trade}{payment.hex}"))

    @rule(order=orders, first=st.integers(0, 2), claim=st.booleans())
    def break_one(self, order: tuple[PlacedOrder, UUID], first: int, claim: bool) -> None:
        """claim: and then the key does not work."""
        placed, buyer = order
        ids = self.unit_ids(placed)
        units = [ids[first % len(ids)]]
        ask = BreakSeal(buyer_id=buyer, book_id=placed.book_id, order_id=placed.order_id, unit_ids=units)
        self.go(break_seal(self.app.db, ask, now=self.world.now))
        if claim:
            invalid = RequestRefund(
                buyer_id=buyer, order_no=placed.order_no, unit_ids=units, reason=ReasonCode.INVALID_KEY
            )
            self.go(request_refund(self.app.db, invalid, rules=self.app.rules, now=self.world.now))

    @rule(order=orders, reason=st.sampled_from(REASONS), count=st.integers(1, 3), balance=st.booleans())
    def ask(self, order: tuple[PlacedOrder, UUID], reason: ReasonCode, count: int, balance: bool) -> None:
        placed, buyer = order
        ask = RequestRefund(
            buyer_id=buyer,
            order_no=placed.order_no,
            unit_ids=self.unit_ids(placed)[:count],
            reason=reason,
            route=Route.BALANCE if balance else Route.ORIGINAL,
        )
        self.go(request_refund(self.app.db, ask, rules=self.app.rules, now=self.world.now))

    @rule(pick=st.integers(0, 5), agree=st.booleans())
    def answer(self, pick: int, agree: bool) -> None:
        answer = Answer.AGREED if agree else Answer.REFUSED
        for case_no in self.cases("AWAITING_SELLER", pick):
            said = AnswerRefund(seller_id=self.stage.seller, case_no=case_no, answer=answer, reasons="发货前已验过")
            self.go(answer_refund(self.app.db, said, rules=self.app.rules, now=self.world.now))

    @rule(pick=st.integers(0, 5), ruling=st.sampled_from(list(Ruling)), fen=st.integers(1, 9800))
    def review(self, pick: int, ruling: Ruling, fen: int) -> None:
        for case_no in self.cases("UNDER_REVIEW", pick) + self.cases("ESCALATED", pick):
            said = ReviewRefund(
                reviewer_id=self.stage.reviewer,
                case_no=case_no,
                ruling=ruling,
                amount_fen=fen if ruling is Ruling.PARTLY else None,
                reasons="双方材料已核",
            )
            self.go(review_refund(self.app.db, said, rules=self.app.rules, now=self.world.now))

    @rule(order=orders, bring=st.booleans())
    def better_proof(self, order: tuple[PlacedOrder, UUID], bring: bool) -> None:
        """The seller says that the key was good, a reviewer asks for better proof, and its buyer may bring some."""
        self.break_one(order, 0, True)
        for case_no in self.cases("AWAITING_SELLER", 0):
            no = AnswerRefund(seller_id=self.stage.seller, case_no=case_no, answer=Answer.REFUSED, reasons="验过")
            self.go(answer_refund(self.app.db, no, rules=self.app.rules, now=self.world.now))
        for case_no in self.cases("UNDER_REVIEW", 0):
            ask = AskEvidence(reviewer_id=self.stage.reviewer, case_no=case_no, reasons="请补录屏")
            self.go(ask_evidence(self.app.db, ask, rules=self.app.rules, now=self.world.now))
        for case_no in self.cases("AWAITING_BUYER", 0) if bring else ():
            for buyer in self.stage.buyers:
                said = AddNote(author_id=buyer, case_no=case_no, text="补上了")
                self.go(add_note(self.app.db, said, rules=self.app.rules, now=self.world.now))

    @rule(pick=st.integers(0, 5), human=st.booleans())
    def withdraw_or_ask_human(self, pick: int, human: bool) -> None:
        for buyer in self.stage.buyers:
            for case_no in self.cases("REJECTED" if human else "AWAITING_SELLER", pick):
                if human:
                    ask = AskHuman(buyer_id=buyer, case_no=case_no, words="请人工看")
                    self.go(ask_human(self.app.db, ask, rules=self.app.rules, now=self.world.now))
                else:
                    self.go(
                        withdraw_request(
                            self.app.db, WithdrawRequest(buyer_id=buyer, case_no=case_no), now=self.world.now
                        )
                    )

    @rule(order=orders, done=st.sampled_from([True, True, False]))
    def hand_over(self, order: tuple[PlacedOrder, UUID], done: bool) -> None:
        """The seller says that the work has begun, and delivers when he is done with it."""
        said = BeginWork(seller_id=self.stage.seller, order_id=order[0].order_id, line_no=1)
        self.go(begin_work(self.app.db, said, now=self.world.now))
        if not done:
            return
        cmd = DeliverByHand(seller_id=self.stage.seller, order_id=order[0].order_id, line_no=1, text="已充值")
        self.go(deliver_by_hand(self.app.db, cmd, keys=self.world.keys, rules=self.world.rules, now=self.world.now))

    @rule(order=orders)
    def confirm(self, order: tuple[PlacedOrder, UUID]) -> None:
        placed, buyer = order
        cmd = ConfirmReceipt(buyer_id=buyer, book_id=placed.book_id, order_id=placed.order_id)
        self.go(confirm_receipt(self.app.db, cmd, now=self.world.now))

    @rule(fen=st.integers(1, 30_000))
    def take_earnings_and_pay_out(self, fen: int) -> None:
        earn = WithdrawEarnings(seller_id=self.stage.seller, amount_fen=fen)
        self.go(withdraw_earnings(self.app.db, earn, now=self.world.now))
        self.go(pay_out(self.app.db, PayOut(party_id=self.stage.buyers[0], amount_fen=fen), now=self.world.now))

    @rule(
        minutes=st.sampled_from([1, 16, 60, 24 * 60 + 1, 4 * 24 * 60, 8 * 24 * 60]),
        said=st.sampled_from(["A", "A", "F", "FA", "AF"]),
    )
    def time_passes(self, minutes: int, said: str) -> None:
        """said: what the channel tells of refunds under way: arrived, failed, or one after the other."""
        self.world.later(minutes=minutes)
        self.go(poller(self.app).tick())
        for refund_id, fen in self.rows("select id, amount_fen from refund where state = 'SENT' order by id"):
            more = {"refund_id": refund_id, "trade_no": "T", "channel_refund_no": "R", "amount_fen": fen}
            for word in said:
                told: Any = {"event_id": f"{word}{refund_id}", "at": self.world.now, **more}
                event = RefundArrived(**told) if word == "A" else RefundFailed(detail="X", **told)
                self.go(settle_refund(self.app.db, "sandbox", event, body=b"", now=self.world.now))

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "stage"):
            self.runner.run(_holds(self.stage))

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.runner.run(_chains(self.stage))

    @property
    def world(self) -> World:
        return self.stage.world

    @property
    def app(self) -> App:
        return self.stage.app

    def unit_ids(self, placed: PlacedOrder) -> list[UUID]:
        return [row["id"] for row in self.runner.run(self.world.units(placed))]

    def cases(self, state: str, pick: int) -> list[str]:
        where = f"book_id = '{self.stage.seller}' and state = '{state}'"
        rows = self.rows(f"select case_no, id from refund_case where {where} order by id")
        return [rows[pick % len(rows)][0]] if rows else []

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        async def ask() -> list[tuple[Any, ...]]:
            async with self.app.db.read() as tx:
                return [tuple(row) for row in await tx.fetch(sql)]

        return self.runner.run(ask())


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _open(db: Database) -> Stage:
    world = World(db, NOW)
    # Keys are unique within a book, and every run has a book of its own.
    world.made = int.from_bytes(new_id(NOW).bytes[-4:], "big")
    channel = Scripted()
    app = App(
        settings=_SETTINGS,
        db=db,
        clock=MovingClock(world),
        keys=KeyRing({1: bytes(range(32))}),
        rulebooks=load_rulebooks(),
        calendar=load_calendar(),
        agreements=load_agreements(),
        channels={"sandbox": channel},  # type: ignore[dict-item]
    )
    seller = await world.seller(fee=333)
    buyers = [await world.party("林"), await world.party("陈")]
    keyed = await world.listing(seller)
    by_hand = await world.listing(seller, kind=GoodsKind.DIRECT_TOP_UP, price=4999, target_label="手机号")
    await world.shelve(seller, keyed, 9)
    for buyer in buyers:
        await world.fund(buyer, 40_000)
    return Stage(world, app, channel, seller, buyers, await world.party("周", Role.REVIEWER), keyed, by_hand)


_SETTINGS: Any = None

_FAULTS = """
select 'a key and its unit disagree' as fault, u.id from order_unit u left join stock_key k
    on k.book_id = u.book_id and k.unit_id = u.id
    join order_line l on l.book_id = u.book_id and l.order_id = u.order_id and l.line_no = u.line_no
where l.delivery = 'AUTO' and u.book_id = $1 and (u.state, coalesce(k.state, 'none')) not in (
    ('RESERVED', 'RESERVED'), ('SEALED', 'SEALED'), ('REVEALED', 'REVEALED'), ('CANCELLED', 'none'),
    ('REFUNDED', 'none'), ('REFUNDED', 'RETIRED'))
union all
select 'a key was revealed for two units', key_id from key_event where book_id = $1 and kind = 'REVEALED'
    group by key_id having count(distinct unit_id) > 1
union all
select 'more refunded than captured', p.id from payment p where p.book_id = $1 and p.refunded_fen > p.amount_fen
union all
select 'refunds and units disagree', o.id from orders o where o.book_id = $1
    and (select coalesce(sum(refunded_fen), 0) from order_unit u where u.book_id = o.book_id and u.order_id = o.id)
     <> (select coalesce(sum(amount_fen), 0) from refund r
         where r.book_id = o.book_id and r.order_id = o.id and r.kind = 'CASE')
union all
select 'two open cases for a unit', unit_id from refund_case_unit where book_id = $1 and open
    group by unit_id having count(*) > 1
union all
select 'a case and its units disagree', c.id from refund_case c
    join refund_case_unit x on x.book_id = c.book_id and x.case_id = c.id where c.book_id = $1
    and x.open <> (c.state in ('AWAITING_SELLER', 'UNDER_REVIEW', 'ESCALATED', 'AWAITING_BUYER'))
union all
select 'released while a case is open', u.id from order_unit u where u.book_id = $1 and u.case_open
    and not exists (select 1 from refund_case_unit c where c.book_id = u.book_id and c.unit_id = u.id and c.open)
"""


async def _holds(stage: Stage) -> None:
    await stage.world.check()
    async with stage.world.db.read() as tx:
        found = await tx.fetch(_FAULTS, stage.seller)
    assert [tuple(row) for row in found] == []


async def _chains(stage: Stage) -> None:
    async with stage.world.db.read() as tx:
        for placed in stage.orders:
            assert (await verify(tx, placed.book_id, placed.order_id)).first_broken is None


def play(dsn: str, examples: int, steps: int, *, same_each_time: bool = True) -> set[str]:
    """Returns the kinds of events that happened in any run."""
    with asyncio.Runner() as runner:
        Market.runner = runner
        Market.database = runner.run(Database.open(dsn, size=4))
        run_state_machine_as_test(
            Market,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                derandomize=same_each_time,
                database=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        seen = runner.run(_kinds(Market.database))
        runner.run(Market.database.close())
    return seen


async def _kinds(db: Database) -> set[str]:
    async with db.read() as tx:
        rows = await tx.fetch(
            "select distinct convert_from(payload, 'UTF8')::jsonb ->> 'kind' as kind from chain_event"
        )
    return {row["kind"] for row in rows}


@pytest.mark.usefixtures("db")
def test_any_order_of_acts_leaves_everything_in_balance(dsn: str) -> None:
    seen = play(dsn, examples=200, steps=20)
    # The runs were not idle: everything that this test is about has happened.
    assert seen >= {
        "PAID",
        "MONEY_NOT_USED",
        "DELIVERED_SEALED",
        "WORK_BEGUN",
        "DELIVERED_BY_HAND",
        "SEAL_BROKEN",
        "EVIDENCE_ASKED",
        "EVIDENCE_BROUGHT",
        "REFUND_APPROVED",
        "REFUND_SENT",
        "REFUND_ARRIVED",
        "ESCROW_RELEASED",
        "ORDER_EXPIRED",
    }
