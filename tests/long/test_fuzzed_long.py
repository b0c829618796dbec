"""The made-up calls of tests/edge/test_fuzzed.py, twenty times as many and others each time."""

import pytest

from liuhen.edge.api.app import operations
from liuhen.edge.api.ops import Op
from tests.edge.conftest import doors, site
from tests.edge.doors import Doors
from tests.edge.test_fuzzed import fuzz
from tests.edge.test_who_may import Story, story

__all__ = ["doors", "site", "story"]  # fixtures


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)
async def test_many_calls_made_up_from_the_description(op: Op, story: Story, doors: Doors) -> None:
    await fuzz(op, story, doors, 60, derandomize=False)
