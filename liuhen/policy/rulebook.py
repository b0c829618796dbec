"""Dated, versioned parameters with their sources. Built from plain values; boot reads data/rulebook/*.toml."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from liuhen.base.errors import InvalidInput


class Param(msgspec.Struct, frozen=True, kw_only=True):
    """One value. `unit`: seconds, workdays, fen or permille. `contested` marks a setting where the law is disputed."""

    value: int
    unit: str
    source: str
    contested: bool = False


class Rulebook(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the rules. The version in force when an order was placed applies to that order."""

    version: str
    effective_from: datetime
    published_at: datetime
    params: dict[str, Param]

    def value(self, name: str) -> int:
        """The number behind a name. Raises InvalidInput for a name the rulebook does not have."""
        param = self.params.get(name)
        if param is None:
            raise InvalidInput("the rulebook has no such value", name=name, version=self.version)
        return param.value
