"""Buyers, a seller and a reviewer over HTTP, who go on while processes die: no answer means the same call again.

Each call has one Idempotency-Key however often it is sent and wherever; what was answered is kept for the judge.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.survival.installation import Installation
from tests.survival.market import PURSE_FEN, Market, Person

_ANSWER_SECONDS = 10
_PAUSE = (0.0, 0.04)
_AGAIN = (0.1, 0.5)


@dataclass(frozen=True)
class Answered:
    """A call that took effect: who sent what under which key, and what came back."""

    person: Person
    path: str
    key: str
    body: Any
    status: int
    answer: Any


@dataclass
class Record:
    """What all clients saw. seen: statuses and what else happened, counted."""

    answered: list[Answered] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """Answers that must never come: 500, or a 503 that does not say when to come back."""


class Client:
    """One person's program. local: an address of its own on this machine, so that nobody shares a rate limit."""

    def __init__(self, place: Installation, person: Person, record: Record, rng: random.Random, number: int) -> None:
        self.person, self.record, self.rng = person, record, rng
        self._place, self._made, self._number = place, 0, number
        transport = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{number + 10}")
        self._http = httpx.AsyncClient(transport=transport, timeout=_ANSWER_SECONDS, trust_env=False)
        self._headers = {"Authorization": f"Bearer {person.token}"}

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> Any:
        return (await self._sent("GET", path, None, self._headers)).json()

    async def post(self, path: str, body: Any = None) -> Any:
        """The answer's JSON, or None where the call was refused. Sent until there is an answer."""
        self._made += 1
        key = f"survival-{self._number}-{self._made}"
        answer = await self._sent("POST", path, body or {}, {**self._headers, "Idempotency-Key": key})
        if answer.status_code >= 400:
            self.record.seen[f"{answer.status_code} {answer.json()['code']}"] += 1
            return None
        self.record.answered.append(Answered(self.person, path, key, body or {}, answer.status_code, answer.json()))
        return answer.json()

    async def _sent(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        while True:
            web = self.rng.choice(list(self._place.places))
            url = f"{self._place.address(web)}/api/v1{path}"
            try:
                answer = await self._http.request(method, url, json=body, headers=headers)
            except httpx.HTTPError as error:
                self.record.seen[type(error).__name__] += 1
            else:
                self.record.seen[f"{method} {answer.status_code}"] += 1
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
                if answer.status_code == 500 or "retry-after" not in answer.headers:
                    self.record.broken.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            await asyncio.sleep(self.rng.uniform(*_AGAIN))

    async def pays(self, pay_url: str) -> None:
        """The channel's page, and the button on it."""
        while True:
            try:
                if (await self._http.get(pay_url)).status_code < 500:
                    pressed = await self._http.post(pay_url, data={"act": "pay"})
                    if pressed.status_code < 500:
                        self.record.seen[f"paid {pressed.status_code}"] += 1
                        return
            except httpx.HTTPError as error:
                self.record.seen[f"channel {type(error).__name__}"] += 1
            await asyncio.sleep(self.rng.uniform(*_AGAIN))


class Load:
    """All clients; `run` until `stop`, and until every call that was begun has its answer."""

    def __init__(self, place: Installation, market: Market, seed: int) -> None:
        self.record = Record()
        self._market = market
        people = [*market.buyers, market.seller, market.reviewer]
        self._clients = [
            Client(place, person, self.record, random.Random(f"{seed}-{number}"), number)
            for number, person in enumerate(people)
        ]

    async def run(self, stop: asyncio.Event) -> None:
        *buyers, seller, reviewer = self._clients
        try:
            async with asyncio.TaskGroup() as group:
                for buyer in buyers:
                    group.create_task(self._on(buyer, Buyer(buyer, self._market).act, stop))
                group.create_task(self._on(seller, lambda: sells(seller), stop))
                group.create_task(self._on(reviewer, lambda: reviews(reviewer), stop))
        finally:
            for client in self._clients:
                await client.close()

    async def _on(self, client: Client, act: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        while not stop.is_set():
            await act()
            await asyncio.sleep(client.rng.uniform(*_PAUSE))


class Buyer:
    """Tops up, buys from the balance and over the channel, opens, asks for refunds, confirms, cancels, pays out."""

    def __init__(self, client: Client, market: Market) -> None:
        self._c, self._market = client, market
        self._later: list[str] = []
        """Orders that were paid over the channel: the callback comes when it comes."""
        self._acts: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (50, self._buy),
            (20, self._buy_over_channel),
            (20, self._look_at_paid),
            (5, self._leave_or_cancel),
            (5, self._pay_out),
        ]
        self._begun = False

    async def act(self) -> None:
        if not self._begun:
            self._begun = True
            await self._top_up()
            return
        weights, acts = [weight for weight, _ in self._acts], [act for _, act in self._acts]
        await self._c.rng.choices(acts, weights)[0]()

    async def _top_up(self) -> None:
        page = await self._c.post("/balance/top-ups", {"amount_fen": PURSE_FEN, "channel": "sandbox"})
        if page is not None:
            await self._c.pays(page["pay_url"])

    async def _place(self, **how: Any) -> Any:
        product = self._c.rng.choice(self._market.products)
        pieces = self._c.rng.choice((1, 1, 2))
        line = {"product_id": str(product), "version": 1, "pieces": pieces, "no_reason_confirmed": True}
        return await self._c.post("/orders", {"lines": [line], **how})

    async def _buy(self) -> None:
        placed = await self._place(pay="balance")
        if placed is None:  # the purse is empty
            await self._top_up()
        else:
            await self._after(placed["order_no"])

    async def _buy_over_channel(self) -> None:
        placed = await self._place(pay="channel", channel="sandbox")
        if placed is not None and placed["pay_url"]:
            await self._c.pays(placed["pay_url"])
            self._later.append(placed["order_no"])

    async def _look_at_paid(self) -> None:
        if self._later:
            await self._after(self._later.pop(0))

    async def _after(self, order_no: str) -> None:
        """What a buyer does with what he bought."""
        order = await self._c.get(f"/orders/{order_no}")
        if order["state"] != "PAID":
            return
        ids, chance = [unit["id"] for unit in order["units"]], self._c.rng.random()
        at = f"/orders/{order_no}"
        if chance < 0.35:
            route = self._c.rng.choice(("BALANCE", "ORIGINAL"))
            ask = {"unit_ids": ids[:1], "reason": "CHANGE_OF_MIND", "route": route}
            await self._c.post(f"{at}/refund-requests", ask)
        elif chance < 0.7:
            await self._c.post(f"{at}/units/{ids[-1]}/reveal")
            if chance < 0.6:
                await self._c.post(f"{at}/refund-requests", {"unit_ids": ids[-1:], "reason": "INVALID_KEY"})
        elif chance < 0.8:
            await self._c.post(f"{at}/confirm-receipt")

    async def _leave_or_cancel(self) -> None:
        placed = await self._place(pay=None)
        if placed is not None and self._c.rng.random() < 0.7:
            await self._c.post(f"/orders/{placed['order_no']}/{self._c.rng.choice(('cancel', 'pay'))}")

    async def _pay_out(self) -> None:
        await self._c.post("/balance/payouts", {"amount_fen": self._c.rng.randint(100, 5_000)})


async def sells(client: Client) -> None:
    """Answers what waits for him, voids refunded keys, takes out what is free."""
    todos = await client.get("/seller/todos")
    for waiting in todos["answers"][:3]:
        answer = client.rng.choice(("AGREED", "REFUSED"))
        await client.post(f"/cases/{waiting['case_no']}/answer", {"answer": answer, "reasons": "发货前已验过"})
    if client.rng.random() < 0.2:
        await client.post("/seller/withdrawals", {"amount_fen": client.rng.randint(1, 500)})
    await asyncio.sleep(0.2)


async def reviews(client: Client) -> None:
    """Takes one case and decides it."""
    waiting = (await client.get("/desk/cases?shelf=unclaimed"))["items"]
    for case in waiting[:1]:
        await client.post(f"/cases/{case['case_no']}/claim")
        ruling = client.rng.choice(("granted", "refused"))
        await client.post(f"/cases/{case['case_no']}/decide", {"ruling": ruling, "reasons": "双方材料已核"})
    await asyncio.sleep(0.3)
