"""Who is here and who is not takes the same work to find out; a token is found by what it is hashed to."""

from collections import Counter
from typing import Any

import argon2
import pytest

from liuhen.base import passwords
from liuhen.base.db import Tx
from tests.edge.doors import KEYS, Doors
from tests.flows.world import World

PASSWORD = "correct horse 9"
READS = ("execute", "fetch", "fetchrow", "fetchval", "one")


class Counting:
    """The hasher, counted."""

    def __init__(self, hasher: argon2.PasswordHasher, work: Counter[str]) -> None:
        self._hasher, self._work = hasher, work

    def verify(self, encoded: str, password: bytes) -> bool:
        facts = argon2.extract_parameters(encoded)
        self._work[f"argon2 {facts.type.name} {facts.memory_cost} {facts.time_cost} {facts.parallelism}"] += 1
        return self._hasher.verify(encoded, password)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hasher, name)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What was done: password hashes with their cost, statements by their text."""
    done: Counter[str] = Counter()
    monkeypatch.setattr(passwords, "_HASHER", Counting(passwords._HASHER, done))
    for name in READS:
        if hasattr(Tx, name):
            before = getattr(Tx, name)

            def counted(self: Tx, sql: str, *values: Any, _before: Any = before) -> Any:
                done[sql] += 1
                return _before(self, sql, *values)

            monkeypatch.setattr(Tx, name, counted)
    return done


async def _joined(doors: Doors, login: str) -> None:
    form = {
        "login": login,
        "password": PASSWORD,
        "again_password": PASSWORD,
        "terms_version": "2026-11-1",
        "agree": "1",
    }
    assert (await (await doors.browser()).post("/register", form)).status_code == 303


async def test_an_unknown_login_costs_what_a_wrong_password_costs(
    doors: Doors, world: World, work: Counter[str]
) -> None:
    """Same hash with same cost, same statements: on the page, for a token, for whoever has been frozen."""
    await _joined(doors, "anna")
    await _joined(doors, "frozen")

    async def freeze(tx: Tx) -> None:
        await tx.execute(
            "update party set frozen_at = $1, frozen_reason = 'x' where display_name = 'frozen'", world.now
        )

    await doors.db.transact(freeze, now=world.now)
    for send in (_page, _token):
        done = []
        for login in ("anna", "nobody", "frozen", "x" * 64, ""):
            work.clear()
            await send(doors, login)
            done.append(Counter(work))
        known, unknown, frozen, long, _empty = done
        assert known == unknown == frozen == long
        assert known["argon2 ID 19456 2 1"] == 1 and sum(known.values()) > 2


async def _page(doors: Doors, login: str) -> None:
    answer = await (await doors.browser()).post("/sign-in", {"login": login, "password": "wrong password"})
    assert answer.status_code in (401, 422)


async def _token(doors: Doors, login: str) -> None:
    wish = {"login": login, "password": "wrong password", "name": "script", "scopes": ["read"]}
    answer = await (await doors.api()).post("/api/v1/tokens", wish)
    assert answer.status_code in (401, 422)


async def test_a_forgotten_password_tells_nobody_who_is_here(doors: Doors, work: Counter[str]) -> None:
    """Wishes and recovery codes: same answer for a login that there is and for one that there is not."""
    await _joined(doors, "anna")
    form = {
        "recovery_code": "AAAA-AAAA-AAAA-AAAA-AAAA",
        "new_password": "another one 77",
        "again_password": "another one 77",
    }
    told = []
    for login in ("anna", "nobody"):
        browser = await doors.browser()
        wish = await browser.post("/reset/ask", {"login": login})
        code = await browser.post("/reset", {"login": login, **form})
        page = code.text.replace(f'value="{login}"', "").replace(browser.csrf, "")
        lines = [line for line in page.splitlines() if 'name="once"' not in line]
        told.append((wish.status_code, wish.headers["location"], code.status_code, lines))
    assert told[0] == told[1]


async def test_tokens_are_found_by_their_keyed_hash_alone(doors: Doors, world: World, work: Counter[str]) -> None:
    """The statement compares 32 bytes that nobody can make without our key: how much of a guess fits cannot be timed.
    No statement ever carries a token, and no row keeps one."""
    anna = await doors.login(await world.party("安娜"), "anna")
    api, browser = await doors.api(anna, "read"), await doors.browser(anna)
    token = api.client.headers["Authorization"].removeprefix("Bearer ")
    cookie = browser.client.cookies["liuhen"]
    seen: list[Any] = []
    assert (await api.get("/api/v1/me")).status_code == 200
    async with doors.db.read() as tx:
        for table in ("api_token", "session"):
            seen += [row["t"] for row in await tx.fetch(f"select t::text as t from {table} t")]
    assert KEYS.hash_token(token).hex() in "".join(seen) and KEYS.hash_token(cookie).hex() in "".join(seen)
    assert token not in "".join(seen) and cookie not in "".join(seen)
    assert [sql for sql in work if "token_hash = $" in sql] and not [
        sql for sql in work if token in sql or "like" in sql
    ]
    other = "A" if token[-1] != "A" else "B"
    for wrong in (token[:-1] + other, token[:-1], token + "A", token.swapcase(), "lh_t_"):
        api.client.headers["Authorization"] = f"Bearer {wrong}"
        assert (await api.get("/api/v1/me")).status_code == 401
