"""Words on a version that is not in force yet: kept for good, each side reads what it may."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from liuhen.base.db import Database, Once
from liuhen.base.errors import InvalidInput, NotFound, RateLimited, StateConflict
from liuhen.flows.people.comment_on_rules import MAX_COMMENT, MAX_COMMENTS, CommentOnRules, comment_on_rules
from liuhen.policy.rulebook import Rulebook
from liuhen.reads import rule_comments
from tests.conftest import NOW
from tests.flows.world import World, rules

LINE = rules().rulebooks
COMING = LINE[-1].version


@pytest.fixture
def world(db: Database) -> World:
    return World(db, NOW)


async def _say(
    world: World, party: UUID, text: str = "第 6.1 条很好", version: str = COMING, line: tuple[Rulebook, ...] = LINE
) -> UUID:
    cmd = CommentOnRules(party_id=party, version=version, text=text)
    return (await comment_on_rules(world.db, cmd, rulebooks=line, now=world.now)).comment_id


async def test_words_are_kept_and_read_by_the_right_people(world: World) -> None:
    seller, buyer = await world.seller("青竹数码"), await world.party("林")
    for party, text in ((buyer, " 48 小时好 "), (seller, "担保期太长"), (buyer, "审核再快些")):
        world.later(minutes=1)
        await _say(world, party, text)
    async with world.db.read() as tx:
        mine = await rule_comments.mine(tx, buyer, COMING)
        first = await rule_comments.all_of(tx, COMING, limit=2)
        rest = await rule_comments.all_of(tx, COMING, after=first.next, limit=2)
        counts = await rule_comments.counts(tx)
    assert [one.body for one in mine] == ["48 小时好", "审核再快些"]
    assert [(one.name, one.body) for one in first.comments] == [("林", "48 小时好"), ("青竹数码", "担保期太长")]
    assert [one.body for one in rest.comments] == ["审核再快些"] and rest.next is None
    assert counts == {COMING: 3}


async def test_only_while_it_is_open(world: World) -> None:
    buyer = await world.party("林")
    with pytest.raises(StateConflict):
        await _say(world, buyer, version=LINE[0].version)  # in force
    with pytest.raises(NotFound):
        await _say(world, buyer, version="2020-01-1")
    assert LINE[-1].comment_from is not None
    world.now = LINE[-1].comment_from - timedelta(seconds=1)
    with pytest.raises(NotFound):
        await _say(world, buyer)  # nobody can have read it
    world.now = LINE[-1].comment_from
    await _say(world, buyer)
    world.now = datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(StateConflict):
        await _say(world, buyer)


async def test_a_draft_being_weighed_takes_no_more(world: World) -> None:
    buyer = await world.party("林")
    weighed = replace(LINE[-1], draft=True)
    world.now = weighed.published_at
    with pytest.raises(StateConflict):
        await _say(world, buyer, line=(*LINE[:-1], weighed))


@pytest.mark.parametrize("text", ["", "  \n ", "长" * (MAX_COMMENT + 1)])
async def test_length(world: World, text: str) -> None:
    with pytest.raises(InvalidInput):
        await _say(world, await world.party("林"), text)


async def test_not_without_end_and_the_same_form_once(world: World) -> None:
    buyer = await world.party("林")
    cmd = CommentOnRules(party_id=buyer, version=COMING, text="好")
    once = Once(book_id=buyer, key="form-1", request_hash=b"x" * 32)
    twice = [await comment_on_rules(world.db, cmd, rulebooks=LINE, now=world.now, once=once) for _ in range(2)]
    assert twice[0] == twice[1]
    for _ in range(MAX_COMMENTS - 1):
        await _say(world, buyer)
    with pytest.raises(RateLimited):
        await _say(world, buyer)
    await _say(world, await world.party("木"))
