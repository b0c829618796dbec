"""A passkey or security key is registered under a name: from now on it is asked for at sign-in."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Tx
from liuhen.base.errors import InvalidInput
from liuhen.base.ids import new_id
from liuhen.factors import passkeys
from liuhen.factors import store as factors
from liuhen.factors.model import NAME_LENGTH, PASSKEYS_AT_ONCE, Passkey, Place, Way
from liuhen.parties import model
from liuhen.steps.add_factor import add_factor
from liuhen.steps.need_proof import need_proof


class AddPasskey(Struct, frozen=True, kw_only=True):
    """answer: the browser's, as JSON, to the question of ask_passkey."""

    party_id: UUID
    session_id: UUID
    name: str
    answer: str


class PasskeyAdded(Struct, frozen=True):
    """token: the session's new secret. backup_codes: shown once; none where the party has some already."""

    token: str
    backup_codes: tuple[str, ...]


async def add_passkey(db: Database, cmd: AddPasskey, *, now: datetime, keys: KeyRing, place: Place) -> PasskeyAdded:
    """Parameters: now, UTC. All other sessions end. Raises InvalidInput (name, answer, too many, known already),
    SecondFactorNeeded (not proven lately)."""
    name = model.check_text(cmd.name, "name", NAME_LENGTH)

    async def work(tx: Tx) -> PasskeyAdded | None:
        await need_proof(tx, cmd.party_id, cmd.session_id, now=now)
        challenge = await factors.take_challenge(tx, cmd.party_id, cmd.session_id, "add", now)
        if challenge is None:
            return None
        try:
            new = passkeys.read_new(place, challenge, cmd.answer)
        except InvalidInput:
            return None  # committed: the question is used up by a wrong answer too
        if len(await factors.passkeys(tx, cmd.party_id)) >= PASSKEYS_AT_ONCE:
            raise InvalidInput("too many passkeys", field="name", reason="too_many", most=PASSKEYS_AT_ONCE)
        key = Passkey(new_id(now), name, new.credential_id, new.public_key, new.sign_count, now)
        if not await factors.add_passkey(tx, cmd.party_id, key):
            raise InvalidInput("this passkey is registered already", field="name", reason="passkey_known")
        token, codes = await add_factor(tx, cmd.party_id, cmd.session_id, Way.PASSKEY, keys=keys, now=now)
        return PasskeyAdded(token, tuple(codes))

    added = await db.transact(work, now=now)
    if added is None:
        raise InvalidInput("the passkey's answer cannot be used", field="name", reason="passkey_answer")
    return added
