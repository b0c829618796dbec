"""Who changes how he signs in must have proven himself within the last ten minutes."""

from datetime import datetime
from uuid import UUID

from liuhen.base.db import Tx
from liuhen.base.errors import SecondFactorNeeded
from liuhen.factors.model import is_fresh
from liuhen.parties import store


async def need_proof(tx: Tx, party_id: UUID, session_id: UUID | None, *, now: datetime) -> None:
    """Parameters: session_id, on which the act is done, None for none; now, UTC. Raises SecondFactorNeeded; NotFound
    for a session that is not the party's or has ended."""
    if session_id is None or not is_fresh(await store.proved_at(tx, party_id, session_id), now):
        raise SecondFactorNeeded()
