"""Holds answers of the API to its own description: every body to its schema, every refusal to the codes it names."""

import re
from functools import cache
from typing import Any

import httpx
import jsonschema
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from liuhen.edge.api.app import operations
from liuhen.edge.api.openapi import describe


@cache
def _document() -> dict[str, Any]:
    return describe(operations(), "https://liuhen.test")


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Fixed addresses before those with parameters: /notices/read is no notice."""
    found = sorted(_document()["paths"].items(), key=lambda pair: (pair[0].count("{"), pair[0]))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"\Z"), methods) for path, methods in found]


@cache
def _validator(ref: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({"$ref": f"urn:liuhen{ref}"}, registry=_registry())


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource("urn:liuhen", DRAFT202012.create_resource(_document())).crawl()


def as_described(answer: httpx.Response) -> None:
    """Fails unless the answer is one that the description promises. Addresses that it does not know are let pass."""
    path, method = answer.request.url.path, answer.request.method.lower()
    operation = next((ways[method] for pattern, ways in _paths() if pattern.match(path) and method in ways), None)
    if operation is None:
        return
    promised = operation["responses"].get(str(answer.status_code))
    assert promised is not None or answer.status_code == 500, (method, path, answer.status_code, answer.text[:500])
    if answer.status_code >= 400:
        codes = promised["x-codes"] if promised else ["internal"]
        assert answer.json()["code"] in codes, (method, path, answer.text[:500])
        return
    schema = promised.get("content", {}).get("application/json", {}).get("schema") if promised else None
    if schema:
        faults = [
            f"{fault.json_path}: {fault.message[:300]}"
            for fault in _validator(schema["$ref"]).iter_errors(answer.json())
        ]
        assert faults == [], (method, path, faults[:3])
