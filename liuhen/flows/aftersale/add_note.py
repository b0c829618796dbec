"""Words in a case: buyer, seller and reviewer write in one thread, which counts as evidence."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.chain import commitment
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput
from liuhen.refunds import store as refunds
from liuhen.refunds.model import MAX_NOTE, OPEN, Author, NoteKind
from liuhen.steps.bring_evidence import bring_evidence
from liuhen.steps.hold_case import BOTH, actor_of, hold_by_no, must_be, side_of, tell
from liuhen.steps.judge import Rules
from liuhen.steps.record import record


class AddNote(msgspec.Struct, frozen=True, kw_only=True):
    """staff: the door has seen that the author is a reviewer or admin; a party of the case writes as that party."""

    author_id: UUID
    case_no: str
    text: str
    staff: bool = False


class NoteAdded(msgspec.Struct, frozen=True, kw_only=True):
    note_id: UUID
    at: datetime


async def add_note(db: Database, cmd: AddNote, *, rules: Rules, now: datetime, once: Once | None = None) -> NoteAdded:
    """What a buyer was asked for comes this way too: then the case goes back to its reviewer.

    Raises InvalidInput, NotFound (a stranger), StateConflict (the case is closed).
    """
    text = cmd.text.strip()
    if not 1 <= len(text) <= MAX_NOTE:
        raise InvalidInput("write something", fields={"text": ("length", 1, MAX_NOTE)})

    async def work(tx: Tx) -> NoteAdded:
        held = await hold_by_no(tx, cmd.case_no)
        case = held.case
        side = side_of(case, cmd.author_id, staff=cmd.staff)
        must_be(case, *OPEN)
        salt = secrets.token_bytes(32)
        note_id = await refunds.add_note(
            tx, case, cmd.author_id, side, kind=NoteKind.WORDS, text=text, salt=salt, now=now
        )
        data = {"case": case.id, "note": note_id, "text": commitment(salt, text)}
        actor = actor_of(side, cmd.author_id)
        await record(tx, case.book_id, case.order_id, actor, "NOTE_ADDED", data, now=now)
        others: tuple[Author, ...] = tuple(other for other in BOTH if other is not side)
        await tell(tx, case, others, "CASE_NOTE", {"from": str(side), "order_no": held.head.order_no}, now=now)
        await bring_evidence(tx, held, side, rules=rules, now=now)
        return NoteAdded(note_id=note_id, at=now)

    return await db.transact(work, now=now, once=once, result=NoteAdded)
