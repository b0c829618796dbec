"""Who may do what: routes are generated from the site, answers are written by hand. See who_may/table.py."""

import string
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from liuhen.base.crypto import new_token
from liuhen.base.db import Database, Tx
from liuhen.base.ids import new_id
from liuhen.factors import store as factors
from liuhen.factors.model import Passkey
from liuhen.parties import store as parties
from liuhen.parties.model import Role, Scope
from liuhen.policy.facts.claim import ReasonCode
from tests.edge.described import as_described
from tests.edge.doors import KEYS, Doors
from tests.edge.routes import all_routes
from tests.edge.who_may import admin, api, buyer, desk, people, public, seller, system
from tests.edge.who_may.table import ROLES, Row, Table, row
from tests.flows.refunds import Bought

SECTIONS = (system, people, public, buyer, seller, desk, admin, api)
ROWS: Table = {route: entry for section in SECTIONS for route, entry in section.ROWS.items()}
SCOPES = {
    "buyer": ("read", "buy"),
    "other_buyer": ("read", "buy"),
    "seller": ("read", "buy", "sell"),
    "other_seller": ("read", "buy", "sell"),
    "reviewer": ("read", "buy", "review"),
    "admin": ("read", "buy", "review", "admin"),
}


@dataclass
class Story(Bought):
    """A buyer with an order of two pieces: one revealed with a case that waits for the seller, one sealed."""

    roles: dict[str, UUID] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    logins: str = ""

    async def tell(self, doors: Doors) -> None:
        placed = await self.bought(2)
        units = [unit["id"] for unit in await self.units(placed)]
        await self.reveal(placed, units[0])
        case = await self.ask_one(placed, ReasonCode.INVALID_KEY, units[0])
        self.roles = {
            "buyer": self.buyer_id,
            "other_buyer": await self.party("另一位买家"),
            "seller": self.seller_id,
            "other_seller": await self.seller("别家店"),
            "reviewer": await self.party("审核员", Role.REVIEWER),
            "admin": await self.party("管理员", Role.ADMIN),
        }
        for role, party_id in self.roles.items():
            await doors.login(party_id, self.logins + role)
        session = await doors.browser(self.buyer_id)
        self.values = {
            "order_no": placed.order_no,
            "case_no": case.case_no,
            "product_id": str(self.product),
            "book_id": str(self.seller_id),
            "shop_id": str(self.seller_id),
            "unit_id": str(units[1]),
            "revealed_id": str(units[0]),
            "party_id": str(self.buyer_id),
            "session_id": str(session.session_id),
            "token_id": str(await self._token()),
            "passkey_id": str(await self._passkey()),
            "token": "lh_r_unknown",
            "kind": "user_terms",
            "upload_id": str(new_id(self.now)),
            "refund_id": str(new_id(self.now)),
            "issuer_id": str(new_id(self.now)),
            "refund_no": "RF261122-0000000",
            "todo_id": str(new_id(self.now)),
            "picture_id": str(new_id(self.now)),
            "line_no": "1",
            "notice_id": str(await self._notice()),
        }

    async def _token(self) -> UUID:
        row = parties.NewToken(
            id=new_id(self.now),
            token_hash=KEYS.hash_token(new_token("lh_t_")),
            party_id=self.buyer_id,
            name="script",
            scopes=(Scope.READ,),
            created_at=self.now,
            expires_at=self.now.replace(year=self.now.year + 1),
        )

        async def work(tx: Tx) -> None:
            await parties.add_token(tx, row)

        await self.db.transact(work, now=self.now)
        return row.id

    async def _passkey(self) -> UUID:
        key = Passkey(new_id(self.now), "手机", b"credential", b"public key", 0, self.now)

        async def work(tx: Tx) -> None:
            await factors.add_passkey(tx, self.buyer_id, key)

        await self.db.transact(work, now=self.now)
        return key.id

    async def _notice(self) -> UUID:
        async with self.db.read() as tx:
            found: UUID = await tx.fetchval("select id from notice where book_id = $1 limit 1", self.buyer_id)
        return found


@pytest.fixture
async def story(db: Database, now: datetime, doors: Doors) -> Story:
    made = Story(db, now, keys=KEYS)
    await made.tell(doors)
    return made


def test_every_route_has_a_line_and_every_line_a_route(site: Litestar) -> None:
    routes = {f"{method} {path}" for method, path in all_routes(site)}
    assert sorted(routes - set(ROWS)) == [], "add a line to the table in tests/edge/who_may"
    assert sorted(set(ROWS) - routes) == [], "these lines have no route any more"


@pytest.mark.parametrize("route", ROWS)
async def test_who_may(route: str, story: Story, doors: Doors) -> None:
    entry = row(ROWS[route])
    expected = entry.answers.split()
    assert len(expected) == len(ROLES), f"seven answers: {', '.join(ROLES)}"
    asked = zip(ROLES, expected, strict=True)
    given = [_short(await _ask(route, entry, role, story, doors), answer) for role, answer in asked]
    assert dict(zip(ROLES, given, strict=True)) == dict(zip(ROLES, expected, strict=True))


async def _ask(route: str, entry: Row, role: str, story: Story, doors: Doors) -> httpx.Response:
    method, pattern = route.split(" ", 1)
    values = {**story.values, **entry.at}
    missing = {name for _, name, _, _ in string.Formatter().parse(pattern) if name} - set(values)
    assert not missing, f"give {missing} a value in Story.values or in the line's `at`"
    path = pattern.format(**values)
    form = {name: _filled(value, values) for name, value in entry.form.items()}
    party_id = story.roles.get(role)
    if pattern.startswith("/api/"):
        caller = await doors.api(party_id, *SCOPES.get(role, ()))
        answer = await (caller.get(path) if method == "GET" else caller.send(method, path, form))
        as_described(answer)
        return answer
    browser = await doors.browser(party_id)
    if pattern.startswith("/callbacks/"):
        return await browser.client.request(method, path, content=b"{}")
    return await (browser.get(path) if method == "GET" else browser.post(path, form))


def _filled(value: object, values: dict[str, str]) -> object:
    if isinstance(value, str):
        return value.format(**values) if value.startswith("{") and not value.startswith("{{") else value
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, values) for name, item in value.items()}
    return value


def _short(answer: httpx.Response, expected: str) -> str:
    if expected != "in":
        return str(answer.status_code)
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return "in" if to_sign_in or answer.status_code == 401 else str(answer.status_code)
