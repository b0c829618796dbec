"""Junk at every operation: whatever is sent, the answer is a refusal that the description names, never a break."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from liuhen.base.crypto import new_token
from liuhen.edge.api.app import operations
from liuhen.edge.api.ops import Op
from liuhen.edge.rate import TokenBuckets
from liuhen.parties.model import Role
from tests.edge.callers import V1
from tests.edge.described import as_described
from tests.edge.doors import Caller, Doors
from tests.flows.refunds import Bought

BODIES = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"x"',
    b"1e999",
    b'{"x": 1}',
    b"[" * 5000,
    b'{"a": "\\ud800"}',
    b"\xff\xfe",
    b'{"a": "' + b"\xc3\x28" + b'"}',
)
QUERIES = (
    "x=1",
    "limit=99999999999999999999",
    "limit=-1",
    "limit=a",
    "cursor=%00",
    "cursor=%C3%28",
    "cursor=" + "A" * 299,
    "q=%C3%28",
    "q=" + "x" * 101,
)
TEXTS = ("0", "%C3%28", "LH261122-" + "0" * 60, "..", "%27%3B--", "٣")


@pytest.fixture
async def everything(doors: Doors) -> tuple[Caller, dict[str, str]]:
    """Somebody who may do all there is, with an order of his own, and no limit on his calls."""
    doors.app = replace(doors.app, api_rate=TokenBuckets(burst=100_000, per_minute=100_000))
    doors.site.state["house"] = doors.app
    story = Bought(doors.db, doors.clock.at, keys=doors.app.keys)
    placed = await story.bought(1)
    boss = await doors.login(await story.seller("总店"), "boss")
    admin = await story.party("管理员", Role.ADMIN)
    api = await doors.api(admin, "read", "buy", "review", "admin")
    roles = {"roles": ["reviewer", "admin"], "reason": "测试"}
    assert (await api.send("PUT", f"{V1}/admin/parties/{boss}/roles", roles)).status_code == 200
    values = {"order_no": placed.order_no, "product_id": str(story.product), "shop_id": str(story.seller_id)}
    return await doors.api(boss, "read", "buy", "sell", "review", "admin"), values


def _paths(op: Op, values: dict[str, str]) -> Iterator[str]:
    """The address with what there is, with what there is not, and with junk."""
    kinds = dict(re.findall(r"\{(\w+):(\w+)\}", op.path))

    def fill(text: str, known: bool) -> str:
        path = op.path
        for name, kind in kinds.items():
            there = values.get(name) if known else None
            missing = {"uuid": UNKNOWN, "int": "7", "str": text}[kind]
            path = path.replace(f"{{{name}:{kind}}}", there or missing)
        return V1 + path

    yield fill("x", True)
    if "str" in kinds.values():
        yield from (fill(text, False) for text in TEXTS)


UNKNOWN = "00000000-0000-7000-8000-000000000000"


async def test_no_junk_breaks_anything(everything: tuple[Caller, dict[str, str]]) -> None:
    api, values = everything
    for op in operations():
        for path in _paths(op, values):
            await _sound(api, op, path, b"{}")
        path = next(_paths(op, values))
        if op.body is not None:
            for body in BODIES:
                await _sound(api, op, path, body)
        for query in QUERIES:
            await _sound(api, op, f"{path}?{query}", b"{}")


async def _sound(api: Caller, op: Op, path: str, body: bytes) -> None:
    headers = {"Content-Type": op.uploads[0] if op.uploads else "application/json", "Idempotency-Key": new_token("")}
    content: Any = None if op.method == "GET" else body
    answer = await api.client.request(op.method, path, content=content, headers=headers)
    assert answer.status_code < 500, (op.name, path, body[:40], answer.text)
    as_described(answer)


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
async def test_the_ends_of_the_calendar_are_refused(everything: tuple[Caller, dict[str, str]], at: str) -> None:
    api, values = everything
    body = {"state": "UNUSED", "occurred_at": at}
    answer = await api.post(f"{V1}/orders/{values['order_no']}/units/{UNKNOWN}/use", body)
    assert answer.status_code in (404, 422)
