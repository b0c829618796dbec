"""A bearer token is written for a party: no more than the party itself may do, for a time, stored hashed."""

from collections.abc import Set
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Tx
from liuhen.base.errors import Forbidden, InvalidInput, SecondFactorNeeded
from liuhen.base.ids import new_id
from liuhen.parties import model, secrets, store
from liuhen.parties.model import TOKEN_LIFE_DAYS, TOKENS_AT_ONCE, Role, Scope
from liuhen.sellers import store as sellers

STAFF_SCOPES = frozenset({Scope.REVIEW, Scope.ADMIN})


class Wish(Struct, frozen=True, kw_only=True):
    """What the token should be. days: how long it lives, 1 to 365."""

    name: str
    scopes: frozenset[Scope]
    days: int


class Standing(Struct, frozen=True):
    """proven: its maker showed a second factor. staff_need_factor: the setting; then nothing for staff without one."""

    proven: bool
    staff_need_factor: bool


class Granted(Struct, frozen=True):
    """sealed_token: the secret for the stored reply, see parties/secrets.py. expires_at: UTC."""

    token_id: UUID
    sealed_token: bytes
    expires_at: datetime


def check_wish(name: str, scopes: Set[Scope], days: int) -> Wish:
    """Raises InvalidInput (name, scopes, days)."""
    kept = model.check_text(name, "name", model.NAME_LENGTH)
    if not scopes:
        raise InvalidInput("choose a scope", field="scopes", reason="no_scope")
    least, most = TOKEN_LIFE_DAYS
    if not least <= days <= most:
        raise InvalidInput("a token lives 1 to 365 days", field="days", reason="too_big", least=least, most=most)
    return Wish(name=kept, scopes=frozenset(scopes), days=days)


async def grant_token(
    tx: Tx, party_id: UUID, wish: Wish, standing: Standing, *, keys: KeyRing, now: datetime
) -> Granted:
    """Parameters: now, UTC. Raises InvalidInput (too many), Forbidden (beyond the party), SecondFactorNeeded (staff
    without one), NotFound."""
    await _check(tx, party_id, wish.scopes, now)
    if wish.scopes & STAFF_SCOPES and standing.staff_need_factor and not standing.proven:
        raise SecondFactorNeeded("set up a second factor first", field="scopes", ways=[])
    token = new_token("lh_t_")
    new = store.NewToken(
        id=new_id(now),
        token_hash=keys.hash_token(token),
        party_id=party_id,
        name=wish.name,
        scopes=tuple(sorted(str(scope) for scope in wish.scopes)),
        created_at=now,
        expires_at=now + timedelta(days=wish.days),
        second_factor=standing.proven,
    )
    await store.add_token(tx, new)
    return Granted(new.id, secrets.seal(keys, token), new.expires_at)


async def _check(tx: Tx, party_id: UUID, scopes: frozenset[Scope], now: datetime) -> None:
    """A token may do no more than its party; that is checked again at each use."""
    party = await store.lock(tx, party_id)
    if await store.count_tokens(tx, party_id, now) >= TOKENS_AT_ONCE:
        raise InvalidInput("too many tokens", field="name", reason="too_many", most=TOKENS_AT_ONCE)
    shop = await sellers.find_shop(tx, party_id)
    allowed = {Scope.READ, Scope.BUY}
    allowed |= {Scope.SELL} if shop is not None else set()
    allowed |= {Scope.REVIEW} if party.roles else set()
    allowed |= {Scope.ADMIN} if Role.ADMIN in party.roles else set()
    if not scopes <= allowed:
        raise Forbidden("a token cannot do more than its party", field="scopes")
