"""Five hundred kill -9 of web, worker, sandbox channel and PostgreSQL under load; about a quarter of an hour."""

import pytest

from tests.survival.kills import SEED, survive
from tests.survival.places import data_folder


async def test_five_hundred_kills_lose_and_double_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with data_folder() as folder:
        said = await survive(folder, seed=SEED, kills=500, proven_within=180)
    with capsys.disabled():
        print(f"\n{said}")
