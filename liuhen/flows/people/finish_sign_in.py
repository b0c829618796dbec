"""The second factor turns a half session into a session, with a new secret."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import BadCode, RateLimited, Unauthenticated
from liuhen.factors.model import Place, Proof
from liuhen.parties import store
from liuhen.steps.begin_session import Begun, Browser, begin_session
from liuhen.steps.check_factor import Shown, check_factor


class FinishSignIn(Struct, frozen=True, kw_only=True):
    """token: the half session's. ip and user_agent are shown in the list of sessions. old_session: it ends."""

    token: str
    proof: Proof
    ip: str = ""
    user_agent: str = ""
    old_session: UUID | None = None


class _Outcome(Struct, frozen=True):
    begun: Begun | None = None
    over: bool = False
    wait_seconds: int = 0


async def finish_sign_in(db: Database, cmd: FinishSignIn, *, now: datetime, keys: KeyRing, place: Place) -> Begun:
    """Parameters: now, UTC. Raises Unauthenticated (the half session is over: begin anew), BadCode, RateLimited."""

    async def work(tx: Tx) -> _Outcome:
        half = await store.lock_half_session(tx, keys.hash_token(cmd.token), now)
        if half is None:
            return _Outcome(over=True)
        shown = Shown(party_id=half.party_id, proof=cmd.proof, holder_id=half.id, ip=cmd.ip)
        weighed = await check_factor(tx, shown, keys=keys, place=place, now=now)
        if weighed.way is None:
            return _Outcome(wait_seconds=weighed.wait_seconds)
        await store.end_half_session(tx, half.id)
        browser = Browser(ip=cmd.ip, user_agent=cmd.user_agent, old_session=cmd.old_session)
        return _Outcome(await begin_session(tx, half.party_id, browser, weighed.way, keys=keys, now=now))

    outcome = await db.transact(work, now=now)
    if outcome.over:
        raise Unauthenticated()
    if outcome.wait_seconds:
        raise RateLimited(retry_after_seconds=outcome.wait_seconds)
    if outcome.begun is None:
        raise BadCode(field="code", reason="code_wrong")
    return outcome.begun
