"""Somebody else's id in every place of every route: the answer is that for an id which there is not, to the letter.

Two estates of the same kind. Each route is asked as the people of one, with every id that it takes, one at a time and
all together, first replaced by a random one of the same form, then by that of the other estate. Nothing of the
other estate may change by it.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from liuhen.base.db import Database
from liuhen.base.ids import new_id, short_no
from liuhen.edge.api.app import operations
from tests.edge.attacks.asking import ask, parameters, told
from tests.edge.attacks.estate import Estate
from tests.edge.doors import KEYS, Browser, Caller, Doors
from tests.edge.test_who_may import ROWS, SCOPES
from tests.edge.who_may.table import ROLES, row

# What these name is for everybody to see, or no thing at all.
OPEN_NAMES = {"kind", "version", "old", "new", "code", "file_path", "channel", "token", "line_no", "no", "unit_no"}
OPEN_ROUTES = {
    "GET /p/{product_id}",
    "GET /shops/{book_id}",
    "GET /api/v1/products",
    "GET /api/v1/products/{product_id}",
    "GET /api/v1/shops/{shop_id}",
    "POST /api/v1/orders",  # anybody may order what is on sale
    "POST /callbacks/issuers/{issuer_id}",
    "POST /api/v1/seller/term-checks",  # issuers are named to every seller
    "POST /api/v1/seller/products",
}
_OF_STAFF = re.compile(r"/admin|/desk|/look$")  # there they may ask, and are told what is not there
SHORT = {"order_no": "LH", "case_no": "TK", "refund_no": "RF"}
BODIES = {  # a body with every id that its route takes, where the table's own has not all of them
    "POST /api/v1/orders/{order_no}/refund-requests": {
        "unit_ids": ["{unit_id}"],
        "reason": "CHANGE_OF_MIND",
        "pictures": ["{picture_id}"],
    },
    "GET /api/v1/admin/acts": {"about": "{party_id}", "by": "{party_id}"},
    "GET /api/v1/seller/stock/uploads": {"product_id": "{product_id}"},
    "GET /api/v1/seller/products/{product_id}/stock/keys": {"upload_id": "{upload_id}"},
    "POST /seller/orders/{order_no}/proofs": {"delivery_id": "{delivery_id}"},
}
MORE_BODIES = {  # a second one where ids exclude each other
    "POST /api/v1/seller/products/{product_id}/stock/void": [{"key_ids": ["{key_id}"]}, {"upload_id": "{upload_id}"}],
}


@dataclass
class Two:
    """mine: whose people ask. theirs: whose ids they try."""

    mine: Estate
    theirs: Estate
    doors: Doors
    known: dict[tuple[str, bool], Browser | Caller]

    async def door(self, estate: Estate, role: str, route: str) -> Browser | Caller:
        party_id, api = estate.roles[role], " /api/" in route
        key = (str(party_id), api)
        if key not in self.known:
            made = self.doors.api(party_id, *SCOPES[role]) if api else self.doors.browser(party_id)
            self.known[key] = await made
        return self.known[key]


@pytest.fixture
async def two(db: Database, now: datetime, doors: Doors) -> Two:
    mine, theirs = Estate(db, now, keys=KEYS), Estate(db, now, keys=KEYS, logins="their_")
    await mine.tell(doors)
    await theirs.tell(doors)
    return Two(mine, theirs, doors, {})


def _cases() -> list[tuple[str, dict[str, Any]]]:
    """Every route with an id in its path, query, form or body."""
    found = []
    for route, entry in ROWS.items():
        for form in MORE_BODIES.get(route, [BODIES.get(route, row(entry).form)]):
            if route not in OPEN_ROUTES and _names(route, form):
                found.append((route, form))
    return found


def _names(route: str, form: dict[str, Any]) -> list[str]:
    """Parameters of this request that name somebody's thing."""
    inside = {
        word.split("}")[0] for word in str(form).split("{")[1:] if "}" in word and word.split("}")[0].isidentifier()
    }
    return [name for name in dict.fromkeys([*parameters(route), *sorted(inside)]) if name not in OPEN_NAMES]


def _values(estate: Estate, route: str) -> dict[str, str]:
    """The estate's ids, and the table's own for what is no id."""
    plain = {name: value for name, value in row(ROWS[route]).at.items() if name in OPEN_NAMES}
    return {**estate.at(route), **plain}


def _random(name: str, now: datetime) -> str:
    """An id of the same form that nothing has."""
    return short_no(SHORT[name], now) if name in SHORT else str(new_id(now))


def _choices(names: list[str]) -> Iterator[list[str]]:
    yield from ([name] for name in names)
    if len(names) > 1:
        yield names


def _difference(one: str, other: str) -> list[str]:
    """Lines that are in one alone."""
    return [line for line in difflib.unified_diff(one.splitlines(), other.splitlines(), n=0) if line[0] in "+-"][2:8]


def _strangers(route: str) -> list[str]:
    """Buyer and seller of the one estate, and staff where a route is not for them."""
    answers = dict(zip(ROLES, row(ROWS[route]).answers.split(), strict=True))
    staff = [role for role in ("reviewer", "admin") if answers[role] in ("403", "404") and not _OF_STAFF.search(route)]
    return ["buyer", "seller", *(role for role in staff if "picture_id" not in route and "proofs" not in route)]


async def test_every_route_answers_a_strangers_id_as_one_that_is_not_there(two: Two) -> None:
    before = await _digest(two.theirs)
    faults = []
    for route, form in _cases():
        theirs = _values(two.theirs, route)
        for names in _choices(_names(route, form)):
            for role in _strangers(route):
                door = await two.door(two.mine, role, route)
                own = _values(two.mine, route)
                nothing = {name: _random(name, two.mine.now) for name in names}
                ids = [*nothing.values(), *(theirs[name] for name in names), *own.values()]
                missing = await ask(door, route, {**own, **nothing}, form)
                strange = await ask(door, route, {**own, **{name: theirs[name] for name in names}}, form)
                if told(missing, ids) != told(strange, ids):
                    faults.append(
                        (
                            route,
                            role,
                            names,
                            missing.status_code,
                            strange.status_code,
                            _difference(told(missing, ids), told(strange, ids)),
                        )
                    )
    assert faults == []
    assert await _digest(two.theirs) == before, "something of theirs has changed"


async def test_what_is_tried_is_really_there(two: Two) -> None:
    """The same addresses lead their owners somewhere: else the test above would prove nothing."""
    faults = []
    for route, form in _cases():
        if route.startswith("GET "):
            statuses = {}
            for role in ("buyer", "seller", "reviewer", "admin"):
                door = await two.door(two.theirs, role, route)
                statuses[role] = (await ask(door, route, _values(two.theirs, route), form)).status_code
            if not {200, 303} & set(statuses.values()):
                faults.append((route, statuses))
    assert faults == []


def test_every_id_in_a_body_or_query_is_tried() -> None:
    """An operation that takes an id somewhere must say in BODIES how it is filled."""
    tried = {route for route, form in _cases() if form} | OPEN_ROUTES
    takes = {
        f"{op.method} /api/v1{'/'.join(_plain(part) for part in op.path.split('/'))}"
        for op in operations()
        for kind in (op.body, op.query)
        if kind is not None and any(_ids(msgspec.inspect.type_info(kind)))
    }
    assert len(takes) > 10
    assert sorted(takes - tried) == []


def _plain(part: str) -> str:
    return f"{part.split(':', 1)[0]}}}" if part.startswith("{") else part


def _ids(kind: msgspec.inspect.Type) -> Iterator[bool]:
    match kind:
        case msgspec.inspect.UUIDType():
            yield True
        case msgspec.inspect.StructType():
            for item in kind.fields:
                yield from _ids(item.type)
        case msgspec.inspect.UnionType():
            for item in kind.types:
                yield from _ids(item)
        case msgspec.inspect.CollectionType() | msgspec.inspect.VarTupleType():
            yield from _ids(kind.item_type)
        case msgspec.inspect.Metadata():
            yield from _ids(kind.type)


async def _digest(estate: Estate) -> dict[str, str]:
    """Every row in the books of its people, by table."""
    people: list[UUID] = list(estate.roles.values())
    found = {}
    async with estate.db.read() as tx:
        tables = await tx.fetch(
            "select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid"
            " where c.relkind = 'r' and a.attname = 'book_id' and c.relnamespace = 'public'::regnamespace"
        )
        for table in tables:
            text = (
                f"select md5(string_agg(t::text, '|' order by t::text)) from {table['name']} t where book_id = any($1)"
            )
            found[table["name"]] = await tx.fetchval(text, people) or ""
    return found
