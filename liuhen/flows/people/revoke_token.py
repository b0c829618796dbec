"""The owner stops one of his API tokens."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import NotFound
from liuhen.parties import store


class RevokeToken(Struct, frozen=True):
    party_id: UUID
    token_id: UUID


class TokenRevoked(Struct, frozen=True):
    token_id: UUID


async def revoke_token(db: Database, cmd: RevokeToken, *, now: datetime, once: Once | None = None) -> TokenRevoked:
    """Parameters: now, UTC. Raises NotFound for a token that is not the party's or has ended."""

    async def work(tx: Tx) -> TokenRevoked:
        if not await store.end_token(tx, cmd.party_id, cmd.token_id, now):
            raise NotFound()
        return TokenRevoked(cmd.token_id)

    return await db.transact(work, now=now, once=once, result=TokenRevoked)
