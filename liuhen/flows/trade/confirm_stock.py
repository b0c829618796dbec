"""The seller has read the preview and says yes: from here the worker imports the file."""

import hmac
from datetime import datetime
from uuid import UUID

import msgspec

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import InvalidInput, StateConflict
from liuhen.keyfiles import store as keyfiles
from liuhen.keyfiles.model import IMPORT_STEPS, ImportState


class ConfirmStock(msgspec.Struct, frozen=True, kw_only=True):
    """seal: what the preview showed (hex), so that nobody confirms what he has not seen."""

    seller_id: UUID
    import_id: UUID
    seal: str


class ConfirmedStock(msgspec.Struct, frozen=True, kw_only=True):
    import_id: UUID
    state: ImportState
    total: int


async def confirm_stock(db: Database, cmd: ConfirmStock, *, now: datetime, once: Once | None = None) -> ConfirmedStock:
    """Raises NotFound, StateConflict (confirmed already, or the 30 minutes are over), InvalidInput (another file)."""

    async def work(tx: Tx) -> ConfirmedStock:
        found = await keyfiles.lock(tx, cmd.seller_id, cmd.import_id)
        IMPORT_STEPS.step(found.state, ImportState.CONFIRMED)
        if found.due_at is None or found.due_at < now:
            raise StateConflict("the upload was kept for 30 minutes; upload the file again", reason="staged_over")
        if not hmac.compare_digest(found.seal.hex().encode(), cmd.seal.encode(errors="replace")):
            raise InvalidInput("this is not the file of the preview", reason="other_file")
        if not found.report.new:
            raise InvalidInput("there is nothing new in this file", reason="nothing_new")
        await keyfiles.set_due(tx, found, ImportState.CONFIRMED, now)
        return ConfirmedStock(import_id=found.id, state=ImportState.CONFIRMED, total=found.total)

    return await db.transact(work, now=now, once=once, result=ConfirmedStock)
