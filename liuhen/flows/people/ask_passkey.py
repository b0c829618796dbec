"""What a browser is to ask its passkeys: a fresh question, good for one answer within five minutes."""

import secrets
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import Unauthenticated
from liuhen.factors import passkeys
from liuhen.factors import store as factors
from liuhen.factors.model import CHALLENGE_LIFE, Place
from liuhen.parties import store
from liuhen.steps.need_proof import need_proof

_CHALLENGE_BYTES = 32


class AskPasskey(Struct, frozen=True, kw_only=True):
    """Either `half_token` (signing in), or party_id and session_id. to_add: the answer is a new key."""

    half_token: str = ""
    party_id: UUID | None = None
    session_id: UUID | None = None
    to_add: bool = False


class PasskeyAsked(Struct, frozen=True):
    """options: JSON for `navigator.credentials.create` (to_add) or `.get`."""

    options: bytes


async def ask_passkey(
    db: Database, cmd: AskPasskey, *, now: datetime, keys: KeyRing, place: Place, site: str
) -> PasskeyAsked:
    """Parameters: site, its name as the browser shows it; now, UTC. Raises Unauthenticated (nobody, or the half
    session is over), SecondFactorNeeded (to_add without having proven oneself lately)."""

    async def work(tx: Tx) -> PasskeyAsked:
        party_id, holder_id = await _holder(tx, cmd, keys, now)
        if cmd.to_add:
            await need_proof(tx, party_id, holder_id, now=now)
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        purpose = "add" if cmd.to_add else "use"
        await factors.put_challenge(tx, party_id, holder_id, purpose, challenge, now + CHALLENGE_LIFE)
        known = await factors.passkeys(tx, party_id)
        if not cmd.to_add:
            return PasskeyAsked(passkeys.use_options(place, known, challenge))
        login = (await store.sign_in_of(tx, party_id)).login
        return PasskeyAsked(passkeys.add_options(place, site, party_id, login, known, challenge))

    return await db.transact(work, now=now)


async def _holder(tx: Tx, cmd: AskPasskey, keys: KeyRing, now: datetime) -> tuple[UUID, UUID]:
    """(party, the session or half session that may answer)."""
    if cmd.party_id is not None and cmd.session_id is not None:
        return cmd.party_id, cmd.session_id
    half = await store.lock_half_session(tx, keys.hash_token(cmd.half_token), now) if cmd.half_token else None
    if half is None or cmd.to_add:
        raise Unauthenticated()
    return half.party_id, half.id
