"""The site is built once per run; each test puts a house of its own behind it (emptied database, frozen clock)."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from litestar import Litestar

from liuhen.base.db import Database
from tests.edge.doors import KEYS, Doors, FrozenClock, build
from tests.flows.world import World


@pytest.fixture(scope="session")
def site() -> Litestar:
    return build()


@pytest.fixture
async def doors(site: Litestar, db: Database, now: datetime, tmp_path: Path) -> AsyncIterator[Doors]:
    """`await doors.browser(party_id)`, `await doors.api(party_id, "read")`, `doors.clock.at += …`."""
    made = Doors(site, db, FrozenClock(now), tmp_path)
    yield made
    await made.close()


@pytest.fixture
def world(db: Database, now: datetime) -> World:
    """Sellers, buyers, goods and money to tell stories with, under the same master key as the doors."""
    return World(db, now, keys=KEYS)
