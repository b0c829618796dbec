"""Facts written as plain tables (TOML, JSON) and back: what case files, the command and the API have in common.

A table is nested exactly as `RefundFacts`. Shorthand: an amount in fen may be written as yuan text ("98.00"), a time as
RFC 3339 text, a disputed fact as its bare value. Whoever says a disputed fact is our own record unless named; records
stand established, what a side says stands alleged.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput
from liuhen.money.amount import parse
from liuhen.policy.facts.check import checked
from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.schema import Field, schema
from liuhen.policy.facts.standing import Fact, Source, Standing

MAX_TEXT = 400  # characters of any text in a table
MAX_ENTRIES = 200  # entries of any table or list
_DISPUTED = ("value", "source", "standing")
_PARTIES = frozenset({Source.BUYER, Source.SELLER})
_NEEDED = tuple(f.name for f in msgspec.structs.fields(RefundFacts) if f.required and f.name not in schema())
_GROUPS = frozenset(path.rsplit(".", depth)[0] for path in schema() for depth in range(1, path.count(".") + 1))
Table = Mapping[str, Any]


def wrong(path: str, problem: str, allowed: str) -> InvalidInput:
    """The refusal of one entry: where it stands, what is the matter, what may stand there."""
    return InvalidInput(f"{path} {problem}; allowed: {allowed}", path=path, allowed=allowed)


def table_of(value: Any, path: str) -> Table:
    """The value when it is a table of bearable size with text for keys. Raises InvalidInput."""
    if not isinstance(value, Mapping):
        raise wrong(path, "is not a table", "a table")
    if len(value) > MAX_ENTRIES:
        raise wrong(path, "has too many entries", f"at most {MAX_ENTRIES}")
    if any(not isinstance(key, str) for key in value):
        raise wrong(path, "has a key that is no text", "text")
    return value


def facts_of(table: Any, at: str = "facts") -> RefundFacts:
    """The facts of one unit, checked. `at`: where the table stands, for refusals. Raises InvalidInput."""
    table = table_of(table, at)
    plain = _group({**table, **{name: {} for name in _NEEDED if name not in table}}, "", at)
    try:
        facts = msgspec.convert(plain, RefundFacts, from_attributes=True)
    except msgspec.ValidationError as error:
        raise wrong(at, f"cannot be read: {error}", "see docs/cases.md") from error
    return checked(facts, at)


def merged(base: Table, change: Table) -> dict[str, Any]:
    """`base` with the entries of `change` in their places; tables join, a disputed fact is replaced as a whole."""
    return _merged(base, change, "")


def _merged(base: Table, change: Table, prefix: str) -> dict[str, Any]:
    joined = dict(base)
    for key, value in change.items():
        path, before = prefix + str(key), base.get(key)
        joins = path in _GROUPS and isinstance(value, Mapping) and isinstance(before, Mapping)
        joined[key] = _merged(before or {}, value, f"{path}.") if joins else value
    return joined


def table_from(facts: RefundFacts) -> dict[str, Any]:
    """The facts as the shortest table that reads back to them: what is as by default is left out."""
    table: dict[str, Any] = {}
    paths, get_all = _paths()
    for ((*groups, name), default), value in zip(paths, get_all(facts), strict=True):
        if value is None or value is default or value == default or (isinstance(value, Fact) and value.value is None):
            continue
        place = table
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = _written(value)
    return table


@cache
def _paths() -> tuple[list[tuple[list[str], Any]], Callable[[Any], Any]]:
    """Each fact's path and what it is by default, and how to get all of them."""
    return [(path.split("."), field.default) for path, field in schema().items()], attrgetter(*schema())


def _written(value: Any) -> Any:
    if isinstance(value, Fact):
        return {"value": _written(value.value), "source": str(value.source), "standing": str(value.standing)}
    return str(value) if isinstance(value, StrEnum) else value


def _group(table: Table, prefix: str, at: str) -> dict[str, Any]:
    for path, field in schema().items():
        name = path.removeprefix(prefix)
        needed = path.startswith(prefix) and "." not in name and not field.disputed and not field.optional
        if needed and field.default is None and name not in table:
            raise wrong(f"{at}.{path}", "is missing", _allowed(field))
    read: dict[str, Any] = {}
    for key, value in table.items():
        path = f"{prefix}{key}"
        if path in schema():
            read[key] = _entry(schema()[path], value, f"{at}.{path}")
        elif path in _GROUPS:
            read[key] = _group(table_of(value, f"{at}.{path}"), f"{path}.", at)
        else:
            raise wrong(f"{at}.{path[:MAX_TEXT]}", "is no fact", ", ".join(_names(prefix)))
    return read


def _names(prefix: str) -> list[str]:
    below = (path.removeprefix(prefix) for path in schema() if path.startswith(prefix))
    return sorted({name.split(".")[0] for name in below})


def _entry(field: Field, value: Any, at: str) -> Any:
    if not field.disputed:
        return _value(field, value, at)
    if not isinstance(value, Mapping):
        return Fact(value=_value(field, value, at), source=Source.PLATFORM_LOG, standing=Standing.ESTABLISHED)
    table = table_of(value, at)
    for key in table:
        if key not in _DISPUTED:
            raise wrong(f"{at}.{key[:MAX_TEXT]}", "is not known", ", ".join(_DISPUTED))
    if "value" not in table:
        raise wrong(f"{at}.value", "is missing", _allowed(field))
    source = one_of(Source, table.get("source", Source.PLATFORM_LOG), f"{at}.source")
    usual = Standing.ALLEGED if source in _PARTIES else Standing.ESTABLISHED
    standing = one_of(Standing, table.get("standing", usual), f"{at}.standing")
    return Fact(value=_value(field, table["value"], f"{at}.value"), source=source, standing=standing)


def _value(field: Field, value: Any, at: str) -> Any:
    kind = field.type
    if kind is datetime:
        return time_of(value, at)
    if kind is int and field.path.endswith("_fen"):
        return fen_of(value, at)
    if kind in (bool, int):
        if type(value) is not kind:
            raise wrong(at, "is of another kind", _allowed(field))
        return value
    return one_of(kind, value, at)


def one_of(kind: Any, value: Any, at: str) -> Any:
    """A word of an enumeration. Raises InvalidInput that names them all."""
    if not isinstance(value, str) or value not in tuple(kind):
        raise wrong(at, "is not one of the words", ", ".join(kind))
    return kind(value)


def text_of(value: Any, at: str) -> str:
    """Text of bearable length. Raises InvalidInput."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise wrong(at, "is not such text", f"text of 1 to {MAX_TEXT} characters")
    return value


def time_of(value: Any, at: str) -> datetime:
    """A moment with its offset: a time of TOML, or RFC 3339 text. Raises InvalidInput."""
    try:
        moment = msgspec.convert(value, datetime)
    except msgspec.ValidationError as error:
        raise wrong(at, "is not a time", "a time with its offset, 2026-11-22T12:00:00+08:00") from error
    if moment.tzinfo is None:
        raise wrong(at, "has no offset", "a time with its offset, 2026-11-22T12:00:00+08:00")
    return moment


def fen_of(value: Any, at: str) -> int:
    """Fen from a whole number of fen or from yuan text. Raises InvalidInput."""
    if isinstance(value, str):
        try:
            return parse(value)
        except InvalidInput as error:
            raise wrong(at, "is not an amount", 'fen (9800) or yuan as text ("98.00")') from error
    if type(value) is not int:
        raise wrong(at, "is not an amount", 'fen (9800) or yuan as text ("98.00")')
    return value


def _allowed(field: Field) -> str:
    if field.values:
        return ", ".join(str(v).lower() if isinstance(v, bool) else str(v) for v in field.values)
    if field.type is datetime:
        return "a time with its offset, 2026-11-22T12:00:00+08:00"
    return 'fen (9800) or yuan as text ("98.00")' if field.path.endswith("_fen") else "a whole number"
