"""How often one may knock: token buckets in the process, windows in the database, and what the page says."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from liuhen.base.crypto import new_token
from liuhen.base.errors import RateLimited
from liuhen.edge.limits import BOOKS, COSTLY, EXPORTS, PAGES, UPLOADS_UNDER_WAY
from liuhen.edge.rate import TokenBuckets
from liuhen.parties.model import Role
from tests.edge.doors import Doors
from tests.edge.routes import all_routes
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


def test_what_is_limited_is_there(site: Litestar) -> None:
    """A route that was renamed would lose its limit without a word."""
    there = {f"{method} {path}" for method, path in all_routes(site)}
    assert {route for rate in COSTLY for route in rate.routes} <= there


async def test_records_are_not_taken_out_without_end(doors: Doors, world: World) -> None:
    browser = await doors.browser(await world.party("安娜"))
    answers = [(await browser.get("/orders/NONE/record.json")).status_code for _ in range(EXPORTS.burst)]
    assert set(answers) == {404}, "refused for another reason, and counted all the same"
    page = await browser.get("/orders/NONE/record.json")
    assert page.status_code == 429 and page.headers["retry-after"] == "6"
    assert "请等 6 秒再试" in page.text
    somebody_else = await doors.browser(await world.party("波"))
    assert (await somebody_else.get("/orders/NONE/record.json")).status_code == 404
    doors.clock.at += timedelta(seconds=6)
    assert (await browser.get("/orders/NONE/record.json")).status_code == 404


async def test_one_site_of_many_addresses_is_one(doors: Doors) -> None:
    for number in range(PAGES.burst):
        answer = await doors.client(ip=f"2001:db8:1:2::{number:x}").get("/help")
        assert answer.status_code == 200
    assert (await doors.client(ip="2001:db8:1:2:ffff::1").get("/help")).status_code == 429
    assert (await doors.client(ip="2001:db8:1:3::1").get("/help")).status_code == 200


async def test_the_api_counts_what_is_costly_as_pages_do(doors: Doors, world: World) -> None:
    admin = await doors.api(await world.party("管", Role.ADMIN), "admin")
    answers = [(await admin.get("/api/v1/admin/books")).status_code for _ in range(BOOKS.burst + 1)]
    assert answers == [200] * BOOKS.burst + [429]


async def test_an_account_sends_a_few_uploads_at_a_time(doors: Doors, world: World) -> None:
    """The fifth is refused before it is read, on pages and over the API together; an end makes room, also a bad one."""
    anna, ben = await world.party("安娜"), await world.party("本")
    go_on, all_read = asyncio.Event(), asyncio.Event()
    page, api, other = await doors.browser(anna), await doors.api(anna, "read", "buy"), await doors.browser(ben)
    path, read = "/orders/NONE/refund/pictures", []

    async def slowly() -> AsyncIterator[bytes]:
        read.append(1)
        yield f"csrf={page.csrf}&units=".encode()
        if len(read) == UPLOADS_UNDER_WAY:
            all_read.set()
        await go_on.wait()

    def upload() -> Coroutine[Any, Any, httpx.Response]:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return page.client.post(path, content=slowly(), headers=kind)

    waiting = [asyncio.create_task(upload()) for _ in range(UPLOADS_UNDER_WAY)]
    async with asyncio.timeout(60):
        await all_read.wait()
        headers = {"Content-Type": "image/png", "Idempotency-Key": new_token("")}
        over_api = await api.client.post("/api/v1/orders/NONE/pictures?filename=a.png", content=b"x", headers=headers)
        more = [await upload(), over_api]
        assert [(one.status_code, one.headers["retry-after"]) for one in more] == [(429, "5")] * 2
        assert len(read) == UPLOADS_UNDER_WAY, "not a byte of it"
        assert (await page.get("/orders")).status_code == 200
        assert (await other.post(path, {"units": "1"})).status_code == 404
        go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {404}
    for _ in range(UPLOADS_UNDER_WAY + 1):
        assert (await page.post(path, {"units": "1"})).status_code == 404
