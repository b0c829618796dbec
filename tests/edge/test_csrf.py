"""Forged forms: every unsafe method of every page wants a token that another site cannot know."""


import pytest
from litestar import Litestar

from liuhen.edge.web import csrf
from liuhen.edge.web.csrf import SAFE_METHODS
from tests.edge.doors import KEYS, Doors
from tests.edge.routes import all_routes
from tests.flows.world import World


async def test_a_form_without_its_token_is_refused(doors: Doors, world: World) -> None:
    anna = await doors.login(await world.party("安娜"), "anna")
    browser = await doors.browser(anna)
    for token in ("", "x", "0" * 64):
        answer = await browser.post("/settings/name", {"csrf": token, "display_name": "新名字"})
        assert answer.status_code == 403 and "已经失效" in answer.text
    assert (await browser.post("/settings/name", {"display_name": "新名字"})).status_code == 303


async def test_the_header_of_htmx_counts_as_the_token(doors: Doors, world: World) -> None:
    browser = await doors.browser(await doors.login(await world.party("安娜"), "anna"))
    headers = {"X-CSRF-Token": browser.csrf}
    answer = await browser.post("/settings/name", {"csrf": "", "display_name": "新名字"}, headers=headers)
    assert answer.status_code == 303


async def test_one_partys_token_is_no_use_to_another(doors: Doors, world: World) -> None:
    mine = await doors.browser(await world.party("安娜"))
    other = await doors.browser(await world.party("本"))
    assert (await mine.post("/settings/name", {"csrf": other.csrf, "display_name": "x"})).status_code == 403


async def test_nobodys_form_needs_cookie_and_token_of_one_pair(doors: Doors) -> None:
    form = {"login": "anna", "password": "wrong password"}
    browser, other = await doors.browser(), await doors.browser()
    assert (await browser.post("/sign-in", form)).status_code == 401
    assert (await browser.post("/sign-in", {**form, "csrf": other.csrf})).status_code == 403
    bare = doors.client()
    assert (await bare.post("/sign-in", data={**form, "csrf": browser.csrf})).status_code == 403
    planted = doors.client()
    random = "A" * 22
    planted.cookies.set(csrf.cookie_name(False), random + "0" * 64)
    assert (await planted.post("/sign-in", data={**form, "csrf": "0" * 64})).status_code == 403


async def test_the_first_page_brings_the_cookie_its_forms_need(doors: Doors) -> None:
    client = doors.client()
    page = await client.get("/sign-in")
    token = csrf.token_of_cookie(KEYS, client.cookies[csrf.cookie_name(False)])
    assert token and f'value="{token}"' in page.text
    again = await client.get("/sign-in")
    assert "set-cookie" not in again.headers


async def test_browsers_that_say_where_a_form_came_from_are_believed(doors: Doors) -> None:
    browser = await doors.browser()
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 401), ("none", 401)):
        form = {"login": "anna", "password": "wrong password"}
        answer = await browser.post("/sign-in", form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == status


def _unsafe(site: Litestar) -> list[tuple[str, str]]:
    return [
        (method, path)
        for method, path in all_routes(site)
        if method not in SAFE_METHODS and not path.startswith(("/api/", "/callbacks/"))
    ]


async def test_every_unsafe_page_refuses_a_form_without_token(doors: Doors, world: World, site: Litestar) -> None:
    browser = await doors.browser(await doors.login(await world.party("安娜"), "anna"))
    unsafe = _unsafe(site)
    assert len(unsafe) > 10
    for method, path in unsafe:
        filled = path.replace("{session_id}", str(world.now.year)).replace("{", "").replace("}", "")
        answer = await browser.client.request(method, filled, data={"display_name": "x"})
        assert answer.status_code in (403, 404), (method, path, answer.status_code)


async def test_a_session_cookie_opens_no_api(doors: Doors, world: World) -> None:
    browser = await doors.browser(await world.party("安娜"))
    answer = await browser.client.get("/api/v1/me")
    assert answer.status_code in (401, 404)


async def test_a_flash_is_shown_once_and_cannot_be_made_up(doors: Doors, world: World) -> None:
    browser = await doors.browser(await doors.login(await world.party("安娜"), "anna"))
    await browser.post("/settings/name", {"display_name": "新名字"})
    assert "称呼已改" in (await browser.get("/settings")).text
    assert "称呼已改" not in (await browser.get("/settings")).text
    browser.client.cookies.set("liuhen_said", "WyLkvaDlt7LkuK3lpZYiLCJkb25lIiwiIl0=")
    assert (await browser.get("/settings")).status_code == 200


@pytest.mark.parametrize("query", ["next=//evil.example", "next=https://evil.example/"])
async def test_the_sign_in_page_carries_no_foreign_address(doors: Doors, query: str) -> None:
    page = await doors.client().get(f"/sign-in?{query}")
    assert 'name="next" value="/"' in page.text
