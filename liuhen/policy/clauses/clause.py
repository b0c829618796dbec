"""What a clause is: a condition written as an expression, and what follows when it decides."""

from enum import StrEnum

import msgspec

from liuhen.policy.decision import Cite, Decider, Outcome, Remedy, StepKind
from liuhen.policy.expr import Expr
from liuhen.policy.facts.standing import Side


class Layer(StrEnum):
    """Where a clause belongs. Shown in this order; all layers always run."""

    LAWFUL = "lawful"
    CAPACITY = "capacity"
    DELIVERY = "delivery"
    REDEMPTION = "redemption"
    DEFECT = "defect"
    PROMISES = "promises"
    TERMS = "terms"
    NO_REASON = "no_reason"
    PROCEDURE = "procedure"
    AMOUNT = "amount"


class Amount(StrEnum):
    """How much, always within what was captured and not yet paid back."""

    NOTHING = "nothing"
    ALL = "all"
    ASKED = "asked"  # what was asked for, at most all; all where no amount was named
    MISSING_VALUE = "missing_value"  # paid x (stated value - actual value) over stated value
    RULED = "ruled"  # what the reviewer set
    UP_TO_ALL = "up_to_all"  # open: from nothing to what was asked, at most all
    UP_TO_REASON = "up_to_reason"  # open; for a second charge no more than what was captured twice


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """The next step. `limit` names a rulebook value; of the fact paths in `starts` the first given one counts."""

    kind: StepKind
    actor: Side = Side.NOBODY
    limit: str = ""
    starts: tuple[str, ...] = ("now",)
    on_expiry: str = ""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What follows when this clause decides."""

    outcome: Outcome
    decided_by: Decider
    step: Step
    amount: Amount
    liable: Side = Side.NOBODY
    payer: Side = Side.NOBODY
    remedies: tuple[Remedy, ...] = ()
    claims_for_human: tuple[str, ...] = ()


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One clause. `burden`: who loses when it stays unproven. Without an effect it serves other clauses and readers."""

    id: str
    layer: Layer
    when: Expr
    cites: tuple[Cite, ...]
    burden: Side = Side.NOBODY
    effect: Effect | None = None
