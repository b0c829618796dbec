"""A buyer whom the machine has refused asks for a person, once: a button that works."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from liuhen.base.chain import commitment
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.orders.model import UnitState
from liuhen.refunds import store as refunds
from liuhen.refunds.model import MAX_NOTE, Author, CaseState, NoteKind, may_ask_human
from liuhen.steps.approve import reconsider
from liuhen.steps.hold_case import Held, hold_by_no, must_be_buyer
from liuhen.steps.judge import Rules, judge_case
from liuhen.steps.record import buyer, record


class AskHuman(msgspec.Struct, frozen=True, kw_only=True):
    """words: why, if the buyer wants to say; may be empty."""

    buyer_id: UUID
    case_no: str
    words: str = ""


class HumanAsked(msgspec.Struct, frozen=True, kw_only=True):
    """APPROVED without a deadline when records that came meanwhile give the money by themselves."""

    case_no: str
    state: CaseState
    due_at: datetime | None


async def ask_human(
    db: Database, cmd: AskHuman, *, rules: Rules, now: datetime, once: Once | None = None
) -> HumanAsked:
    """Raises InvalidInput, NotFound, StateConflict (a person has decided, or was asked before), CaseOpen."""
    words = cmd.words.strip()
    if len(words) > MAX_NOTE:
        raise InvalidInput("that is too long", fields={"words": ("length", 0, MAX_NOTE)})

    async def work(tx: Tx) -> HumanAsked:
        held = await hold_by_no(tx, cmd.case_no)
        must_be_buyer(held.case, cmd.buyer_id)
        _must_be_possible(held)
        salt = secrets.token_bytes(32)
        data = {"case": held.case.id, "words": commitment(salt, words) if words else None}
        await record(tx, held.case.book_id, held.case.order_id, buyer(cmd.buyer_id), "HUMAN_ASKED", data, now=now)
        if words:
            await refunds.add_note(
                tx, held.case, cmd.buyer_id, Author.BUYER, kind=NoteKind.HUMAN, text=words, salt=salt, now=now
            )
        held = held._replace(case=replace(held.case, human_asked_at=now))
        judged = await judge_case(tx, rules, held.head, held.case, held.parts, now=now)
        state, due = await reconsider(tx, held, judged, rules=rules, now=now)
        return HumanAsked(case_no=cmd.case_no, state=state, due_at=due)

    return await db.transact(work, now=now, once=once, result=HumanAsked)


def _must_be_possible(held: Held) -> None:
    if not may_ask_human(held.case):
        raise StateConflict("no person can be asked in this state", state=str(held.case.state))
    if any(unit.case_open or unit.state is UnitState.REFUNDED for unit in held.units):
        raise StateConflict("a unit of this case is refunded or in another case")
