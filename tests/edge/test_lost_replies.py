"""Over HTTP: the web process lost the database after COMMIT and says 503; the client sends the same key again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from liuhen.base.db import Database
from tests.edge.doors import Caller, Doors
from tests.edge.house import House
from tests.flows.wire import wired
from tests.flows.world import World


@dataclass
class Client:
    """Somebody with 100 yuan and a program; `ask` is what he sends, `count` says how often it took effect."""

    world: World
    buyer: UUID
    seller: UUID
    product: UUID
    api: Caller

    async def count(self, sql: str) -> int:
        async with self.world.db.read() as tx:
            found: int = await tx.fetchval(sql, self.buyer)
        return found


@pytest.fixture
async def client(doors: Doors, world: World) -> Client:
    House(doors, world)  # with a channel
    seller, buyer = await world.seller(), await world.party("林")
    product = await world.listing(seller)
    await world.shelve(seller, product, 3)
    await world.fund(buyer, 20_000)
    return Client(world, buyer, seller, product, await doors.api(buyer, "read", "buy"))


async def _order(client: Client) -> tuple[str, dict[str, Any], str, int]:
    line = {"product_id": str(client.product), "version": 1, "no_reason_confirmed": True}
    body = {"lines": [line], "pay": "balance"}
    return "/api/v1/orders", body, "select count(*) from orders where buyer_id = $1 and state = 'PAID'", 0


async def _refund(client: Client) -> tuple[str, dict[str, Any], str, int]:
    placed = await client.world.order(client.buyer, client.seller, client.product)
    (unit,) = await client.world.units(placed)
    body = {"unit_ids": [str(unit["id"])], "reason": "CHANGE_OF_MIND", "statement": "不要了"}
    path = f"/api/v1/orders/{placed.order_no}/refund-requests"
    return path, body, "select count(*) from refund where party_id = $1 and state = 'ARRIVED'", 0


async def _top_up(_: Client) -> tuple[str, dict[str, Any], str, int]:
    body = {"amount_fen": 5000, "channel": "sandbox"}
    return "/api/v1/balance/top-ups", body, "select count(*) from payment where party_id = $1", 1


async def _withdraw(_: Client) -> tuple[str, dict[str, Any], str, int]:
    return "/api/v1/balance/payouts", {"amount_fen": 5000}, "select count(*) from refund where party_id = $1", 0


@pytest.mark.parametrize("story", [_order, _refund, _top_up, _withdraw])
async def test_the_same_key_again_finds_what_was_done(
    doors: Doors, client: Client, dsn: str, story: Callable[[Client], Awaitable[tuple[str, dict[str, Any], str, int]]]
) -> None:
    path, body, counting, before = await story(client)
    async with wired(dsn) as (wire, address):
        db = await Database.open(address, size=4)
        doors.site.state["house"] = replace(doors.app, db=db)
        assert (await client.api.get("/api/v1/balance")).status_code == 200  # the token's own writing is behind us
        wire.arm(1, stays_dead=True)
        lost = await client.api.post(path, body, key="once-and-for-all")
        assert wire.fired and lost.status_code == 503 and lost.json()["code"] == "unavailable", lost.text
        assert await client.count(counting) == before + 1, "it is done, and nobody was told"
        wire.mend()
        again = await client.api.post(path, body, key="once-and-for-all")
        assert again.status_code == 201, again.text
        assert (await client.api.post(path, body, key="once-and-for-all")).json() == again.json()
        assert await client.count(counting) == before + 1
        for field, value in (("amount_fen", 4000), ("statement", "别的话"), ("lines", body.get("lines", []) * 2)):
            if field in body:
                other = await client.api.post(path, {**body, field: value}, key="once-and-for-all")
                assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch"), other.text
        await db.close()
    await client.world.check()
