"""The one place where a second factor is weighed: counted first, each code and each answer good once."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Tx
from liuhen.base.errors import InvalidInput
from liuhen.factors import passkeys, store, totp
from liuhen.factors.model import Place, Proof, Way
from liuhen.notices import store as notices
from liuhen.parties import limits
from liuhen.parties.limits import Tries

LINK = "/settings/second-factor"


class Shown(Struct, frozen=True, kw_only=True):
    """What is shown, and from where. holder_id: the session or half session whose passkey question is answered, None
    where no question can be open (API). ip: counted by network."""

    party_id: UUID
    proof: Proof
    holder_id: UUID | None = None
    ip: str = ""


class Weighed(Struct, frozen=True):
    """way is None for whatever does not fit; wait_seconds > 0: too many tries."""

    way: Way | None = None
    wait_seconds: int = 0


async def check_factor(tx: Tx, shown: Shown, *, keys: KeyRing, place: Place, now: datetime) -> Weighed:
    """Parameters: place, the site that passkeys are bound to; now, UTC. Never raises: the count of a failed try must
    be committed.

    Codes are counted per party and per address; passkeys, which nobody guesses, per address alone, so that a stranger
    who knows the password cannot lock out the owner's key.
    """
    tries = _tries(shown)
    wait = await limits.count(tx, tries, now)
    if wait:
        return Weighed(wait_seconds=wait)
    if shown.proof.passkey:
        way = await _passkey(tx, shown, place, now)
    else:
        way = await _code(tx, shown.party_id, shown.proof.code, keys, now)
    if way is not None:
        await limits.forgive(tx, tries, now)
    return Weighed(way)


def _tries(shown: Shown) -> Tries:
    here = (limits.CODE_IP, limits.network(shown.ip))
    if shown.proof.passkey:
        return (here,)
    party = str(shown.party_id)
    return (here, (limits.CODE_PARTY, party), (limits.CODE_DAY, party))


async def _code(tx: Tx, party_id: UUID, typed: str, keys: KeyRing, now: datetime) -> Way | None:
    code = "".join(typed.split())
    if code.isascii() and code.isdigit():
        known = await store.lock_totp(tx, party_id)
        if known is None or not known.confirmed:
            return None
        step = totp.fitting_step(totp.open_secret(keys, party_id, known.sealed), code, now, known.last_step)
        if step is None:
            return None
        await store.use_totp(tx, party_id, step, now)
        return Way.TOTP
    if not await store.use_backup_code(tx, party_id, store.hash_backup_code(keys, party_id, code), now):
        return None
    await notices.send(tx, party_id, "BACKUP_CODE_USED", {}, LINK, now=now)
    return Way.BACKUP_CODE


async def _passkey(tx: Tx, shown: Shown, place: Place, now: datetime) -> Way | None:
    """The question is gone whatever the answer is worth. A counter that went back is told to the owner."""
    party_id = shown.party_id
    if shown.holder_id is None:
        return None
    challenge = await store.take_challenge(tx, party_id, shown.holder_id, "use", now)
    if challenge is None:
        return None
    try:
        key = await store.lock_passkey(tx, party_id, passkeys.credential_of(shown.proof.passkey))
        if key is None:
            return None
        answered = passkeys.read_use(place, challenge, key, shown.proof.passkey)
    except InvalidInput:
        return None
    if answered.copied:
        await notices.send(tx, party_id, "PASSKEY_COPIED", {"name": key.name}, LINK, now=now)
        return None
    await store.use_passkey(tx, party_id, key.id, answered.sign_count, now)
    return Way.PASSKEY
