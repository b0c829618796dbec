"""Refusals and failures: one table to statuses, pages for people, problems for machines, nothing told by accident."""

from uuid import UUID

import pytest
from litestar.exceptions import HTTPException, MethodNotAllowedException

from liuhen.base import errors
from liuhen.base.errors import LiuhenError
from liuhen.edge.log import frames, set_up
from liuhen.edge.problems import STATUS, Broken, as_liuhen, status_of
from tests.edge.doors import Doors
from tests.flows.world import World


def test_every_family_has_a_status_and_its_children_share_it() -> None:
    families = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__base__ is LiuhenError]
    assert set(families) | {LiuhenError} == set(STATUS)
    assert status_of(errors.OutOfStock()) == status_of(errors.Conflict()) == 409
    assert status_of(errors.BadCredentials()) == 401


def test_what_nobody_expected_says_nothing_about_itself() -> None:
    error = as_liuhen(KeyError("somebody's card number"))
    assert isinstance(error, Broken) and "card" not in error.message
    assert status_of(as_liuhen(MethodNotAllowedException())) == 405
    assert status_of(as_liuhen(HTTPException(status_code=418))) == 500


def test_a_log_line_says_where_and_not_what() -> None:
    try:
        raise ValueError("somebody's password")
    except ValueError as error:
        told = frames(error)
    assert told and "password" not in "".join(told)


async def test_machines_get_problem_details(doors: Doors) -> None:
    answer = await doors.client().get("/api/v1/nothing-here")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() | {"title": ""} == {
        "type": "/problems/not_found",
        "title": "",
        "status": 404,
        "detail": "There is no such thing, or it is not yours.",
        "instance": "/api/v1/nothing-here",
        "code": "not_found",
        "data": {},
    }


async def test_people_get_a_page(doors: Doors) -> None:
    answer = await doors.client().get("/nothing-here")
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/html")
    assert (await doors.client().put("/settings")).status_code == 405


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/sign-out", "/"),
        ("/balance/top-up", "/balance"),
        ("/cases/TK261123-AAAAAAAA/answer", "/cases/TK261123-AAAAAAAA"),
        ("/orders/LH261123-AAAAAAAA/refund/preview", "/orders/LH261123-AAAAAAAA/refund"),
        (f"/orders/LH261123-AAAAAAAA/refund/pictures/{UUID(int=1)}/remove", "/orders/LH261123-AAAAAAAA/refund"),
        ("/seller/products/preview", "/seller/products"),
        ("/settings/agreements/user_terms", "/settings"),
    ],
)
async def test_the_address_of_a_form_opens_the_page_of_the_form(doors: Doors, address: str, page: str) -> None:
    """A refused form stands under its own address; language, reload and sign-in come back there by GET."""
    client = doors.client()
    answer = await client.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    back = await client.get(f"/language?to=en&back={address}")
    assert back.headers["location"] == address


async def test_a_stranger_is_sent_to_sign_in_and_back(doors: Doors) -> None:
    client = doors.client()
    assert (await client.get("/settings?a=1")).headers["location"] == "/sign-in?next=/settings%3Fa%3D1"
    fragment = await client.get("/settings", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (204, "/sign-in?next=/settings")
    browser = await doors.browser()
    for referer, wanted in (("http://liuhen.test/settings", "/sign-in?next=/settings"), ("", "/sign-in")):
        answer = await browser.post("/settings/name", {"display_name": "x"}, headers={"Referer": referer})
        assert answer.headers["location"] == wanted


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/settings", "/nothing-here", "/static/liuhen.css", "/api/v1/x", "/healthz"]
)
async def test_every_answer_carries_the_security_headers(doors: Doors, path: str) -> None:
    headers = (await doors.client().get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    if path.startswith("/static/"):
        assert "immutable" in headers["cache-control"]


async def test_log_lines_hold_neither_people_nor_secrets(doors: Doors, capsys: pytest.CaptureFixture[str]) -> None:
    set_up()  # as a process does; another test may have sent the lines elsewhere
    browser = await doors.browser(ip="203.0.113.99")
    await browser.post("/sign-in", {"login": "anna.lin", "password": "wrong password"})
    await browser.get("/reset/lh_r_secret?next=anna.lin")
    written = capsys.readouterr().out
    assert "/reset/{token}" in written and "/sign-in" in written
    for private in ("anna.lin", "wrong password", "lh_r_secret", "203.0.113.99", browser.csrf):
        assert private not in written


async def test_pages_of_a_party_are_kept_by_no_cache(doors: Doors, world: World) -> None:
    browser = await doors.browser(await doors.login(await world.party("安娜"), "anna"))
    assert (await browser.get("/settings")).headers["cache-control"] == "no-store"


async def test_a_body_beyond_its_limit_is_refused(doors: Doors, world: World) -> None:
    browser = await doors.browser(await doors.login(await world.party("安娜"), "anna"))
    answer = await browser.post("/settings/name", {"display_name": "x" * 1_100_000})
    assert answer.status_code == 413


async def test_tokens_open_what_their_scopes_and_roles_allow(doors: Doors, world: World) -> None:
    client = doors.client()
    for given in ("Bearer nonsense", "Basic YTpi", "Bearer " + "x" * 300, "Bearer"):
        answer = await client.get("/api/v1/openapi.json", headers={"Authorization": given})
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == 'Bearer realm="liuhen"'
    caller = await doors.api(await world.party("安娜"), "read")
    assert (await caller.get("/api/v1/openapi.json")).status_code == 200
