"""The facts of a unit as JSON Schema, made from the facts themselves: what POST /policy/decisions takes."""

from datetime import datetime
from typing import Any

from liuhen.money.amount import MAX_FEN
from liuhen.policy.facts.check import least, most
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Source, Standing

_SOURCE = {"type": "string", "enum": [*Source], "description": "Who says so; platform_log when left out."}
_STANDING = {
    "type": "string",
    "enum": [*Standing],
    "description": "How it stands. Left out: alleged for buyer and seller, else established.",
}


def facts_schema() -> dict[str, Any]:
    """One nested object. A disputed fact is its bare value, or an object of value, source and standing."""
    whole = _object((RefundFacts.__doc__ or "").splitlines()[0])
    for path, field in schema().items():
        place, needed = whole, field.default is None and not field.optional and not field.disputed
        *groups, name = path.split(".")
        for group in groups:
            if needed and group not in place["required"]:
                place["required"].append(group)
            place = place["properties"].setdefault(group, _object())
        place["properties"][name] = _disputed(field) if field.disputed else _plain(field)
        if needed:
            place["required"].append(name)
    return whole


def _object(words: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    return {**found, "description": words} if words else found


def _disputed(field: Field) -> dict[str, Any]:
    full = _object()
    full["properties"] = {"value": _plain(field), "source": _SOURCE, "standing": _STANDING}
    full["required"] = ["value"]
    return {"anyOf": [_plain(field), full]}


def _plain(field: Field) -> dict[str, Any]:
    if field.type is bool:
        return {"type": "boolean"}
    if field.type is datetime:
        return {"type": "string", "format": "date-time"}
    if field.type is int and field.path.endswith("_fen"):
        fen = {"type": "integer", "minimum": least(field.path), "maximum": MAX_FEN, "description": "Fen."}
        return {"anyOf": [fen, {"type": "string", "maxLength": 40, "description": "Yuan.", "examples": ["98.00"]}]}
    if field.type is int:
        return {"type": "integer", "minimum": least(field.path), "maximum": most(field.path)}
    return {"type": "string", "enum": [*field.type]}
