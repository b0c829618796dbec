"""An API token was used: its owner sees when."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Tx
from liuhen.parties import store


class TouchToken(Struct, frozen=True):
    token_id: UUID


class TokenTouched(Struct, frozen=True):
    used_at: datetime


async def touch_token(db: Database, cmd: TouchToken, *, now: datetime) -> TokenTouched:
    """Parameters: now, UTC."""

    async def work(tx: Tx) -> TokenTouched:
        await store.touch_token(tx, cmd.token_id, now)
        return TokenTouched(used_at=now)

    return await db.transact(work, now=now)
