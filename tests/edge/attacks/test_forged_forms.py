"""Forged requests at every page route that changes something, and a session that somebody else has planted."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from litestar import Litestar

from liuhen.edge.web.csrf import SAFE_METHODS
from tests.edge.attacks.asking import filled
from tests.edge.doors import BASE, Browser, Doors
from tests.edge.routes import all_routes
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
