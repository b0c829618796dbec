"""What holds for every call of the API: tokens, media types, limits, problems, cursors, once."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.edge.callers import PASSWORD, V1, refused
from tests.edge.doors import Caller, Doors
from tests.flows.world import World


@pytest.fixture
async def anna(doors: Doors, world: World) -> Caller:
    """A buyer's program."""
    return await doors.api(await doors.login(await world.party("安娜"), "anna"), "read", "buy")


async def _on_sale(world: World, keys: int = 5) -> dict[str, Any]:
    """The body of an order for a new listing."""
    seller = await world.seller()
    product = await world.listing(seller)
    await world.shelve(seller, product, keys)
    return {"lines": [{"product_id": str(product), "version": 1, "no_reason_confirmed": True}]}


async def test_a_first_token_comes_for_login_and_password(doors: Doors) -> None:
    api = await doors.api()
    terms = (await api.get(f"{V1}/agreements/user_terms")).json()
    body = {"login": "anna", "password": PASSWORD, "terms_version": terms["version"]}
    joined = await api.post(f"{V1}/parties", body)
    assert joined.status_code == 201 and len(joined.json()["recovery_code"]) == 24
    wish = {"login": "anna", "password": PASSWORD, "name": "script", "scopes": ["read", "buy"]}
    made = await api.post(f"{V1}/tokens", wish, key="the-very-same")
    again = await api.post(f"{V1}/tokens", wish, key="the-very-same")
    assert made.status_code == 201 and made.json() == again.json()
    refused(await api.post(f"{V1}/tokens", {**wish, "scopes": ["admin"]}), 403, "forbidden")
    refused(await api.post(f"{V1}/parties", body), 409, "login_taken")
    api.client.headers["Authorization"] = f"Bearer {made.json()['token']}"
    me = (await api.get(f"{V1}/me")).json()
    assert me["login"] == "anna" and me["scopes"] == ["buy", "read"] and me["shop_name"] is None
    assert (await api.client.delete(f"{V1}/me/tokens/{me['token_id']}")).status_code == 204
    refused(await api.get(f"{V1}/me"), 401, "unauthenticated")


async def test_unknown_logins_and_wrong_passwords_get_one_answer_and_are_counted(doors: Doors, anna: Caller) -> None:
    api = await doors.api()
    wish = {"password": "wrong password", "name": "x", "scopes": ["read"]}
    said = []
    for login in ("anna", "nobody-at-all"):
        answer = await api.post(f"{V1}/tokens", {**wish, "login": login})
        refused(answer, 401, "bad_credentials")
        said.append({**answer.json()})
    assert said[0] == said[1]
    for _ in range(9):
        await api.post(f"{V1}/tokens", {**wish, "login": "anna"})
    last = await api.post(f"{V1}/tokens", {**wish, "login": "anna"})
    assert refused(last, 429, "rate_limited")["retry_after_seconds"] > 0 and int(last.headers["retry-after"]) > 0


async def test_tokens_do_what_their_scopes_say(doors: Doors, world: World, anna: Caller) -> None:
    nobody = await doors.api()
    answer = await nobody.get(f"{V1}/orders")
    refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    nobody.client.headers["Authorization"] = "Bearer lh_t_unknown"
    refused(await nobody.get(f"{V1}/products"), 401, "unauthenticated")
    reader = await doors.api(await world.party("本"), "read")
    assert refused(await reader.post(f"{V1}/orders", {"lines": []}), 403, "missing_scope")["scopes"] == ["buy"]
    # A token never gives more than its party has, whatever stands in it.
    liar = await doors.api(await world.party("卡"), "read", "sell", "review", "admin")
    refused(await liar.get(f"{V1}/seller/orders"), 403, "forbidden")
    refused(await liar.get(f"{V1}/desk/cases"), 403, "forbidden")


async def test_what_is_not_understood_is_refused(doors: Doors, world: World, anna: Caller) -> None:
    body = await _on_sale(world)
    path = f"{V1}/orders"
    line = body["lines"][0]
    assert refused(await anna.post(path, {**body, "lines": [{**line, "piece": 2}]}), 422, "invalid_input") == {
        "at": "$.lines[0]",
        "reason": "shape",
    }
    found = refused(await anna.post(path, {"lines": [{**line, "pieces": "2"}]}), 422, "invalid_input")
    assert found["at"] == "$.lines[0].pieces"
    refused(await anna.post(path, {"lines": [{**line, "pieces": 501}]}), 422, "invalid_input")
    refused(await anna.post(path, {"lines": [line] * 21}), 422, "invalid_input")
    refused(await anna.post(path, {"lines": [{**line, "target": "a\x00b"}]}), 422, "invalid_input")
    refused(await anna.post(path, {"lines": [{**line, "target": "x" * 201}]}), 422, "invalid_input")
    headers = {"Idempotency-Key": "some-key-1", "Content-Type": "application/json"}
    refused(await anna.client.post(path, content=b"{", headers=headers), 422, "invalid_input")
    refused(await anna.client.post(path, content=b"\xff", headers=headers), 422, "invalid_input")
    for query in ("?colour=red", "?limit=0", "?limit=101", "?limit=1&limit=2", "?cursor=nonsense", "?shelf=mine"):
        answer = await anna.get(path + query)
        assert answer.status_code == 422 and answer.json()["code"] in ("invalid_input", "bad_cursor"), query
    refused(await anna.get(f"{V1}/me?x=1"), 422, "invalid_input")
    naive = {"unit_ids": [line["product_id"]], "until": "2026-12-01T00:00:00"}
    refused(await anna.post(f"{path}/LH261122-0000000/wait", naive), 422, "invalid_input")


async def test_each_family_of_refusals_has_its_status(doors: Doors, world: World, anna: Caller) -> None:
    body = await _on_sale(world)
    path = f"{V1}/orders"
    refused(await anna.get(f"{V1}/nowhere"), 404, "not_found")
    refused(await anna.get(f"{path}/LH261122-0000000"), 404, "not_found")
    refused(await anna.get(f"{path}/LH%00261122"), 404, "not_found")
    refused(await anna.client.put(path, json={}), 405, "method_not_allowed")
    data = {"lines": '[{"product_id": 1}]'}
    refused(
        await anna.client.post(path, data=data, headers={"Idempotency-Key": "form-key-1"}),
        415,
        "unsupported_media_type",
    )
    big = b'{"lines": "' + b"x" * 1_100_000 + b'"}'
    headers = {"Idempotency-Key": "big-key-1", "Content-Type": "application/json"}
    refused(await anna.client.post(path, content=big, headers=headers), 413, "too_large")
    refused(await anna.post(path, {**body, "pay": "balance"}), 409, "insufficient_balance")
    placed = (await anna.post(path, body)).json()
    doors.app = replace(doors.app, objects=None)
    doors.site.state["house"] = doors.app
    upload = f"{path}/{placed['order_no']}/pictures?filename=a.png"
    refused(await anna.client.post(upload, content=b"x", headers={"Content-Type": "image/png"}), 503, "unavailable")


async def test_what_breaks_says_nothing_about_itself(
    doors: Doors, anna: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("select secret from vault")

    monkeypatch.setattr("liuhen.reads.wallet.wallet", broken)
    answer = await anna.get(f"{V1}/balance")
    assert refused(answer, 500, "internal")["number"] and "vault" not in answer.text


async def test_twenty_times_the_same_call_is_one_order(world: World, anna: Caller) -> None:
    body = await _on_sale(world, keys=50)
    answers = await asyncio.gather(*(anna.post(f"{V1}/orders", body, key="twenty-times") for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 20}
    assert len({answer.json()["order_no"] for answer in answers}) == 1
    assert len((await anna.get(f"{V1}/orders")).json()["items"]) == 1
    other = {"lines": [{**body["lines"][0], "pieces": 2}]}
    refused(await anna.post(f"{V1}/orders", other, key="twenty-times"), 409, "idempotency_mismatch")
    refused(await anna.client.post(f"{V1}/orders", json=body), 422, "idempotency_key_missing")
    refused(await anna.post(f"{V1}/orders", body, key="short"), 422, "idempotency_key_missing")


async def test_a_key_belongs_to_one_path_and_to_one_caller(doors: Doors, world: World, anna: Caller) -> None:
    """The same key and the same empty body: another order is another request, another person has keys of his own."""
    body = await _on_sale(world, keys=3)
    first, second = [(await anna.post(f"{V1}/orders", body)).json()["order_no"] for _ in range(2)]
    assert (await anna.post(f"{V1}/orders/{first}/cancel", {}, key="one-key-for-all")).status_code == 200
    refused(await anna.post(f"{V1}/orders/{second}/cancel", {}, key="one-key-for-all"), 409, "idempotency_mismatch")
    assert (await anna.get(f"{V1}/orders/{second}")).json()["state"] == "AWAITING_PAYMENT"
    ben = await doors.api(await world.party("本"), "read", "buy")
    his = (await ben.post(f"{V1}/orders", body)).json()["order_no"]
    assert (await ben.post(f"{V1}/orders/{his}/cancel", {}, key="one-key-for-all")).json()["state"] == "CANCELLED"


async def test_pages_do_not_shift_when_something_new_comes(world: World, anna: Caller) -> None:
    body = await _on_sale(world, keys=50)
    made = []
    for _ in range(5):
        made.append((await anna.post(f"{V1}/orders", body)).json()["order_no"])
    first = (await anna.get(f"{V1}/orders?limit=2")).json()
    await anna.post(f"{V1}/orders", body)
    second = (await anna.get(f"{V1}/orders?limit=2&cursor={first['next']}")).json()
    third = (await anna.get(f"{V1}/orders?limit=2&cursor={second['next']}")).json()
    seen = [item["order_no"] for page in (first, second, third) for item in page["items"]]
    assert seen == made[::-1] and third["next"] is None


async def test_a_cursor_is_good_for_its_list_and_its_party_alone(doors: Doors, world: World, anna: Caller) -> None:
    body = await _on_sale(world, keys=50)
    for _ in range(2):
        await anna.post(f"{V1}/orders", body)
    cursor = (await anna.get(f"{V1}/orders?limit=1")).json()["next"]
    assert (await anna.get(f"{V1}/orders?cursor={cursor}")).status_code == 200
    ben = await doors.api(await world.party("本"), "read")
    refused(await ben.get(f"{V1}/orders?cursor={cursor}"), 422, "bad_cursor")
    refused(await anna.get(f"{V1}/cases?cursor={cursor}"), 422, "bad_cursor")
    changed = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    refused(await anna.get(f"{V1}/orders?cursor={changed}"), 422, "bad_cursor")


async def test_times_are_utc_and_money_is_whole_fen(world: World, anna: Caller) -> None:
    placed = (await anna.post(f"{V1}/orders", await _on_sale(world))).json()
    order = (await anna.get(f"{V1}/orders/{placed['order_no']}")).json()
    assert order["created_at"] == "2026-11-22T04:00:00Z" and order["pay_due_at"] == "2026-11-22T04:15:00Z"
    assert order["total_fen"] == 9800 and order["actions"] == ["cancel", "pay"] and order["paid_from"] is None


async def test_nothing_of_it_is_kept_on_the_way(anna: Caller) -> None:
    answer = await anna.get(f"{V1}/balance")
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
