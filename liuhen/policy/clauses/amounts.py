"""How much: each formula once, as two terms in fen (the lower and the upper end, equal unless it is open)."""

from liuhen.policy.clauses.clause import Amount
from liuhen.policy.clauses.make import NO_REASON, PART_LEFT, every, reason_in, yes
from liuhen.policy.expr import (
    Choose,
    Compare,
    Const,
    Given,
    In,
    Least,
    Minus,
    Most,
    Param,
    Plus,
    Share,
    Term,
    Times,
    Val,
)
from liuhen.policy.facts.claim import Remedy

CAPTURED = Val("capacity.captured_fen")
PAID_BACK = Plus(Val("capacity.refunded_fen"), Val("capacity.in_flight_fen"))
NOTHING = Const(0)
WHOLE = Most((Minus(CAPTURED, PAID_BACK), NOTHING))  # captured for this unit, not paid back and not on its way


def _within(*terms: Term) -> Term:
    """No more than is there to pay back, and never less than nothing."""
    return Most((Least((WHOLE, *terms)), NOTHING))


# A part asked for of a price before coupons goes back in the proportion that was really paid (七日退货办法 15).
_OF_LIST = Choose(
    every(Given("order.list_price_fen"), Compare(Val("order.list_price_fen"), ">", CAPTURED)),
    Share(CAPTURED, Val("claim.asked_fen"), Val("order.list_price_fen")),
    Val("claim.asked_fen"),
)
ASKED = Choose(Given("claim.asked_fen"), _within(_OF_LIST), WHOLE)
# Of a promotion the rest is settled at the prices of the day of purchase (七日退货办法 17(2)).
PROMOTION = every(reason_in(NO_REASON), Given("order.rest_price_fen"), Given("order.total_paid_fen"))
AFTER_PROMOTION = Minus(Val("order.total_paid_fen"), Val("order.rest_price_fen"))
RETURNED = Choose(PROMOTION, _within(ASKED, AFTER_PROMOTION), ASKED)
FACE = Val("goods.face_value_fen")
MISSING_VALUE = _within(Share(CAPTURED, Minus(FACE, Val("defects.actual_value_fen")), FACE))
SHORT_VALUE = every(
    yes("defects.incorrect_amount"),
    Given("goods.face_value_fen"),
    Compare(Val("defects.actual_value_fen"), "<", FACE),
)
_LEFT = Minus(Val("measure.total"), Val("measure.had"))
REMAINDER = _within(Share(CAPTURED, _LEFT, Val("measure.total")))
CHOSEN = Choose(
    every(In("claim.wants", (Remedy.DIFFERENCE,)), SHORT_VALUE),
    MISSING_VALUE,
    Choose(PART_LEFT, REMAINDER, WHOLE),  # what was had in good order stays paid (民法典 566(1))
)


# What comes back if the seller does not do what the buyer chose instead of money.
INSTEAD = Choose(
    every(In("claim.wants", (Remedy.MAKE_UP,)), SHORT_VALUE), MISSING_VALUE, Choose(PART_LEFT, REMAINDER, WHOLE)
)
# A loss that the seller has not shown is none.
_LOSS = Choose(Compare(Val("measure.seller_loss_fen"), ">=", NOTHING), Val("measure.seller_loss_fen"), NOTHING)


def _exactly(term: Term) -> tuple[Term, Term]:
    return term, term


FORMULAS: dict[Amount, tuple[Term, Term]] = {
    Amount.NOTHING: _exactly(NOTHING),
    Amount.ALL: _exactly(WHOLE),
    Amount.ASKED: _exactly(ASKED),
    Amount.RETURNED: _exactly(RETURNED),
    Amount.CHOSEN: _exactly(CHOSEN),
    Amount.INSTEAD: _exactly(INSTEAD),
    Amount.MISSING_VALUE: _exactly(MISSING_VALUE),
    Amount.REMAINDER: _exactly(REMAINDER),
    Amount.REMAINDER_AT_LIST: _exactly(
        _within(Minus(CAPTURED, Times(Val("measure.had"), Val("measure.list_price_fen"))))
    ),
    Amount.REMAINDER_LESS_LOSS: _exactly(_within(Minus(Share(CAPTURED, _LEFT, Val("measure.total")), _LOSS))),
    Amount.OVERCHARGE: _exactly(_within(Minus(CAPTURED, Val("order.shown_price_fen")))),
    Amount.DUPLICATE: _exactly(_within(Val("capacity.duplicate_captured_fen"))),
    Amount.RULED: _exactly(_within(Val("claim.ruled_fen"))),
    Amount.UP_TO_ALL: (NOTHING, ASKED),
    Amount.UP_TO_REMAINDER: (NOTHING, REMAINDER),
    Amount.MINOR_USED: (_within(Share(WHOLE, Param("minor_used_floor"), Const(1000))), WHOLE),
}
