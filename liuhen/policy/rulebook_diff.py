"""What differs between two versions of the rules: numbers, who gains, and the clauses that read them. Pure."""

from typing import NamedTuple

from liuhen.policy.clauses.amounts import FORMULAS
from liuhen.policy.clauses.clause import Clause
from liuhen.policy.expr import params
from liuhen.policy.facts.standing import Side
from liuhen.policy.rulebook import REQUIRED, Rulebook, Words


class ValueChange(NamedTuple):
    """One value that differs. old, new: in `unit`. gains: who is better off by it; NOBODY where it cuts both ways.

    why: the reason given when the newer version was published, None where the file gives none.
    """

    name: str
    unit: str
    old: int
    new: int
    gains: Side
    why: Words | None


class Change(NamedTuple):
    """All that differs from `old` to `new`, by name of version. sources: names whose value stays but whose source or
    mark as contested is worded anew."""

    old: str
    new: str
    values: tuple[ValueChange, ...]
    sources: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Nothing differs."""
        return not self.values and not self.sources


_OTHER = {Side.BUYER: Side.SELLER, Side.SELLER: Side.BUYER}


def diff(old: Rulebook, new: Rulebook) -> Change:
    """From one version to another, in the order of REQUIRED. Asked backwards it says what going back would change."""
    names = [name for name in REQUIRED if old.value(name) != new.value(name)]
    return Change(
        old=old.version,
        new=new.version,
        values=tuple(_change(name, old, new) for name in names),
        sources=tuple(
            name
            for name in REQUIRED
            if name not in names
            and (old.params[name].source, old.params[name].contested)
            != (new.params[name].source, new.params[name].contested)
        ),
    )


def gains(name: str, old: int, new: int) -> Side:
    """Who is better off when this value goes from old to new; NOBODY where it serves or costs both sides alike."""
    up = REQUIRED[name].up
    if old == new or up not in _OTHER:
        return Side.NOBODY
    return up if new > old else _OTHER[up]


def values_used(clause: Clause) -> tuple[str, ...]:
    """The rulebook values on which a clause rests: those of its condition, its next step and its amount."""
    found = [*params(clause.when)]
    if clause.effect is not None:
        limit = clause.effect.step.limit
        found += ("grace_sealed", "grace_by_hand") if limit == "grace" else [limit]
        found += [name for term in FORMULAS[clause.effect.amount] for name in params(term)]
    return tuple(dict.fromkeys(name for name in found if name in REQUIRED))


def _change(name: str, old: Rulebook, new: Rulebook) -> ValueChange:
    before, after = old.value(name), new.value(name)
    return ValueChange(name, REQUIRED[name].unit, before, after, gains(name, before, after), new.changes.get(name))
