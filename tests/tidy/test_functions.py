"""A SQL function that was released keeps its parameters and its answer: processes of the version before still call it.

`functions.txt` has every function that was ever released; LIUHEN_WRITE_FUNCTIONS=1 adds new ones and changes no line.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from liuhen.base.db import connect_owner

RELEASED = Path(__file__).with_name("functions.txt")
_ALL = """
select p.proname as name, pg_get_function_identity_arguments(p.oid) as args, pg_get_function_result(p.oid) as answer
from pg_proc p where p.pronamespace = 'public'::regnamespace order by 1, 2
"""


@pytest.fixture
async def made(dsn: str) -> list[Any]:
    owner = await connect_owner(dsn)
    try:
        return list(await owner.fetch(_ALL))
    finally:
        await owner.close()


def faults(made: dict[str, str], released: dict[str, str]) -> list[str]:
    """Parameters: name to signature, as it is and as it was released."""
    changed = [name for name in made if name in released and made[name] != released[name]]
    new = [name for name in made if name not in released]
    return [
        f"{name} has another signature: give it another name (or delete its line if no release had it)"
        for name in changed
    ] + [f"{name} is new: LIUHEN_WRITE_FUNCTIONS=1 adds it" for name in new]


def released() -> dict[str, str]:
    lines = RELEASED.read_text("utf-8").splitlines()
    assert len({line.split("(", 1)[0] for line in lines}) == len(lines), "one signature per name, for good"
    return {line.split("(", 1)[0]: line for line in lines}


async def test_released_functions_stay_as_they_are(made: list[Any]) -> None:
    assert len({row["name"] for row in made}) == len(made), "two functions of one name"
    now = {row["name"]: f"{row['name']}({row['args']}) -> {row['answer']}" for row in made}
    if os.environ.get("LIUHEN_WRITE_FUNCTIONS"):
        before = released() if RELEASED.exists() else {}
        RELEASED.write_text("".join(f"{line}\n" for line in sorted((now | before).values())), "utf-8")
    assert faults(now, released()) == []


def test_what_is_refused() -> None:
    before = {"take": "take(p_a uuid) -> void", "gone": "gone() -> void"}
    assert faults({"take": "take(p_a uuid) -> void"}, before) == [], "one that is no longer called stays listed"
    assert "another name" in faults({"take": "take(p_a uuid, p_b integer) -> void"}, before)[0]
    assert "another name" in faults({"take": "take(p_a uuid) -> integer"}, before)[0]
    assert "is new" in faults({"put": "put() -> void"}, before)[0]
