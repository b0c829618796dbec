"""Two-step sign-in at the doors: what half a session opens (nothing), what staff without a second factor may do, and
the way through the pages."""

import re
import string
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from liuhen.base.crypto import new_token
from liuhen.base.db import Tx
from liuhen.base.ids import new_id
from liuhen.edge.web import half, session
from liuhen.factors import store as factors
from liuhen.factors import totp
from liuhen.flows.people.reset_second_factor import ResetSecondFactor, reset_second_factor
from liuhen.parties import store as parties
from liuhen.parties.model import HALF_SESSION_LIFE, Role
from tests.edge.doors import KEYS, Browser, Doors
from tests.edge.test_who_may import ROWS, Story, _short, story
from tests.edge.who_may.table import row
from tests.flows.world import World

__all__ = ["story"]
PASSWORD = "correct horse 9"
SECRET = totp.new_secret()


async def _has_app(doors: Doors, party_id: UUID) -> None:
    """An authenticator whose codes are all unused."""
    now = doors.clock.now()

    async def work(tx: Tx) -> None:
        await factors.put_totp(tx, party_id, totp.seal_secret(KEYS, party_id, SECRET), now)
        await factors.use_totp(tx, party_id, 0, now)

    await doors.db.transact(work, now=now)


async def _half(doors: Doors, party_id: UUID) -> Browser:
    """A browser whose password was right a moment ago."""
    now, token = doors.clock.now(), new_token("lh_h_")

    async def work(tx: Tx) -> None:
        row = parties.HalfSession(new_id(now), KEYS.hash_token(token), party_id, now, now + HALF_SESSION_LIFE)
        await parties.add_half_session(tx, row)

    await doors.db.transact(work, now=now)
    browser = await doors.browser()
    _put(browser, half.cookie_name(False), token)
    return browser


async def _plain(doors: Doors, party_id: UUID) -> Browser:
    """A browser that was signed in by the password alone."""
    browser = await doors.browser(party_id)

    async def work(tx: Tx) -> None:
        await tx.execute("update session set second_factor = null where id = $1", browser.session_id)

    await doors.db.transact(work, now=doors.clock.now())
    name = session.cookie_name(False)
    _put(browser, name, browser.client.cookies[name])
    return browser


def _put(browser: Browser, name: str, value: str) -> None:
    """A cookie as the site itself would have set it, so that the site can set it anew."""
    if name in browser.client.cookies:
        browser.client.cookies.delete(name)
    browser.client.cookies.set(name, value, domain="liuhen.test")


def _code(doors: Doors, off: int = 0) -> str:
    return totp.code_at(SECRET, totp.step_of(doors.clock.now()) + off)


def _filled(form: dict[str, object], values: dict[str, str]) -> dict[str, object]:
    return {name: value.format(**values) if isinstance(value, str) else value for name, value in form.items()}


async def test_half_a_session_opens_no_route_at_all(story: Story, doors: Doors) -> None:
    """Every route answers as it answers nobody; only the second step itself knows the half session."""
    boss = story.roles["admin"]
    await _has_app(doors, boss)
    browser = await _half(doors, boss)
    token = browser.client.cookies[half.cookie_name(False)]
    _put(browser, session.cookie_name(False), token)  # nor as if it were a whole one
    asked = 0
    for route, entry in ROWS.items():
        if route.endswith(("/sign-in/code", "/sign-in/code/passkey")) or "/callbacks/" in route:
            continue
        doors.clock.at += timedelta(milliseconds=600)  # as fast as strangers' forms are let in, and under five minutes
        method, pattern = route.split(" ", 1)
        line = row(entry)
        values = {**story.values, **line.at}
        path = pattern.format(**{name: values[name] for _, name, _, _ in string.Formatter().parse(pattern) if name})
        if pattern.startswith("/api/"):
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_token("")}
            answer = await browser.client.request(method, path, headers=headers, json={})
            assert answer.status_code == 401, route
        else:
            form = _filled(line.form, values)
            answer = await (browser.get(path) if method == "GET" else browser.post(path, form))
            expected = line.answers.split()[0]
            assert _short(answer, expected) == expected, route
        asked += 1
    assert asked > 200
    page = await browser.get("/sign-in/code")
    assert page.status_code == 200 and 'name="code"' in page.text


async def test_the_way_in_through_two_pages(doors: Doors, world: World) -> None:
    browser = await doors.browser()
    form = {
        "login": "anna",
        "password": PASSWORD,
        "again_password": PASSWORD,
        "terms_version": "2026-11-1",
        "agree": "1",
    }
    assert (await browser.post("/register", form)).status_code == 303
    async with doors.db.read() as tx:
        anna = await tx.fetchval("select party_id from sign_in where login = 'anna'")
    await _has_app(doors, anna)
    browser = await doors.browser()
    first = await browser.post("/sign-in", {"login": "anna", "password": PASSWORD, "next": "/orders?state=open"})
    assert first.headers["location"] == "/sign-in/code?next=/orders%3Fstate%3Dopen"
    assert session.cookie_name(False) not in first.cookies
    cookie = next(c for c in first.headers.get_list("set-cookie") if c.startswith("liuhen_half="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=300" in cookie
    assert (await browser.get("/orders")).headers["location"].startswith("/sign-in")
    wrong = await browser.post("/sign-in/code", {"code": "000000", "next": "/orders?state=open"})
    assert wrong.status_code == 401 and "这个码不对" in wrong.text and 'value="000000"' not in wrong.text
    right = await browser.post("/sign-in/code", {"code": _code(doors), "next": "/orders?state=open"})
    assert (right.status_code, right.headers["location"]) == (303, "/orders?state=open")
    assert right.cookies[session.cookie_name(False)].startswith("lh_s_")
    assert half.cookie_name(False) not in browser.client.cookies
    devices = (await browser.get("/settings")).text
    assert "密码加动态码" in devices
    doors.clock.at += timedelta(seconds=30)
    program = await doors.api()
    wish = {"login": "anna", "password": PASSWORD, "name": "script", "scopes": ["read"]}
    for code, status, problem in (("", 403, "second_factor_needed"), ("000000", 401, "bad_code")):
        answer = await program.post("/api/v1/tokens", {**wish, "code": code})
        assert (answer.status_code, answer.json()["code"]) == (status, problem)
    assert (await program.post("/api/v1/tokens", {**wish, "code": _code(doors)})).status_code == 201
    evil = await doors.browser()
    answer = await evil.post("/sign-in", {"login": "anna", "password": PASSWORD, "next": "//evil.example"})
    assert answer.headers["location"] == "/sign-in/code"


async def test_too_many_codes_say_how_long(doors: Doors, world: World) -> None:
    anna = await doors.login(await world.party("安娜"), "anna")
    await _has_app(doors, anna)
    browser = await _half(doors, anna)
    for _ in range(5):
        assert (await browser.post("/sign-in/code", {"code": "000000"})).status_code == 401
    locked = await browser.post("/sign-in/code", {"code": _code(doors)})
    assert locked.status_code == 429 and "请等 15 分再试" in locked.text


async def test_after_five_minutes_the_password_is_asked_again(doors: Doors, world: World) -> None:
    anna = await doors.login(await world.party("安娜"), "anna")
    await _has_app(doors, anna)
    browser = await _half(doors, anna)
    doors.clock.at += HALF_SESSION_LIFE
    late = await browser.post("/sign-in/code", {"code": _code(doors)})
    assert late.headers["location"] == "/sign-in" and "liuhen_half" not in browser.client.cookies


STAFF_ROUTES = [route for route in ROWS if re.match(r"\w+ /(admin|desk)", route)]


async def test_staff_without_a_second_factor_can_do_nothing_but_set_one_up(story: Story, doors: Doors) -> None:
    browser = await _plain(doors, story.roles["admin"])
    assert len(STAFF_ROUTES) > 25
    for route in STAFF_ROUTES:
        method, pattern = route.split(" ", 1)
        line = row(ROWS[route])
        values = {**story.values, **line.at}
        path = pattern.format(**values)
        answer = await (browser.get(path) if method == "GET" else browser.post(path, _filled(line.form, values)))
        assert answer.status_code == 303 and answer.headers["location"].startswith("/confirm"), route
    assert (await browser.get("/confirm?next=/admin")).headers["location"] == "/settings/second-factor"
    page = (await browser.get("/settings/second-factor")).text
    assert "员工必须先设好两步验证" in page
    assert (await browser.get(f"/orders/{story.values['order_no']}/record")).status_code == 404
    assert "/admin" not in (await browser.get("/")).text


async def test_a_staff_token_made_without_one_does_nothing_for_staff(story: Story, doors: Doors) -> None:
    caller = await doors.api(story.roles["admin"], "read", "review", "admin")

    async def plain(tx: Tx) -> None:
        await tx.execute("update api_token set second_factor = false where party_id = $1", story.roles["admin"])

    await doors.db.transact(plain, now=doors.clock.now())
    for path in ("/api/v1/admin/overview", "/api/v1/desk/cases"):
        answer = await caller.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")
    assert (await caller.get("/api/v1/me")).status_code == 200
    assert (await caller.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"})).status_code == 401
    doors.app = replace(doors.app, settings=msgspec.structs.replace(doors.app.settings, staff_second_factor="optional"))
    doors.site.state["house"] = doors.app
    assert (await caller.get("/api/v1/admin/overview")).status_code == 200
    browser = await _plain(doors, story.roles["admin"])
    assert (await browser.get("/admin")).status_code == 200


async def test_setting_up_an_authenticator_page_by_page(doors: Doors, world: World) -> None:
    boss = await doors.login(await world.party("老板", Role.ADMIN), "boss")
    browser, other = await _plain(doors, boss), await _plain(doors, boss)
    old = browser.client.cookies[session.cookie_name(False)]
    assert (await browser.post("/settings/second-factor/app")).headers["location"].endswith("/app")
    page = (await browser.get("/settings/second-factor/app")).text
    assert "<svg viewBox=" in page and "otpauth://totp/" in page
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found is not None
    secret = found[1].replace(" ", "")
    wrong = await browser.post("/settings/second-factor/app/confirm", {"code": "000000"})
    assert wrong.status_code == 401 and found[1] in wrong.text, "the same secret again"
    code = totp.code_at(secret, totp.step_of(doors.clock.now()))
    done = await browser.post("/settings/second-factor/app/confirm", {"code": f"{code[:3]} {code[3:]}"})
    assert done.headers["location"] == "/shown-once"
    fresh = browser.client.cookies[session.cookie_name(False)]
    assert fresh != old
    shown = (await browser.get("/shown-once")).text
    assert len(re.findall(r"\b[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){2}\b", shown)) == 20  # text, and to copy
    assert (await browser.get("/admin")).status_code == 200
    assert (await other.get("/settings")).headers["location"].startswith("/sign-in")
    doors.clock.at += timedelta(minutes=11)
    assert (await browser.get("/settings/second-factor")).headers["location"] == "/confirm?next=/settings/second-factor"
    late = {"old_password": PASSWORD, "new_password": "another one 77", "again_password": "another one 77"}
    refused = await browser.post("/settings/password", late, headers={"Referer": "http://liuhen.test/settings"})
    assert refused.status_code == 422  # this login has no password; who has one is asked for the code: test_people
    here = {"Referer": "http://liuhen.test/settings"}
    refused = await browser.post("/settings/tokens", {"name": "script", "scopes": "read"}, headers=here)
    assert refused.headers["location"] == "/confirm?next=/settings"
    proved = await browser.post(
        "/confirm", {"code": totp.code_at(secret, totp.step_of(doors.clock.now())), "next": "/settings/second-factor"}
    )
    assert proved.headers["location"] == "/settings/second-factor"
    assert browser.client.cookies[session.cookie_name(False)] != fresh
    assert (await browser.post("/settings/second-factor/app/remove")).status_code == 303
    assert (await browser.get("/admin")).headers["location"].startswith("/confirm")


async def test_an_admin_resets_anothers_on_the_page_and_over_the_api(doors: Doors, world: World) -> None:
    boss = await doors.login(await world.party("老板", Role.ADMIN), "boss")
    rita = await doors.login(await world.party("丽塔", Role.REVIEWER), "rita")
    await _has_app(doors, boss)
    browser, caller = await doors.browser(boss), await doors.api(boss, "admin")
    path = "reset-second-factor"
    why = {"reason": "手机丢了，当面核对过证件"}
    await _has_app(doors, rita)
    theirs = await doors.browser(rita)
    assert "重置两步验证" in (await browser.get(f"/admin/people/{rita}")).text
    assert (await browser.post(f"/admin/people/{rita}/{path}", why)).status_code == 303
    assert (await theirs.get("/settings")).headers["location"].startswith("/sign-in")
    operator = ResetSecondFactor(login="boss", reason="通过电话和证件核实")
    acts = (await browser.get("/admin/acts")).text
    assert "重置两步验证" in acts and "运营方，在机器上" not in acts
    assert (await browser.post(f"/admin/people/{boss}/{path}", why)).status_code == 403
    await _has_app(doors, rita)
    assert (await caller.post(f"/api/v1/admin/parties/{rita}/{path}", why)).status_code == 200
    assert (await caller.post(f"/api/v1/admin/parties/{boss}/{path}", why)).status_code == 403
    await reset_second_factor(doors.db, operator, now=doors.clock.now())
    assert "运营方，在机器上" in (await (await doors.browser(boss)).get("/admin/acts")).text


@pytest.mark.parametrize("ask", ["/confirm/passkey", "/settings/second-factor/passkeys/ask"])
async def test_questions_to_passkeys_are_json_for_our_own_page_alone(doors: Doors, world: World, ask: str) -> None:
    anna = await doors.login(await world.party("安娜"), "anna")
    browser = await doors.browser(anna)
    answer = await browser.client.post(ask, headers={"X-CSRF-Token": browser.csrf})
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert answer.json()["challenge"]
    assert (await browser.client.post(ask)).status_code == 403
