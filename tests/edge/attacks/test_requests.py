"""What a request may say of itself and is not believed: where to go on to, who it comes from, what it really is."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import Litestar

from liuhen.base.crypto import new_token
from liuhen.edge.rate import TokenBuckets
from liuhen.edge.site import BODY_LIMIT
from liuhen.edge.web.guards import safe_next
from tests.edge.attacks.asking import filled
from tests.edge.doors import BASE, Doors
from tests.edge.test_who_may import ROWS, SCOPES, Story, story
from tests.edge.who_may.table import ROLES, row

__all__ = ["story"]  # the fixture
EVIL = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "///evil.example",
    "http:evil.example",
    "javascript:alert(`evil.example`)",
    "/x\r\nLocation: https://evil.example/",
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALONE = "default-src 'none'; sandbox"  # of a picture
_FOR_ALL = ("/static/", "/healthz", "/rules/{version}/text")
NAMES = ("next", "back", "return", "return_to", "return_url", "redirect", "to", "url", "goto", "undo", "undo_url")
LINKS = re.compile(r"""(?:href|src|action|formaction|hx-[a-z]+|content|data-[a-z-]+)="([^"]*)\"""")


def _values(story: Story, route: str) -> dict[str, str]:
    return {**story.values, **row(ROWS[route]).at}


def _served(route: str, among: tuple[str, ...] = ROLES) -> str:
    """Somebody whom the route serves."""
    answers = zip(ROLES, row(ROWS[route]).answers.split(), strict=True)
    return next(role for role, answer in answers if role in among and answer not in ("in", "403", "404"))


def _leads_away(answer: httpx.Response) -> list[str]:
    """Addresses of another site in the answer, in its headers or as a link of its page."""
    where = [
        answer.headers.get("location", ""),
        answer.headers.get("hx-redirect", ""),
        answer.headers.get("refresh", ""),
    ]
    where += LINKS.findall(answer.text) if "html" in answer.headers.get("content-type", "") else []
    return [place for place in where if _away(place)]


def _away(place: str) -> bool:
    """As browsers read it: blanks and control characters fall out, a backslash is a slash."""
    plain = re.sub(r"[\x00-\x20]", "", html.unescape(place)).replace("\\", "/")
    elsewhere = re.match(r"(?i)https?:|javascript:|data:text", plain) is not None and "evil.example" in plain
    return plain.startswith("//") or elsewhere


def _pages() -> Iterator[str]:
    for route in ROWS:
        method, path = route.split(" ", 1)
        if not path.startswith(("/api/", "/callbacks/", "/static/", "/metrics", "/healthz", "/readyz")):
            answers = set(row(ROWS[route]).answers.split())
            if answers - {"in", "403", "404"}:
                yield f"{method} {path}"


@pytest.mark.parametrize("evil", EVIL[:3])
async def test_no_page_leads_to_another_site(evil: str, story: Story, doors: Doors) -> None:
    """Every page, with the address under every name by which pages are told where to go on to, and as the Referer."""
    faults = []
    browsers = {role: await doors.browser(story.roles.get(role)) for role in ROLES}
    for route in _pages():
        method, pattern = route.split(" ", 1)
        path, more = pattern.format(**_values(story, route)), dict.fromkeys(NAMES, evil)
        browser, headers = browsers[_served(route)], {"Referer": f"{BASE}{evil}"}
        if method == "GET":
            answer = await browser.get(path, params=more, headers=headers)
        else:
            form = filled(row(ROWS[route]).form, _values(story, route))
            answer = await browser.post(path, {**more, **form}, headers=headers)
        faults += [(route, place) for place in _leads_away(answer)]
    assert faults == []


@pytest.mark.parametrize("evil", EVIL)
async def test_what_asks_to_go_on_goes_on_to_our_own_alone(evil: str, story: Story, doors: Doors) -> None:
    """The pages that take such an address, and every page's error and way to sign-in."""
    assert safe_next(evil) == "/"
    nobody, buyer = await doors.browser(), await doors.browser(story.roles["buyer"])
    more = dict.fromkeys(NAMES, evil)
    for browser in (nobody, buyer):
        for path in ("/sign-in", "/register", "/language", "/orders", "/nothing", "/shown-once", "/settings"):
            assert _leads_away(await browser.get(path, params={**more, "lang": "en"})) == [], path
    form = {"login": "anna", "password": "wrong password", **more}
    assert _leads_away(await nobody.post("/sign-in", form)) == []
    assert _leads_away(await nobody.post("/register", form)) == []
    for path in ("//evil.example", "//evil.example/%2e%2e", "/%5cevil.example", "/%09/evil.example"):
        assert _leads_away(await nobody.get(BASE + path)) == [], path


def test_what_leads_away_is_seen() -> None:
    page = httpx.Response(200, text='<a href="/\t/evil.example">', headers={"content-type": "text/html"})
    assert _leads_away(page) and _leads_away(httpx.Response(303, headers={"location": "/\\evil.example"}))
    assert not _leads_away(httpx.Response(303, headers={"location": "/orders?next=//evil.example"}))


async def test_the_name_by_which_we_are_called_is_not_repeated(site: Litestar, story: Story, doors: Doors) -> None:
    """Host and X-Forwarded-*: no link, redirect or cookie is made of them."""
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil.example",
        "X-Original-URL": "/admin",
        "X-Rewrite-URL": "/admin",
        "Forwarded": "host=evil.example",
    }
    browsers = {role: await doors.browser(story.roles.get(role)) for role in ROLES}
    faults = []
    for route in _pages():
        method, pattern = route.split(" ", 1)
        if method == "GET":
            answer = await browsers[_served(route)].get(pattern.format(**_values(story, route)), headers=headers)
            if "evil.example" in answer.text + str(answer.headers):
                faults.append(route)
    assert faults == []
    wish = await doors.client().post("/api/v1/password-reset-wishes", json={"login": "buyer"}, headers=headers)
    assert "evil.example" not in wish.text + str(wish.headers)


async def test_an_address_is_the_peers_and_not_what_a_header_says(doors: Doors) -> None:
    """Ten wrong passwords close the address for the eleventh, whatever it calls itself."""
    browser = await doors.browser()
    for number in range(61):
        spoofed = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded"), f"10.0.{number}.1")
        answer = await browser.post("/sign-out", headers=spoofed)
    assert answer.status_code == 429
    here = await doors.client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"})
    assert here.status_code == 401


async def test_a_method_is_what_it_is(story: Story, doors: Doors) -> None:
    """No override by header, query or field turns one method into another; what is not served is refused."""
    buyer = await doors.browser(story.roles["buyer"])
    override = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST"}
    for query in ("", "?_method=POST&method=POST"):
        page = f"/orders/{story.values['order_no']}/refund"
        answer = await buyer.get(f"{page}/preview{query}", headers=override)
        assert (answer.status_code, answer.headers["location"]) == (303, page)  # by GET, as the page that it belongs to
    api = await doors.api(story.roles["buyer"], "read", "buy")
    answer = await api.client.post("/api/v1/notices/read?_method=DELETE", headers={"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code in (200, 415, 422)
    for method in ("TRACE", "TRACK", "CONNECT", "PROPFIND", "FOO"):
        answer = await api.client.request(method, "/api/v1/me")
        assert answer.status_code == 405 and "traceback" not in answer.text.lower(), method


async def test_a_head_or_options_request_changes_nothing(site: Litestar, story: Story, doors: Doors) -> None:
    browser = await doors.browser(story.roles["buyer"])
    for route in _pages():
        method, pattern = route.split(" ", 1)
        if method == "POST":
            for safe in ("HEAD", "OPTIONS"):
                answer = await browser.client.request(safe, pattern.format(**_values(story, route)))
                assert answer.status_code in (200, 204, 303, 403, 404, 405, 409, 422), (safe, route)
                assert "access-control-allow-origin" not in answer.headers


async def test_no_body_is_read_beyond_its_limit(site: Litestar, story: Story, doors: Doors) -> None:
    """Declared or streamed: past its route's limit a body ends in 413, and only so much of it was taken."""
    doors.app = replace(doors.app, api_rate=TokenBuckets(burst=10_000, per_minute=10_000))
    doors.site.state["house"] = doors.app
    faults, statuses = [], Counter[int]()
    for route in ROWS:
        method, pattern = route.split(" ", 1)
        if method in ("GET", "DELETE") or set(row(ROWS[route]).answers.split()) <= {"in", "403", "404"}:
            continue
        limit = _limit(site, method, pattern) or BODY_LIMIT
        role = _served(route)
        taken = 0

        async def chunks(most: int = limit) -> Any:
            nonlocal taken
            for _ in range(most // 65536 + 40):
                taken += 65536
                yield b"a" * 65536

        if pattern.startswith(("/api/", "/callbacks/")):
            caller = await doors.api(story.roles.get(role), *SCOPES.get(role, ()))
            media = (
                "image/png"
                if pattern.endswith("pictures")
                else "text/plain"
                if "uploads" in pattern
                else "application/json"
            )
            client, headers = caller.client, {"Content-Type": media, "Idempotency-Key": new_token("")}
        else:
            browser = await doors.browser(story.roles.get(role))
            client, headers = (
                browser.client,
                {"X-CSRF-Token": browser.csrf, "Content-Type": "application/x-www-form-urlencoded"},
            )
        path = pattern.format(**_values(story, route))
        answer = await client.request(
            method,
            path,
            content=chunks(),
            headers=headers,
            params={"filename": "a.png"} if "png" in str(headers) else None,
        )
        statuses[answer.status_code] += 1
        if answer.status_code >= 500 or taken > limit + 10 * 65536:
            faults.append((route, answer.status_code, taken, limit))
    assert faults == [] and statuses[413] > 60, statuses


def _limit(site: Litestar, method: str, path: str) -> int | None:
    """What the route's own handler says."""
    for route in site.routes:
        if getattr(route, "path_format", "") == path:
            handler = route.route_handler_map[method][0]  # type: ignore[union-attr]
            return handler.resolve_request_max_body_size()
    return None


async def test_many_fields_are_no_burden(story: Story, doors: Doors) -> None:
    """As many fields as a megabyte holds, a field many times over, many parts, many parameters: refused or ignored."""
    buyer = await doors.browser(story.roles["buyer"])
    path = f"/orders/{story.values['order_no']}/refund"
    kind = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": buyer.csrf}
    for body in (b"a&" * 400_000, b"units=1&" * 110_000, b"a[b][c]=1&" * 90_000, b"%" * 900_000):
        answer = await buyer.client.post(path, content=body, headers=kind)
        assert answer.status_code in (413, 422), answer.status_code
    parts = [("pictures", (f"{n}.png", b"x", "image/png")) for n in range(700)]
    answer = await buyer.client.post(f"{path}/pictures", files=parts, data={"csrf": buyer.csrf})
    assert answer.status_code in (400, 413, 422)
    api = await doors.api(story.roles["buyer"], "read", "buy")
    assert (await api.get("/api/v1/orders?" + "limit=1&" * 5000)).status_code == 422
    deep = b'{"lines":' + b"[" * 400_000
    headers = {"Content-Type": "application/json", "Idempotency-Key": new_token("")}
    assert (await api.client.post("/api/v1/orders", content=deep, headers=headers)).status_code == 422
    same = b'{"lines": [], "lines": [], "pay": "balance", "pay": null}'
    assert (await api.client.post("/api/v1/orders", content=same, headers=headers)).status_code in (201, 409, 422)


async def test_every_answer_carries_the_headers_that_tell_browsers_what_not_to_do(story: Story, doors: Doors) -> None:
    wanted = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
    }
    browsers = {role: await doors.browser(story.roles.get(role)) for role in ROLES}
    faults = []
    for route in ROWS:
        method, pattern = route.split(" ", 1)
        if method == "GET":
            role = next((r for r in ROLES if r == "admin"), "admin")
            answer = await browsers[role].get(pattern.format(**_values(story, route)))
            missing = [name for name, value in wanted.items() if answer.headers.get(name) != value]
            policy = answer.headers.get("content-security-policy", "")
            if missing or policy not in (POLICY, ALONE):
                faults.append((route, missing, policy))
            kind = answer.headers.get("content-type", "")
            if answer.content and (not kind or (kind.startswith("text/") and "charset=utf-8" not in kind.lower())):
                faults.append((route, "content type", kind))
            if "access-control-allow-origin" in answer.headers or "server" in answer.headers:
                faults.append((route, "says too much"))
    assert faults == []


async def test_what_is_somebodys_own_is_kept_in_no_cache(story: Story, doors: Doors) -> None:
    """Every page of somebody who is signed in, and all of the API."""
    browser = await doors.browser(story.roles["buyer"])
    faults = []
    for route in ROWS:
        method, pattern = route.split(" ", 1)
        if method == "GET" and not pattern.startswith(_FOR_ALL):
            answer = await browser.get(pattern.format(**_values(story, route)))
            if "no-store" not in answer.headers.get("cache-control", "") and answer.status_code == 200:
                faults.append((route, answer.headers.get("cache-control")))
    assert faults == []


async def test_the_site_says_the_same_of_what_it_has_not_and_what_it_is_not(doors: Doors) -> None:
    for path in (
        "/.git/config",
        "/.env",
        "/liuhen.toml",
        "/static/../boot.py",
        "/static/%2e%2e/%2e%2e/boot.py",
        "/static/",
    ):
        answer = await doors.client().get(path)
        assert answer.status_code == 404 and BASE not in answer.text.replace(f"{BASE}{path}", ""), path
