"""An issuer's signed word on a key: found by serial or fingerprint among goods that name this issuer, kept once."""

from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Tx
from liuhen.base.errors import NotFound, StateConflict
from liuhen.orders import store as orders
from liuhen.payments import store as payments
from liuhen.reads.issuer_units import delivered_by_fingerprint
from liuhen.redemption import store as redemption
from liuhen.redemption.model import FactSource, UseState
from liuhen.steps.record import Actor, record
from liuhen.stock import store as stock


class IssuerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """fp_exact or fp_serial are our keyed fingerprints of what the issuer sent; the key itself is never here.

    Amounts fen, occurred_at UTC.
    """

    issuer_id: UUID
    event_id: str
    event: str
    state: UseState
    fp_exact: bytes | None = None
    fp_serial: bytes | None = None
    value_fen: int | None = None
    remaining_fen: int | None = None
    occurred_at: datetime | None = None


class IssuerEventRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """recorded: units for which the fact was new; 0 for an event that came before."""

    recorded: int


async def record_issuer_event(db: Database, cmd: IssuerEvent, *, now: datetime) -> IssuerEventRecorded:
    """Raises NotFound if no delivered unit of this issuer's goods fits, StateConflict if one is changing hands."""

    async def work(tx: Tx) -> IssuerEventRecorded:
        # Known by its own id: a key may go back to the shelf and to another buyer; an event that comes again must not.
        channel = f"issuer:{cmd.issuer_id}"
        if not await payments.first_seen(tx, channel, cmd.event_id, kind=cmd.event, body=b"", now=now):
            return IssuerEventRecorded(recorded=0)
        found = await delivered_by_fingerprint(tx, cmd.issuer_id, exact=cmd.fp_exact, serial=cmd.fp_serial)
        if not found:
            raise NotFound("no delivered goods fit this event")
        fact = redemption.Fact(
            source=FactSource.ISSUER,
            state=cmd.state,
            event=cmd.event,
            value_fen=cmd.value_fen,
            remaining_fen=cmd.remaining_fen,
            issuer_id=cmd.issuer_id,
            issuer_event_id=cmd.event_id,
            occurred_at=cmd.occurred_at,
        )
        new = 0
        for row in sorted(found, key=lambda item: (item["book_id"], item["order_id"], item["unit_id"])):
            head = await orders.lock(tx, row["book_id"], row["order_id"])
            key = await stock.key_of_unit(tx, head.book_id, row["unit_id"])
            if key is None or key["id"] != row["key_id"]:
                raise StateConflict("the key has just moved on; send the event again")
            if not await redemption.add(tx, head.book_id, row["unit_id"], fact, now=now):
                continue
            new += 1
            data = {
                "unit": row["unit_id"],
                "event": cmd.event,
                "event_id": cmd.event_id,
                "state": cmd.state,
                "value_fen": cmd.value_fen,
                "remaining_fen": cmd.remaining_fen,
                "occurred_at": cmd.occurred_at,
            }
            await record(tx, head.book_id, head.id, Actor("ISSUER", cmd.issuer_id), "ISSUER_SAID", data, now=now)
        return IssuerEventRecorded(recorded=new)

    return await db.transact(work, now=now)
