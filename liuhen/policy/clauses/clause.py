"""What a clause is: a condition written as an expression, and what follows when it decides."""

from enum import StrEnum

import msgspec

from liuhen.policy.decision import Cite, Decider, Outcome, StepKind
from liuhen.policy.expr import Expr
from liuhen.policy.facts.claim import Remedy
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
    """How much; the formula of each stands in amounts.py. Always within what was captured and not yet paid back."""

    NOTHING = "nothing"
    ALL = "all"
    ASKED = "asked"  # what was asked for; all where no amount was named
    RETURNED = "returned"  # what was asked for, less a discount that is lost when this unit goes (七日退货办法 17(2))
    CHOSEN = "chosen"  # all, or the missing value where the buyer has chosen the difference
    INSTEAD = "instead"  # what is paid if the remedy that the buyer chose instead of money is not given
    MISSING_VALUE = "missing_value"  # paid x (stated value - actual value) over stated value
    REMAINDER = "remainder"  # paid x (bought - had) over bought: days, stages
    REMAINDER_AT_LIST = "remainder_at_list"  # paid - had x list price (预付消费解释 19)
    REMAINDER_LESS_LOSS = "remainder_less_loss"  # the remainder, less what the seller has lost by it (民法典 787)
    OVERCHARGE = "overcharge"  # paid - the price that was shown
    DUPLICATE = "duplicate"  # what was captured a second time
    RULED = "ruled"  # what the reviewer set
    UP_TO_ALL = "up_to_all"  # open: from nothing to what was asked
    SURE_TO_ALL = "sure_to_all"  # open: from what is certain already to all
    MINOR_USED = "minor_used"  # open: from the least share that courts have given to all


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
