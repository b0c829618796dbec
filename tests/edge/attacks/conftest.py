"""Attackers have time: pages and calls are not counted here, so that each answer is about what was asked."""

import pytest

from tests.edge.attacks.asking import unhurried as let_ask
from tests.edge.doors import Doors


@pytest.fixture(autouse=True)
def unhurried(request: pytest.FixtureRequest) -> None:
    """For tests that have doors. Forms of strangers stay counted."""
    if "doors" in request.fixturenames:
        doors: Doors = request.getfixturevalue("doors")
        let_ask(doors)
