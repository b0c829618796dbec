"""The OpenAPI document: valid, complete, and its codes explained in docs/api.md."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from litestar import Litestar

import liuhen
from liuhen.base.errors import LiuhenError
from liuhen.edge.api.app import operations
from liuhen.edge.api.openapi import PREFIX, describe
from liuhen.edge.problems import status_of
from tests.edge.doors import Doors
from tests.edge.routes import all_routes

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "api.md"
# https://spec.openapis.org/oas/3.1/schema/2022-10-07, as published (Apache-2.0).
META = json.loads((HERE / "openapi-3.1.schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe(operations(), "https://liuhen.test")


def test_it_is_openapi_and_its_schemas_are_json_schema(document: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(META).validate(document)
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = set(document["components"]["schemas"])
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert used <= names and all(re.fullmatch(r"[A-Za-z_]+", name) for name in names)


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    known = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in known}) == len(known) > 80
    for operation in known:
        where = operation["operationId"]
        assert operation["summary"] and operation["description"].strip(), where
        assert "Scope: `" in operation["description"] or operation["security"] == [], where
        codes = [code for answer in operation["responses"].values() for code in answer.get("x-codes", ())]
        assert "rate_limited" in codes and len(codes) == len(set(codes)), where


def test_what_makes_or_moves_something_needs_a_key() -> None:
    """These alone do without: they tell a secret that must not be stored, or doing them twice changes nothing."""
    without = {op.name for op in operations() if op.method not in ("GET", "DELETE") and not op.once}
    assert without == {
        "add_picture",  # the same bytes are kept once
        "add_proof",
        "upload_picture",
        "check_situation",  # writes nothing
        "check_terms",
        "decide_facts",
        "preview",
        "look",  # a recorded look; the answer is a key
        "look_many",
        "look_at",
        "make_issuer",  # a name is taken once; the answer is a secret
        "read_all",  # read is read
        "read_one",
        "wish",
    }


def test_it_describes_every_route_there_is(site: Litestar, document: dict[str, Any]) -> None:
    mounted = {
        (method.lower(), path)
        for method, path in all_routes(site)
        if path.startswith(PREFIX) and path != f"{PREFIX}/openapi.json"
    }
    assert mounted == {(method, path) for path, methods in document["paths"].items() for method in methods}


def test_every_type_has_its_words(document: dict[str, Any]) -> None:
    """Types of our own; those of policy bring theirs along."""
    own = {kind.__name__ for op in operations() for kind in (op.body, op.answer) if hasattr(kind, "__struct_fields__")}
    schemas = document["components"]["schemas"]
    assert [name for name in sorted(own) if not schemas[name].get("description")] == []


async def test_it_is_served_to_everybody(doors: Doors) -> None:
    answer = await (await doors.api()).get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200 and answer.json()["openapi"] == "3.1.0"
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")


def _errors() -> Iterator[type[LiuhenError]]:
    """Every subclass that any module of ours defines."""
    for module in pkgutil.walk_packages(liuhen.__path__, "liuhen."):
        importlib.import_module(module.name)
    waiting = [LiuhenError]
    while waiting:
        kind = waiting.pop()
        if kind.__module__.startswith("liuhen."):
            yield kind
        waiting += kind.__subclasses__()


def test_every_code_is_explained() -> None:
    tables = DOCS.read_text("utf-8").partition("## Problems")[2]
    told = set(re.findall(r"^\| `([a-z_]+)` \|", tables, re.MULTILINE))
    codes = {kind.code for kind in _errors()}
    assert sorted(codes - told) == [] and sorted(told - codes) == []


def test_statuses_are_told_as_they_are() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", DOCS.read_text("utf-8"), re.MULTILINE)
    by_code = {kind.code: status_of(kind()) for kind in _errors()}
    assert {code: int(status) for code, status in rows} == {code: by_code[code] for code, _ in rows}


def _unbounded(kind: msgspec.inspect.Type, where: str) -> Iterator[str]:
    """Where something of any length or size could come in."""
    match kind:
        case msgspec.inspect.StrType(max_length=None) | msgspec.inspect.IntType(le=None, lt=None):
            yield where
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
            if kind.max_length is None:
                yield where
            yield from _unbounded(kind.item_type, f"{where}[]")
        case msgspec.inspect.UnionType():
            for one in kind.types:
                yield from _unbounded(one, where)
        case msgspec.inspect.StructType():
            assert kind.forbid_unknown_fields, where
            for field in kind.fields:
                yield from _unbounded(field.type, f"{where}.{field.name}")
        case msgspec.inspect.DictType() | msgspec.inspect.AnyType():
            yield where


def test_nothing_without_a_limit_comes_in() -> None:
    taken = {kind for op in operations() for kind in (op.body, op.query) if kind is not None}
    assert len(taken) > 40
    assert [w for kind in taken for w in _unbounded(msgspec.inspect.type_info(kind), kind.__name__)] == []
