"""A reviewer looks at a revealed key of an open case, with a reason that both sides read. A sealed key stays sealed."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.chain import commitment
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import InvalidInput, NotFound, StateConflict
from liuhen.orders.model import UnitState
from liuhen.refunds import store as refunds
from liuhen.refunds.model import MAX_NOTE, OPEN, Author, NoteKind
from liuhen.steps.hold_case import BOTH, Held, hold_by_no, must_be, must_be_neutral, tell
from liuhen.steps.record import Actor, record
from liuhen.stock import store as stock
from liuhen.stock.vault import open_seal


class LookAtKey(msgspec.Struct, frozen=True, kw_only=True):
    """role: REVIEWER or ADMIN, as which he acts. reason: at least 4 characters; both sides read it."""

    reviewer_id: UUID
    case_no: str
    unit_id: UUID
    reason: str
    role: str = "REVIEWER"


class KeySeen(msgspec.Struct, frozen=True, kw_only=True):
    """labels name the fields (stock.seal.Label)."""

    unit_id: UUID
    labels: list[str]
    fields: list[str]


async def look_at_key(db: Database, cmd: LookAtKey, *, keys: KeyRing, now: datetime) -> KeySeen:
    """Takes no idempotency key: its answer must not be stored. Raises InvalidInput (no reason), NotFound, Forbidden
    (his own matter), StateConflict (case closed, or the key is sealed: then it is decrypted for nobody)."""
    reason = cmd.reason.strip()
    if not 4 <= len(reason) <= MAX_NOTE:
        raise InvalidInput("say why you must look", fields={"reason": ("length", 4, MAX_NOTE)})

    async def work(tx: Tx) -> KeySeen:
        held = await hold_by_no(tx, cmd.case_no)
        must_be_neutral(held.case, cmd.reviewer_id)
        must_be(held.case, *OPEN)
        _must_be_revealed(held, cmd.unit_id)
        row = await stock.key_of_unit(tx, held.case.book_id, cmd.unit_id)
        if row is None:
            raise NotFound("this unit has no key")
        content = open_seal(keys, held.case.book_id, row["id"], row["sealed"])
        await _write_down(tx, held, cmd, reason, now=now)
        return KeySeen(
            unit_id=cmd.unit_id, labels=[str(label) for label in content.labels], fields=list(content.fields)
        )

    return await db.transact(work, now=now)


def _must_be_revealed(held: Held, unit_id: UUID) -> None:
    unit = next((unit for unit in held.units if unit.id == unit_id), None)
    if unit is None:
        raise NotFound("no such unit in this case")
    if unit.state is not UnitState.REVEALED:
        raise StateConflict("only a key that its buyer has revealed may be looked at", state=str(unit.state))


async def _write_down(tx: Tx, held: Held, cmd: LookAtKey, reason: str, *, now: datetime) -> None:
    case = held.case
    await stock.log_look(
        tx, case.book_id, cmd.unit_id, viewer_id=cmd.reviewer_id, role="REVIEWER", reason=reason, now=now
    )
    salt = secrets.token_bytes(32)
    await refunds.add_note(
        tx, case, cmd.reviewer_id, Author.REVIEWER, kind=NoteKind.LOOK, text=reason, salt=salt, now=now
    )
    data = {"case": case.id, "unit": cmd.unit_id, "reason": commitment(salt, reason)}
    await record(tx, case.book_id, case.order_id, Actor(cmd.role, cmd.reviewer_id), "KEY_LOOKED_AT", data, now=now)
    words: dict[str, object] = {"order_no": held.head.order_no, "reason": reason}
    await tell(tx, case, BOTH, "KEY_LOOKED_AT", words, now=now)
