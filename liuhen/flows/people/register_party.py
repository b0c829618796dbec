"""Somebody joins: a party, its book, its login, the terms it accepted, and a recovery code shown once."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from liuhen.base.agreements import Agreements
from liuhen.base.crypto import KeyRing
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import LoginTaken, RateLimited
from liuhen.base.ids import new_id
from liuhen.base.passwords import hash_password
from liuhen.money import ledger
from liuhen.parties import limits, model, secrets, store
from liuhen.parties.model import Agreement, Role


class RegisterParty(Struct, frozen=True, kw_only=True):
    """ip: counted against a limit, "" for operators. roles: staff roles, set by operators alone."""

    login: str
    password: str
    terms_version: str
    display_name: str = ""
    ip: str = ""
    roles: frozenset[Role] = frozenset()


class PartyRegistered(Struct, frozen=True):
    party_id: UUID
    login: str
    recovery_code: str


class _Outcome(Struct, frozen=True):
    party_id: UUID | None = None
    sealed_code: bytes = b""
    wait_seconds: int = 0


async def register_party(
    db: Database,
    cmd: RegisterParty,
    *,
    now: datetime,
    once: Once | None = None,
    keys: KeyRing,
    agreements: Agreements,
) -> PartyRegistered:
    """Parameters: now, UTC; agreements, to hash the terms that were accepted.

    Raises InvalidInput (login, password, name), StateConflict (other terms in force), LoginTaken, RateLimited.
    """
    login = model.check_login(cmd.login)
    folded = model.fold_login(login)
    model.check_password(cmd.password, folded)
    name = model.check_text(cmd.display_name or login, "display_name", model.NAME_LENGTH)
    terms = agreements.accepting(Agreement.USER_TERMS, cmd.terms_version, now)
    password_hash = await asyncio.to_thread(hash_password, cmd.password)
    tries = ((limits.REGISTER_IP, limits.network(cmd.ip)),)

    async def work(tx: Tx) -> _Outcome:
        wait = await limits.count(tx, tries, now)
        if wait:
            return _Outcome(wait_seconds=wait)
        if await store.find_sign_in(tx, folded) is not None:
            return _Outcome()
        party_id = new_id(now)
        code = secrets.new_recovery_code()
        await _add(tx, party_id, name, cmd.roles, now)
        recovery = secrets.hash_recovery(keys, party_id, code)
        await store.add_sign_in(tx, model.SignIn(party_id, login, folded, password_hash, recovery), now)
        await store.accept(tx, party_id, Agreement.USER_TERMS, terms.version, terms.sha256, now)
        return _Outcome(party_id, secrets.seal(keys, code))

    made = await db.transact(work, now=now, once=once, result=_Outcome)
    if made.wait_seconds:
        raise RateLimited(retry_after_seconds=made.wait_seconds)
    if made.party_id is None:
        raise LoginTaken(field="login")
    return PartyRegistered(made.party_id, login, secrets.unseal(keys, made.sealed_code))


async def _add(tx: Tx, party_id: UUID, name: str, roles: Iterable[Role], now: datetime) -> None:
    await store.add_party(tx, party_id, name, roles, now)
    await ledger.open_book(tx, party_id)
