"""COMMIT was sent, the server did it, and the wire broke before the answer. Whoever asks again finds what was done."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from liuhen.base.db import Database
from liuhen.base.errors import InvalidInput, Unavailable
from tests.conftest import Shared
from tests.flows.life import Life, Stage, Story
from tests.flows.lives_people import ALL as STORIES
from tests.flows.mortal import Act, perform
from tests.flows.wire import wired


@pytest.fixture
async def stage(_shared: Shared, dsn: str, now: datetime, tmp_path: Path) -> Stage:
    return Stage(_shared, now, tmp_path)


async def _lost(stage: Stage, story: Story, number: int) -> bool:
    """The answer of the act's commit number `number` is lost. Returns False when it has not so many."""
    life, act = await stage.set(story)
    async with wired(stage.shared.dsn) as (wire, address):
        db = await Database.open(address, size=2)
        wire.arm(number)
        try:
            answer = await perform(act, db, life.folder)
        except (Unavailable, InvalidInput):
            answer = None
        if wire.fired:
            await _as_it_should_be(stage, story, life, act, db, answer)
        await db.close()
        return wire.fired


async def _as_it_should_be(stage: Stage, story: Story, life: Life, act: Act, db: Database, answer: object) -> None:
    """With a key the program itself asks again and answers; without one it says that it does not know."""
    if "once" in act.named:
        assert answer is not None
        done = await stage.state()
        assert await perform(act, db, life.folder) == answer
        assert await stage.state() == done
    else:
        assert answer is None
        with suppress(InvalidInput):  # a file that cannot be imported says so, and is noted as such
            await perform(act.at(life.now + story.after), db, life.folder)
    await story.end(life)
    await life.proven()


@pytest.mark.parametrize("name", STORIES)
async def test_whoever_got_no_answer_asks_again(stage: Stage, name: str) -> None:
    number = 1
    while await _lost(stage, STORIES[name], number):
        number += 1
    assert number > 1
