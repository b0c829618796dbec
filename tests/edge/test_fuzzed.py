"""The whole API as schemathesis sees it: no call breaks the site, no answer breaks the description."""

import pytest

from liuhen.edge.api.app import operations
from liuhen.edge.api.ops import Op
from tests.edge.attacks.asking import unhurried
from tests.edge.doors import Doors
from tests.edge.fuzzed import Fuzz
from tests.edge.test_who_may import SCOPES, Story, story

__all__ = ["story"]  # the fixture
COUNT = 3
CALLERS = ("nobody", "buyer", "seller", "admin")


async def fuzz(op: Op, story: Story, doors: Doors, count: int, *, derandomize: bool = True) -> Fuzz:
    """Sends made-up calls of one operation as each of CALLERS. Fails at the first fault."""
    unhurried(doors)
    made = Fuzz(count, story.values, derandomize=derandomize)
    await made.tries(op, {name: await doors.api(story.roles.get(name), *SCOPES.get(name, ())) for name in CALLERS})
    assert made.faults == [], "\n".join(made.faults[:5])
    return made


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)
async def test_calls_made_up_from_the_description(op: Op, story: Story, doors: Doors) -> None:
    assert (await fuzz(op, story, doors, COUNT)).sent >= len(CALLERS)


@pytest.mark.parametrize(
    ("name", "reached"),
    [("get_order", {200, 401, 404}), ("rename", {200, 401, 422}), ("preview", {200, 401, 404, 422})],
)
async def test_the_calls_reach_something(name: str, reached: set[int], story: Story, doors: Doors) -> None:
    """Refusals alone would prove little."""
    (op,) = (one for one in operations() if one.name == name)
    assert reached <= set((await fuzz(op, story, doors, COUNT)).statuses)
