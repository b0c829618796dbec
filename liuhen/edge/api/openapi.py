"""The description of the API, OpenAPI 3.1, made from the operations themselves and the types they take and give."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from liuhen.base.errors import (
    Forbidden,
    Frozen,
    IdempotencyMismatch,
    InvalidInput,
    LiuhenError,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from liuhen.edge.api.auth import MissingScope
from liuhen.edge.api.calls import JSON
from liuhen.edge.api.cursors import BadCursor
from liuhen.edge.api.ops import Op
from liuhen.edge.api.shapes import Asked
from liuhen.edge.once import NoKey
from liuhen.edge.problems import MEDIA_TYPE, WrongMediaType, status_of
from liuhen.parties.model import Scope

PREFIX = "/api/v1"
_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
_PATH_TYPES: dict[str, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
    "str": {"type": "string", "maxLength": 80},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "8 to 200 visible ASCII characters. The same call with the same key takes effect once and gets the"
    " same answer; another call with it is refused. Kept for 30 days.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200},
    "example": "0d6e2f3c-5a0b-4c1e-9a57-2f6d8c1b7e44",
}
_SCOPES = {
    Scope.READ: "look at what is one's own",
    Scope.BUY: "order, pay, open, ask for refunds; one's own registration",
    Scope.SELL: "one's shop: listings, stock, deliveries, answers",
    Scope.REVIEW: "the desk: claim and decide cases",
    Scope.ADMIN: "parties, roles, fees, issuers",
}
_ABOUT = """Trading of virtual goods whose heart is the refund. Money is whole fen, times are RFC 3339 in UTC. Lists
come in pages: `{items, next}`, with `next` as the following call's `cursor`. A resource names in `actions` what the
caller may do with it now. Mistakes are RFC 9457 problems with a stable `code`; docs/api.md explains each."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details. `code` is stable; `data` has the facts of this failure; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    data: dict[str, Any]


def describe(operations: Iterable[Op], address: str) -> dict[str, Any]:
    """The whole document. Parameters: address, where the site is, without a slash at the end."""
    known = sorted(operations, key=lambda op: (op.path, op.method))
    kinds = [kind for op in known for kind in (op.body, op.query, op.answer) if _is_struct(kind)]
    wanted = list(dict.fromkeys([Problem, *kinds]))
    schemas, components = msgspec.json.schema_components(wanted, ref_template=_REF)
    refs = dict(zip(wanted, schemas, strict=True))
    queries = {
        op.query: components.pop(refs[op.query]["$ref"].rsplit("/", 1)[1])
        for op in known
        if op.query and _own(op, known)
    }
    paths: dict[str, dict[str, Any]] = {}
    for op in known:
        path = PREFIX + _PARAMETER.sub(r"{\1}", op.path)
        paths.setdefault(path, {})[op.method.lower()] = _operation(op, refs, queries)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Liuhen", "version": "1.0.0", "description": _ABOUT, "license": _LICENSE},
        "servers": [{"url": address}],
        "tags": [{"name": tag} for tag in sorted({op.tag for op in known})],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"bearer": _bearer()}},
    }
    return _short_names(document, list(components))


_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def errors_of(op: Op) -> list[type[LiuhenError]]:
    """What a call of this operation may be told, its own errors last."""
    found: list[type[LiuhenError]] = [InvalidInput, Unauthenticated, RateLimited, Unavailable]
    if op.scopes:
        found += [MissingScope, Forbidden]
    if _PARAMETER.search(op.path):
        found.append(NotFound)
    if op.body is not None or op.uploads:
        found += [WrongMediaType, TooLarge]
    if _is_struct(op.query) and issubclass(op.query, Asked):
        found.append(BadCursor)
    if op.once:
        found += [NoKey, IdempotencyMismatch]
    if op.once and op.scopes:
        found.append(Frozen)
    return list(dict.fromkeys([*found, *op.errors]))


def _own(op: Op, known: list[Op]) -> bool:
    """Whether `op` is the first with its query type: a type is taken out of the components once."""
    return next(other for other in known if other.query is op.query) is op


def _operation(op: Op, refs: dict[Any, dict[str, Any]], queries: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _PATH_TYPES[kind]}
        for name, kind in _PARAMETER.findall(op.path)
    ]
    if op.query is not None:
        parameters += [_query(name, schema) for name, schema in queries[op.query]["properties"].items()]
        needed = queries[op.query].get("required", ())
        parameters = [{**item, "required": True} if item["name"] in needed else item for item in parameters]
    if op.once:
        parameters.append(_KEY)
    found: dict[str, Any] = {
        "operationId": op.name,
        "summary": op.summary,
        "description": _text(op),
        "tags": [op.tag],
        "security": [{"bearer": [scope]} for scope in op.scopes],
        "parameters": parameters,
        "responses": {str(op.status): _answer(op, refs), **_refusals(op, refs)},
    }
    if op.body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": refs[op.body]}}}
    if op.uploads:
        found["requestBody"] = {"required": True, "content": {media: {} for media in op.uploads}}
    return found


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _text(op: Op) -> str:
    scopes = " or ".join(f"`{scope}`" for scope in op.scopes)
    return f"{op.text}\n\n{f'Scope: {scopes}.' if scopes else 'Open to all.'}"


def _answer(op: Op, refs: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    if op.answers:
        return {"description": "The bytes.", "content": {media: {} for media in op.answers}}
    if op.answer is type(None):
        return {"description": "Done; there is nothing to say."}
    first = (op.answer.__doc__ or op.summary).strip().splitlines()[0]
    return {"description": first, "content": {JSON: {"schema": refs[op.answer]}}}


def _refusals(op: Op, refs: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for error in errors_of(op):
        by_status.setdefault(status_of(error()), []).append(error.code)
    content = {MEDIA_TYPE: {"schema": refs[Problem]}}
    return {
        str(status): {"description": ", ".join(f"`{code}`" for code in codes), "content": content, "x-codes": codes}
        for status, codes in sorted(by_status.items())
    }


def _bearer() -> dict[str, Any]:
    scopes = "; ".join(f"`{scope}`: {words}" for scope, words in _SCOPES.items())
    text = f"`Authorization: Bearer lh_t_…`, from POST {PREFIX}/tokens or the page /settings. Scopes: {scopes}."
    return {"type": "http", "scheme": "bearer", "description": text}


def _short_names(document: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Two types of one name are told apart by their whole path, which is nobody's business: the API's own keeps its
    name, another gets that of its room (a read: of its file) before it. Raises ValueError where two get one name."""
    text = msgspec.json.encode(document).decode()
    taken = {name for name in names if "." not in name}
    for long in (name for name in names if "." in name):
        *path, name = long.split(".")
        room = path[-1] if path[1] == "reads" else path[1]
        short = name if long.startswith(f"{__package__}.") else room.title().replace("_", "") + name
        if short in taken:
            raise ValueError(f"two types of the API are called {short}: {long} is one of them")
        taken.add(short)
        text = text.replace(f'"{long}":', f'"{short}":').replace(f'/{long}"', f'/{short}"')
    named: dict[str, Any] = msgspec.json.decode(text)
    return named


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
