"""More fields than a form or body has: refused by the API, without any effect on a page. And texts that are markup."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from liuhen.base.crypto import new_token
from liuhen.edge.api.app import operations
from liuhen.edge.rate import TokenBuckets
from tests.edge.attacks.asking import ask, filled
from tests.edge.attacks.estate import Estate
from tests.edge.doors import KEYS, Doors
from tests.edge.test_who_may import ROWS, SCOPES, Story, story
from tests.edge.who_may.table import ROLES, row
from tests.flows.world import World

__all__ = ["story"]  # the fixture
EXTRA: dict[str, Any] = {
    "id": "00000000-0000-7000-8000-000000000000",
    "buyer_id": "{buyer}",
    "seller_id": "{buyer}",
    "party_id": "{buyer}",
    "book_id": "{buyer}",
    "roles": "admin",
    "role": "admin",
    "is_admin": "1",
    "scopes_held": "admin",
    "state": "PAID",
    "price_fen": "1",
    "total_fen": "1",
    "approved_fen": "999999",
    "fee_basis_points": "0",
    "paid_at": "2026-11-22T04:00:00Z",
    "frozen_at": "",
    "now": "2030-01-01T00:00:00Z",
    "__class__": "x",
    "__proto__": "x",
}


async def test_the_api_refuses_every_field_that_it_does_not_know(story: Story, doors: Doors) -> None:
    """Each operation with a body or query, as somebody whom it would serve, with each field by itself."""
    doors.app = replace(doors.app, api_rate=TokenBuckets(burst=100_000, per_minute=100_000))
    doors.site.state["house"] = doors.app
    callers = {role: await doors.api(story.roles.get(role), *SCOPES.get(role, ())) for role in ROLES}
    values, faults, tried = {**story.values, "buyer": str(story.buyer_id)}, [], 0
    for op in operations():
        route = next(r for r in ROWS if r.startswith(f"{op.method} /api/v1") and _same(r.split(" ", 1)[1], op.path))
        entry = row(ROWS[route])
        caller = callers[_served(entry.answers)]
        path = route.split(" ", 1)[1].format(**{**values, **entry.at})
        answer = await caller.send(op.method, f"{path}?roles=admin", filled(entry.form, values))
        if answer.status_code not in (401, 415, 422):
            faults.append((route, "query", answer.status_code))
        if op.body is None:
            continue
        named = set(op.body.__struct_fields__) if hasattr(op.body, "__struct_fields__") else set()
        for name, value in filled(EXTRA, values).items():
            if name in named:
                continue
            tried += 1
            answer = await caller.send(op.method, path, {**filled(entry.form, values), name: value})
            if answer.status_code != 422 or "unknown field" not in answer.json()["detail"]:
                faults.append((route, name, answer.status_code, answer.text[:200]))
    assert faults == [] and tried > 500


async def test_a_page_takes_nothing_but_its_own_fields(story: Story, doors: Doors) -> None:
    """Every form, as buyer, other buyer and sellers, with the fields beside its own: nobody rises, no price falls."""
    before = await _kept(story)
    extra = filled(EXTRA, {**story.values, "buyer": str(story.roles["other_buyer"])})
    sent = 0
    for role in ("other_seller", "other_buyer", "seller", "buyer"):
        for route, entry in ROWS.items():
            method, pattern = route.split(" ", 1)
            expected = dict(zip(ROLES, row(entry).answers.split(), strict=True))[role]
            if method == "GET" or pattern.startswith(("/api/", "/callbacks/")) or expected in ("in", "403", "404"):
                continue
            browser = await doors.browser(story.roles[role])
            own = filled(row(entry).form, story.values)
            path = pattern.format(**{**story.values, **row(entry).at})
            answer = await browser.post(path, {**{k: v for k, v in extra.items() if k not in own}, **own})
            assert answer.status_code < 500, (route, role, answer.text[:300])
            sent += 1
    assert sent > 80
    assert await _kept(story) == before


async def _kept(story: Story) -> dict[str, Any]:
    """What none of the forms of buyers and sellers may change by itself."""
    people: list[UUID] = list(story.roles.values())
    async with story.db.read() as tx:
        return {
            "roles": await tx.fetch(
                "select book_id, roles, frozen_at from party where book_id = any($1) order by 1", people
            ),
            "fees": await tx.fetch("select book_id, fee_basis_points from shop order by 1"),
            "prices": await tx.fetch("select price_fen from product_version where product_id = $1", story.product),
            "orders": await tx.fetch(
                "select buyer_id, total_fen from orders where order_no = $1", story.values["order_no"]
            ),
            "stranger": await story.balance(story.roles["other_buyer"]),
            "looks": await tx.fetchval("select count(*) from key_look where viewer_role = 'REVIEWER'"),
            "acts": await tx.fetchval("select count(*) from staff_act"),
        }


def _same(pattern: str, path: str) -> bool:
    plain = "/".join(f"{part.split(':', 1)[0]}}}" if part.startswith("{") else part for part in path.split("/"))
    return pattern == f"/api/v1{plain}"


def _served(answers: str) -> str:
    """Somebody with the right scope and role, though what he asks for may not be there."""
    told = list(zip(ROLES, answers.split(), strict=True))
    good = [role for role, answer in told if answer not in ("in", "401", "403", "404", "415")]
    return next(iter(good or [role for role, answer in told if answer not in ("in", "403")] or [told[-1][0]]))


_LISTING = {"kind": "direct_top_up", "price": "9.90", "escrow_days": "7"}
MARKUP = "\"><img src=x onerror=alert(1)>'{{7*7}}${7*7}%s<!--"


async def test_what_people_write_is_text_on_every_page(world: World, doors: Doors) -> None:
    """Names, titles, words, answers, notes, reasons and file names that are markup, on every page of everybody."""
    estate = Estate(world.db, world.now, keys=KEYS)
    await estate.tell(doors)
    buyer, seller = await doors.browser(estate.buyer_id), await doors.browser(estate.seller_id)
    staff = {role: await doors.browser(estate.roles[role]) for role in ("reviewer", "admin")}
    values = estate.values
    acts: list[tuple[Any, str, dict[str, str]]] = [
        (buyer, "/settings/name", {"display_name": MARKUP}),
        (seller, "/seller/shop", {"shop_name": MARKUP[:30], "intro": MARKUP}),
        (seller, "/seller/products/new", {**_LISTING, "title": MARKUP, "description": MARKUP}),
        (buyer, f"/cases/{values['case_no']}/notes", {"text": MARKUP}),
        (seller, f"/cases/{values['case_no']}/notes", {"text": MARKUP}),
        (buyer, "/settings/tokens", {"name": MARKUP[:40], "scopes": "read"}),
        (buyer, "/rules/2027-01-1/comments", {"text": MARKUP}),
        (staff["admin"], f"/admin/people/{estate.roles['other_buyer']}/freeze", {"reason": MARKUP}),
        (staff["admin"], "/admin/issuers", {"name": MARKUP[:40]}),
        (staff["reviewer"], f"/desk/cases/{values['case_no']}/keys/1", {"why": MARKUP}),
    ]
    for browser, path, form in acts:
        answer = await browser.post(path, form)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[-800:])
    api = await doors.api(estate.buyer_id, "read", "buy")
    headers = {"Content-Type": "image/png", "Idempotency-Key": new_token("")}
    path = f"/api/v1/cases/{values['case_no']}/pictures"
    assert (await api.client.post(path, params={"filename": MARKUP}, content=b"x", headers=headers)).status_code == 422
    shown, faults = 0, []
    for route in ROWS:
        method, pattern = route.split(" ", 1)
        if method == "GET" and not pattern.startswith(("/api/", "/static/")):
            for who in (buyer, seller, *staff.values()):
                answer = await ask(who, route, {**estate.at(route), **row(ROWS[route]).at}, {})
                if "html" in answer.headers.get("content-type", ""):
                    shown += "&lt;img src=x" in answer.text
                    if "<img src=x" in answer.text or "${49}" in answer.text:
                        faults.append(route)
                if answer.status_code != 200 or "<form" not in answer.text:
                    continue
                answer = await who.get(
                    f"{pattern.format(**{**estate.at(route), **row(ROWS[route]).at})}", params={"q": MARKUP}
                )
                if "<img src=x" in answer.text and "html" in answer.headers.get("content-type", ""):
                    faults.append(f"{route}?q=")
    assert faults == [] and shown > 15, shown


@pytest.mark.parametrize("field", ["login", "display_name"])
async def test_a_typed_mistake_comes_back_as_text(field: str, doors: Doors) -> None:
    answer = await (await doors.browser()).post("/register", {field: MARKUP, "password": "x"})
    assert answer.status_code == 422 and "<img src=x" not in answer.text and "&lt;img src=x" in answer.text
