"""How often one may knock: token buckets in the process, windows in the database, and what the page says."""

from datetime import timedelta

import pytest

from liuhen.base.errors import RateLimited
from liuhen.edge.rate import TokenBuckets
from tests.edge.doors import Doors
from tests.flows.world import World


def test_a_bucket_empties_and_fills_again(now) -> None:  # type: ignore[no-untyped-def]
    buckets = TokenBuckets(burst=3, per_minute=60)
    for _ in range(3):
        buckets.take("a", now)
    with pytest.raises(RateLimited) as caught:
        buckets.take("a", now)
    assert caught.value.data["retry_after_seconds"] == 1
    buckets.take("b", now)
    buckets.take("a", now + timedelta(seconds=1))
    with pytest.raises(RateLimited):
        buckets.take("a", now + timedelta(seconds=1))


def test_a_clock_that_steps_back_gives_nothing(now) -> None:  # type: ignore[no-untyped-def]
    buckets = TokenBuckets(burst=1, per_minute=60)
    buckets.take("a", now)
    with pytest.raises(RateLimited):
        buckets.take("a", now - timedelta(hours=1))
    with pytest.raises(RateLimited):
        buckets.take("a", now)


def test_many_callers_do_not_fill_the_memory(now) -> None:  # type: ignore[no-untyped-def]
    buckets = TokenBuckets(burst=1, per_minute=60)
    for number in range(20_100):
        buckets.take(str(number), now)
    assert len(buckets._buckets) == 20_000


async def test_the_eleventh_wrong_password_is_not_even_looked_at(doors: Doors) -> None:
    browser = await doors.browser()
    form = {"login": "anna", "password": "wrong password"}
    answers = [(await browser.post("/sign-in", form)).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    elsewhere = await doors.browser(ip="198.51.100.4")
    refused = await elsewhere.post("/sign-in", form)
    assert refused.status_code == 429


async def test_forms_of_strangers_are_limited_per_address(doors: Doors) -> None:
    browser = await doors.browser()
    answers = [(await browser.post("/sign-out")).status_code for _ in range(61)]
    assert answers == [303] * 60 + [429]
    assert (await (await doors.browser(ip="198.51.100.4")).post("/sign-out")).status_code == 303


async def test_the_api_says_when_to_come_back(doors: Doors, world: World) -> None:
    caller = await doors.api(await world.party("安娜"), "read")
    answers = [await caller.get("/api/v1/openapi.json") for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {200}
    last = answers[120]
    assert last.status_code == 429 and int(last.headers["retry-after"]) >= 1
    assert last.json()["code"] == "rate_limited" and last.headers["content-type"] == "application/problem+json"
