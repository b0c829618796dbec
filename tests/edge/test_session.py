"""Sessions at the door: fixation, ends, guards, open redirects, and what a bearer token opens."""

from datetime import timedelta

import pytest

from liuhen.edge.web import session
from liuhen.edge.web.guards import safe_next
from liuhen.parties.model import Role
from tests.edge.doors import Doors
from tests.flows.world import World

PASSWORD = "correct horse 9"


async def _registered(doors: Doors, login: str = "anna") -> None:
    browser = await doors.browser()
    form = {
        "login": login,
        "password": PASSWORD,
        "again_password": PASSWORD,
        "terms_version": "2026-11-1",
        "agree": "1",
    }
    answer = await browser.post("/register", form)
    assert answer.status_code == 303, answer.text


async def test_registering_signs_in_and_shows_the_recovery_code_until_it_is_kept(doors: Doors) -> None:
    browser = await doors.browser()
    form = {
        "login": "anna",
        "password": PASSWORD,
        "again_password": PASSWORD,
        "terms_version": "2026-11-1",
        "agree": "1",
    }
    answer = await browser.post("/register", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/shown-once")
    for _ in range(2):
        shown = await browser.get("/shown-once")
        assert shown.status_code == 200 and 'id="secret"' in shown.text
    assert (await browser.get("/settings")).status_code == 200


async def test_a_planted_session_opens_nothing_after_sign_in(doors: Doors) -> None:
    await _registered(doors)
    planted = await doors.browser()
    planted.client.cookies.set(session.cookie_name(False), "lh_s_planted")
    answer = await planted.post("/sign-in", {"login": "anna", "password": PASSWORD})
    assert answer.status_code == 303
    fresh = answer.cookies[session.cookie_name(False)]
    assert fresh != "lh_s_planted"
    thief = doors.client()
    thief.cookies.set(session.cookie_name(False), "lh_s_planted")
    assert (await thief.get("/settings")).headers["location"].startswith("/sign-in")


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(doors: Doors) -> None:
    await _registered(doors)
    browser = await doors.browser()
    answer = await browser.post("/sign-in", {"login": "anna", "password": PASSWORD})
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("liuhen="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Domain" not in cookie


async def test_unknown_login_and_wrong_password_read_the_same(doors: Doors) -> None:
    await _registered(doors)
    texts = []
    for login in ("anna", "nobody"):
        browser = await doors.browser()
        answer = await browser.post("/sign-in", {"login": login, "password": "wrong password"})
        assert answer.status_code == 401
        page = answer.text.replace(f'value="{login}"', "").replace(browser.csrf, "")
        texts.append("\n".join(line for line in page.splitlines() if 'name="once"' not in line))
    assert texts[0] == texts[1]


async def test_signing_out_and_revoking_end_a_session_at_once(doors: Doors, world: World) -> None:
    anna = await doors.login(await world.party("安娜"), "anna")
    mine, other = await doors.browser(anna), await doors.browser(anna)
    answer = await mine.post(f"/settings/sessions/{other.session_id}/end")
    assert answer.status_code == 303
    assert (await other.get("/settings")).headers["location"] == "/sign-in?next=/settings"
    assert (await mine.get("/settings")).status_code == 200
    assert (await mine.post("/sign-out")).status_code == 303
    assert (await mine.get("/settings")).status_code == 303


async def test_the_next_one_at_the_browser_sees_nothing_of_what_was_shown_once(doors: Doors) -> None:
    """A token, a recovery code: gone with its owner, though its ten minutes are not over and nobody said "kept"."""
    await _registered(doors)
    browser = await doors.browser()
    await browser.post("/sign-in", {"login": "anna", "password": PASSWORD})
    browser.csrf = (await browser.get("/settings")).text.split('name="csrf" value="')[1].split('"')[0]
    made = await browser.post("/settings/tokens", {"name": "script", "scopes": "read"})
    assert made.headers["location"] == "/shown-once" and "lh_t_" in (await browser.get("/shown-once")).text
    assert (await browser.post("/sign-out")).status_code == 303
    assert (await browser.get("/shown-once")).headers["location"] == "/settings"


async def test_nobody_ends_another_partys_session(doors: Doors, world: World) -> None:
    anna, ben = await world.party("安娜"), await doors.login(await world.party("本"), "ben")
    mine, other = await doors.browser(anna), await doors.browser(ben)
    assert (await mine.post(f"/settings/sessions/{other.session_id}/end")).status_code == 404
    assert (await other.get("/settings")).status_code == 200


async def test_an_idle_session_ends_and_use_keeps_it(doors: Doors, world: World) -> None:
    browser = await doors.browser(await doors.login(await world.party("安娜"), "anna"))
    for _ in range(3):
        doors.clock.at += timedelta(days=6)
        assert (await browser.get("/settings")).status_code == 200
    doors.clock.at += timedelta(days=7)  # the 25th: its thirty days are not over
    assert (await browser.get("/settings")).status_code == 303


async def test_a_frozen_admin_has_no_desk(doors: Doors, world: World) -> None:
    boss = await doors.login(await world.party("老板", Role.ADMIN), "boss")
    browser = await doors.browser(boss)
    assert (await browser.get("/settings")).status_code == 200

    async def freeze(tx) -> None:  # type: ignore[no-untyped-def]
        await tx.execute("update party set frozen_at = $2, frozen_reason = 'x' where book_id = $1", boss, world.now)

    await doors.db.transact(freeze, now=world.now)
    caller = await doors.api(boss, "admin")
    assert (await browser.get("/settings")).status_code == 200
    assert (await caller.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"})).status_code == 401


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "//[",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\nb",
        "",
        None,
        "x",
    ],
)
def test_only_our_own_paths_are_gone_on_to(wanted: str | None) -> None:
    assert safe_next(wanted) == "/"


async def test_sign_in_goes_on_to_our_own_pages_alone(doors: Doors) -> None:
    await _registered(doors)
    for wanted, path in (("/orders?state=open", "/orders?state=open"), ("//evil.example", "/")):
        browser = await doors.browser()
        answer = await browser.post("/sign-in", {"login": "anna", "password": PASSWORD, "next": wanted})
        assert answer.headers["location"] == path


async def test_metrics_and_signs_of_life(doors: Doors, world: World) -> None:
    away, here = doors.client(), doors.client("127.0.0.1")
    assert (await away.get("/healthz")).status_code == 200
    assert (await away.get("/readyz")).json() == {"database": "ok", "migrations": "ok", "worker": "silent"}
    assert (await away.get("/readyz")).status_code == 503
    assert (await away.get("/readyz?web")).status_code == 200
    assert (await away.get("/metrics")).status_code == 401
    assert (await here.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"})).status_code == 401
    text = (await here.get("/metrics")).text
    assert "liuhen_due_oldest_seconds" in text and "liuhen_request_seconds_bucket" in text
    boss = await doors.api(await world.party("老板", Role.ADMIN), "admin")
    assert (await boss.get("/metrics")).status_code == 200
    anna = await doors.api(await world.party("安娜"), "admin")
    assert (await anna.get("/metrics")).status_code == 401
