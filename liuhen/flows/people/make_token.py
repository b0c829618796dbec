"""A key for programs: a bearer token with scopes and an end, shown once and stored hashed."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from liuhen.base.crypto import KeyRing, new_token
from liuhen.base.db import Database, Once, Tx
from liuhen.base.errors import Forbidden, InvalidInput
from liuhen.base.ids import new_id
from liuhen.parties import model, secrets, store
from liuhen.parties.model import TOKEN_LIFE_DAYS, TOKENS_AT_ONCE, Role, Scope
from liuhen.sellers import store as sellers


class MakeToken(Struct, frozen=True, kw_only=True):
    """days: how long it lives, 1 to 365."""

    party_id: UUID
    name: str
    scopes: frozenset[Scope]
    days: int = 90


class TokenMade(Struct, frozen=True, kw_only=True):
    token_id: UUID
    token: str
    expires_at: datetime


class _Outcome(Struct, frozen=True):
    token_id: UUID
    sealed_token: bytes
    expires_at: datetime


async def make_token(
    db: Database, cmd: MakeToken, *, now: datetime, once: Once | None = None, keys: KeyRing
) -> TokenMade:
    """Parameters: now, UTC. Raises InvalidInput (name, scopes, days, too many), Forbidden (beyond the party)."""
    name = model.check_text(cmd.name, "name", model.NAME_LENGTH)
    if not cmd.scopes:
        raise InvalidInput("choose a scope", field="scopes", reason="no_scope")
    least, most = TOKEN_LIFE_DAYS
    if not least <= cmd.days <= most:
        raise InvalidInput("a token lives 1 to 365 days", field="days", reason="too_big", least=least, most=most)

    async def work(tx: Tx) -> _Outcome:
        await _check(tx, cmd, now)
        token = new_token("lh_t_")
        new = store.NewToken(
            id=new_id(now),
            token_hash=keys.hash_token(token),
            party_id=cmd.party_id,
            name=name,
            scopes=tuple(sorted(str(scope) for scope in cmd.scopes)),
            created_at=now,
            expires_at=now + timedelta(days=cmd.days),
        )
        await store.add_token(tx, new)
        return _Outcome(new.id, secrets.seal(keys, token), new.expires_at)

    made = await db.transact(work, now=now, once=once, result=_Outcome)
    token = secrets.unseal(keys, made.sealed_token)
    return TokenMade(token_id=made.token_id, token=token, expires_at=made.expires_at)


async def _check(tx: Tx, cmd: MakeToken, now: datetime) -> None:
    """A token may do no more than its party; that is checked again at each use."""
    party = await store.lock(tx, cmd.party_id)
    if await store.count_tokens(tx, cmd.party_id, now) >= TOKENS_AT_ONCE:
        raise InvalidInput("too many tokens", field="name", reason="too_many", most=TOKENS_AT_ONCE)
    shop = await sellers.find_shop(tx, cmd.party_id)
    allowed = {Scope.READ, Scope.BUY}
    allowed |= {Scope.SELL} if shop is not None else set()
    allowed |= {Scope.REVIEW} if party.roles else set()
    allowed |= {Scope.ADMIN} if Role.ADMIN in party.roles else set()
    if not cmd.scopes <= allowed:
        raise Forbidden("a token cannot do more than its party", field="scopes")
