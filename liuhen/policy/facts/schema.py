"""Every fact path with its type, read off the structs themselves: what all readings, files and columns agree on."""

import types
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from liuhen.policy.facts.refund_facts import RefundFacts
from liuhen.policy.facts.standing import Fact


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. `type` is bool, int, datetime or a StrEnum; optional: a plain fact that may be None."""

    path: str
    type: Any
    optional: bool
    disputed: bool
    default: Any = None  # what the struct takes when nothing is said; None when it must be given or is None

    @property
    def values(self) -> tuple[Any, ...]:
        """The possible values of a yes or no or a word, in order; empty for numbers and times."""
        if self.type is bool:
            return (False, True)
        return tuple(self.type) if issubclass(self.type, StrEnum) else ()


@cache
def schema() -> dict[str, Field]:
    """All facts by dotted path, in the order of RefundFacts."""
    return {field.path: field for field in _fields(RefundFacts, "")}


def field_of(path: str) -> Field:
    """The fact behind a path of a clause; `x.value` is the raw value of the disputed fact `x`, as it is said."""
    known = schema()
    if path in known:
        return known[path]
    base = known[path.removesuffix(".value")]
    return Field(path=path, type=base.type, optional=True, disputed=False)


def _fields(struct: Any, prefix: str) -> Iterator[Field]:
    hints = get_type_hints(struct)
    defaults = {f.name: f.default for f in msgspec.structs.fields(struct)}
    for name in struct.__struct_fields__:
        kind, optional = _without_none(hints[name])
        path = prefix + name
        if get_origin(kind) is Fact:
            yield Field(path=path, type=get_args(kind)[0], optional=False, disputed=True)
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from _fields(kind, f"{path}.")
        else:
            default = None if defaults[name] is msgspec.NODEFAULT else defaults[name]
            yield Field(path=path, type=kind, optional=optional, disputed=False, default=default)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [one for one in get_args(hint) if one is not type(None)]
        return rest[0], True
    return hint, False
