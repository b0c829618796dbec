"""Forged requests at every page route that changes something, and a session that somebody else has planted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import Litestar
from msgspec import structs

from liuhen.edge.web import csrf, flash, half, session
from liuhen.edge.web.csrf import SAFE_METHODS
from liuhen.edge.web.view import lang_cookie
from tests.edge.attacks.asking import filled
from tests.edge.doors import BASE, Browser, Doors
from tests.edge.routes import all_routes
from tests.edge.test_second_factor import _has_app
from tests.edge.test_who_may import ROWS, Story, story
from tests.edge.who_may.table import ROLES, row

__all__ = ["story"]  # the fixture
ELSEWHERE: list[Mapping[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
    {"Origin": "https://evil.example"},
    {"Origin": "http://liuhen.test.evil.example"},
    {"Origin": "null"},
]


def unsafe(site: Litestar) -> list[str]:
    """Every page route that a form is sent to."""
    return [
        f"{method} {path}"
        for method, path in all_routes(site)
        if method not in SAFE_METHODS and not path.startswith(("/api/", "/callbacks/"))
    ]


def test_every_route_that_changes_something_is_a_form_or_asks_for_a_signature(site: Litestar) -> None:
    assert len(unsafe(site)) > 60


async def test_no_route_takes_a_form_from_elsewhere(site: Litestar, story: Story, doors: Doors) -> None:
    """Token missing or another session's; the right token, but sent from another site's page."""
    faults = []
    for route in unsafe(site):
        role = _who_may(route)
        browser, other = await doors.browser(story.roles[role]), await doors.browser(story.roles[role])
        faults += await _sent(browser, story, route, {})
        faults += await _sent(browser, story, route, {"csrf": other.csrf})
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            faults += await _sent(browser, story, route, {"csrf": browser.csrf}, headers)
    assert faults == []


async def test_no_kind_of_forgery_is_taken(story: Story, doors: Doors) -> None:
    browser, route = await doors.browser(story.roles["buyer"]), "POST /settings/name"
    other = await doors.browser(story.roles["buyer"])
    faults = []
    for token in ("", "x", "0" * 64, other.csrf, browser.csrf + "0", browser.csrf[:-1]):
        faults += await _sent(browser, story, route, {"csrf": token})
        faults += await _sent(browser, story, route, {}, {"X-CSRF-Token": token})
    for headers in ELSEWHERE:
        faults += await _sent(browser, story, route, {"csrf": browser.csrf}, headers)
    assert faults == []


@pytest.mark.parametrize("headers", [{"Origin": BASE}, {"Origin": "http://127.0.0.1:8000"}, {"Sec-Fetch-Site": "none"}])
async def test_our_own_pages_forms_are_taken(headers: dict[str, str], story: Story, doors: Doors) -> None:
    """The site's own address, or the one by which the browser has reached it."""
    browser = await doors.browser(story.roles["buyer"])
    if headers.get("Origin", BASE) != BASE:
        headers = {**headers, "Host": "127.0.0.1:8000"}
    answer = await browser.post("/settings/name", {"display_name": "新名字"}, headers=headers)
    assert answer.status_code == 303


async def _sent(
    browser: Browser, story: Story, route: str, form: dict[str, Any], headers: Mapping[str, str] | None = None
) -> list[tuple[Any, ...]]:
    """Sends it; what is wrong with the answer."""
    entry = row(ROWS[route])
    values = {**story.values, **entry.at}
    method, pattern = route.split(" ", 1)
    data = {**filled(entry.form, values), "once": "a-key-of-a-form-1", **form}
    answer: httpx.Response = await browser.client.request(
        method, pattern.format(**values), data=data, headers=dict(headers or {})
    )
    refused = answer.status_code == 403 and "已经失效" in answer.text
    return [] if refused else [(route, form, headers, answer.status_code, answer.text[:200])]


def _who_may(route: str) -> str:
    """Somebody signed in whom the route would serve."""
    answers = list(zip(ROLES, row(ROWS[route]).answers.split(), strict=True))[1:]
    return next(role for role, answer in answers if answer not in ("in", "403"))


async def test_a_session_is_made_new_whenever_somebody_comes_in(doors: Doors) -> None:
    """Registering, signing in again over a live session, a new password: no secret from before opens what follows."""
    name, form = "liuhen", {"login": "anna", "password": "correct horse 9", "again_password": "correct horse 9"}
    browser = await doors.browser()
    browser.client.cookies.set(name, "lh_s_planted")
    secrets = ["lh_s_planted"]
    joined = await browser.post("/register", {**form, "terms_version": "2026-11-1", "agree": "1"})
    secrets.append(joined.cookies[name])
    page = await browser.get("/sign-in")
    assert page.status_code == 303, "whoever is in goes on"
    again = await doors.browser()
    again.client.cookies.set(name, secrets[-1])
    again.csrf = await _token(again)
    answer = await again.post("/sign-in", form)
    secrets.append(answer.cookies[name])
    assert len(set(secrets)) == 3
    for old in secrets[:2]:
        assert (await _with(doors, name, old)).status_code == 303, "the session from before has ended"
    assert (await _with(doors, name, secrets[2])).status_code == 200


async def _token(browser: Browser) -> str:
    text = (await browser.get("/settings")).text
    return text.split('name="csrf" value="')[1].split('"')[0]


async def _with(doors: Doors, name: str, secret: str) -> httpx.Response:
    client = doors.client()
    client.cookies.set(name, secret)
    return await client.get("/settings")


async def test_who_is_frozen_is_signed_out_everywhere(story: Story, doors: Doors) -> None:
    """Sessions and tokens end with the freezing; its owner may come in again, for refunds go on."""
    buyer = story.roles["buyer"]
    page, api, admin = (
        await doors.browser(buyer),
        await doors.api(buyer, "read"),
        await doors.browser(story.roles["admin"]),
    )
    assert (await page.get("/orders")).status_code == (await api.get("/api/v1/me")).status_code == 200
    assert (await admin.post(f"/admin/people/{buyer}/freeze", {"reason": "账号被盗"})).status_code == 303
    assert ((await page.get("/orders")).status_code, (await api.get("/api/v1/me")).status_code) == (303, 401)
    assert (await (await doors.browser(buyer)).get("/orders")).status_code == 200


async def test_cookies_over_tls_are_bound_to_the_host(doors: Doors) -> None:
    """Every cookie of ours, as it is set: by name, over TLS alone, for this host alone, out of reach of scripts."""
    doors.app = replace(doors.app, settings=structs.replace(doors.app.settings, base_url="https://liuhen.test"))
    doors.site.state["house"] = doors.app
    client, set_ones = doors.client(), set()
    client.base_url = httpx.URL("https://liuhen.test")

    async def flags(answer: httpx.Response) -> None:
        for cookie in answer.headers.get_list("set-cookie"):
            name, said = cookie.partition("=")[0], cookie.lower()
            set_ones.add(name)
            assert name.startswith("__Host-") and "domain=" not in said, cookie
            assert all(flag in said for flag in ("; secure", "; httponly", "; path=/", "; samesite=lax")), cookie

    client.event_hooks["response"].append(flags)
    form = {"login": "anna", "password": "correct horse 9", "again_password": "correct horse 9", "agree": "1"}
    await _post(client, "/register", {**form, "terms_version": "2026-11-1"})
    await client.get("/language?to=en")
    await _post(client, "/sign-out", {})
    async with doors.db.read() as tx:
        party = await tx.fetchval("select party_id from sign_in")
    await _has_app(doors, party)
    assert (await _post(client, "/sign-in", form)).headers["location"] == "/sign-in/code"
    named = (session.cookie_name, csrf.cookie_name, flash.cookie_name, lang_cookie, half.cookie_name)
    assert set_ones == {*(name(True) for name in named), "__Host-liuhen_once"}
    assert not [name(False) for name in named if name(False).startswith("__")], "without TLS browsers take no such name"


async def _post(client: httpx.AsyncClient, path: str, form: dict[str, str]) -> httpx.Response:
    """As a browser does: with the token of the page that it has open, whichever it is."""
    for page in ("/settings", "/sign-in"):
        if 'name="csrf" value="' in (shown := await client.get(page)).text:
            token = shown.text.split('name="csrf" value="')[1].split('"')[0]
            return await client.post(path, data={"csrf": token, "once": "a-key-of-a-form-1", **form})
    raise AssertionError("no page with a form")


async def test_signing_out_clears_what_the_browser_keeps(story: Story, doors: Doors) -> None:
    answer = await (await doors.browser(story.roles["buyer"])).post("/sign-out")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
