"""SQL of refund cases. Whoever changes one holds its order's row, so that acts on an order stand in line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base import directory
from liuhen.base.db import Row, Tx, UniqueViolation
from liuhen.base.errors import CaseOpen, NotFound
from liuhen.base.ids import new_id, short_no
from liuhen.policy.facts.claim import ReasonCode
from liuhen.refunds.model import (
    TRANSITIONS,
    Answer,
    Author,
    Case,
    CaseState,
    CaseUnit,
    DecidedBy,
    NoteKind,
    Opener,
    Route,
    sum_asked,
)

DIRECTORY_KIND = "case"
FIELDS = (
    "book_id, id, case_no, order_id, buyer_id, reason, statement, salt, route, opened_by, state, due_at,"
    " asked_fen, approved_fen, decided_by, decision, rulebook_version, seller_asked_at, seller_answer,"
    " seller_answered_at, human_asked_at, evidence_asked_at, evidence_brought_at, reviewer_id, claimed_at,"
    " opened_at, decided_at"
)


class NewCase(msgspec.Struct, frozen=True, kw_only=True):
    """What a case is opened with. Amounts fen, times UTC; the units' approved_fen goes with APPROVED.

    decision: packed; ground, of an approved case. facts: what the decision on each unit rests on, JSON.
    """

    book_id: UUID
    order_id: UUID
    buyer_id: UUID
    reason: ReasonCode
    statement: str
    salt: bytes
    route: Route
    opened_by: Opener
    state: CaseState
    due_at: datetime | None
    units: tuple[CaseUnit, ...]
    decision: bytes
    ground: str | None
    facts: Mapping[UUID, str]
    rulebook_version: str


async def open_case(tx: Tx, new: NewCase, *, now: datetime) -> Case:
    """Queues a new case, or the record of one that the machine has decided already. Returns it.

    Raises CaseOpen, when it is sent, if one of the units has an open case.
    """
    decided = new.state in (CaseState.APPROVED, CaseState.REJECTED)
    approved = new.state is CaseState.APPROVED
    case = Case(
        book_id=new.book_id,
        id=new_id(now),
        case_no=short_no("TK", now),
        order_id=new.order_id,
        buyer_id=new.buyer_id,
        reason=new.reason,
        statement=new.statement,
        salt=new.salt,
        route=new.route,
        opened_by=new.opened_by,
        state=new.state,
        due_at=new.due_at,
        asked_fen=sum_asked(new.units),
        approved_fen=sum(unit.approved_fen or 0 for unit in new.units) if approved else None,
        decided_by=DecidedBy.MACHINE if decided else None,
        decision=new.decision,
        rulebook_version=new.rulebook_version,
        seller_asked_at=now if new.state is CaseState.AWAITING_SELLER else None,
        seller_answer=None,
        seller_answered_at=None,
        human_asked_at=None,
        evidence_asked_at=None,
        evidence_brought_at=None,
        reviewer_id=None,
        claimed_at=None,
        opened_at=now,
        decided_at=now if decided else None,
    )
    values = (getattr(case, name) for name in _PUT)
    tx.later(
        "case_put",
        *(str(value) if isinstance(value, str) else value for value in values),
        new.ground,
        [unit.unit_id for unit in new.units],
        [unit.asked_fen for unit in new.units],
        [unit.approved_fen for unit in new.units],
        [new.facts[unit.unit_id] for unit in new.units],
        refused={"refund_case_unit_one_open": lambda _: CaseOpen()},
    )
    await directory.put(tx, DIRECTORY_KIND, case.case_no, case.book_id, case.id)
    return case


_PUT = (
    "book_id",
    "id",
    "case_no",
    "order_id",
    "buyer_id",
    "reason",
    "statement",
    "salt",
    "route",
    "opened_by",
    "state",
    "due_at",
    "asked_fen",
    "approved_fen",
    "decided_by",
    "decision",
    "rulebook_version",
    "seller_asked_at",
    "opened_at",
    "decided_at",
)


async def find(tx: Tx, case_no: str) -> Case:
    """The case with this number, not locked. Raises NotFound."""
    place = await directory.find(tx, DIRECTORY_KIND, case_no)
    if place is None:
        raise NotFound("there is no such case")
    return await get(tx, place.book_id, place.id)


async def get(tx: Tx, book_id: UUID, case_id: UUID) -> Case:
    """The case, not locked. Raises NotFound."""
    row = await tx.fetchrow(f"select {FIELDS} from refund_case where book_id = $1 and id = $2", book_id, case_id)
    if row is None:
        raise NotFound("there is no such case")
    return case_of(row)


async def lock_case(tx: Tx, book_id: UUID, case_id: UUID) -> Case:
    """The case, locked; its order and units are locked already. Raises NotFound."""
    row = await tx.fetchrow(
        f"select {FIELDS} from refund_case where book_id = $1 and id = $2 for update", book_id, case_id
    )
    if row is None:
        raise NotFound("there is no such case")
    return case_of(row)


async def units_of(tx: Tx, book_id: UUID, case_id: UUID) -> tuple[CaseUnit, ...]:
    """The units of a case in the order of their ids."""
    rows = await tx.fetch(
        "select unit_id, asked_fen, approved_fen from refund_case_unit where book_id = $1 and case_id = $2"
        " order by unit_id",
        book_id,
        case_id,
    )
    return tuple(CaseUnit(row["unit_id"], row["asked_fen"], row["approved_fen"]) for row in rows)


async def open_case_no(tx: Tx, book_id: UUID, unit_ids: Sequence[UUID]) -> str | None:
    """The number of an open case that holds one of these units, if there is one."""
    number: str | None = await tx.fetchval(
        "select c.case_no from refund_case_unit u"
        " join refund_case c on c.book_id = u.book_id and c.id = u.case_id"
        " where u.book_id = $1 and u.unit_id = any($2::uuid[]) and u.open limit 1",
        book_id,
        list(unit_ids),
    )
    return number


async def answer(tx: Tx, case: Case, said: Answer, *, now: datetime) -> None:
    """Writes down what the seller has answered; the state follows in its own step."""
    await tx.execute(
        "update refund_case set seller_answer = $3, seller_answered_at = $4 where book_id = $1 and id = $2",
        case.book_id,
        case.id,
        str(said),
        now,
    )


async def approve(
    tx: Tx,
    case: Case,
    fen: Mapping[UUID, int],
    *,
    by: DecidedBy,
    decision: bytes,
    ground: str,
    facts: Mapping[UUID, str],
    now: datetime,
) -> None:
    """Queues: the case is closed as approved.

    Parameters: fen, approved amount of every unit of the case; decision, packed; facts, what the decision on each unit
    rests on, JSON. Raises StateConflict.
    """
    TRANSITIONS.step(case.state, CaseState.APPROVED)
    tx.later(
        "case_approve",
        case.book_id,
        case.id,
        list(fen),
        list(fen.values()),
        [facts[unit_id] for unit_id in fen],
        str(by),
        decision,
        ground,
        now,
    )


async def reject(
    tx: Tx, case: Case, *, by: DecidedBy, decision: bytes, facts: Mapping[UUID, str], now: datetime
) -> None:
    """Closes the case as rejected.

    Parameters: decision, packed; facts, what the decision on each unit rests on, JSON. Raises StateConflict.
    """
    TRANSITIONS.step(case.state, CaseState.REJECTED)
    await tx.execute(
        "update refund_case_unit u set open = false, facts = t.facts::jsonb"
        " from unnest($3::uuid[], $4::text[]) as t(unit, facts)"
        " where u.book_id = $1 and u.case_id = $2 and u.unit_id = t.unit",
        case.book_id,
        case.id,
        list(facts),
        list(facts.values()),
    )
    await tx.execute(
        "update refund_case set state = 'REJECTED', due_at = null, decided_by = $3, decision = $4,"
        " decided_at = $5 where book_id = $1 and id = $2",
        case.book_id,
        case.id,
        str(by),
        decision,
        now,
    )


async def withdraw(tx: Tx, case: Case, *, now: datetime) -> None:
    """Closes the case because its buyer takes it back. Raises StateConflict."""
    TRANSITIONS.step(case.state, CaseState.WITHDRAWN)
    await tx.execute(
        "update refund_case_unit set open = false where book_id = $1 and case_id = $2", case.book_id, case.id
    )
    await tx.execute(
        "update refund_case set state = 'WITHDRAWN', due_at = null, decided_at = $3 where book_id = $1 and id = $2",
        case.book_id,
        case.id,
        now,
    )


async def send_to_review(tx: Tx, case: Case, decision: bytes, *, due_at: datetime) -> None:
    """The seller refused, or his silence decides nothing: a reviewer owes a decision until `due_at`."""
    TRANSITIONS.step(case.state, CaseState.UNDER_REVIEW)
    await tx.execute(
        "update refund_case set state = 'UNDER_REVIEW', due_at = $3, decision = $4 where book_id = $1 and id = $2",
        case.book_id,
        case.id,
        due_at,
        decision,
    )


async def ask_human(tx: Tx, case: Case, decision: bytes, *, due_at: datetime, now: datetime) -> None:
    """Opens a refused case again, for a person. Raises StateConflict, CaseOpen."""
    TRANSITIONS.step(case.state, CaseState.UNDER_REVIEW)
    try:
        await tx.execute(
            "update refund_case_unit set open = true where book_id = $1 and case_id = $2",
            case.book_id,
            case.id,
        )
    except UniqueViolation as error:
        raise CaseOpen() from error
    await tx.execute(
        "update refund_case set state = 'UNDER_REVIEW', due_at = $3, decided_by = null, decided_at = null,"
        " decision = $4, human_asked_at = $5 where book_id = $1 and id = $2",
        case.book_id,
        case.id,
        due_at,
        decision,
        now,
    )


async def ask_evidence(tx: Tx, case: Case, decision: bytes, *, due_at: datetime, now: datetime) -> None:
    """The buyer owes better proof until `due_at`. Raises StateConflict."""
    TRANSITIONS.step(case.state, CaseState.AWAITING_BUYER)
    await tx.execute(
        "update refund_case set state = 'AWAITING_BUYER', due_at = $3, evidence_asked_at = $4, decision = $5"
        " where book_id = $1 and id = $2",
        case.book_id,
        case.id,
        due_at,
        now,
        decision,
    )


async def bring_evidence(tx: Tx, case: Case, *, now: datetime) -> None:
    """Writes down that the buyer has brought something; the state follows in its own step."""
    await tx.execute(
        "update refund_case set evidence_brought_at = $3 where book_id = $1 and id = $2", case.book_id, case.id, now
    )


async def escalate(tx: Tx, case: Case) -> None:
    """A reviewer let the time pass. due_at stays, to show since when. Raises StateConflict."""
    TRANSITIONS.step(case.state, CaseState.ESCALATED)
    await tx.execute("update refund_case set state = 'ESCALATED' where book_id = $1 and id = $2", case.book_id, case.id)


async def claim(tx: Tx, case: Case, reviewer_id: UUID, *, now: datetime) -> None:
    """A reviewer takes the case onto his desk."""
    await tx.execute(
        "update refund_case set reviewer_id = $3, claimed_at = $4 where book_id = $1 and id = $2",
        case.book_id,
        case.id,
        reviewer_id,
        now,
    )


async def add_note(
    tx: Tx,
    case: Case,
    author_id: UUID | None,
    role: Author,
    *,
    kind: NoteKind,
    text: str,
    salt: bytes,
    now: datetime,
) -> UUID:
    """Writes words into a case; the chain keeps commitment(salt, text). Returns the note's id."""
    note_id = new_id(now)
    await tx.execute(
        "insert into case_note (book_id, id, case_id, author_id, author_role, kind, text, salt, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        case.book_id,
        note_id,
        case.id,
        author_id,
        str(role),
        str(kind),
        text,
        salt,
        now,
    )
    return note_id


def case_of(row: Row) -> Case:
    """From a row with all FIELDS."""
    return Case(
        **{
            **dict(row),
            "reason": ReasonCode(row["reason"]),
            "route": Route(row["route"]),
            "opened_by": Opener(row["opened_by"]),
            "state": CaseState(row["state"]),
            "decided_by": DecidedBy(row["decided_by"]) if row["decided_by"] else None,
            "seller_answer": Answer(row["seller_answer"]) if row["seller_answer"] else None,
        }
    )


async def erase_words(tx: Tx, book_id: UUID, order_id: UUID) -> dict[str, int]:
    """Statements and notes of an order's cases with their salts: the commitments in the chain tell nothing then."""
    statements = await tx.execute(
        "update refund_case set statement = '', salt = '' where book_id = $1 and order_id = $2 and length(salt) > 0",
        book_id,
        order_id,
    )
    notes = await tx.execute(
        "update case_note n set text = '', salt = '' from refund_case c where c.book_id = $1 and c.order_id = $2"
        " and n.book_id = c.book_id and n.case_id = c.id and length(n.salt) > 0",
        book_id,
        order_id,
    )
    return {"statements": int(statements.rpartition(" ")[2]), "notes": int(notes.rpartition(" ")[2])}
