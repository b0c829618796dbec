"""Short words for writing clauses, and the groups that several layers share."""

from liuhen.policy.expr import (
    And,
    Compare,
    Const,
    Expr,
    Given,
    In,
    Not,
    Or,
    Param,
    Plus,
    Ref,
    Stands,
    Term,
    Val,
)
from liuhen.policy.facts.claim import ReasonCode
from liuhen.policy.facts.goods import GoodsKind
from liuhen.policy.facts.redemption import Seal, UseState
from liuhen.policy.facts.standing import Side

NO_REASON = (ReasonCode.CHANGE_OF_MIND, ReasonCode.WRONG_PURCHASE)
KEEPS_UNIT = (
    ReasonCode.DUPLICATE_CHARGE,
    ReasonCode.OVERCHARGED,
)  # asks for money, not to give the unit back
HUMAN_REASONS = (
    *KEEPS_UNIT,
    ReasonCode.PLATFORM_FAILURE,
    ReasonCode.FRAUD_ALLEGED,
    ReasonCode.UNDISCLOSED_RENEWAL,
)

SERVICES = (GoodsKind.DIRECT_TOP_UP, GoodsKind.VIRTUAL_COIN, GoodsKind.BOOSTING_SERVICE)

# Which fact a reason is about. One entry per reason that says something is wrong with the unit.
DEFECT_OF: dict[ReasonCode, str] = {
    ReasonCode.INVALID_KEY: "defects.invalid_key",
    ReasonCode.DUPLICATE_KEY: "defects.duplicate_key",
    ReasonCode.ALREADY_REDEEMED: "defects.already_redeemed",
    ReasonCode.INCORRECT_AMOUNT: "defects.incorrect_amount",
    ReasonCode.WRONG_REGION: "defects.wrong_region",
    ReasonCode.NOT_AS_DESCRIBED: "defects.not_as_described",
    ReasonCode.SHORT_VALIDITY: "defects.short_validity",
    ReasonCode.NOT_RECEIVED: "defects.not_credited",
    ReasonCode.LATE_DELIVERY: "defects.not_credited",
    ReasonCode.DEFECTIVE: "defects.defective",
    ReasonCode.SERVICE_STOPPED: "defects.defective",
    ReasonCode.UNFINISHED: "defects.defective",
    ReasonCode.RECOVERED_BY_SELLER: "defects.recovered",
}
DEFECT_PATHS = tuple(dict.fromkeys(DEFECT_OF.values()))
KEY_REASONS = (ReasonCode.INVALID_KEY, ReasonCode.DUPLICATE_KEY, ReasonCode.ALREADY_REDEEMED)


def every(*parts: Expr) -> And:
    """All of them."""
    return And(parts)


def some(*parts: Expr) -> Or:
    """Any of them."""
    return Or(parts)


def no(part: Expr) -> Not:
    """The opposite."""
    return Not(part)


def ref(clause: str) -> Ref:
    """Another clause."""
    return Ref(clause)


def reason_in(reasons: tuple[ReasonCode, ...]) -> In:
    """The claim's reason is one of these."""
    return In("claim.reason", reasons)


def yes(path: str) -> Stands:
    """A disputed yes or no is settled as yes."""
    return Stands(path, (True,))


def flag(path: str) -> In:
    """A plain yes or no is yes."""
    return In(path, (True,))


def at_most(left: Term, right: Term) -> Compare:
    """left <= right."""
    return Compare(left, "<=", right)


def after(left: Term, right: Term) -> Compare:
    """left > right."""
    return Compare(left, ">", right)


def within(start: str, limit: Term) -> Compare:
    """The claim was made at or before `start` plus `limit` seconds."""
    return at_most(Val("claim.requested_at"), Plus(Val(start), limit))


def switched_on(name: str) -> Compare:
    """A switch of the rulebook is 1."""
    return Compare(Param(name), "==", Const(1))


USED = Stands("redemption.use", (UseState.PARTLY_USED, UseState.USED_UP))
PRINCIPAL_FAULT = (Side.SELLER, Side.PLATFORM, Side.ISSUER)  # towards the buyer all of them are the seller's affair
SEALED = In("redemption.seal", (Seal.SEALED,))
NOT_SEALED = In("redemption.seal", (Seal.BROKEN, Seal.NONE))
# Some of the days or stages were had and some were not, and both numbers are known.
PART_HAD = every(
    Given("measure.total"),
    Compare(Val("measure.total"), ">", Const(0)),
    Compare(Val("measure.had"), ">=", Const(0)),
    Compare(Val("measure.had"), "<=", Val("measure.total")),
)
PART_BEGUN = every(PART_HAD, Compare(Val("measure.had"), ">", Const(0)))
PART_LEFT = every(PART_HAD, Compare(Val("measure.had"), "<", Val("measure.total")))
ALL_HAD = every(PART_HAD, Compare(Val("measure.had"), ">=", Val("measure.total")))
# A top-up of which a part arrived: both amounts are known.
PART_CREDITED = every(
    In("goods.kind", SERVICES),
    Given("goods.face_value_fen"),
    Compare(Val("defects.actual_value_fen"), ">", Const(0)),
    Compare(Val("defects.actual_value_fen"), "<", Val("goods.face_value_fen")),
)
DELIVERED = every(Given("delivery.delivered_at"), at_most(Val("delivery.delivered_at"), Val("claim.requested_at")))
