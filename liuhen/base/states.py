"""Transition tables: a status changes along a named line or not at all."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from liuhen.base.errors import StateConflict

S = TypeVar("S", bound=StrEnum)


class Transitions(Generic[S]):
    """The allowed steps of one kind of thing.

    Parameters: table, from each state to the states that may follow it; every state has a row.
    """

    def __init__(self, table: Mapping[S, frozenset[S]]) -> None:
        self._table = dict(table)

    def step(self, before: S, after: S) -> S:
        """Returns `after`. Raises StateConflict if no line leads there."""
        if after not in self._table[before]:
            raise StateConflict(f"{before} cannot become {after}", before=str(before), after=str(after))
        return after

    def allowed(self, before: S) -> frozenset[S]:
        return self._table[before]

    def exits(self) -> frozenset[S]:
        """States that nothing follows."""
        return frozenset(state for state, after in self._table.items() if not after)
