"""A reviewer asks the buyer for better proof: the case waits for him, comes back when he brings it, or lapses."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import Forbidden, InvalidInput, LiuhenError, StateConflict
from liuhen.base.objects import ObjectStore
from liuhen.flows.aftersale.add_note import AddNote, add_note
from liuhen.flows.aftersale.ask_evidence import AskEvidence, EvidenceAsked, ask_evidence
from liuhen.flows.aftersale.attach_picture import AttachPicture, attach_picture
from liuhen.flows.aftersale.lapse_evidence import EvidenceLapsed, LapseEvidence, lapse_evidence
from liuhen.flows.aftersale.withdraw_request import WithdrawRequest, withdraw_request
from liuhen.flows.outbox.claim_due import DueKind, claim_due
from liuhen.flows.trade.place_order import PlacedOrder
from liuhen.parties.model import Role
from liuhen.policy.facts.claim import ReasonCode, Ruling
from liuhen.refunds.kept import unpack
from liuhen.refunds.model import Answer, CaseState
from liuhen.steps.open_case import CaseBrief
from tests.flows.refunds import Bought
from tests.flows.test_refund_record import picture

TICK = timedelta(microseconds=1)
DAYS = timedelta(days=3)


@dataclass
class Desk(Bought):
    """A market with a reviewer; `asked` begins most stories."""

    reviewer: UUID = field(default_factory=lambda: UUID(int=0))

    async def refused(self, reason: ReasonCode = ReasonCode.INVALID_KEY) -> tuple[PlacedOrder, CaseBrief]:
        """A dead key, which the seller says was good: a reviewer has it."""
        placed = await self.bought()
        await self.reveal(placed)
        case = await self.ask_one(placed, reason)
        if case.state is CaseState.AWAITING_SELLER:
            await self.answer(case, Answer.REFUSED)
        self.reviewer = await self.party("审核员", Role.REVIEWER)
        self.later(hours=1)
        return placed, case

    async def prove(self, case: CaseBrief, reasons: str = "请补一段从拆封到兑换的连续录屏") -> EvidenceAsked:
        ask = AskEvidence(reviewer_id=self.reviewer, case_no=case.case_no, reasons=reasons)
        return await ask_evidence(self.db, ask, rules=self.rules, now=self.now)

    async def asked(self) -> tuple[PlacedOrder, CaseBrief, EvidenceAsked]:
        placed, case = await self.refused()
        return placed, case, await self.prove(case)

    async def say(self, case: CaseBrief, *, by: UUID | None = None, staff: bool = False) -> None:
        """Words in the thread; the buyer's unless `by` says otherwise."""
        note = AddNote(author_id=by or self.buyer_id, case_no=case.case_no, text="录屏在这里", staff=staff)
        await add_note(self.db, note, rules=self.rules, now=self.now)

    async def lapse_proof(self, case: CaseBrief) -> EvidenceLapsed:
        """The worker looks at the buyer's deadline."""
        due = LapseEvidence(book_id=self.seller_id, case_id=case.case_id)
        return await lapse_evidence(self.db, due, rules=self.rules, now=self.now)


@pytest.fixture
def world(db: Database, now: datetime) -> Desk:
    return Desk(db, now)


async def test_the_case_waits_for_its_buyer_for_72_hours(world: Desk) -> None:
    placed, case, asked = await world.asked()
    row = await world.case(case)
    assert (row["state"], row["due_at"], asked.due_at) == ("AWAITING_BUYER", world.now + DAYS, world.now + DAYS)
    assert (row["evidence_asked_at"], row["reviewer_id"]) == (world.now, world.reviewer)
    assert "EVIDENCE_NEEDED" in await world.notices(world.buyer_id)
    assert "CASE_AWAITS_BUYER" in await world.notices(world.seller_id)
    assert (await world.events(placed))[-1] == "EVIDENCE_ASKED"
    async with world.db.read() as tx:
        note = await tx.one("select author_role, kind, text from case_note order by at desc, id desc limit 1")
    assert tuple(note) == ("REVIEWER", "EVIDENCE", "请补一段从拆封到兑换的连续录屏")
    with pytest.raises(StateConflict):  # nobody rules while the buyer has his time
        await world.rule(case, world.reviewer, Ruling.GRANTED)
    await world.proven(placed)


async def test_words_bring_it_back_to_the_same_reviewer_with_a_new_deadline(world: Desk) -> None:
    placed, case, _ = await world.asked()
    world.later(hours=5)
    await world.say(case)
    row = await world.case(case)
    assert (row["state"], row["reviewer_id"], row["evidence_brought_at"]) == ("UNDER_REVIEW", world.reviewer, world.now)
    assert row["due_at"] > world.now + timedelta(days=1)
    assert (await world.events(placed))[-3:] == ["NOTE_ADDED", "EVIDENCE_BROUGHT", "REVIEW_DUE"]
    assert "EVIDENCE_CAME" in await world.notices(world.reviewer)
    ruled = await world.rule(case, world.reviewer, Ruling.PARTLY, fen=5000)
    assert ruled.approved_fen == 5000, "what was brought is weighed as any proof"
    await world.proven(placed)


async def test_a_picture_brings_it_back_and_six_more_have_room(world: Desk, tmp_path: Path) -> None:
    _, case, _ = await world.asked()
    objects = ObjectStore.open(tmp_path / "objects")

    async def hand_in(number: int) -> None:
        data = picture(colour=number)
        ask = AttachPicture(party_id=world.buyer_id, filename=f"{number}.png", data=data, case_no=case.case_no)
        await attach_picture(world.db, ask, objects=objects, rules=world.rules, now=world.now)

    await hand_in(0)
    await hand_in(0)  # the same once more is no other picture
    assert (await world.case(case))["state"] == "UNDER_REVIEW"
    for number in range(1, 12):
        await hand_in(number)
    with pytest.raises(LiuhenError):
        await hand_in(12)


async def test_words_of_others_do_not_bring_it_back(world: Desk) -> None:
    _, case, _ = await world.asked()
    await world.say(case, by=world.seller_id)
    await world.say(case, by=world.reviewer, staff=True)
    assert (await world.case(case))["state"] == "AWAITING_BUYER"


@pytest.mark.parametrize(("moment", "lapses"), [(-TICK, False), (timedelta(0), False), (TICK, True)])
async def test_the_deadline_lapses_after_its_last_microsecond(world: Desk, moment: timedelta, lapses: bool) -> None:
    placed, case, asked = await world.asked()
    world.now = asked.due_at + moment
    due = [item.kind for item in await claim_due(world.db, world.now, 9)]
    assert (DueKind.LAPSE_EVIDENCE in due) is lapses
    done = await world.lapse_proof(case)
    assert (done.done, done.state) == (lapses, CaseState.REJECTED if lapses else CaseState.AWAITING_BUYER)
    if not lapses:
        await world.say(case)
        assert (await world.case(case))["state"] == "UNDER_REVIEW"
    await world.proven(placed)


async def test_without_it_policy_refuses_and_a_person_can_still_be_asked(world: Desk) -> None:
    placed, case, asked = await world.asked()
    world.now = asked.due_at + TICK
    assert (await world.lapse_proof(case)).state is CaseState.REJECTED
    assert (await world.lapse_proof(case)).done is False
    row = await world.case(case)
    assert (row["decided_by"], row["due_at"]) == ("MACHINE", None)
    assert unpack(row["decision"]).first.ground == "defect.unproven"
    assert (await world.events(placed))[-2:] == ["EVIDENCE_LAPSED", "CASE_DECIDED"]
    assert "EVIDENCE_LAPSED" in await world.notices(world.buyer_id)
    again = await world.human(case)
    assert again.state is CaseState.UNDER_REVIEW
    ruled = await world.rule(case, world.reviewer, Ruling.GRANTED)
    assert (ruled.state, ruled.approved_fen) == (CaseState.APPROVED, 9800)
    await world.proven(placed)


async def test_who_has_asked_for_a_person_gets_one_when_the_time_has_passed(world: Desk) -> None:
    placed = await world.bought(excludes_no_reason=False)
    await world.reveal(placed)
    case = await world.ask_one(placed, ReasonCode.CHANGE_OF_MIND)
    assert case.state is CaseState.REJECTED
    await world.human(case)
    world.reviewer = await world.party("审核员", Role.REVIEWER)
    asked = await world.prove(case)
    world.now = asked.due_at + TICK
    assert (await world.lapse_proof(case)).state is CaseState.UNDER_REVIEW
    row = await world.case(case)
    assert row["due_at"] > world.now and row["reviewer_id"] == world.reviewer
    ruled = await world.rule(case, world.reviewer, Ruling.PARTLY, fen=100)
    assert ruled.approved_fen == 100
    await world.proven(placed)


async def test_a_claim_for_a_minor_lapses_into_its_own_clause(world: Desk) -> None:
    _, case = await world.refused(ReasonCode.MINOR)
    asked = await world.prove(case, "请监护人补充监护关系和付款时由孩子操作的说明")
    world.now = asked.due_at + TICK
    assert (await world.lapse_proof(case)).state is CaseState.REJECTED
    assert unpack((await world.case(case))["decision"]).first.ground == "capacity.minor_unproven"


async def test_it_is_asked_once_with_reasons_by_the_reviewer_who_has_it(world: Desk) -> None:
    _, case = await world.refused()
    with pytest.raises(InvalidInput):
        await world.prove(case, "  ")
    await world.claim(case, world.reviewer)
    mine, world.reviewer = world.reviewer, await world.party("别的审核员", Role.REVIEWER)
    with pytest.raises(StateConflict):
        await world.prove(case)
    world.reviewer = world.seller_id
    with pytest.raises(Forbidden):
        await world.prove(case)
    world.reviewer = mine
    await world.prove(case)
    with pytest.raises(StateConflict):
        await world.prove(case)
    await world.say(case)
    with pytest.raises(StateConflict):
        await world.prove(case)


async def test_not_before_it_is_a_reviewers_turn(world: Desk) -> None:
    _, case = await world.invalid()
    world.reviewer = await world.party("审核员", Role.REVIEWER)
    with pytest.raises(StateConflict):
        await world.prove(case)


async def test_an_overdue_review_can_still_ask(world: Desk) -> None:
    _, case = await world.refused()
    world.later(days=9)
    assert (await world.escalate(case)).done
    await world.prove(case)
    await world.say(case)
    assert (await world.case(case))["state"] == "UNDER_REVIEW"


async def test_records_that_come_meanwhile_pay_at_once(world: Desk) -> None:
    """The issuer says that it was redeemed before this buyer could: nobody needs the buyer's proof any more."""
    placed, case, _asked = await world.asked()
    (unit,) = await world.units(placed)
    async with world.db.read() as tx:
        revealed_at = await tx.fetchval("select revealed_at from order_unit where id = $1", unit["id"])
    then, world.now = world.now, revealed_at - timedelta(hours=2)
    await world.redeemed(unit["id"])
    world.now = then
    await world.say(case)
    assert ((await world.case(case))["state"], await world.unit_states(placed)) == ("APPROVED", ["REFUNDED"])
    await world.proven(placed)


async def test_the_buyer_can_withdraw_meanwhile(world: Desk) -> None:
    placed, case, asked = await world.asked()
    cmd = WithdrawRequest(buyer_id=world.buyer_id, case_no=case.case_no)
    await withdraw_request(world.db, cmd, now=world.now)
    world.now = asked.due_at + TICK
    assert (await world.lapse_proof(case)).done is False
    assert (await world.case(case))["state"] == "WITHDRAWN"
    await world.proven(placed)


async def test_bringing_and_lapsing_at_once_leave_one_truth(world: Desk) -> None:
    placed, case, asked = await world.asked()
    world.now = asked.due_at + TICK
    said, lapsed = await asyncio.gather(world.say(case), world.lapse_proof(case), return_exceptions=True)
    assert not isinstance(lapsed, BaseException)
    if isinstance(said, BaseException):
        assert isinstance(said, StateConflict) and lapsed.state is CaseState.REJECTED
    else:
        assert (lapsed.done, lapsed.state) == (False, CaseState.UNDER_REVIEW)
    events = await world.events(placed)
    assert events.count("EVIDENCE_BROUGHT") + events.count("EVIDENCE_LAPSED") == 1
    await world.proven(placed)


async def test_asking_twice_at_once_and_asking_while_ruling(world: Desk) -> None:
    placed, case = await world.refused()
    await world.claim(case, world.reviewer)
    both = await asyncio.gather(world.prove(case), world.prove(case), return_exceptions=True)
    assert sum(isinstance(item, StateConflict) for item in both) == 1
    await world.say(case)
    world.later(minutes=1)
    ruled, told = await asyncio.gather(
        world.rule(case, world.reviewer, Ruling.GRANTED), world.prove(case), return_exceptions=True
    )
    assert isinstance(told, StateConflict) and not isinstance(ruled, BaseException)
    assert (await world.events(placed)).count("EVIDENCE_ASKED") == 1
    await world.proven(placed)
