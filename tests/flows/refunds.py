"""The market of world.py after the sale: asking for money back, answering, ruling. One line of a story per call."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

from liuhen.base.db import Row, Tx
from liuhen.base.ids import new_id
from liuhen.flows.aftersale.answer_refund import AnswerRefund, RefundAnswered, answer_refund
from liuhen.flows.aftersale.approve_late_delivery import (
    ApproveLateDelivery,
    LateDeliveryApproved,
    approve_late_delivery,
)
from liuhen.flows.aftersale.ask_human import AskHuman, HumanAsked, ask_human
from liuhen.flows.aftersale.claim_case import ClaimCase, claim_case
from liuhen.flows.aftersale.escalate_review import Escalated, EscalateReview, escalate_review
from liuhen.flows.aftersale.lapse_answer import LapseAnswer, lapse_answer
from liuhen.flows.aftersale.preview_refund import Preview, PreviewRefund, preview_refund
from liuhen.flows.aftersale.request_refund import RefundRequested, RequestRefund, request_refund
from liuhen.flows.aftersale.review_refund import RefundReviewed, ReviewRefund, review_refund
from liuhen.flows.trade.break_seal import BreakSeal, break_seal
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.reads.evidence import events, verify
from liuhen.redemption import store as redemption
from liuhen.redemption.model import FactSource, UseState
from liuhen.refunds.model import Answer, CaseState, Route
from liuhen.steps.open_case import CaseBrief
from tests.flows.world import World, rules


@dataclass
class Bought(World):
    """A world with one seller, one buyer and goods; `bought` begins most stories."""

    seller_id: UUID = field(default_factory=lambda: UUID(int=0))
    buyer_id: UUID = field(default_factory=lambda: UUID(int=0))
    product: UUID = field(default_factory=lambda: UUID(int=0))

    async def bought(
        self, pieces: int = 1, *, agreed: bool = True, pay: str = "balance", **listing: object
    ) -> PlacedOrder:
        """Seller, buyer, a product with five keys too many, and a paid order."""
        self.seller_id, self.buyer_id = await self.seller(agreed=agreed), await self.party("林")
        self.product = await self.listing(self.seller_id, **listing)  # type: ignore[arg-type]
        await self.shelve(self.seller_id, self.product, pieces + 5)
        await self.fund(self.buyer_id, 10_000 * pieces)
        return await self.order(self.buyer_id, self.seller_id, self.product, pieces, pay=pay)

    async def reveal(self, placed: PlacedOrder, *unit_ids: UUID) -> list[UUID]:
        """Breaks the seals of these units, or of all."""
        ids = list(unit_ids) or [row["id"] for row in await self.units(placed)]
        await break_seal(
            self.db,
            BreakSeal(buyer_id=self.buyer_id, book_id=self.seller_id, order_id=placed.order_id, unit_ids=ids),
            now=self.now,
        )
        return ids

    async def redeemed(self, unit_id: UUID) -> None:
        """The issuer says that the key was redeemed in full just now."""
        fact = redemption.Fact(
            source=FactSource.ISSUER,
            state=UseState.USED_UP,
            event="REDEEMED",
            issuer_id=new_id(self.now),
            issuer_event_id=f"E{unit_id}",
            occurred_at=self.now,
        )

        async def work(tx: Tx) -> bool:
            return await redemption.add(tx, self.seller_id, unit_id, fact, now=self.now)

        await self.db.transact(work, now=self.now)

    async def preview(self, placed: PlacedOrder, reason: ReasonCode, *unit_ids: UUID) -> Preview:
        ids = list(unit_ids) or [row["id"] for row in await self.units(placed)]
        ask = PreviewRefund(
            buyer_id=self.buyer_id, book_id=self.seller_id, order_id=placed.order_id, unit_ids=ids, reason=reason
        )
        return await preview_refund(self.db, ask, rules=rules(), now=self.now)

    async def ask(
        self,
        placed: PlacedOrder,
        reason: ReasonCode,
        *unit_ids: UUID,
        statement: str = "打不开",
        route: Route = Route.ORIGINAL,
        pictures: tuple[UUID, ...] = (),
    ) -> RefundRequested:
        """A request for these units, or for all."""
        ids = list(unit_ids) or [row["id"] for row in await self.units(placed)]
        ask = RequestRefund(
            buyer_id=self.buyer_id,
            order_no=placed.order_no,
            unit_ids=ids,
            reason=reason,
            statement=statement,
            route=route,
            pictures=list(pictures),
        )
        return await request_refund(self.db, ask, rules=rules(), now=self.now)

    async def ask_one(self, placed: PlacedOrder, reason: ReasonCode, *unit_ids: UUID) -> CaseBrief:
        (case,) = (await self.ask(placed, reason, *unit_ids)).cases
        return case

    async def invalid(self, *, agreed: bool = True, **more: object) -> tuple[PlacedOrder, CaseBrief]:
        """A revealed key that does not work: the seller has been asked."""
        placed = await self.bought(agreed=agreed, **more)  # type: ignore[arg-type]
        await self.reveal(placed)
        return placed, await self.ask_one(placed, ReasonCode.INVALID_KEY)

    async def answer(self, case: CaseBrief, answer: Answer, reasons: str = "发货前已验过") -> RefundAnswered:
        said = AnswerRefund(seller_id=self.seller_id, case_no=case.case_no, answer=answer, reasons=reasons)
        return await answer_refund(self.db, said, rules=rules(), now=self.now)

    async def lapse(self, case: CaseBrief) -> CaseState | None:
        """The worker looks at the seller's deadline. None: nothing to do any more, or not yet."""
        cmd = LapseAnswer(book_id=self.seller_id, case_ids=[case.case_id])
        return (await lapse_answer(self.db, cmd, rules=rules(), now=self.now)).states.get(case.case_id)

    async def escalate(self, case: CaseBrief) -> Escalated:
        """The worker looks at the reviewer's deadline."""
        return await escalate_review(
            self.db, EscalateReview(book_id=self.seller_id, case_id=case.case_id), now=self.now
        )

    async def human(self, case: CaseBrief, words: str = "请人工看") -> HumanAsked:
        ask = AskHuman(buyer_id=self.buyer_id, case_no=case.case_no, words=words)
        return await ask_human(self.db, ask, rules=rules(), now=self.now)

    async def claim(self, case: CaseBrief, reviewer: UUID) -> None:
        await claim_case(self.db, ClaimCase(reviewer_id=reviewer, case_no=case.case_no), now=self.now)

    async def rule(
        self, case: CaseBrief, reviewer: UUID, ruling: Ruling, *, fen: int | None = None, reasons: str = "双方材料已核"
    ) -> RefundReviewed:
        """A reviewer's ruling."""
        said = ReviewRefund(reviewer_id=reviewer, case_no=case.case_no, ruling=ruling, amount_fen=fen, reasons=reasons)
        return await review_refund(self.db, said, rules=rules(), now=self.now)

    async def late(self, placed: PlacedOrder) -> LateDeliveryApproved:
        """The worker looks at the delivery's deadline."""
        due = ApproveLateDelivery(book_id=self.seller_id, order_id=placed.order_id)
        return await approve_late_delivery(self.db, due, rules=rules(), now=self.now)

    async def case(self, case: CaseBrief) -> Row:
        async with self.db.read() as tx:
            return await tx.one("select * from refund_case where id = $1", case.case_id)

    async def unit_states(self, placed: PlacedOrder) -> list[str]:
        return [row["state"] for row in await self.units(placed)]

    async def notices(self, party: UUID) -> list[str]:
        """Kinds of the party's inbox messages, oldest first."""
        async with self.db.read() as tx:
            rows = await tx.fetch("select kind from notice where book_id = $1 order by created_at, id", party)
        return [row["kind"] for row in rows]

    async def proven(self, placed: PlacedOrder) -> None:
        """True after every act: the chain holds, its events are as documented, and the books balance."""
        async with self.db.read() as tx:
            assert (await verify(tx, placed.book_id, placed.order_id)).first_broken is None
            for event in await events(tx, placed.book_id, placed.order_id):
                assert set(event.payload["data"]) <= documented()[event.payload["kind"]], event.payload
        await self.check()


@cache
def documented() -> dict[str, set[str]]:
    """Kind -> names of fields that docs/evidence-chain.md gives it."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "evidence-chain.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \|[^|]*\|(.*)\|$", text, re.MULTILINE)
    return {kind: set(re.findall(r"`([a-z_0-9]+)`", fields)) for kind, fields in rows}
