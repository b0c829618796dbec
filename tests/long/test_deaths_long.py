"""The acts that tests/flows/test_deaths.py kills at their points alone, after every statement."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import Shared
from tests.flows.life import Stage
from tests.flows.lives_people import ALL
from tests.flows.test_deaths import LONG, die_after_every_statement


@pytest.mark.parametrize("name", sorted(LONG))
async def test_no_statement_leaves_half_of_an_act(
    _shared: Shared, dsn: str, now: datetime, tmp_path: Path, name: str
) -> None:
    await die_after_every_statement(Stage(_shared, now, tmp_path), ALL[name])
