"""A process dies between any two effects of an act; a new one comes, later, and everything is as it should be.

Between two statements of one transaction the database undoes everything: seen for every statement. Between two effects
that no transaction holds together there is a point with a name (base/faults.py): seen for each. docs/survival.md.
"""

from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import Shared
from tests.flows.life import Life, Stage, Story
from tests.flows.lives_people import ALL as STORIES
from tests.flows.mortal import Act, live

ROOT = Path(__file__).resolve().parents[2]
AFTER_COMMIT = "transaction.commit_and_answer"
LONG = {  # these die after every statement in tests/long
    "attach_proof",
    "confirm_payment of a top-up",
    "delete_erased",
    "deliver_by_hand",
    "expire_pictures",
    "give_up_key",
    "import_stock of a lost key",
    "open_key_ring",
    "pay_order",
    "sign_in",
    "token_for_password",
}
# point -> story in which it is passed
POINTS = {
    "attach_picture.original_and_view": "attach_picture",
    "attach_picture.view_and_row": "attach_picture",
    "attach_proof.original_and_view": "attach_proof",
    "attach_proof.view_and_row": "attach_proof",
    "close_payment.found_and_confirmed": "close_payment that was paid",
    "close_payment.query_and_close": "close_payment",
    "delete_erased.bytes_and_note": "delete_erased",
    "expire_pictures.bytes_and_row": "expire_pictures",
    "expire_pictures.original_and_view": "expire_pictures",
    "give_up_key.keys_and_rest": "give_up_key",
    "import_stock.lease_and_keys": "import_stock",
    "import_stock.progress_and_keys": "import_stock",
    "import_stock.refusal_and_failure": "import_stock of a lost key",
    "keyfile.bytes_and_name": "open_key_ring",
    "keyfile.file_and_witness": "open_key_ring",
    "keyfile.witness_and_versions": "open_key_ring",
    "objects.bytes_and_name": "attach_picture",
    "pay_refund.call_and_answer": "pay_refund",
    "pay_refund.claim_and_call": "pay_refund",
    "pay_refund.claim_and_query": "pay_refund that was never told",
    "pay_refund.query_and_answer": "pay_refund that was never told",
    "sign_in.try_and_session": "sign_in",
    "token_for_password.try_and_token": "token_for_password",
}


@pytest.fixture
async def stage(_shared: Shared, dsn: str, now: datetime, tmp_path: Path) -> Stage:
    return Stage(_shared, now, tmp_path)


async def _again(stage: Stage, story: Story, life: Life, act: Act) -> None:
    """Later somebody tries again: it took effect once."""
    assert not live(stage.shared.dsn, life.folder, act.at(life.now + story.after)).died
    await story.end(life)
    await life.proven()


async def die_after_every_statement(stage: Stage, story: Story) -> None:
    """From the first statement on, until the act lives to its end; what was committed before is carried on."""
    life, act = await stage.set(story)
    before, number, undone = await stage.state(), 0, 0
    while True:
        number += 1
        if not live(stage.shared.dsn, life.folder, act, statement=number).died:
            break
        if await stage.state() == before:
            undone += 1
            continue
        await _again(stage, story, life, act)
        life, act = await stage.set(story)
        before = await stage.state()
    assert number > 2 and undone >= 1
    await story.end(life)
    await life.proven()


@pytest.mark.parametrize("name", [name for name in STORIES if name not in LONG])
async def test_no_statement_leaves_half_of_an_act(stage: Stage, name: str) -> None:
    await die_after_every_statement(stage, STORIES[name])


@pytest.mark.parametrize("name", STORIES)
async def test_what_is_committed_and_not_answered_took_effect_once(stage: Stage, name: str) -> None:
    story = STORIES[name]
    life, act = await stage.set(story)
    before = await stage.state()
    assert live(stage.shared.dsn, life.folder, act, point=AFTER_COMMIT).died
    assert await stage.state() != before
    await _again(stage, story, life, act)
    if "once" in act.named:
        done = await stage.state()
        await _again(stage, story, life, act)
        assert await stage.state() == done


@pytest.mark.parametrize("point", POINTS)
async def test_at_every_named_point(stage: Stage, point: str) -> None:
    story = STORIES[POINTS[point]]
    life, act = await stage.set(story)
    before = await stage.state()
    assert live(stage.shared.dsn, life.folder, act, point=point).died
    await life.proven()
    if point.startswith(("attach_", "objects.")):  # a row that leads to no picture would be a picture lost
        assert await stage.state() == before
    await _again(stage, story, life, act)
