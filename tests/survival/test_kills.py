"""Fifty kill -9 of web, worker, sandbox channel and PostgreSQL under load. tests/long has five hundred."""

import pytest

from tests.survival.kills import SEED, VICTIMS, plan, survive
from tests.survival.places import data_folder


def test_a_seed_says_who_dies_and_when() -> None:
    assert plan(SEED, 50) == plan(SEED, 50) != plan(SEED + 1, 50)
    dead = [victim.rstrip("12") for moment in plan(SEED, 50) for victim in moment.victims]
    assert len(dead) == 50 and {dead.count(victim) for victim in VICTIMS} == {12, 13}


async def test_fifty_kills_lose_and_double_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with data_folder() as folder:
        said = await survive(folder, seed=SEED, kills=50)
    with capsys.disabled():
        print(f"\n{said}")
